//! Carrier Wi-Fi gateways: each field's source, its name in the document, and what is taken when it is absent.

use orc8r_model::{Entity, EntityId, GatewayNeighbourhood};
use serde_json::{Value, json};

use crate::rows::{Row, assert_differs_only, with};
use crate::{build, neighbourhood, problems};

const SERVICES: [&str; 7] =
    ["aaa_server", "directoryd", "eap_aka", "health", "pipelined", "redirectd", "sessiond"];

fn least_network() -> Value {
    json!({"eap_aka": {}, "aaa_server": {}, "default_rule_id": "", "network_services": []})
}

fn least_gateway() -> Value {
    json!({"allowed_gre_peers": []})
}

fn gateway(network: Option<Value>, own: Option<Value>) -> GatewayNeighbourhood {
    let mut found = neighbourhood("w1", None);
    found.network.configs.extend(network.map(|config| ("carrier_wifi_network".to_owned(), config)));
    let mut side = Entity::new(EntityId::new("carrier_wifi_gateway", "w1"));
    side.config = own;
    found.related.push(side);
    found
}

fn pair(address: &str) -> Entity {
    let mut pair = Entity::new(EntityId::new("cwf_ha_pair", "pair1"));
    pair.config = Some(json!({"transport_virtual_ip": address}));
    pair
}

fn rows_of_network() -> Vec<Row> {
    vec![
        ("eap_aka.plmn_ids", json!(["00101"]), "eap_aka", "PlmnIds", json!(["00101"])),
        ("eap_aka.timeout", json!({"challenge_ms": 1}), "eap_aka", "timeout", json!({"ChallengeMs": 1})),
        ("eap_sim", json!({}), "eap_sim", "logLevel", json!("INFO")),
        ("aaa_server.accounting_enabled", json!(true), "aaa_server", "AccountingEnabled", json!(true)),
        ("default_rule_id", json!("rule1"), "pipelined", "defaultRuleId", json!("rule1")),
        ("network_services", json!(["dpi"]), "pipelined", "services", json!(["DPI"])),
        (
            "network_services",
            json!(["metering", "unknown", "dpi", "policy_enforcement"]),
            "pipelined",
            "services",
            json!(["METERING", "DPI", "ENFORCEMENT"]),
        ),
        (
            "li_ues",
            json!({"imsis": ["IMSI1"], "msisdns": ["57"], "macs": ["aa:bb"], "ips": ["1.2.3.4"]}),
            "pipelined",
            "liUes",
            json!({"imsis": ["IMSI1"], "msisdns": ["57"], "macs": ["aa:bb"], "ips": ["1.2.3.4"]}),
        ),
    ]
}

fn rows_of_gateway() -> Vec<Row> {
    vec![
        (
            "ipdr_export_dst",
            json!({"ip": "10.0.0.9", "port": 2040}),
            "pipelined",
            "ipdrExportDst",
            json!({"ip": "10.0.0.9", "port": 2040}),
        ),
        (
            "gateway_health_configs.cpu_util_threshold_pct",
            json!(0.5),
            "health",
            "cpuUtilThresholdPct",
            json!(0.5),
        ),
        (
            "gateway_health_configs.mem_util_threshold_pct",
            json!(0.25),
            "health",
            "memUtilThresholdPct",
            json!(0.25),
        ),
        ("gateway_health_configs.gre_probe_interval_secs", json!(9), "health", "greProbeInterval", json!(9)),
        ("gateway_health_configs.icmp_probe_pkt_count", json!(8), "health", "icmpProbePktCount", json!(8)),
    ]
}

#[test]
fn every_field_shows_at_its_place_and_nowhere_else() {
    let before = build(&gateway(Some(least_network()), Some(least_gateway())));
    assert_eq!(problems(&before), [""; 0]);
    for (field, value, service, path, shown) in rows_of_network() {
        let changed = with(least_network(), field, value);
        let after = build(&gateway(Some(changed), Some(least_gateway())));
        assert_differs_only(field, &before, &after, (service, path, &shown));
    }
    for (field, value, service, path, shown) in rows_of_gateway() {
        let changed = with(least_gateway(), field, value);
        let after = build(&gateway(Some(least_network()), Some(changed)));
        assert_differs_only(field, &before, &after, (service, path, &shown));
    }
}

#[test]
fn peers_are_let_in_by_pipelined_and_watched_by_health() {
    let peers = json!({"allowed_gre_peers": [{"ip": "1.2.3.4/24"}, {"ip": "5.6.7.8", "key": 111}]});
    let built = build(&gateway(Some(least_network()), Some(peers)));
    let allowed = &built.configs["pipelined"]["allowedGrePeers"];
    assert_eq!(*allowed, json!([{"ip": "1.2.3.4/24"}, {"ip": "5.6.7.8", "key": 111}]));
    assert_eq!(built.configs["health"]["grePeers"], json!([{"ip": "1.2.3.4/24"}, {"ip": "5.6.7.8"}]));
}

#[test]
fn a_pairs_address_is_known_to_both_and_to_nobody_else() {
    let alone = gateway(Some(least_network()), Some(least_gateway()));
    let before = build(&alone);
    let mut paired = alone;
    paired.groups.push(Entity::new(EntityId::new("another_kind_of_group", "p")));
    paired.groups.push(pair("10.10.10.11/24"));
    let shown = ("health", "clusterVirtualIp", &json!("10.10.10.11/24"));
    assert_differs_only("a pair", &before, &build(&paired), shown);
}

#[test]
fn both_the_network_and_the_gateway_must_be_configured() {
    for (name, network, own, expected) in [
        ("both", Some(least_network()), Some(least_gateway()), &SERVICES[..]),
        ("no network", None, Some(least_gateway()), &[]),
        ("no gateway", Some(least_network()), None, &[]),
    ] {
        let built = build(&gateway(network, own));
        let services: Vec<_> = built.configs.into_keys().filter(|name| SERVICES.contains(name)).collect();
        assert_eq!(services, expected, "{name}");
    }
}

#[test]
fn a_mistake_costs_only_the_services_that_need_the_value() {
    for (field, value, expected) in
        [("eap_aka", json!("x"), &["eap_aka"][..]), ("network_services", json!("dpi"), &["pipelined"])]
    {
        let network = with(least_network(), field, value);
        assert_eq!(problems(&build(&gateway(Some(network), Some(least_gateway())))), expected, "{field}");
    }
    let own = json!({"allowed_gre_peers": 1});
    assert_eq!(problems(&build(&gateway(Some(least_network()), Some(own)))), ["pipelined", "health"]);
    let mut paired = gateway(Some(least_network()), Some(least_gateway()));
    paired.groups.push(Entity { config: Some(json!(1)), ..pair("") });
    assert_eq!(problems(&build(&paired)), ["health"]);
}

#[test]
fn the_document_is_as_expected() {
    let mut network = with(least_network(), "eap_sim", json!({}));
    for (field, value, ..) in rows_of_network() {
        network = with(network, field, value);
    }
    let mut own = json!({"allowed_gre_peers": [{"ip": "1.2.3.4/24", "key": 1}]});
    for (field, value, ..) in rows_of_gateway() {
        own = with(own, field, value);
    }
    let mut found = gateway(Some(network), Some(own));
    found.groups.push(pair("10.10.10.11/24"));
    let document: Value = serde_json::from_slice(&build(&found).to_stream_value(1_750_000_000)).unwrap();
    let expected: Value = serde_json::from_str(include_str!("golden/carrier_wifi.json")).unwrap();
    assert_eq!(document, expected, "{document:#}");
}
