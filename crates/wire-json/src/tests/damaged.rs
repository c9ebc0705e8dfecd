//! Damaged messages: nothing panics, and what one implementation takes, the other takes, and takes for the same.

use super::ordered_bytes;
use super::random::Random;
use super::reference::{self, Spelling, Subject};
use crate::to_json::Failure;
use crate::{to_json, to_wire};
use serde_json::{Map, Value, json};

/// Damaged inputs of each type, in each form.
const ROUNDS: u64 = 150;

#[test]
fn damaged_bytes_are_the_same_to_both() {
    let (mut taken, mut refused) = (0, 0);
    for subject in reference::all() {
        for round in 0..ROUNDS {
            let mut random = Random(round);
            let mut bytes = ordered_bytes::of(&random.message(&subject.descriptor, 2, 3));
            for _ in 0..=random.below(3) {
                damage_bytes(&mut random, &mut bytes);
            }
            if check_bytes(&subject, &bytes) { taken += 1 } else { refused += 1 }
        }
    }
    assert!(taken > 1000 && refused > 1000, "both kinds were tried: {taken} {refused}");
}

#[test]
fn noise_is_the_same_to_both() {
    for subject in reference::all() {
        for round in 0..ROUNDS {
            let mut random = Random(round);
            let noise: Vec<u8> = (0..random.below(40)).map(|_| random.next() as u8).collect();
            check_bytes(&subject, &noise);
        }
    }
}

#[test]
fn damaged_json_is_the_same_to_both() {
    let (mut taken, mut refused) = (0, 0);
    for subject in reference::all() {
        for round in 0..ROUNDS {
            let mut random = Random(round);
            let message = random.message(&subject.descriptor, 2, 3);
            let spelling = random.one_of(&[true, false]);
            let spelling = if spelling { Spelling::Canonical } else { Spelling::Plain };
            let mut json = Value::Object(reference::json(&message, &spelling));
            damage_json(&mut random, &mut json);
            let Value::Object(object) = json else { continue };
            if check_json(&subject, &object) { taken += 1 } else { refused += 1 }
        }
    }
    assert!(taken > 1000 && refused > 1000, "both kinds were tried: {taken} {refused}");
}

/// Whether the bytes are taken.
fn check_bytes(subject: &Subject, bytes: &[u8]) -> bool {
    let (name, theirs) = (subject.name(), subject.message(bytes));
    match (to_json::object(subject.tables, subject.message, bytes), theirs) {
        (Ok(json), Ok(message)) => {
            assert_eq!(json, reference::json(&message, &Spelling::Canonical), "{name}: {bytes:02x?}");
            true
        }
        (Err(_), Err(_)) => false,
        // prost takes a map's entry in any framing for one that has a length.
        (Err(Failure::Malformed(ours)), Ok(_)) if ours.to_string().contains("expected LengthDelimited") => {
            false
        }
        (ours, theirs) => panic!("{name}: {bytes:02x?}: we say {ours:?}, they {theirs:?}"),
    }
}

/// Whether the JSON is taken.
fn check_json(subject: &Subject, object: &Map<String, Value>) -> bool {
    let ours = to_wire::bytes(subject.tables, subject.message, object);
    match (ours, subject.bytes(object)) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(ours, theirs, "{}: {object:?}", subject.name());
            true
        }
        (Err(_), Err(_)) => false,
        (ours, theirs) => panic!("{}: {object:?}: we say {ours:?}, they {theirs:?}", subject.name()),
    }
}

fn damage_bytes(random: &mut Random, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return bytes.push(random.next() as u8);
    }
    let at = random.below(bytes.len());
    match random.below(6) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = random.next() as u8,
        2 => bytes.truncate(at),
        3 => bytes.insert(at, random.next() as u8),
        4 => drop(bytes.remove(at)),
        _ => bytes.extend_from_within(at..),
    }
}

/// Replaces, renames, adds or removes something, at any depth.
fn damage_json(random: &mut Random, value: &mut Value) {
    match value {
        Value::Object(object) if !object.is_empty() && random.below(4) > 0 => {
            let names: Vec<String> = object.keys().cloned().collect();
            let name = random.one_of(&names);
            damage_member(random, object, &name);
        }
        Value::Object(object) => drop(object.insert("x".to_owned(), other_value(random))),
        Value::Array(list) if !list.is_empty() && random.below(4) > 0 => {
            let at = random.below(list.len());
            damage_json(random, &mut list[at]);
        }
        Value::Array(list) => list.push(other_value(random)),
        _ => *value = other_value(random),
    }
}

fn damage_member(random: &mut Random, object: &mut Map<String, Value>, name: &str) {
    match (random.below(4), object.get_mut(name)) {
        (0, Some(value)) => *value = other_value(random),
        (1, _) => {
            let value = object.remove(name).unwrap_or_default();
            object.insert(format!("{name}x"), value);
        }
        (_, Some(value)) => damage_json(random, value),
        _ => {}
    }
}

fn other_value(random: &mut Random) -> Value {
    random.one_of(&[
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(4_294_967_295_u32),
        json!(4_294_967_296_u64),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("7"),
        json!("-7"),
        json!("1.5"),
        json!("true"),
        json!("NaN"),
        json!("-Infinity"),
        json!("COLOUR_RED"),
        json!("INFO"),
        json!("_-8"),
        json!("AA=="),
        json!("A"),
        json!("A==="),
        json!([]),
        json!([0]),
        json!({}),
        json!({"number": 1}),
        json!([null]),
    ])
}
