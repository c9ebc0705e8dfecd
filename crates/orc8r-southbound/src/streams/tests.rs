//! Each field of what streams carry, from the JSON of the REST model to the bytes on the wire.

use super::*;
use orc8r_model::{EntityId, Network};
use orc8r_store::PolicyEdges;
use serde_json::{Value, json};

fn entity(entity_type: &str, key: &str, config: Value, children: &[(&str, &str)]) -> Entity {
    let children = children.iter().map(|(kind, key)| EntityId::new(*kind, *key)).collect();
    Entity { config: Some(config), children, ..Entity::new(EntityId::new(entity_type, key)) }
}

/// Field by field, as the wire has them: number, then what it holds.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn rule(config: Value) -> String {
    let updates = policies::rules(&[entity("policy", "p", config, &[])], &[]);
    let [update] = &updates[..] else { panic!("one rule, not {updates:?}") };
    assert_eq!(update.key, "p");
    hex(&update.value)
}

#[test]
fn each_field_of_a_policy_rule_has_its_bytes() {
    // 0a 01 70: id = "p", in every row.
    let rows: [(&str, Value, &str); 19] = [
        ("nothing", json!({}), ""),
        ("priority", json!({"priority": 10}), "180a"),
        ("rating group", json!({"rating_group": 7}), "2007"),
        ("monitoring key, base64", json!({"monitoring_key": "bWs="}), "32026d6b"),
        ("monitoring key, text", json!({"monitoring_key": "m"}), "32016d"),
        (
            "a permit without more",
            json!({"flow_list": [{"action": "PERMIT", "match": {"direction": "UPLINK", "ip_proto": "IPPROTO_IP"}}]}),
            "3a020a00",
        ),
        (
            "deny, downlink, TCP",
            json!({"flow_list": [{"action": "DENY", "match": {"direction": "DOWNLINK", "ip_proto": "IPPROTO_TCP"}}]}),
            "3a080a04380640011001",
        ),
        (
            "ports",
            json!({"flow_list": [{"action": "PERMIT", "match": {"tcp_src": 1, "tcp_dst": 2, "udp_src": 3, "udp_dst": 4}}]}),
            "3a0a0a081801200228033004",
        ),
        (
            "an address, newer form",
            json!({"flow_list": [{"action": "PERMIT", "match": {"ip_src": {"version": "IPv6", "address": "::1"}}}]}),
            "3a0b0a09520708011203",
        ),
        (
            "an address, older form",
            json!({"flow_list": [{"action": "PERMIT", "match": {"ipv4_dst": "1.1"}}]}),
            "3a0e0a0c1203312e315a051203312e31",
        ),
        ("tracking type", json!({"tracking_type": "NO_TRACKING"}), "5003"),
        ("tracking type, zero", json!({"tracking_type": "ONLY_OCS"}), ""),
        ("service identifier", json!({"service_identifier": 5}), "62020805"),
        ("service identifier 0 is none", json!({"service_identifier": 0}), ""),
        ("application", json!({"app_name": "IMO"}), "6816"),
        ("kind of traffic", json!({"app_service_type": "VIDEO"}), "7003"),
        (
            "redirect",
            json!({"redirect": {"support": "ENABLED", "address_type": "URL", "server_address": "u"}}),
            "4a07080110021a0175",
        ),
        ("header enrichment", json!({"header_enrichment_targets": ["u"]}), "7a030a0175"),
        ("fields that nobody knows", json!({"hard_timeout": 5, "x": 1}), ""),
    ];
    for (name, config, expect) in rows {
        let found = rule(config);
        let expect = if name.contains("newer") { format!("{expect}3a3a31") } else { expect.to_owned() };
        assert_eq!(found, format!("0a0170{expect}"), "{name}");
    }
}

