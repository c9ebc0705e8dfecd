//! Holds a JSON value against its schema, and names everything that is wrong, in the words that Magma's validators use.

use crate::format;
use crate::schema::{Field, Integer, List, Number, Schema, Text};
use serde_json::{Map, Value};
use std::fmt::Display;

/// How many problems of one value are told; the rest is left out.
const PROBLEMS_MAX: usize = 100;

/// Every problem of `value`, in the order of the contract's fields; none when it keeps to `schema`.
///
/// `null` counts as absent, as it does in Go. A text or a list that is optional and empty is not looked at further.
pub fn problems(schema: &Schema, value: &Value) -> Vec<String> {
    let mut check = Check { name: name(schema), path: Vec::new(), problems: Vec::new() };
    check.value(schema, value);
    check.problems
}

struct Check {
    /// What the whole value is called.
    name: &'static str,
    path: Vec<String>,
    problems: Vec<String>,
}

impl Check {
    fn value(&mut self, schema: &Schema, value: &Value) {
        match (schema, value) {
            (Schema::Named(definition), _) => self.value(&definition.schema, value),
            (Schema::Text(rules), Value::String(text)) => self.text(rules, text),
            (Schema::Integer(rules), Value::Number(_)) => self.integer(rules, value),
            (Schema::Number(rules), Value::Number(number)) => self.number(rules, number.as_f64()),
            (Schema::List(rules), Value::Array(items)) => self.list(rules, items),
            (Schema::Map(item), Value::Object(map)) => {
                map.iter().filter(|(_, value)| !value.is_null()).for_each(|(key, value)| {
                    self.inside(key, |check| check.value(item, value));
                });
            }
            (Schema::Object(fields), Value::Object(map)) => self.object(fields, map),
            (Schema::Anything, _) | (Schema::Boolean, Value::Bool(_)) => {}
            _ => self.fail(format_args!("must be of type {}: {}", type_name(schema), abridged(value))),
        }
    }

    fn object(&mut self, fields: &[Field], map: &Map<String, Value>) {
        for field in fields {
            let absent = |value: &Value| value.is_null() || (field.empty_is_absent && is_empty(value));
            let value = map.get(field.name).filter(|value| !absent(value));
            self.inside(field.name, |check| match value {
                Some(value) => check.value(&field.schema, value),
                None if field.required => check.fail("is required"),
                None => {}
            });
        }
    }

    fn text(&mut self, rules: &Text, text: &str) {
        let length = text.chars().count();
        if let Some(min) = rules.min_length.filter(|min| length < *min) {
            self.fail(format_args!("should be at least {min} chars long"));
        } else if let Some(max) = rules.max_length.filter(|max| length > *max) {
            self.fail(format_args!("should be at most {max} chars long"));
        } else if let Some(pattern) = rules.pattern.filter(|pattern| !pattern.matches(text)) {
            self.fail(format_args!("should match '{}'", pattern.text()));
        } else if let Some(name) = rules.format.filter(|name| !format::is(name, text)) {
            self.fail(format_args!("must be of type {name}: {:?}", cut(text)));
        } else if !rules.allowed.is_empty() && !rules.allowed.contains(&text) {
            self.fail(format_args!("should be one of [{}]", rules.allowed.join(" ")));
        }
    }

    fn integer(&mut self, rules: &Integer, value: &Value) {
        let Some(number) = whole(value) else {
            return self.fail(format_args!("must be of type {}: {}", rules.format, abridged(value)));
        };
        if !rules.allowed.is_empty() && !rules.allowed.contains(&number) {
            let allowed: Vec<String> = rules.allowed.iter().map(ToString::to_string).collect();
            self.fail(format_args!("should be one of [{}]", allowed.join(" ")));
        } else if number < rules.min {
            self.fail(format_args!("should be greater than or equal to {}", rules.min));
        } else if number > rules.max {
            self.fail(format_args!("should be less than or equal to {}", rules.max));
        } else if let Some(of) = rules.multiple_of.filter(|of| number % of != 0) {
            self.fail(format_args!("should be a multiple of {of}"));
        }
    }

