//! What differs between two JSON values, field by field.

use maud::{Markup, html};
use serde_json::Value;

/// So many differences are shown.
const SHOWN_MAX: usize = 200;

/// A field that differs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    /// Where it is, such as `epc.mcc`; empty: the whole.
    pub(crate) place: String,
    /// What it was; `None`: it was not there.
    pub(crate) before: Option<Value>,
    /// What it is.
    pub(crate) after: Option<Value>,
}

/// All differences, in the order of the fields.
pub(crate) fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(String::new(), Some(before), Some(after), &mut found);
    found
}

fn compare(place: String, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    let (before, after) = (before.filter(|value| !value.is_null()), after.filter(|value| !value.is_null()));
    let inside = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let added = new.keys().filter(|name| !old.contains_key(*name));
            for name in old.keys().chain(added) {
                compare(inside(name), old.get(name), new.get(name), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) if has_objects(old) || has_objects(new) => {
            for index in 0..old.len().max(new.len()) {
                compare(inside(&index.to_string()), old.get(index), new.get(index), found);
            }
        }
        (before, after) => {
            found.push(Difference { place, before: before.cloned(), after: after.cloned() });
        }
    }
}

fn has_objects(items: &[Value]) -> bool {
    items.iter().any(Value::is_object)
}

/// The differences as a table.
pub(crate) fn diff(before: &Value, after: &Value) -> Markup {
    let found = differences(before, after);
    html! {
        @if found.is_empty() {
            p.quiet { "Nothing differs." }
        } @else {
            div.scroll {
                table.list.diff {
                    thead { tr { th scope="col" { "Field" } th scope="col" { "Before" } th scope="col" { "After" } } }
                    tbody {
                        @for difference in found.iter().take(SHOWN_MAX) {
                            tr {
                                td { code { (if difference.place.is_empty() { "all" } else { &difference.place }) } }
                                td.before { (side(difference.before.as_ref(), "not set")) }
                                td.after { (side(difference.after.as_ref(), "removed")) }
                            }
                        }
                    }
                }
            }
            @if found.len() > SHOWN_MAX { p.quiet { (found.len() - SHOWN_MAX) " more." } }
        }
    }
}

fn side(value: Option<&Value>, none: &str) -> Markup {
    html! {
        @match value {
            None => span.quiet { (none) },
            Some(Value::String(text)) => { @if text.is_empty() { span.quiet { "empty" } } @else { (text) } },
            Some(value @ (Value::Array(_) | Value::Object(_))) => pre { (serde_json::to_string_pretty(value).unwrap_or_default()) },
            Some(value) => (value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_named() {
        let before = json!({"a": 1, "b": {"c": [1, 2], "d": [{"e": 1}]}, "f": null});
        let after = json!({"a": 1, "b": {"c": [1], "d": [{"e": 1}, {"e": 2}]}, "g": "x"});
        let places: Vec<String> =
            differences(&before, &after).into_iter().map(|difference| difference.place).collect();
        assert_eq!(places, ["b.c", "b.d.1", "g"]);
        assert!(differences(&before, &before).is_empty());
    }
}
