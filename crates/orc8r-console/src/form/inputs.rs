//! Single inputs, which hold a person to the rules of the contract while he types.

use maud::{Markup, html};
use serde_json::Value;
use wire_rest::{Integer, Number, Text};

/// A text: a choice where only some are allowed.
pub(super) fn text(
    rules: &Text,
    value: &str,
    is_required: bool,
    name: &str,
    invalid: Option<&'static str>,
) -> Markup {
    if !rules.allowed.is_empty() {
        let is_known = value.is_empty() || rules.allowed.contains(&value);
        return html! {
            select name=(name) required[is_required] aria-invalid=[invalid] {
                @if !is_required || value.is_empty() { option value="" { "–" } }
                @if !is_known { option value=(value) selected { (value) } }
                @for allowed in rules.allowed { option value=(allowed) selected[*allowed == value] { (allowed) } }
            }
        };
    }
    if value.contains('\n') {
        return html! { textarea name=(name) rows="5" required[is_required] aria-invalid=[invalid] { (value) } };
    }
    let pattern = rules.pattern.map(|pattern| whole_pattern(pattern.text()));
    html! {
        input name=(name) value=(value) required[is_required] minlength=[rules.min_length.filter(|least| *least > 0)]
            maxlength=[rules.max_length] pattern=[pattern.as_deref()] title=[pattern.as_ref().map(|_| format_of(rules))]
            autocomplete="off" spellcheck="false" aria-invalid=[invalid];
    }
}

/// What a text is to look like, in a browser's own message.
fn format_of(rules: &Text) -> String {
    let pattern = rules.pattern.map_or("", |pattern| pattern.text());
    format!("It is to match {pattern}")
}

/// A pattern of the contract may match a part; a browser's is for the whole text. In its notation (`v`), a dash at the
/// end of a class is written with a backslash.
fn whole_pattern(text: &str) -> String {
    let begin = if text.starts_with('^') { "" } else { ".*" };
    let end = if text.ends_with('$') { "" } else { ".*" };
    let middle = text.trim_start_matches('^').trim_end_matches('$').replace("-]", "\\-]");
    format!("{begin}(?:{middle}){end}")
}

/// A whole number.
pub(super) fn integer(
    rules: &Integer,
    value: Option<&Value>,
    is_required: bool,
    name: &str,
    invalid: Option<&'static str>,
) -> Markup {
    let shown = value.map(as_line).unwrap_or_default();
    if !rules.allowed.is_empty() {
        return html! {
            select name=(name) required[is_required] aria-invalid=[invalid] {
                @if !is_required || shown.is_empty() { option value="" { "–" } }
                @for allowed in rules.allowed { option value=(allowed) selected[allowed.to_string() == shown] { (allowed) } }
            }
        };
    }
    // A browser counts with 53 bits.
    let bound = |bound: i128| (bound.abs() < 1 << 53).then_some(bound);
    html! {
        input type="number" name=(name) value=(shown) required[is_required] min=[bound(rules.min)] max=[bound(rules.max)]
            step=(rules.multiple_of.unwrap_or(1)) inputmode="numeric" aria-invalid=[invalid];
    }
}

/// A number.
pub(super) fn decimal(
    rules: &Number,
    value: Option<&Value>,
    is_required: bool,
    name: &str,
    invalid: Option<&'static str>,
) -> Markup {
    html! {
        input type="number" name=(name) value=(value.map(as_line).unwrap_or_default()) required[is_required]
            min=[rules.min] max=[rules.max] step="any" inputmode="decimal" aria-invalid=[invalid];
    }
}

/// A text; empty where there is none.
pub(super) fn as_text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

/// A text as it is, anything else as JSON.
pub(super) fn as_line(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_for_the_whole_text() {
        assert_eq!(whole_pattern("^(\\d{3})$"), "(?:(\\d{3}))");
        assert_eq!(whole_pattern("[a-z_-]+"), ".*(?:[a-z_\\-]+).*");
    }
}