    fn number(&mut self, rules: &Number, number: Option<f64>) {
        let Some(number) = number else { return };
        if let Some(min) = rules.min.filter(|min| number < *min) {
            self.fail(format_args!("should be greater than or equal to {min}"));
        } else if let Some(max) = rules.max.filter(|max| number > *max) {
            self.fail(format_args!("should be less than or equal to {max}"));
        }
    }

    fn list(&mut self, rules: &List, items: &[Value]) {
        if let Some(min) = rules.min_items.filter(|min| items.len() < *min) {
            self.fail(format_args!("should have at least {min} items"));
        } else if let Some(max) = rules.max_items.filter(|max| items.len() > *max) {
            self.fail(format_args!("should have at most {max} items"));
        } else if rules.unique && items.iter().enumerate().any(|(place, item)| items[..place].contains(item))
        {
            self.fail("shouldn't contain duplicates");
        }
        for (place, item) in items.iter().enumerate() {
            self.inside(&place.to_string(), |check| check.value(rules.item, item));
        }
    }

    fn inside(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        if self.problems.len() >= PROBLEMS_MAX {
            return;
        }
        self.path.push(name.to_owned());
        check(self);
        self.path.pop();
    }

    fn fail(&mut self, what: impl Display) {
        let path = if self.path.is_empty() { self.name.to_owned() } else { self.path.join(".") };
        self.problems.push(format!("{path} in body {what}"));
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_str() == Some("") || value.as_f64() == Some(0.0)
}

/// A whole number, however JSON writes it: `1`, `1.0`.
fn whole(value: &Value) -> Option<i128> {
    let exact = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
    exact.or_else(|| {
        value
            .as_f64()
            .filter(|number| number.fract() == 0.0 && number.abs() < 9e15)
            .map(|number| number as i128)
    })
}

/// A bare value is called by the name of its type; a field has its own name.
fn name(schema: &Schema) -> &'static str {
    match schema {
        Schema::Named(definition) => definition.name,
        _ => "the value",
    }
}

fn type_name(schema: &Schema) -> &'static str {
    match schema {
        Schema::Text(_) => "string",
        Schema::Integer(rules) => rules.format,
        Schema::Number(_) => "number",
        Schema::Boolean => "boolean",
        Schema::List(_) => "array",
        Schema::Map(_) | Schema::Object(_) | Schema::Anything => "object",
        Schema::Named(definition) => type_name(&definition.schema),
    }
}

