//! What the mapping bounds, and where it knows better than prost-reflect.

use super::reference::{self, Spelling, Subject, every_kind};
use crate::to_json::Failure;
use crate::{to_json, to_wire};
use prost::encoding::{WireType, encode_key, encode_varint};
use serde_json::{Map, Value, json};

fn read(subject: &Subject, json: &Value) -> Result<Vec<u8>, String> {
    let bytes = to_wire::bytes(subject.tables, subject.message, json.as_object().unwrap());
    bytes.map_err(|misfit| misfit.into_parts()).map_err(|(place, problem)| format!("{place}: {problem}"))
}

fn write(subject: &Subject, bytes: &[u8]) -> Result<Map<String, Value>, Failure> {
    to_json::object(subject.tables, subject.message, bytes)
}

/// As many messages of type `Chain` in each other, as JSON.
fn chain_json(messages: usize) -> Value {
    (1..messages).fold(json!({}), |inner, _| json!({ "next": inner }))
}

/// The same on the wire.
fn chain_bytes(messages: usize) -> Vec<u8> {
    (1..messages).fold(Vec::new(), |inner, _| {
        let mut bytes = Vec::new();
        encode_key(1, WireType::LengthDelimited, &mut bytes);
        encode_varint(inner.len() as u64, &mut bytes);
        [bytes, inner].concat()
    })
}

#[test]
fn messages_lie_64_deep_and_no_deeper() {
    let subject = every_kind("Chain");
    assert_eq!(read(&subject, &chain_json(64)).unwrap(), chain_bytes(64));
    assert_eq!(Value::Object(write(&subject, &chain_bytes(64)).unwrap()), chain_json(64));
    let misfit = read(&subject, &chain_json(65)).expect_err("one too many");
    assert!(
        misfit.starts_with("next.next.") && misfit.ends_with("next: messages lie too deep in each other")
    );
    assert!(matches!(write(&subject, &chain_bytes(65)), Err(Failure::TooDeep)));
    // Deeper than the stack could bear.
    assert!(matches!(write(&subject, &chain_bytes(20_000)), Err(Failure::TooDeep)));
}

#[test]
fn lists_and_maps_count_as_what_is_in_them() {
    let subject = every_kind("Chain");
    for (row, wrap) in [
        ("lists", (|inner| json!({ "others": [inner] })) as fn(Value) -> Value),
        ("maps", |inner| json!({ "byName": { "x": inner } })),
    ] {
        let nested = |messages: usize| (1..messages).fold(json!({}), |inner, _| wrap(inner));
        let bytes = read(&subject, &nested(30)).unwrap_or_else(|misfit| panic!("{row}: {misfit}"));
        assert_eq!(Value::Object(write(&subject, &bytes).unwrap()), nested(30), "{row}");
        read(&subject, &nested(65)).expect_err(row);
    }
}

#[test]
fn a_length_beyond_the_input_is_refused() {
    let subject = every_kind("Every");
    for (row, bytes) in [
        ("a text", &b"\x72\x7fa"[..]),
        ("a message", b"\x8a\x01\x7f"),
        ("a packed list", b"\xb2\x06\x7f\x01"),
        ("a map's entry", b"\xca\x0c\x7f"),
        ("of an unknown field", b"\xfa\x7f\x7f"),
        ("the largest length", b"\x72\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01a"),
        ("a packed element", b"\xe2\x06\x03abc"),
    ] {
        assert!(matches!(write(&subject, bytes), Err(Failure::Malformed(_))), "{row}");
    }
}

#[test]
fn the_wire_has_more_than_one_way_to_say_a_thing() {
    let subject = every_kind("Every");
    let check = |row: &str, bytes: &[u8], expected: Value| {
        assert_eq!(Value::Object(write(&subject, bytes).unwrap()), expected, "{row}");
        let theirs = reference::json(&subject.message(bytes).unwrap(), &Spelling::Canonical);
        assert_eq!(Value::Object(theirs), expected, "{row}: theirs");
    };
    check("an empty packed list is none", b"\xb2\x06\x00", json!({}));
    check("upper bits are lost", b"\x10\x81\x80\x80\x80\x10", json!({"anInt32": 1}));
    check("before the sign is read", b"\x30\x82\x80\x80\x80\x10", json!({"aSint32": 1}));
    check("true is anything but 0", b"\x08\x82\x80\x80\x80\x10", json!({"aBool": true}));
    check("the last scalar stays", b"\x10\x01\x10\x02", json!({"anInt32": 2}));
    check("also when it is the default", b"\x10\x01\x10\x00", json!({}));
    check(
        "messages are merged",
        b"\x8a\x01\x02\x08\x01\x8a\x01\x02\x10\x00",
        json!({"aNested": {"number": 1, "optionalNumber": 0}}),
    );
    check("lists grow, packed or not", b"\xb2\x06\x02\x01\x02\xb0\x06\x03", json!({"int32s": [1, 2, 3]}));
    check("the last member of a oneof stays", b"\x88\x19\x00\x92\x19\x01a", json!({"firstText": "a"}));
    check(
        "the last entry of a key stays",
        b"\xca\x0c\x04\x08\x01\x10\x01\xca\x0c\x02\x08\x01",
        json!({"byBool": {"true": false}}),
    );
}

