//! Lists and maps of a form: a row for each item, one more for who has no script, and a template for who has.

use crate::form::read::plain;
use crate::form::row;
use crate::form::show::{At, Controls, definition_of};
use maud::{Markup, html};
use serde_json::Value;
use wire_rest::Schema;

/// What the script puts a number in the place of, in a template below `name`: templates may lie in templates.
fn placeholder(name: &str) -> String {
    format!("__row{}__", name.matches("__row").count())
}

impl Controls<'_> {
    /// A list of what takes more than a line.
    pub(super) fn list(
        &self,
        (label, help): (&str, &str),
        item: &Schema,
        value: Option<&Value>,
        at: At<'_>,
    ) -> Markup {
        let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let one = |number: &str, item_value: Option<&Value>| {
            let name = format!("{}/{number}", at.name);
            let inside = At { name: &name, is_certain: false, ..at };
            html! {
                div.row-body { (self.item("", item, item_value, inside)) }
                (removal(&name, item_value.is_some()))
            }
        };
        rows(
            (label, help),
            at.name,
            items.len(),
            |number| one(&number.to_string(), items.get(number)),
            one(&placeholder(at.name), None),
        )
    }

    /// A map: each row has its key.
    pub(super) fn map(
        &self,
        (label, help): (&str, &str),
        item: &Schema,
        value: Option<&Value>,
        at: At<'_>,
    ) -> Markup {
        let entries: Vec<(&String, &Value)> =
            value.and_then(Value::as_object).into_iter().flatten().collect();
        let one = |number: &str, entry: Option<&(&String, &Value)>| {
            let name = format!("{}/{number}", at.name);
            let value_name = format!("{name}/{}", row::VALUE);
            let inside = At { name: &value_name, is_certain: false, ..at };
            html! {
                div.row-body {
                    label { span.name { "Key" }
                        input name={ (name) "/" (row::KEY) } value=(entry.map(|(key, _)| key.as_str()).unwrap_or_default())
                            autocomplete="off" spellcheck="false";
                    }
                    (self.item("Value", item, entry.map(|(_, value)| *value), inside))
                }
                (removal(&name, entry.is_some()))
            }
        };
        rows(
            (label, help),
            at.name,
            entries.len(),
            |number| one(&number.to_string(), entries.get(number)),
            one(&placeholder(at.name), None),
        )
    }

    /// What is in a row: an object's fields without a frame of their own.
    fn item(&self, label: &str, item: &Schema, value: Option<&Value>, at: At<'_>) -> Markup {
        match plain(item) {
            Schema::Object(fields) => {
                let definition = definition_of(item).unwrap_or(at.definition);
                html! {
                    input type="hidden" name={ (at.name) "/" (row::SET) } value="true";
                    (self.fields(fields, value.unwrap_or(&Value::Null), At { definition, ..at }))
                }
            }
            _ => self.labelled(label, "", false, item, value, at),
        }
    }
}

/// Takes a row away: a button where there is a script, a box where there is none.
fn removal(name: &str, is_there: bool) -> Markup {
    html! {
        @if is_there {
            label.remove { input type="checkbox" name={ (name) "/" (row::REMOVE) } value="true"; span.name { "Remove" } }
        } @else {
            button.quiet type="button" data-remove-row hidden { "Remove" }
        }
    }
}

fn rows(
    (label, help): (&str, &str),
    name: &str,
    count: usize,
    one: impl Fn(usize) -> Markup,
    new: Markup,
) -> Markup {
    let for_no_script = new.0.replace(&placeholder(name), &count.to_string());
    html! {
        fieldset.rows data-next=(count) data-row=(placeholder(name)) {
            legend { (label) }
            @if !help.is_empty() { p.help { (help) } }
            input type="hidden" name=(name) value="";
            @for number in 0..count { div.row { (one(number)) } }
            noscript { div.row { (maud::PreEscaped(for_no_script)) } }
            template { div.row { (new) } }
            button type="button" data-add-row hidden { "Add to " (label) }
        }
    }
}