/// A value as an error shows it. A list or an object is named only: it may be large, or hold a secret.
fn abridged(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) => format!("{:?}", cut(text)),
        other => other.to_string(),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HasSchema, definitions, types};
    use serde_json::json;

    fn check<T: HasSchema>(row: &str, value: Value, expect: &str) {
        assert_eq!(problems(T::SCHEMA, &value).join("; "), expect, "{row}");
    }

    #[test]
    fn each_rule_names_what_it_refuses() {
        check::<types::NetworkName>("a bare text", json!("n"), "");
        check::<types::NetworkName>(
            "an empty one",
            json!(""),
            "network_name in body should be at least 1 chars long",
        );
        check::<types::NetworkName>("no text", json!(1), "network_name in body must be of type string: 1");
        check::<types::StateConfig>(
            "a minimum",
            json!({"sync_interval": 2}),
            "sync_interval in body should be greater than or equal to 3",
        );
        check::<types::StateConfig>(
            "a fraction",
            json!({"sync_interval": 3.5}),
            "sync_interval in body must be of type uint32: 3.5",
        );
        check::<types::StateConfig>(
            "a whole number that is written as a fraction",
            json!({"sync_interval": 4.0}),
            "",
        );
        check::<types::StateConfig>(
            "too large for its type",
            json!({"sync_interval": 4294967296_u64}),
            "sync_interval in body should be less than or equal to 4294967295",
        );
        check::<types::StateConfig>("an optional zero is none", json!({"sync_interval": 0}), "");
        check::<types::StateConfig>("null is none", json!({"sync_interval": null}), "");
        check::<types::StateConfig>("fields that nobody knows", json!({"new": {}}), "");
        check::<types::StateConfig>(
            "a list",
            json!([1]),
            "state_config in body must be of type object: a list",
        );
        check::<types::DnsConfigRecord>(
            "items",
            json!({"domain": "a", "a_record": ["1.2.3.4", "x"], "aaaa_record": [""]}),
            "a_record.1 in body must be of type ipv4: \"x\"; aaaa_record.0 in body should be at least 1 chars long",
        );
        check::<types::EnodebConfig>(
            "an enum",
            json!({"config_type": "X"}),
            "config_type in body should be one of [MANAGED UNMANAGED]",
        );
        check::<types::NetworkRanConfigs>(
            "a nested object and an exclusive minimum",
            json!({"bandwidth_mhz": 4, "fdd_config": {"earfcndl": 0, "earfcnul": 0}}),
            "bandwidth_mhz in body should be one of [3 5 10 15 20]; fdd_config.earfcnul in body should be greater than or equal to 1",
        );
        check::<types::AllowedGrePeer>(
            "a length",
            json!({"ip": "1"}),
            "ip in body should be at least 5 chars long",
        );
        check::<types::NetworkSentryConfig>(
            "a largest number",
            json!({"sample_rate": 1.5}),
            "sample_rate in body should be less than or equal to 1",
        );
        check::<Vec<types::DnsConfigRecord>>(
            "a list of objects",
            json!([{}]),
            "0.domain in body is required",
        );
    }

    #[test]
    fn problems_are_bounded_and_values_are_cut() {
        let records: Vec<Value> = (0..1000).map(|_| json!({})).collect();
        assert_eq!(problems(<Vec<types::DnsConfigRecord>>::SCHEMA, &json!(records)).len(), PROBLEMS_MAX);
        let long = problems(types::NetworkSentryConfig::SCHEMA, &json!({"sample_rate": "x".repeat(10_000)}));
        assert!(long[0].len() < 200, "{long:?}");
    }

    #[test]
    fn every_pattern_of_the_contract_is_understood() {
        fn walk(schema: &Schema, seen: &mut usize) {
            match schema {
                Schema::Text(rules) => {
                    if let Some(pattern) = rules.pattern {
                        assert!(pattern.regex().is_some(), "{}", pattern.text());
                        *seen += 1;
                    }
                }
                Schema::List(rules) => walk(rules.item, seen),
                Schema::Map(item) => walk(item, seen),
                Schema::Object(fields) => fields.iter().for_each(|field| walk(&field.schema, seen)),
                _ => {}
            }
        }
        let mut seen = 0;
        definitions::ALL.iter().for_each(|definition| walk(&definition.schema, &mut seen));
        assert!(seen > 30, "{seen}");
    }

    #[test]
    fn no_key_is_shown() {
        let lte = types::LteSubscription { auth_key: "S2V5".into(), ..Default::default() };
        let body = types::MutableSubscriber { id: "IMSI1".into(), lte, ..Default::default() };
        let text = format!("{body:?}");
        assert!(text.contains("IMSI1") && !text.contains("S2V5"), "{text}");
    }

    #[test]
    fn a_subscriber_is_read_as_it_was_written() {
        let body = json!({
            "id": "IMSI001010000000001", "name": "S", "active_apns": ["oai"], "active_base_names": [], "active_policies": ["p"],
            "active_policies_by_apn": {"oai": ["q"]}, "static_ips": {"oai": "10.0.0.1"}, "forbidden_network_types": ["EPC"],
            "lte": {"state": "ACTIVE", "auth_algo": "MILENAGE", "auth_key": "AAECAwQFBgcICQoLDA0ODw==", "sub_profile": "default"},
        });
        check::<types::MutableSubscriber>("a whole one", body.clone(), "");
        let read: types::MutableSubscriber = serde_json::from_value(body.clone()).unwrap();
        let written = serde_json::to_value(read).unwrap();
        for (name, value) in body.as_object().unwrap() {
            if value.as_array().is_none_or(|list| !list.is_empty()) {
                assert_eq!(written.get(name), Some(value), "{name}");
            }
        }
    }
}
