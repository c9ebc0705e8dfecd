//! From what a form sent to the JSON that it means.

use crate::form::{ROOT, UNCHANGED, is_secret, row};
use serde_json::{Map, Number, Value};
use std::collections::{BTreeMap, BTreeSet};
use wire_rest::{Field, Schema};

/// What a form sent: each control with its values, in the order of the page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent(BTreeMap<String, Vec<String>>);

impl Sent {
    /// The last value of a control; a box that is not ticked sends what stands before it.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.last().map(String::as_str)
    }

    fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The numbers of the rows below a name, in order.
    fn rows(&self, name: &str) -> BTreeSet<u64> {
        let prefix = format!("{name}/");
        let below = self.0.range(prefix.clone()..).map(|(name, _)| name.as_str());
        let below = below.map_while(|name| name.strip_prefix(&prefix));
        below.filter_map(|rest| rest.split('/').next()?.parse().ok()).collect()
    }
}

impl FromIterator<(String, String)> for Sent {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut sent = Self::default();
        for (name, value) in pairs {
            sent.0.entry(name).or_default().push(value);
        }
        sent
    }
}

/// The value that a form of `schema` means, which showed `shown`; what the form has no control for stays.
///
/// What cannot be read as what it should be, such as a number, stays a text, so that the schema's check names it.
pub(crate) fn read(schema: &Schema, shown: &Value, sent: &Sent) -> Value {
    let reader = Reader { sent };
    reader.value(schema, ROOT, Some(shown), true).unwrap_or(Value::Null)
}

struct Reader<'a> {
    sent: &'a Sent,
}

impl Reader<'_> {
    /// The value below a name. `None`: it is absent.
    fn value(&self, schema: &Schema, name: &str, shown: Option<&Value>, is_required: bool) -> Option<Value> {
        let shown = shown.filter(|value| !value.is_null());
        match schema {
            Schema::Named(definition) => self.value(&definition.schema, name, shown, is_required),
            Schema::Object(fields) => self.object(fields, name, shown, is_required),
            Schema::List(list) => self.list(list.item, name, shown, is_required),
            Schema::Map(item) => self.map(item, name, shown, is_required),
            Schema::Boolean => match self.sent.last(name) {
                None => shown.cloned(),
                Some("true") => Some(Value::Bool(true)),
                Some(_) => (is_required || shown.is_some()).then_some(Value::Bool(false)),
            },
            Schema::Text(_) => match self.sent.last(name) {
                None => shown.cloned(),
                Some("") => shown.filter(|value| *value == "").cloned(),
                Some(text) => Some(unix_lines(text).into()),
            },
            Schema::Integer(_) | Schema::Number(_) => match self.sent.last(name).map(str::trim) {
                None => shown.cloned(),
                Some("") => None,
                Some(text) => Some(number(text)),
            },
            Schema::Anything => match self.sent.last(name).map(str::trim) {
                None => shown.cloned(),
                Some("") => None,
                Some(text) => Some(serde_json::from_str(text).unwrap_or_else(|_| text.into())),
            },
        }
    }

    fn object(
        &self,
        fields: &[Field],
        name: &str,
        shown: Option<&Value>,
        is_required: bool,
    ) -> Option<Value> {
        match self.sent.last(&format!("{name}/{}", row::SET)) {
            Some("true") => {}
            Some(_) => return None,
            None if is_required => {}
            None => return shown.cloned(),
        }
        let mut object: Map<String, Value> = shown.and_then(Value::as_object).cloned().unwrap_or_default();
        for field in fields {
            let at = format!("{name}/{}", field.name);
            let was = object.get(field.name);
            let value = match is_secret(field.name) && self.sent.last(&at) == Some("") {
                // Nothing was typed in the place of a secret: the one that is there stays.
                true => was.filter(|was| *was == UNCHANGED).cloned(),
                false => self.value(&field.schema, &at, was, field.required),
            };
            match value {
                Some(value) => object.insert(field.name.to_owned(), value),
                None => object.remove(field.name),
            };
        }
        Some(Value::Object(object))
    }

    fn list(&self, item: &Schema, name: &str, shown: Option<&Value>, is_required: bool) -> Option<Value> {
        if self.sent.all(name).is_empty() {
            return shown.cloned();
        }
        let items: Vec<Value> = match ListControl::of(item) {
            ListControl::Lines => {
                let lines = self.sent.last(name).unwrap_or_default().lines().map(str::trim);
                lines.filter(|line| !line.is_empty()).map(|line| line_value(item, line)).collect()
            }
            ListControl::Boxes => {
                let ticked = self.sent.all(name).iter().filter(|value| !value.is_empty());
                ticked.map(|value| line_value(item, value)).collect()
            }
            ListControl::Rows => {
                let rows = self.sent.rows(name).into_iter();
                rows.filter_map(|row| {
                    let at = format!("{name}/{row}");
                    let was = shown.and_then(|shown| shown.get(usize::try_from(row).ok()?));
                    if self.is_removed(&at) { None } else { self.value(item, &at, was, true) }
                })
                .filter(|value| !is_blank(value))
                .collect()
            }
        };
        (is_required || shown.is_some() || !items.is_empty()).then_some(Value::Array(items))
    }

    fn map(&self, item: &Schema, name: &str, shown: Option<&Value>, is_required: bool) -> Option<Value> {
        if self.sent.all(name).is_empty() {
            return shown.cloned();
        }
        let mut map = Map::new();
        for number in self.sent.rows(name) {
            let at = format!("{name}/{number}");
            let key = self.sent.last(&format!("{at}/{}", row::KEY)).unwrap_or_default().trim();
            if key.is_empty() || self.is_removed(&at) {
                continue;
            }
            let was = shown.and_then(|shown| shown.get(key));
            if let Some(value) = self.value(item, &format!("{at}/{}", row::VALUE), was, true) {
                map.insert(key.to_owned(), value);
            } else if matches!(plain(item), Schema::Text(_)) {
                map.insert(key.to_owned(), "".into());
            }
        }
        (is_required || shown.is_some() || !map.is_empty()).then_some(Value::Object(map))
    }

    fn is_removed(&self, row_name: &str) -> bool {
        self.sent.last(&format!("{row_name}/{}", row::REMOVE)) == Some("true")
    }
}

