//! The controls of a form, made of a schema and of the value that is there.

use crate::edit::words;
use crate::form::inputs::{as_line, as_text, decimal, integer, text};
use crate::form::read::{ListControl, plain};
use crate::form::{ROOT, is_secret, row};
use maud::{Markup, html};
use serde_json::Value;
use wire_rest::{Field, Schema};

/// Makes the controls of a value.
pub(crate) struct Controls<'a> {
    /// What the schema's check said of the value: each is shown beside what it is about, too.
    pub(crate) problems: &'a [String],
    /// The name by which it is known, which stays; empty: it has none yet.
    pub(crate) name: &'a str,
}

/// Fields that say which one it is, and what its path ends with.
const IDENTIFIERS: [&str; 7] = ["apn_name", "alert", "gateway_pool_id", "ha_pair_id", "id", "name", "serial"];

/// Where a control is.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    /// The name of the control.
    pub(super) name: &'a str,
    /// The definition that it belongs to, by whose words it is called.
    pub(super) definition: &'a str,
    /// Whether everything around it is there for sure: then a browser may insist on a value.
    pub(super) is_certain: bool,
}

impl Controls<'_> {
    /// The controls of a whole value.
    pub(crate) fn show(&self, schema: &Schema, value: &Value) -> Markup {
        let definition = definition_of(schema).unwrap_or_default();
        let at = At { name: ROOT, definition, is_certain: true };
        match plain(schema) {
            Schema::Object(fields) => self.fields(fields, value, at),
            _ => self.labelled("Value", "", true, schema, Some(value), at),
        }
    }

    /// Those of an object's fields.
    pub(super) fn fields(&self, fields: &[Field], value: &Value, at: At<'_>) -> Markup {
        let mut ordered: Vec<&Field> = fields.iter().collect();
        ordered.sort_by_key(|field| words::rank(at.definition, field.name));
        html! { @for field in ordered { (self.field(field, value.get(field.name), at)) } }
    }

    fn field(&self, field: &Field, value: Option<&Value>, at: At<'_>) -> Markup {
        let name = format!("{}/{}", at.name, field.name);
        let word = words::of(at.definition, field.name);
        if word.is_hidden() {
            return html! {};
        }
        let inside = At { name: &name, ..at };
        if is_secret(field.name) {
            return self.secret(&word.label(field.name), word.help, value, inside);
        }
        let value = value.filter(|value| !value.is_null());
        self.labelled(&word.label(field.name), word.help, field.required, &field.schema, value, inside)
    }

    /// A control with what it is called.
    pub(super) fn labelled(
        &self,
        label: &str,
        help: &str,
        is_required: bool,
        schema: &Schema,
        value: Option<&Value>,
        at: At<'_>,
    ) -> Markup {
        let is_required = is_required && at.is_certain;
        match plain(schema) {
            Schema::Object(fields) => {
                let definition = definition_of(schema).unwrap_or(at.definition);
                self.group((label, help, is_required), fields, value, At { definition, ..at })
            }
            Schema::List(list) => match ListControl::of(list.item) {
                ListControl::Rows => self.list((label, help), list.item, value, at),
                ListControl::Boxes => self.boxes((label, help), list.item, value, at),
                ListControl::Lines => self.lines((label, help), value, at),
            },
            Schema::Map(item) => self.map((label, help), item, value, at),
            Schema::Boolean => self.tick(label, help, value, at),
            Schema::Text(_) if self.is_name(value, at) => self.around(label, help, at, |_| {
                html! { input name=(at.name) value=(self.name) readonly; }
            }),
            Schema::Text(rules) => self.around(label, help, at, |invalid| {
                text(rules, as_text(value), is_required, at.name, invalid)
            }),
            Schema::Integer(rules) => {
                self.around(label, help, at, |invalid| integer(rules, value, is_required, at.name, invalid))
            }
            Schema::Number(rules) => {
                self.around(label, help, at, |invalid| decimal(rules, value, is_required, at.name, invalid))
            }
            Schema::Anything | Schema::Named(_) => self.around(label, help, at, |invalid| {
                let json = value.and_then(|value| serde_json::to_string_pretty(value).ok());
                html! { textarea name=(at.name) rows="4" spellcheck="false" aria-invalid=[invalid] { (json.unwrap_or_default()) } }
            }),
        }
    }

    /// A label, a control, and what is wrong with it.
    fn around(
        &self,
        label: &str,
        help: &str,
        at: At<'_>,
        control: impl FnOnce(Option<&'static str>) -> Markup,
    ) -> Markup {
        let problem = self.problem(at.name);
        html! {
            label {
                span.name { (label) }
                (control(problem.map(|_| "true")))
                @if let Some(problem) = problem { span.wrong { (problem) } }
                @if !help.is_empty() { span.help { (help) } }
            }
        }
    }

    /// Whether this is the field of the whole value that it is known by.
    fn is_name(&self, value: Option<&Value>, at: At<'_>) -> bool {
        let is_field_of_whole = at.name.strip_prefix(ROOT).is_some_and(|rest| rest.matches('/').count() == 1);
        let is_known = IDENTIFIERS.iter().any(|field| at.name.ends_with(&format!("/{field}")));
        is_field_of_whole && is_known && !self.name.is_empty() && as_text(value) == self.name
    }

    /// What the check said about the value of a control.
    fn problem(&self, name: &str) -> Option<&str> {
        let place = name.strip_prefix(ROOT)?.trim_start_matches('/').replace('/', ".");
        let about = |problem: &&String| {
            let rest = problem.strip_prefix(&place);
            !place.is_empty() && rest.is_some_and(|rest| rest.starts_with(" in "))
        };
        self.problems.iter().find(about).map(|problem| problem.strip_prefix(&place).unwrap_or(problem).trim())
    }

    fn secret(&self, label: &str, help: &str, value: Option<&Value>, at: At<'_>) -> Markup {
        let is_there = value.is_some_and(|value| !value.is_null() && value != "");
        self.around(label, help, at, |invalid| {
            html! {
                input type="password" name=(at.name) value="" autocomplete="new-password" aria-invalid=[invalid]
                    placeholder=(if is_there { "unchanged" } else { "none" });
            }
        })
    }

    fn tick(&self, label: &str, help: &str, value: Option<&Value>, at: At<'_>) -> Markup {
        let is_ticked = value.and_then(Value::as_bool) == Some(true);
        html! {
            div.tick {
                input type="hidden" name=(at.name) value="false";
                label { input type="checkbox" name=(at.name) value="true" checked[is_ticked]; span.name { (label) } }
                @if !help.is_empty() { span.help { (help) } }
            }
        }
    }

    /// An object inside: one that may be absent has a box that says whether it is there.
    fn group(
        &self,
        (label, help, is_required): (&str, &str, bool),
        fields: &[Field],
        value: Option<&Value>,
        at: At<'_>,
    ) -> Markup {
        let set = format!("{}/{}", at.name, row::SET);
        let is_there = value.is_some();
        let inside = At { is_certain: at.is_certain && is_required, ..at };
        html! {
            fieldset.group {
                legend { (label) }
                @if !help.is_empty() { p.help { (help) } }
                @if is_required {
                    input type="hidden" name=(set) value="true";
                } @else {
                    input type="hidden" name=(set) value="false";
                    label.set { input type="checkbox" name=(set) value="true" checked[is_there]; span.name { "Has " (label) } }
                }
                div.inside { (self.fields(fields, value.unwrap_or(&Value::Null), inside)) }
            }
        }
    }

    fn lines(&self, (label, help): (&str, &str), value: Option<&Value>, at: At<'_>) -> Markup {
        let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let lines: Vec<String> = items.iter().map(as_line).collect();
        self.around(label, if help.is_empty() { "One a line." } else { help }, at, |invalid| {
            html! {
                textarea name=(at.name) rows=(lines.len().clamp(2, 8)) spellcheck="false" aria-invalid=[invalid] { (lines.join("\n")) }
            }
        })
    }

    fn boxes(&self, (label, help): (&str, &str), item: &Schema, value: Option<&Value>, at: At<'_>) -> Markup {
        let Schema::Text(rules) = plain(item) else { return html! {} };
        let has = |allowed: &str| {
            value.and_then(Value::as_array).is_some_and(|items| items.iter().any(|item| item == allowed))
        };
        html! {
            fieldset.boxes {
                legend { (label) }
                @if !help.is_empty() { p.help { (help) } }
                input type="hidden" name=(at.name) value="";
                @for allowed in rules.allowed {
                    label { input type="checkbox" name=(at.name) value=(allowed) checked[has(allowed)]; span.name { (allowed) } }
                }
            }
        }
    }
}

/// The name of a schema's definition.
pub(super) fn definition_of(schema: &Schema) -> Option<&'static str> {
    match schema {
        Schema::Named(definition) => Some(definition.name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use wire_rest::{HasSchema as _, types};

    #[test]
    fn a_secret_is_not_shown() {
        let value = json!({"auth_key": "c2VjcmV0", "state": "ACTIVE"});
        let shown =
            Controls { problems: &[], name: "" }.show(types::LteSubscription::SCHEMA, &value).into_string();
        assert!(!shown.contains("c2VjcmV0") && shown.contains("unchanged"), "{shown}");
    }

    #[test]
    fn a_problem_stands_beside_its_control() {
        let problems = ["local_ttl in body should be less than or equal to 1".to_owned()];
        let value = json!({"enable_caching": true, "local_ttl": 7});
        let shown = Controls { problems: &problems, name: "" }.show(types::NetworkDnsConfig::SCHEMA, &value);
        assert!(shown.into_string().contains("in body should be less than or equal to 1</span>"));
    }
}