#[test]
fn one_member_of_a_oneof_is_set() {
    let subject = every_kind("Every");
    let misfit = read(&subject, &json!({"firstNumber": 0, "firstText": ""})).expect_err("two");
    assert_eq!(misfit, "firstText: another field of the same oneof is set already");
    read(&subject, &json!({"firstNumber": 0, "firstText": null, "secondBool": false})).unwrap();
}

#[test]
fn a_number_must_have_room() {
    let subject = every_kind("Every");
    for (row, json, expected) in [
        (
            "2^63",
            json!({"anInt64": 9_223_372_036_854_775_808.0}),
            "anInt64: this number is not a 64-bit integer",
        ),
        (
            "2^64",
            json!({"aUint64": 18_446_744_073_709_551_616.0}),
            "aUint64: this number is not a 64-bit integer that is not negative",
        ),
        (
            "2^64 as text",
            json!({"aFixed64": "18446744073709551616"}),
            "aFixed64: this text is not a 64-bit integer that is not negative",
        ),
        ("a float as text", json!({"floats": ["1", "1e39"]}), "floats[1]: this text is not a 32-bit float"),
        (
            "deep in a map",
            json!({"bySint64": {"-1": {"number": []}}}),
            "bySint64.-1.number: this list is not a 32-bit integer",
        ),
        (
            "a key",
            json!({"byFixed32": {"-1": ""}}),
            "byFixed32.-1: this key is not an integer from 0 to 4294967295",
        ),
        (
            "a list of lists",
            json!({"nested": [{}, {"number": 1}, []]}),
            "nested[2]: this list is not an object",
        ),
        ("a secret is not told", json!({"aBytes": "sec-ret?"}), "aBytes: this text is not base64"),
        ("nothing in a list", json!({"bools": [null]}), "bools[0]: null is not true or false"),
        (
            "a message's list",
            json!({"nested": [{"number": true}]}),
            "nested[0].number: this boolean is not a 32-bit integer",
        ),
    ] {
        assert_eq!(read(&subject, &json).expect_err(row), expected, "{row}");
    }
}

#[test]
fn the_contracts_name_goes_first() {
    let subject = every_kind("Every");
    for (row, json, expected) in [
        ("both", json!({"anInt32": 1, "an_int32": 2}), &b"\x10\x02"[..]),
        ("both, one a default", json!({"anInt32": 1, "an_int32": 0}), b""),
        ("both, one null", json!({"anInt32": 1, "an_int32": null}), b"\x10\x01"),
        (
            "both, one a name that is not known",
            json!({"aColour": 1, "a_colour": "COLOUR_NEW"}),
            b"\x80\x01\x01",
        ),
        ("another name in JSON", json!({"@other": "a"}), b"\xaa\x1f\x01a"),
    ] {
        assert_eq!(read(&subject, &json).unwrap(), expected, "{row}");
        assert_eq!(subject.bytes(json.as_object().unwrap()).unwrap(), expected, "{row}: theirs");
    }
    read(&subject, &json!({"anInt32": "soon", "an_int32": 2})).expect_err("both must fit");
}

#[test]
fn a_little_more_is_read_than_the_mapping_asks_for() {
    let subject = every_kind("Every");
    for (row, json, bytes) in [
        ("an enum's number with a point", json!({"aColour": 1.0}), &b"\x80\x01\x01"[..]),
        ("both alphabets of base64", json!({"aBytes": "-_+/"}), b"\x7a\x03\xfb\xff\xbf"),
        ("bits behind the last byte", json!({"aBytes": "AB"}), b"\x7a\x01\x00"),
    ] {
        assert_eq!(read(&subject, &json).unwrap(), bytes, "{row}");
    }
}

#[test]
fn every_float_is_read_as_it_was_written() {
    let subject = every_kind("Every");
    for float in [f32::MAX, f32::MIN, f32::MIN_POSITIVE, f32::from_bits(1), 0.1, 3_901_427.2, -0.0] {
        let json = json!({ "optionalFloat": float_json(&subject, float) });
        let bytes = [&b"\xfd\x12"[..], &float.to_le_bytes()].concat();
        assert_eq!(read(&subject, &json).unwrap(), bytes, "{float}");
    }
    assert_eq!(float_json(&subject, 0.1).to_string(), "0.1");
    assert_eq!(float_json(&subject, 3_901_427.2).to_string(), "3901427.2", "exactly between .2 and .3");
    assert_eq!(float_json(&subject, f32::NAN), json!("NaN"));
}

fn float_json(subject: &Subject, float: f32) -> Value {
    let bytes = [&b"\xfd\x12"[..], &float.to_le_bytes()].concat();
    write(subject, &bytes).unwrap().remove("optionalFloat").unwrap()
}
