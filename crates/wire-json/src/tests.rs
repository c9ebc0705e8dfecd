//! Behaviour of the JSON mapping: tables for what is special in it, and every mconfig message there and back.

use crate::{ConfigsError, DecodeError, EncodeError, MconfigTypes, ordered_bytes};
use prost::Message;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage, Value as Reflected,
};
use prost_types::Any;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
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
    let document = include_bytes!("../tests/fixtures/newer_cloud.mconfig");
    let decoded = MconfigTypes::load().decode_configs(document).unwrap();
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

/// Configuration files of existing gateways, where the folder that holds them is present.
#[test]
fn files_of_existing_gateways_decode_whole() {
    let shared = std::env::var_os("MAGMA_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let Ok(sets) = std::fs::read_dir(shared.join("data/configs")) else {
        println!("skipped: no reference files (set MAGMA_SHARED to their folder)");
        return;
    };
    let types = MconfigTypes::load();
    let mut files_read = 0;
    for file in sets.map(|set| set.unwrap().path().join("gateway.mconfig")).filter(|file| file.exists()) {
        let decoded = types.decode_configs(&std::fs::read(&file).unwrap()).unwrap();
        assert!(decoded.unknown.is_empty(), "{}: {:?}", file.display(), decoded.unknown);
        assert!(decoded.known.contains_key("magmad"), "{}", file.display());
        for (key, any) in &decoded.known {
            let json = types.encode_any(any).unwrap();
            assert_eq!(&types.decode_any(&json).unwrap(), any, "{}: {key}", file.display());
        }
        files_read += 1;
    }
    assert!(files_read > 0, "the folder is there, but no gateway.mconfig in it");
}

#[test]
fn every_mconfig_message_survives_the_way_there_and_back() {
    let types = MconfigTypes::load();
    let names: Vec<String> = types.type_names().collect();
    assert!(names.len() > 60, "the embedded set is whole: {}", names.len());
    for name in names {
        let descriptor = types.mconfig(&name).unwrap();
        for message in [DynamicMessage::new(descriptor.clone()), filled(&descriptor)] {
            let bytes = ordered_bytes::of(&message);
            let mut json = types.encode(&name, &bytes).unwrap();
            check_names(&descriptor, &json);
            json["@type"] = Value::from(format!("type.googleapis.com/{name}"));
            assert_eq!(types.decode_any(&json).unwrap().value, bytes, "{name}: {json}");
            let original_names = with_original_names(&message);
            assert_eq!(types.decode_any(&original_names).unwrap().value, bytes, "{name}: {original_names}");
        }
    }
}

/// Every member is the JSON name of a field by the protobuf rule: underscores go, the letter behind one is a capital.
fn check_names(descriptor: &MessageDescriptor, json: &Value) {
    let names: Vec<String> = descriptor.fields().map(|field| json_name(field.name())).collect();
    for member in json.as_object().unwrap().keys() {
        assert!(names.contains(member), "{}: {member} is none of {names:?}", descriptor.full_name());
    }
}

fn json_name(name: &str) -> String {
    let mut capital = false;
    let mut json = String::new();
    for letter in name.chars() {
        match letter {
            '_' => capital = true,
            _ => json.push(if std::mem::take(&mut capital) { letter.to_ascii_uppercase() } else { letter }),
        }
    }
    json
}

/// The same message as a reader of the contract would write it by hand.
fn with_original_names(message: &DynamicMessage) -> Value {
    let options = prost_reflect::SerializeOptions::new()
        .use_proto_field_name(true)
        .use_enum_numbers(true)
        .stringify_64_bit_integers(false)
        .skip_default_fields(false);
    let mut json = message.serialize_with_options(serde_json::value::Serializer, &options).unwrap();
    json["@type"] = Value::from(format!("x/{}", message.descriptor().full_name()));
    json
}

/// A message with every field set to something that is not its default, and near its type's limit.
fn filled(descriptor: &MessageDescriptor) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for field in descriptor.fields() {
        message.set_field(&field, filled_value(&field));
    }
    message
}

fn filled_value(field: &FieldDescriptor) -> Reflected {
    if field.is_map() {
        let entry = field.kind().as_message().unwrap().clone();
        let value = one_value(&entry.map_entry_value_field().kind());
        let keys =
            ["", "IMSI001010000000001", "zwölf"].map(|key| (MapKey::String(key.into()), value.clone()));
        return Reflected::Map(HashMap::from(keys));
    }
    let value = one_value(&field.kind());
    if field.is_list() { Reflected::List(vec![value.clone(), value]) } else { value }
}

fn one_value(kind: &Kind) -> Reflected {
    match kind {
        Kind::Bool => Reflected::Bool(true),
        Kind::Int32 => Reflected::I32(i32::MIN),
        Kind::Int64 => Reflected::I64(i64::MIN),
        Kind::Uint32 => Reflected::U32(u32::MAX),
        Kind::Uint64 => Reflected::U64(u64::MAX),
        Kind::Float => Reflected::F32(0.1),
        Kind::String => Reflected::String("\"ü\u{0}\\<&>".into()),
        Kind::Bytes => Reflected::Bytes(vec![0, 0xfb, 0xff].into()),
        Kind::Enum(names) => Reflected::EnumNumber(names.values().last().unwrap().number()),
        Kind::Message(nested) => Reflected::Message(filled(nested)),
        other => panic!("the mconfigs had no {other:?} until now: add it here"),
    }
}
