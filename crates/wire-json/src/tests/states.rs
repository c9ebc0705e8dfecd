//! The states' JSON against prost-reflect's, and the form of timestamps.

use super::ordered_bytes;
use super::random::Random;
use super::reference::{self, Spelling};
use crate::tables::STATE;
use crate::{EncodeError, StateTypes};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use prost_types::Timestamp;
use serde_json::{Value, json};

const UE_CONTEXT: &str = "magma.lte.oai.UeContext";

#[test]
fn random_states_are_the_same_json() {
    let pool = DescriptorPool::decode(reference::DESCRIPTOR_SET).unwrap();
    let names: Vec<String> = STATE.message_names().collect();
    assert!(names.contains(&UE_CONTEXT.to_owned()) && names.contains(&"magma.lte.IPDesc".to_owned()));
    for name in names {
        let descriptor = pool.get_message_by_name(&name).unwrap();
        for round in 0..40 {
            let mut random = Random(round);
            let rarity = random.one_of(&[1, 3, 8]);
            let message = random.message(&descriptor, rarity, 4);
            let json = StateTypes::load().encode(&name, &ordered_bytes::of(&message)).unwrap();
            let expected = Value::Object(reference::json(&message, &Spelling::Canonical));
            assert_eq!(json, expected, "{name}: {message}");
        }
    }
}

#[test]
fn only_states_that_gateways_replicate_are_known() {
    for (name, known) in [
        (UE_CONTEXT, true),
        ("magma.lte.IPDesc", true),
        ("magma.lte.IPDescs", false),
        ("magma.lte.oai.Tai", false),
        ("magma.lte.", false),
        ("", false),
    ] {
        assert_eq!(StateTypes::load().knows(name), known, "{name}");
    }
    let error = StateTypes::load().encode("magma.lte.oai.Tai", &[]).unwrap_err();
    assert!(matches!(error, EncodeError::UnknownType { .. }), "{error}");
}

#[test]
fn a_moment_is_written_as_rfc_3339() {
    let pool = DescriptorPool::decode(reference::DESCRIPTOR_SET).unwrap();
    let descriptor = pool.get_message_by_name(UE_CONTEXT).unwrap();
    let number = descriptor.get_field_by_name("time_paging_response_timer_started").unwrap().number();
    for (seconds, nanos, expected) in [
        (0, 0, "1970-01-01T00:00:00Z"),
        (1_600_000_000, 120_000_000, "2020-09-13T12:26:40.120Z"),
        (-1, 1, "1969-12-31T23:59:59.000000001Z"),
    ] {
        let moment = Timestamp { seconds, nanos }.encode_to_vec();
        let mut bytes = Vec::new();
        prost::encoding::bytes::encode(number, &moment, &mut bytes);
        let message = DynamicMessage::decode(descriptor.clone(), bytes.as_slice()).unwrap();
        let json = StateTypes::load().encode(UE_CONTEXT, &bytes).unwrap();
        assert_eq!(json, json!({"timePagingResponseTimerStarted": expected}), "{message}");
    }
    let mut damaged = Vec::new();
    prost::encoding::bytes::encode(number, &vec![0x08], &mut damaged);
    let error = StateTypes::load().encode(UE_CONTEXT, &damaged).unwrap_err();
    assert!(matches!(error, EncodeError::Malformed { .. }), "{error}");
}
