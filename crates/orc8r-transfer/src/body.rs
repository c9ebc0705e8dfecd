//! From what an Orchestrator shows to what one takes, and whether two bodies say the same.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use wire_rest::{Field, Schema};

use crate::resources::{Resource, Write};

/// Members that are secrets, wherever they stand: keys of subscribers and of networks, and what alert receivers sign in
/// with.
const SECRETS: [&str; 13] = [
    "auth_key",
    "auth_opc",
    "home_network_private_key",
    "private_key",
    "api_url",
    "auth_password",
    "auth_secret",
    "bearer_token",
    "password",
    "routing_key",
    "service_key",
    "token",
    "credentials",
];
/// What our own Orchestrator shows in the place of some secrets.
const MASK: &str = "********";
/// Lists whose order says nothing.
const SETS: [&str; 10] = [
    "active_apns",
    "active_base_names",
    "active_policies",
    "connected_enodeb_serials",
    "forbidden_network_types",
    "gateways",
    "network_wide_base_names",
    "network_wide_rule_names",
    "networks",
    "rule_names",
];

/// The body with which what is shown can be made, if it is an object; `id` is what the collection calls it.
pub(crate) fn taken(resource: &Resource, id: &str, shown: Value) -> Option<Value> {
    let mut shown = match shown {
        Value::Object(shown) => shown,
        // The collection of MSISDNs is one of subscribers' ids.
        Value::String(subscriber) if resource.write == Write::PostDelete => {
            Map::from_iter([(resource.id.to_owned(), id.into()), ("id".to_owned(), subscriber.into())])
        }
        _ => return None,
    };
    lift_subscriber(resource, &mut shown);
    // When a task began is what each Orchestrator says itself.
    if let Some(Value::Object(details)) = shown.get_mut("task_details") {
        details.remove("timestamp");
    }
    let is_kept = |name: &String| {
        let known = |schema: &'static Schema| fields(schema).iter().any(|field| field.name == *name);
        let is_view = known(resource.shown) && !known(resource.taken);
        !is_view
            && !resource.shown_only.contains(&name.as_str())
            && !resource.told_elsewhere.contains(&name.as_str())
    };
    shown.retain(|name, _| is_kept(name));
    let mut body = Value::Object(shown);
    without_nulls(&mut body);
    each_secret(&mut body, &mut |secret| {
        if secret == MASK {
            *secret = Value::Null;
        }
    });
    Some(body)
}

/// A subscriber's configuration is shown in a member of its own, and taken beside the others.
fn lift_subscriber(resource: &Resource, shown: &mut Map<String, Value>) {
    if resource.write != Write::Batch {
        return;
    }
    let Some(Value::Object(config)) = shown.remove("config") else { return };
    for (name, value) in config {
        shown.entry(name).or_insert(value);
    }
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

fn each_secret(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(name, member)| {
            if SECRETS.contains(&name.as_str()) && (member.is_string() || member.is_null()) {
                change(member);
            } else {
                each_secret(member, change);
            }
        }),
        Value::Array(items) => items.iter_mut().for_each(|item| each_secret(item, change)),
        _ => {}
    }
}

/// Takes the secrets out: `null` stands in their place.
pub(crate) fn leave_secrets_out(body: &mut Value) {
    each_secret(body, &mut |secret| *secret = Value::Null);
}

/// The first secret that was left out of the body.
pub(crate) fn missing_secret(value: &Value) -> Option<&'static str> {
    match value {
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            let secret = SECRETS.iter().find(|secret| *secret == name && member.is_null());
            secret.copied().or_else(|| missing_secret(member))
        }),
        Value::Array(items) => items.iter().find_map(missing_secret),
        _ => None,
    }
}

/// Gives a body what it does not say and must not change: secrets that were left out, from their place in what is there.
/// One that is not there either stays out.
pub(crate) fn fill_secrets(body: &mut Value, present: &Value) {
    match body {
        Value::Object(members) => members.iter_mut().for_each(|(name, member)| {
            let there = present.get(name).unwrap_or(&Value::Null);
            if SECRETS.contains(&name.as_str()) && member.is_null() {
                *member = there.clone();
            } else {
                fill_secrets(member, there);
            }
        }),
        Value::Array(items) => items.iter_mut().enumerate().for_each(|(index, item)| {
            fill_secrets(item, present.get(index).unwrap_or(&Value::Null));
        }),
        _ => {}
    }
}

