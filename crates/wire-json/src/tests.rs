//! Behaviour of the JSON mapping: tables for what is special in it; what it does with whole documents; and, in the
//! modules, the comparison with another implementation.

mod damaged;
mod differential;
mod documents;
mod limits;
mod ordered_bytes;
mod random;
mod reference;
mod states;

use crate::{ConfigsError, DecodeError, EncodeError, MconfigTypes};
use prost::Message;
use prost_types::Any;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wire_feg::mconfig as feg;
use wire_lte::mconfig as lte;
use wire_orc8r::{mconfig as base, orc8r};

fn any_of<M: Message + prost::Name>(message: &M) -> Any {
    Any::from_msg(message).unwrap()
}

/// Encodes to exactly this JSON, and that JSON decodes to exactly these bytes.
fn check_both_ways(row: &str, any: Any, fields: Value) {
    let types = MconfigTypes::load();
    let mut expected = fields;
    expected["@type"] = Value::from(any.type_url.clone());
    let json = types.encode_any(&any).unwrap_or_else(|error| panic!("{row}: {error}"));
    assert_eq!(json, expected, "{row}");
    assert!(json.to_string().starts_with(r#"{"@type":"#), "{row}: `@type` comes first");
    let back = types.decode_any(&json).unwrap_or_else(|error| panic!("{row}: {error}"));
    assert_eq!(back, any, "{row}");
}

#[test]
fn the_json_mapping_is_canonical() {
    check_both_ways("default values are absent", any_of(&base::MagmaD::default()), json!({}));
    check_both_ways(
        "names are lowerCamelCase, and a zero enum is absent",
        any_of(&base::MagmaD { checkin_interval: 60, package_version: "1.9.0".into(), ..Default::default() }),
        json!({"checkinInterval": 60, "packageVersion": "1.9.0"}),
    );
    check_both_ways(
        "an enum is its name",
        any_of(&base::State { log_level: orc8r::LogLevel::Info.into(), sync_interval: 61 }),
        json!({"logLevel": "INFO", "syncInterval": 61}),
    );
    check_both_ways(
        "an enum number without a name stays a number",
        any_of(&base::EventD { log_level: 77, event_verbosity: -1 }),
        json!({"logLevel": 77, "eventVerbosity": -1}),
    );
    check_both_ways(
        "a CamelCase field keeps its capital",
        any_of(&feg::S6aConfig { plmn_ids: vec!["00101".into()], ..Default::default() }),
        json!({"PlmnIds": ["00101"]}),
    );
    check_both_ways(
        "so do all the others of that kind",
        any_of(&feg::EapAkaConfig { use_s6a: true, mnc_len: 3, ..Default::default() }),
        json!({"UseS6a": true, "MncLen": 3}),
    );
    check_both_ways(
        "digits and inner capitals in names",
        any_of(&lte::DnsD { local_ttl: 5, ..Default::default() }),
        json!({"localTTL": 5}),
    );
    check_both_ways(
        "a letter after a digit stays small",
        any_of(&lte::SessionD { enable5g_features: true, ..Default::default() }),
        json!({"enable5gFeatures": true}),
    );
    check_both_ways(
        "64-bit integers are text",
        any_of(&base::MagmaD {
            images: vec![base::ImageSpec { name: "magma".into(), order: i64::MIN }],
            ..Default::default()
        }),
        json!({"images": [{"name": "magma", "order": "-9223372036854775808"}]}),
    );
    check_both_ways(
        "bytes are base64 with padding",
        any_of(&lte::SubscriberDb {
            lte_auth_op: vec![0x11; 16],
            lte_auth_amf: vec![0x80, 0],
            ..Default::default()
        }),
        json!({"lteAuthOp": "EREREREREREREREREREREQ==", "lteAuthAmf": "gAA="}),
    );
    check_both_ways(
        "a float is as short as a float can be",
        any_of(&base::SharedMconfig {
            sentry_config: Some(base::SharedSentryConfig { sample_rate: 0.1, ..Default::default() }),
        }),
        json!({"sentryConfig": {"sampleRate": 0.1}}),
    );
    check_both_ways(
        "a set but empty message is there",
        any_of(&lte::PipelineD { he_config: Some(Default::default()), ..Default::default() }),
        json!({"heConfig": {}}),
    );
    check_both_ways(
        "a map is an object",
        any_of(&base::FluentBit {
            extra_tags: BTreeMap::from([("b".into(), "2".into()), ("a".into(), "1".into())]),
            ..Default::default()
        }),
        json!({"extraTags": {"a": "1", "b": "2"}}),
    );
}

/// This JSON, which nobody should write but somebody does, decodes to `message`.
fn check_read<M: Message + prost::Name>(row: &str, fields: Value, message: M) {
    let mut json = fields;
    json["@type"] = Value::from(format!("type.googleapis.com/{}", M::full_name()));
    let read = MconfigTypes::load().decode_any(&json).unwrap_or_else(|error| panic!("{row}: {error}"));
    assert_eq!(read, any_of(&message), "{row}");
}

#[test]
fn what_others_write_is_read() {
    check_read(
        "the contract's own field names",
        json!({"log_level": "ERROR", "package_version": "0.0.0-0", "dynamic_services": []}),
        base::MagmaD {
            log_level: orc8r::LogLevel::Error.into(),
            package_version: "0.0.0-0".into(),
            ..Default::default()
        },
    );
    check_read(
        "both kinds of names mixed",
        json!({"checkinInterval": 5, "checkin_timeout": 6}),
        base::MagmaD { checkin_interval: 5, checkin_timeout: 6, ..Default::default() },
    );
    check_read(
        "enums by number",
        json!({"nonEpsServiceControl": 2, "logLevel": 1}),
        lte::Mme { log_level: 1, non_eps_service_control: 2, ..Default::default() },
    );
    check_read(
        "an enum name of a newer version is skipped",
        json!({"logLevel": "VERBOSE", "syncInterval": 60}),
        base::State { sync_interval: 60, ..Default::default() },
    );
    check_read(
        "unknown fields are skipped, at every depth",
        json!({"apps": [], "heConfig": {"new": {"deep": [1]}}, "natEnabled": true}),
        lte::PipelineD { nat_enabled: true, he_config: Some(Default::default()), ..Default::default() },
    );
    check_read(
        "integers as text, and text that is an integer with a point",
        json!({"checkinInterval": "60", "checkinTimeout": 10.0}),
        base::MagmaD { checkin_interval: 60, checkin_timeout: 10, ..Default::default() },
    );
    check_read("null is the default", json!({"checkinInterval": null}), base::MagmaD::default());
    check_read(
        "URL-safe base64 without padding",
        json!({"lteAuthOp": "_-8"}),
        lte::SubscriberDb { lte_auth_op: vec![0xff, 0xef], ..Default::default() },
    );
}

#[test]
fn a_bad_configuration_names_what_is_wrong() {
    let check = |row: &str, json: Value, expected: &str| {
        let error = MconfigTypes::load().decode_any(&json).expect_err(row).to_string();
        assert!(error.contains(expected), "{row}: {error}");
    };
    check("not an object", json!(["MagmaD"]), "JSON object with an `@type`");
    check("no type", json!({"logLevel": "INFO"}), "no `@type`");
    check("a type that is not text", json!({"@type": 7}), "not text");
    check(
        "a type without a slash",
        json!({"@type": "magma.mconfig.MagmaD"}),
        "`magma.mconfig.MagmaD` is not",
    );
    check("an unknown type", json!({"@type": "type.googleapis.com/magma.mconfig.New"}), "magma.mconfig.New");
    check(
        "a type of ours that is no mconfig",
        json!({"@type": "x/magma.orc8r.GatewayConfigs"}),
        "is not among",
    );
    check("one of Google's types", json!({"@type": "x/google.protobuf.Any"}), "is not among");
    let wrong =
        json!({"@type": "x/magma.mconfig.MagmaD", "autoupgradeEnabled": true, "checkinInterval": "soon"});
    check("a field that does not fit", wrong, "field `checkinInterval` of `x/magma.mconfig.MagmaD`");
    let large = json!({"@type": "x/magma.mconfig.State", "syncInterval": -1});
    check("a number out of range", large, "field `syncInterval`");
}

#[test]
fn bytes_that_are_no_such_message_are_refused() {
    let types = MconfigTypes::load();
    let truncated = types.encode("magma.mconfig.MagmaD", b"\x32\x05ab").expect_err("the text is cut off");
    assert!(matches!(truncated, EncodeError::Malformed { .. }), "{truncated}");
    for name in ["magma.mconfig.New", "magma.orc8r.GatewayConfigs", "google.protobuf.Any", ""] {
        let unknown = types.encode(name, b"").expect_err(name);
        assert!(matches!(unknown, EncodeError::UnknownType { .. }), "{name}: {unknown}");
    }
}

#[test]
fn equal_json_gives_equal_bytes() {
    let tags: serde_json::Map<String, Value> = (0..64).map(|n| (format!("tag{n}"), json!("x"))).collect();
    let json = json!({"@type": "x/magma.mconfig.FluentBit", "extraTags": tags});
    let first = MconfigTypes::load().decode_any(&json).unwrap();
    for _ in 0..8 {
        assert_eq!(MconfigTypes::load().decode_any(&json).unwrap(), first);
    }
}

#[test]
fn one_undecodable_entry_blocks_no_other() {
    let decoded = MconfigTypes::load().decode_configs(documents::NEWER_CLOUD).unwrap();
    let known: Vec<&str> = decoded.known.keys().map(String::as_str).collect();
    assert_eq!(known, ["control_proxy", "magmad"]);
    let magmad = base::MagmaD::decode(&*decoded.known["magmad"].value).unwrap();
    assert_eq!(magmad.checkin_interval, 30, "the camelCase map wins over the snake_case one");
    let unknown: Vec<&str> = decoded.unknown.keys().map(String::as_str).collect();
    assert_eq!(unknown, ["broken", "empty", "future"]);
    assert_eq!(decoded.unknown["future"].json["nested"]["kept"], json!([1, "two", null]));
    assert!(matches!(decoded.unknown["future"].reason, DecodeError::UnknownType { .. }));
    assert!(matches!(decoded.unknown["broken"].reason, DecodeError::Field { .. }));
    assert!(matches!(decoded.unknown["empty"].reason, DecodeError::NotAnObject));
}

#[test]
fn a_document_is_an_object_or_refused() {
    let types = MconfigTypes::load();
    for empty in
        [&b"{}"[..], br#"{"configsByKey":{}}"#, br#"{"configsByKey":null,"metadata":{"created_at":1}}"#]
    {
        let decoded = types.decode_configs(empty).unwrap();
        assert!(decoded.known.is_empty() && decoded.unknown.is_empty());
    }
    for (row, document) in [("a list", "[]"), ("a list of entries", r#"{"configsByKey":[]}"#)] {
        let error = types.decode_configs(document.as_bytes()).expect_err(row);
        assert!(matches!(error, ConfigsError::NotAnObject { .. }), "{row}: {error}");
    }
    let cut_off = types.decode_configs(br#"{"configsByKey":{"magmad"#).expect_err("cut off");
    assert!(matches!(cut_off, ConfigsError::NotJson(_)), "{cut_off}");
}

#[test]
fn files_of_existing_gateways_decode_whole() {
    let types = MconfigTypes::load();
    for (file, document) in documents::of_existing_gateways() {
        let decoded = types.decode_configs(&document).unwrap();
        assert!(decoded.unknown.is_empty(), "{file}: {:?}", decoded.unknown);
        assert!(decoded.known.contains_key("magmad"), "{file}");
        for (key, any) in &decoded.known {
            let json = types.encode_any(any).unwrap();
            assert_eq!(&types.decode_any(&json).unwrap(), any, "{file}: {key}");
        }
    }
}
