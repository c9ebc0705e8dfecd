//! Bodies that nobody means well with: each operation refuses them, or takes them; it never fails over them.

use crate::operations::{Operation, operations};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// At most so many places of one body are spoilt.
const PLACES_MAX: usize = 24;

/// The places of the values in a body: JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| places(member, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(place, item)| places(item, &format!("{at}/{place}"), found));
        }
        _ => {}
    }
}

/// The operation's own body, spoilt at each place in each way, and bodies of no kind.
fn hostile(body: &str) -> Vec<String> {
    let mut all: Vec<String> =
        ["", "null", "[]", "{}", "\"x\"", "-1", "{", "\u{0}"].map(str::to_owned).into();
    all.push("[".repeat(5_000));
    let Ok(whole) = serde_json::from_str::<Value>(body) else { return all };
    let mut found = Vec::new();
    places(&whole, "", &mut found);
    for place in found.iter().take(PLACES_MAX) {
        for wrong in [Value::Null, json!("a\u{0}/../%ff"), json!(-1e300), json!([{}]), json!({"a": null})] {
            let mut spoilt = whole.clone();
            if let Some(value) = spoilt.pointer_mut(place) {
                *value = wrong;
            }
            all.push(spoilt.to_string());
        }
    }
    all
}

#[tokio::test]
async fn no_body_makes_an_operation_fail() {
    let mut clouds = BTreeMap::new();
    let with_body =
        |operation: &Operation| !operation.body.is_empty() && !operation.path.contains("/command/");
    for operation in operations().into_iter().filter(with_body) {
        let fixture = operation.fixture();
        let cloud = match clouds.entry(fixture) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(place) => place.insert(operation.cloud().await),
        };
        for body in hostile(operation.body) {
            let reply = cloud.send(operation.method, &operation.concrete_path(), body.clone()).await;
            assert!(reply.status.as_u16() < 500, "{} with {body:.300}: {reply:?}", operation.name());
            assert!(reply.status.is_success() || !reply.message().is_empty(), "{}", operation.name());
        }
    }
}