/// Gives a body the members that another resource tells: those that are there, or empty lists.
pub(crate) fn fill_told_elsewhere(resource: &Resource, body: &mut Value, present: Option<&Value>) {
    let Value::Object(members) = body else { return };
    for name in resource.told_elsewhere {
        let there = present.and_then(|present| present.get(*name)).filter(|there| !there.is_null());
        members.insert((*name).to_owned(), there.cloned().unwrap_or_else(|| Value::Array(Vec::new())));
    }
}

/// Where `present` first says something else than `wanted`; none when it says the same. What is absent, `null` or empty
/// is the same, as it is to Go, and so is a secret that is not shown.
pub(crate) fn difference(wanted: &Value, present: &Value) -> Option<String> {
    match (wanted, present) {
        (Value::Object(one), Value::Object(other)) => {
            let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            names.into_iter().find_map(|name| {
                let member = |of: &Map<String, Value>| of.get(name).cloned().unwrap_or_default();
                let (one, other) = (member(one), member(other));
                let below = if SECRETS.contains(&name.as_str()) && (is_hidden(&one) || is_hidden(&other)) {
                    None
                } else if SETS.contains(&name.as_str()) {
                    difference(&sorted(one), &sorted(other))
                } else {
                    difference(&one, &other)
                };
                below.map(|below| if below.is_empty() { name.clone() } else { format!("{name}.{below}") })
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(index, (one, other))| {
                let below = difference(one, other)?;
                Some(if below.is_empty() { index.to_string() } else { format!("{index}.{below}") })
            })
        }
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => None,
        _ if wanted == present || (is_empty(wanted) && is_empty(present)) => None,
        _ => Some(String::new()),
    }
}

fn is_hidden(secret: &Value) -> bool {
    secret.is_null() || secret == MASK
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn sorted(list: Value) -> Value {
    let Value::Array(mut items) = list else { return list };
    items.sort_by_key(Value::to_string);
    Value::Array(items)
}

/// Takes the members out that the contract does not have; the answer is their places.
pub(crate) fn forget_unknown(schema: &Schema, value: &mut Value) -> Vec<String> {
    let mut found = Vec::new();
    forget(schema, value, "", &mut found);
    found
}

fn forget(schema: &Schema, value: &mut Value, place: &str, found: &mut Vec<String>) {
    match (schema, value) {
        (Schema::Named(definition), value) => forget(&definition.schema, value, place, found),
        (Schema::Object(fields), Value::Object(members)) => members.retain(|name, member| {
            let field = fields.iter().find(|field| field.name == name);
            match field {
                Some(field) => forget(&field.schema, member, &below(place, name), found),
                None => found.push(below(place, name)),
            }
            field.is_some()
        }),
        (Schema::Map(item), Value::Object(members)) => {
            members.values_mut().for_each(|member| forget(item, member, &below(place, "*"), found));
        }
        (Schema::List(list), Value::Array(items)) => {
            items.iter_mut().for_each(|item| forget(list.item, item, &below(place, "*"), found));
        }
        _ => {}
    }
}

fn below(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

/// The members of an object.
pub(crate) fn fields(schema: &'static Schema) -> &'static [Field] {
    match schema {
        Schema::Named(definition) => fields(&definition.schema),
        Schema::Object(fields) => fields,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resources::RESOURCES;

    fn of(item: &str) -> &'static Resource {
        RESOURCES.iter().find(|row| row.item == item).unwrap()
    }

    #[test]
    fn what_is_shown_becomes_what_is_taken() {
        for (item, shown, expected) in [
            (
                "/lte/{network_id}/subscribers/{subscriber_id}",
                json!({"id": "IMSI1", "lte": {"auth_opc": MASK}, "state": {}, "monitoring": {}, "msisdn": "1",
                    "config": {"lte": {"auth_key": "x"}, "static_ips": {"a": "10.0.0.1"}}, "of_another_release": 1}),
                json!({"id": "IMSI1", "lte": {"auth_opc": null}, "static_ips": {"a": "10.0.0.1"},
                    "of_another_release": 1}),
            ),
            (
                "/lte/{network_id}/gateways/{gateway_id}",
                json!({"id": "g", "status": {}, "registration_info": {"registration_token": "t"},
                    "checked_in_recently": true, "tier": "t", "cellular": {"dns": null}}),
                json!({"id": "g", "tier": "t", "cellular": {}}),
            ),
            (
                "/networks/{network_id}/gateways/{gateway_id}",
                json!({"id": "g", "status": {}, "registration_info": {}}),
                json!({"id": "g"}),
            ),
            (
                "/networks/{network_id}/tiers/{tier_id}",
                json!({"id": "t", "gateways": ["g"]}),
                json!({"id": "t"}),
            ),
            ("/lte/{network_id}/msisdns/{msisdn}", json!("IMSI1"), json!({"msisdn": "x", "id": "IMSI1"})),
            (
                "/networks/{network_id}/prometheus/alert_config/{alert_name}",
                json!({"alert": "a", "annotations": {"password": "p"}}),
                json!({"alert": "a", "annotations": {"password": "p"}}),
            ),
        ] {
            assert_eq!(taken(of(item), "x", shown.clone()), Some(expected), "{item}: {shown}");
        }
        assert_eq!(taken(of("/channels/{channel_id}"), "x", json!("text")), None);
    }

    #[test]
    fn bodies_are_compared_by_what_they_say() {
        for (wanted, present, expected) in [
            (json!({"a": 1}), json!({"a": 1.0}), None),
            (json!({"a": 1}), json!({"a": 2}), Some("a")),
            (json!({}), json!({"a": [], "b": {"c": ""}}), None),
            (json!({}), json!({"a": false}), Some("a")),
            (json!({"a": {"b": [1, {"c": 1}]}}), json!({"a": {"b": [1, {"c": 2}]}}), Some("a.b.1.c")),
            (json!({"a": [1]}), json!({"a": [1, 2]}), Some("a")),
            (json!({"active_apns": ["b", "a"]}), json!({"active_apns": ["a", "b"]}), None),
            (json!({"servers": ["b", "a"]}), json!({"servers": ["a", "b"]}), Some("servers.0")),
            (json!({"lte": {"auth_key": null}}), json!({"lte": {"auth_key": "k"}}), None),
            (json!({"lte": {"auth_key": "j"}}), json!({"lte": {"auth_key": "k"}}), Some("lte.auth_key")),
            (json!({"api_url": "https://x"}), json!({"api_url": MASK}), None),
        ] {
            assert_eq!(difference(&wanted, &present).as_deref(), expected, "{wanted} {present}");
        }
    }

    #[test]
    fn secrets_are_left_out_and_filled_from_what_is_there() {
        let mut body = json!({"id": "IMSI1", "lte": {"auth_key": "k", "auth_opc": "o", "state": "ACTIVE"}});
        assert_eq!(missing_secret(&body), None);
        leave_secrets_out(&mut body);
        assert_eq!(
            body,
            json!({"id": "IMSI1", "lte": {"auth_key": null, "auth_opc": null, "state": "ACTIVE"}})
        );
        assert_eq!(missing_secret(&body), Some("auth_key"));
        fill_secrets(&mut body, &json!({"lte": {"auth_key": "there", "state": "INACTIVE"}}));
        assert_eq!(body["lte"], json!({"auth_key": "there", "auth_opc": null, "state": "ACTIVE"}));
    }

    #[test]
    fn what_the_contract_does_not_have_is_told_by_its_place() {
        let schema = of("/lte/{network_id}/subscribers/{subscriber_id}").taken;
        let mut body = json!({"id": "x", "new": 1, "lte": {"state": "ACTIVE", "newer": {"a": 1}}, "static_ips": {"a": "b"}});
        assert_eq!(forget_unknown(schema, &mut body), ["lte.newer", "new"]);
        assert_eq!(body, json!({"id": "x", "lte": {"state": "ACTIVE"}, "static_ips": {"a": "b"}}));
    }
}
