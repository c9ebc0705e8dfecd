//! The document of a gateway, held against expected files that were written by hand from the contract.

#![allow(clippy::unwrap_used)]

mod carrier_wifi;
mod federation;
mod lte;
mod rows;

use std::collections::BTreeMap;

use orc8r_mconfig::{BuiltMconfig, MconfigBuilder};
use orc8r_model::{Entity, EntityId, GatewayNeighbourhood, Network, NetworkId};
use serde_json::{Value, json};

fn neighbourhood(gateway: &str, config: Option<Value>) -> GatewayNeighbourhood {
    let mut entity = Entity::new(EntityId::new("magmad_gateway", gateway));
    entity.config = config;
    GatewayNeighbourhood {
        stamp: "1".into(),
        ..GatewayNeighbourhood::new(Network::new(NetworkId::parse("n1").unwrap()), entity)
    }
}

fn least_config() -> Value {
    json!({
        "autoupgrade_enabled": false,
        "autoupgrade_poll_interval": 300,
        "checkin_interval": 60,
        "checkin_timeout": 10,
    })
}

fn full() -> GatewayNeighbourhood {
    let mut full = neighbourhood(
        "gw_full",
        Some(json!({
            "autoupgrade_enabled": true,
            "autoupgrade_poll_interval": 60,
            "checkin_interval": 15,
            "checkin_timeout": 5,
            "dynamic_services": ["td-agent-bit", "eventd"],
            "feature_flags": {"newfeature2": false, "newfeature1": true},
            "logging": {
                "log_level": "DEBUG",
                "event_verbosity": 0,
                "aggregation": {
                    "target_files_by_tag": {"mme": "var/log/mme.log"},
                    "throttle_rate": 200,
                    "throttle_window": 3,
                    "throttle_interval": "30s",
                },
            },
            "vpn": {"enable_shell": true},
        })),
    );
    full.network.configs = BTreeMap::from([
        ("state_config".to_owned(), json!({"sync_interval": 300})),
        (
            "sentry_config".to_owned(),
            json!({
                "url_native": "https://native.example",
                "url_python": "https://python.example",
                "upload_mme_log": true,
                "sample_rate": 0.1,
                "number_of_lines_in_log": 100,
                "exclusion_patterns": ["a.*", "<b>&c"],
            }),
        ),
    ]);
    let mut tier = Entity::new(EntityId::tier("default"));
    tier.config = Some(json!({
        "version": "1.9.0-1700000000-abcdef",
        "images": [{"name": "base", "order": 1}, {"name": "top", "order": 5_000_000_000_i64}],
    }));
    full.tier = Some(tier);
    full
}

fn build(neighbourhood: &GatewayNeighbourhood) -> BuiltMconfig {
    MconfigBuilder::new().build(neighbourhood)
}

fn problems(built: &BuiltMconfig) -> Vec<&str> {
    built.problems.iter().map(|problem| problem.service).collect()
}

#[test]
fn documents_are_as_expected() {
    for (name, neighbourhood, expected) in [
        (
            "a gateway that was never configured",
            neighbourhood("bare", None),
            include_str!("golden/bare.json"),
        ),
        ("the least", neighbourhood("g1", Some(least_config())), include_str!("golden/least.json")),
        ("everything", full(), include_str!("golden/full.json")),
    ] {
        let built = build(&neighbourhood);
        assert_eq!(problems(&built), [""; 0], "{name}");
        let document: Value = serde_json::from_slice(&built.to_stream_value(1_750_000_000)).unwrap();
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(document, expected, "{name}:\n{document:#}");
    }
}

#[test]
fn the_creation_time_is_a_plain_number_after_the_configurations() {
    let text = String::from_utf8(build(&neighbourhood("bare", None)).to_stream_value(7)).unwrap();
    assert!(text.starts_with(r#"{"configsByKey":{"control_proxy":{"@type":"#), "{text}");
    assert!(text.ends_with(r#"},"metadata":{"created_at":7}}"#), "{text}");
}

#[test]
fn equal_content_is_equal_to_the_byte_and_every_change_shows_in_the_digest() {
    let (one, two) = (build(&full()), build(&full()));
    assert_eq!(one.digest, two.digest);
    assert_eq!(one.to_stream_value(1), two.to_stream_value(1));
    assert_eq!(one.digest.len(), 64);
    let mut changed = full();
    changed.tier.as_mut().unwrap().config = Some(json!({"version": "2.0.0"}));
    assert_ne!(build(&changed).digest, one.digest);
    let mut renamed = full();
    renamed.stamp = "2".into();
    renamed.gateway.description = "not part of the document".into();
    assert_eq!(build(&renamed).digest, one.digest);
}

#[test]
fn a_bad_configuration_costs_its_own_entries_and_no_other() {
    let with = |name: &str, value: Value| {
        let mut bad = full();
        bad.gateway.config.as_mut().unwrap()[name] = value;
        bad
    };
    let mut bad_tier = full();
    bad_tier.tier.as_mut().unwrap().config = Some(json!({"version": 5}));
    let mut bad_network = full();
    bad_network.network.configs.insert("sentry_config".into(), json!("x"));
    bad_network.network.configs.insert("state_config".into(), json!({"sync_interval": "often"}));
    for (name, bad, expected) in [
        ("logging", with("logging", json!(5)), &["td-agent-bit", "eventd"][..]),
        ("vpn", with("vpn", json!({"enable_shell": "yes"})), &["ovpn"]),
        ("check-in", with("checkin_interval", json!("soon")), &["magmad"]),
        ("too long for the message", with("checkin_timeout", json!(4_000_000_000_u32)), &["magmad"]),
        ("tier", bad_tier, &["magmad"]),
        ("network", bad_network, &["state", "shared_mconfig"]),
    ] {
        let built = build(&bad);
        assert_eq!(problems(&built), expected, "{name}");
        assert_eq!(built.configs.len() + expected.len(), 8, "{name}");
        for problem in &built.problems {
            assert!(!built.configs.contains_key(problem.service), "{name}");
            assert!(problem.to_string().contains("write it again by REST"), "{problem}");
        }
    }
}

#[test]
fn members_that_are_null_count_as_absent() {
    let mut config = least_config();
    for name in ["logging", "vpn", "dynamic_services", "feature_flags"] {
        config[name] = Value::Null;
    }
    let with_nulls = build(&neighbourhood("g1", Some(config)));
    let without = build(&neighbourhood("g1", Some(least_config())));
    assert_eq!(problems(&with_nulls), [""; 0]);
    assert_eq!(with_nulls.digest, without.digest);
}