/// How the items of a list are filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListControl {
    /// One a line.
    Lines,
    /// A box for each that is allowed.
    Boxes,
    /// A row for each.
    Rows,
}

impl ListControl {
    pub(super) fn of(item: &Schema) -> Self {
        match plain(item) {
            Schema::Text(text) if !text.allowed.is_empty() => Self::Boxes,
            Schema::Text(_) | Schema::Integer(_) | Schema::Number(_) => Self::Lines,
            _ => Self::Rows,
        }
    }
}

/// A schema behind its name.
pub(super) fn plain(schema: &Schema) -> &Schema {
    match schema {
        Schema::Named(definition) => plain(&definition.schema),
        other => other,
    }
}

fn line_value(item: &Schema, line: &str) -> Value {
    match plain(item) {
        Schema::Integer(_) | Schema::Number(_) => number(line),
        _ => line.into(),
    }
}

/// A number, or the text as it stands where it is none.
fn number(text: &str) -> Value {
    text.parse::<Number>().map_or_else(|_| text.into(), Value::Number)
}

/// Browsers send the lines of a text with CR LF (HTML Living Standard 4.10.22).
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Whether nothing was filled in: a row that was offered and not used.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_blank),
        Value::Object(map) => map.values().all(is_blank),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use wire_rest::{HasSchema, types};

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_has_no_control_stays_and_what_is_emptied_goes() {
        let schema = types::NetworkDnsConfig::SCHEMA;
        let shown = json!({"enable_caching": true, "local_ttl": 5, "ours": 1, "records": []});
        let read = read(
            schema,
            &shown,
            &sent(&[("v/enable_caching", "false"), ("v/local_ttl", "7"), ("v/records", "")]),
        );
        assert_eq!(read, json!({"enable_caching": false, "local_ttl": 7, "ours": 1, "records": []}));
    }

    #[test]
    fn rows_are_added_taken_away_and_counted_with_gaps() {
        let schema = types::NetworkDnsConfig::SCHEMA;
        let shown = json!({"enable_caching": true, "local_ttl": 5, "records": [{"domain": "a.b"}, {"domain": "c.d"}]});
        let pairs = [
            ("v/enable_caching", "true"),
            ("v/local_ttl", "x"),
            ("v/records", ""),
            ("v/records/0/domain", "a.b"),
            ("v/records/0/_remove", "true"),
            ("v/records/1/domain", "c.d"),
            ("v/records/1/a_record", "10.0.0.1\r\n10.0.0.2\r\n"),
            ("v/records/7/domain", "e.f"),
            ("v/records/8/domain", ""),
        ];
        let read = read(schema, &shown, &sent(&pairs));
        let records = json!([{"domain": "c.d", "a_record": ["10.0.0.1", "10.0.0.2"]}, {"domain": "e.f"}]);
        assert_eq!(read, json!({"enable_caching": true, "local_ttl": "x", "records": records}));
    }

    #[test]
    fn a_secret_that_is_not_typed_anew_stays() {
        let schema = types::LteSubscription::SCHEMA;
        let shown = json!({"auth_key": UNCHANGED, "state": "ACTIVE"});
        let kept =
            read(schema, &shown, &sent(&[("v/auth_key", ""), ("v/auth_opc", ""), ("v/state", "ACTIVE")]));
        assert_eq!(kept, shown);
        let new = read(schema, &shown, &sent(&[("v/auth_key", "AAAA"), ("v/state", "INACTIVE")]));
        assert_eq!(new, json!({"auth_key": "AAAA", "state": "INACTIVE"}));
    }
}
