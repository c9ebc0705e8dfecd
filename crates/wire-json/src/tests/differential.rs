//! Our mapping against prost-reflect's, both ways, on random messages of every type.

use super::documents::{NEWER_CLOUD, of_existing_gateways};
use super::ordered_bytes;
use super::random::Random;
use super::reference::{self, Spelling, Subject};
use crate::{MconfigTypes, to_json, to_wire};
use prost_reflect::DynamicMessage;
use serde_json::Value;

/// Messages of each type.
const ROUNDS: u64 = 40;

#[test]
fn random_messages_are_the_same_json_and_the_same_bytes() {
    for subject in reference::all() {
        for round in 0..ROUNDS {
            let mut random = Random(round);
            let rarity = random.one_of(&[1, 2, 8]);
            check(&subject, &random.message(&subject.descriptor, rarity, 4));
        }
    }
}

#[test]
fn tables_name_the_same_messages_in_the_same_order() {
    for subjects in [reference::mconfigs(), reference::all().split_off(reference::mconfigs().len())] {
        let expected: Vec<&str> = subjects.iter().map(Subject::name).collect();
        assert_eq!(subjects[0].tables.message_names().collect::<Vec<String>>(), expected);
        assert!(!expected.is_empty());
    }
}

#[test]
fn json_names_are_those_of_the_contract() {
    for subject in reference::all() {
        let ours = subject.tables.fields_of(subject.message).iter();
        let names = ours.map(|field| (subject.tables.text(field.name), subject.tables.text(field.json_name)));
        let fields: Vec<_> = subject.descriptor.fields().collect();
        let theirs = fields.iter().map(|field| (field.name(), field.json_name()));
        assert!(names.eq(theirs), "{}", subject.name());
    }
}

#[test]
fn documents_are_the_same_bytes() {
    let types = MconfigTypes::load();
    let mut documents = of_existing_gateways();
    documents.push(("the newer cloud's".to_owned(), NEWER_CLOUD.to_owned()));
    let subjects = reference::mconfigs();
    for (file, document) in documents {
        let document: Value = serde_json::from_slice(&document).unwrap();
        let maps =
            ["configs_by_key", "configsByKey"].map(|name| document.get(name).and_then(Value::as_object));
        for (key, entry) in maps.into_iter().flatten().flatten() {
            let ours = types.decode_any(entry).ok().map(|any| any.value);
            assert_eq!(ours, by_reference(&subjects, entry), "{file}: {key}");
        }
    }
}

/// What prost-reflect makes of a document's entry.
fn by_reference(subjects: &[Subject], entry: &Value) -> Option<Vec<u8>> {
    let (_, name) = entry.get("@type")?.as_str()?.rsplit_once('/')?;
    let mut fields = entry.as_object()?.clone();
    fields.remove("@type");
    subjects.iter().find(|subject| subject.name() == name)?.bytes(&fields).ok()
}

fn check(subject: &Subject, message: &DynamicMessage) {
    let name = subject.name();
    let bytes = ordered_bytes::of(message);
    let json = to_json::object(subject.tables, subject.message, &bytes).unwrap();
    assert_eq!(json, reference::json(message, &Spelling::Canonical), "{name}: {message}");
    for spelling in [Spelling::Canonical, Spelling::Plain] {
        let json = reference::json(message, &spelling);
        let read = to_wire::bytes(subject.tables, subject.message, &json)
            .unwrap_or_else(|misfit| panic!("{name}: {misfit:?}: {}", Value::Object(json.clone())));
        assert_eq!(read, subject.bytes(&json).unwrap(), "{name}: {}", Value::Object(json));
    }
}