#[test]
fn each_field_of_a_qos_profile_has_its_bytes() {
    let rows: [(&str, Value, &str); 6] = [
        ("rates", json!({"max_req_bw_ul": 1, "max_req_bw_dl": 2}), "08011002"),
        ("guaranteed rates", json!({"gbr": {"uplink": 3, "downlink": 4}}), "18032004"),
        ("class", json!({"class_id": 79}), "284f"),
        (
            "priority, may push out",
            json!({"arp": {"priority_level": 1, "preemption_capability": true, "preemption_vulnerability": true}}),
            "32020801",
        ),
        (
            "may not push out, cannot be pushed out",
            json!({"arp": {"priority_level": 1, "preemption_capability": false, "preemption_vulnerability": false}}),
            "3206080110011801",
        ),
        ("the contract's defaults", json!({"arp": {}}), "3204080f1801"),
    ];
    for (name, config, expect) in rows {
        let policy = entity("policy", "p", json!({}), &[("policy_qos_profile", "q")]);
        let updates = policies::rules(&[policy], &[entity("policy_qos_profile", "q", config, &[])]);
        let expect = format!("0a017042{:02x}{expect}", expect.len() / 2);
        assert_eq!(hex(&updates[0].value), expect, "{name}");
    }
    let policy = entity("policy", "p", json!({}), &[("policy_qos_profile", "gone")]);
    assert_eq!(hex(&policies::rules(&[policy], &[])[0].value), "0a0170", "a profile that is not there");
}

#[test]
fn the_other_streams_have_their_bytes() {
    let set =
        policies::base_names(&[entity("base_name", "b", json!({}), &[("policy", "q"), ("policy", "p")])]);
    assert_eq!((set[0].key.as_str(), hex(&set[0].value)), ("b", "120170120171".to_owned()));

    let rows = [("FINITE", "0807"), ("INFINITE_METERED", "08071001"), ("INFINITE_UNMETERED", "08071002")];
    for (limit_type, expect) in rows {
        let groups =
            policies::rating_groups(&[entity("rating_group", "7", json!({"limit_type": limit_type}), &[])]);
        assert_eq!((groups[0].key.as_str(), hex(&groups[0].value)), ("7", expect.to_owned()), "{limit_type}");
    }

    let id = |kind: &str, key: &str| EntityId::new(kind, key);
    let edges = PolicyEdges {
        subscribers: vec![
            (
                "IMSI1".into(),
                vec![
                    id("apn", "a"),
                    id("apn_policy_profile", "IMSI1___a"),
                    id("base_name", "b"),
                    id("policy", "p"),
                ],
            ),
            ("IMSI2".into(), vec![id("apn_policy_profile", "gone")]),
        ],
        profiles: [("IMSI1___a".to_owned(), vec![id("apn", "a"), id("policy", "q")])].into(),
    };
    let mappings = policies::apn_rules(&edges);
    assert_eq!(
        (mappings[0].key.as_str(), hex(&mappings[0].value)),
        ("IMSI1", "0a060a01611a01711201621a0170".to_owned())
    );
    assert_eq!((mappings[1].key.as_str(), mappings[1].value.len()), ("IMSI2", 0), "named, with nothing");

    let mut network = Network::new(NetworkId::parse("n1").unwrap());
    assert_eq!(policies::network_wide_rules(&network), []);
    let config = json!({"network_wide_base_names": ["b"], "network_wide_rule_names": ["p"]});
    network.configs.insert("network_subscriber_config".into(), config);
    let rules = policies::network_wide_rules(&network);
    assert_eq!((rules[0].key.as_str(), hex(&rules[0].value)), ("", "5201625a0170".to_owned()));
}

#[test]
fn a_list_that_is_too_long_for_one_batch_goes_on_in_others() {
    let update = |number: usize| DataUpdate { key: number.to_string(), value: vec![0; 1 << 20] };
    assert_eq!(batches(Vec::new()), [DataUpdateBatch { updates: vec![], resync: true }]);
    let parts = batches((0..7).map(update).collect());
    assert_eq!(
        parts.iter().map(|batch| (batch.updates.len(), batch.resync)).collect::<Vec<_>>(),
        [(2, true), (2, false), (2, false), (1, false)]
    );
    let large = DataUpdate { key: "l".into(), value: vec![0; 5 << 20] };
    assert_eq!(batches(vec![large]).len(), 1, "what is too large alone is sent alone");
}
