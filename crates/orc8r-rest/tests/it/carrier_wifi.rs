//! Carrier Wi-Fi networks, their gateways and pairs, and where their subscribers are.

use crate::cloud::{Cloud, carrier_wifi, dns, gateway, ha_pair};
use orc8r_mconfig::MconfigBuilder;
use orc8r_model::{GatewayId, NetworkId};
use serde_json::{Value, json};

async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    cloud.add_carrier_wifi().await;
    cloud
}

async fn built(cloud: &Cloud, id: &str, service: &str) -> Value {
    let (network, id) = (NetworkId::parse("w1").unwrap(), GatewayId::parse(id).unwrap());
    let around = cloud.store.neighbourhood(&network, &id).await.unwrap();
    let built = MconfigBuilder::new().build(&around);
    assert!(built.problems.is_empty(), "{:?}", built.problems);
    built.configs[service].clone()
}

#[tokio::test]
async fn parts_of_a_network_are_resources_of_their_own() {
    let cloud = cloud().await;
    let nobody = r#"{"imsis":[],"msisdns":[],"macs":[],"ips":[]}"#;
    let ues = json!({"imsis": ["IMSI1"], "msisdns": ["57"], "macs": ["aa"], "ips": ["1.2.3.4"]});
    cloud
        .check(&[
            ("kinds", "GET", "/cwf", Value::Null, 200, r#"["w1"]"#),
            ("nobody yet", "GET", "/cwf/w1/li_ues", Value::Null, 200, nobody),
            ("half of it", "PUT", "/cwf/w1/li_ues", json!({"imsis": []}), 400, LI_UES_MISSING),
            ("somebody", "PUT", "/cwf/w1/li_ues", ues.clone(), 204, ""),
            (
                "a service that nobody knows",
                "PUT",
                "/cwf/w1/carrier_wifi",
                unknown_service(),
                400,
                UNKNOWN_SERVICE,
            ),
            (
                "federation",
                "PUT",
                "/cwf/w1/federation",
                json!({"feg_network_id": "f7"}),
                400,
                "Network: f7 does not exist",
            ),
            ("federation", "DELETE", "/cwf/w1/federation", Value::Null, 204, ""),
            (
                "another kind",
                "GET",
                "/cwf/n1",
                Value::Null,
                400,
                "network n1 is not a <carrier_wifi_network> network",
            ),
        ])
        .await;
    assert_eq!(cloud.get("/cwf/w1/carrier_wifi").await.json()["li_ues"], ues, "it is part of the whole");
    assert_eq!(built(&cloud, "wg1", "pipelined").await["liUes"], ues);
    assert_eq!(cloud.get("/cwf/w1/federation").await.status.as_u16(), 404);
    assert_eq!(cloud.delete("/cwf/w1/carrier_wifi").await.status.as_u16(), 204);
    for path in ["/cwf/w1/carrier_wifi", "/cwf/w1/li_ues"] {
        assert_eq!(cloud.get(path).await.status.as_u16(), 404, "{path}");
    }
}

const LI_UES_MISSING: &str = "validation failure list:\nmsisdns in body is required\nmacs in body is required\nips in body is required";
const UNKNOWN_SERVICE: &str = "network_services.0 in body should be one of [dpi policy_enforcement]";

fn unknown_service() -> Value {
    let mut config = carrier_wifi();
    config["network_services"] = json!(["metering"]);
    config
}

#[tokio::test]
async fn a_network_needs_what_the_contract_requires() {
    let cloud = cloud().await;
    let whole = json!({"id": "w2", "name": "N", "description": "D", "dns": dns(), "carrier_wifi": carrier_wifi(),
                       "federation": {"feg_network_id": "f1"}});
    for member in ["id", "name", "description", "dns", "carrier_wifi", "federation"] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(member);
        let reply = cloud.post("/cwf", body).await;
        assert_eq!(reply.status.as_u16(), 400, "{member}");
        assert_eq!(reply.message(), format!("{member} in body is required"));
    }
    assert_eq!(cloud.post("/cwf", whole).await.status.as_u16(), 201);
}

#[tokio::test]
async fn a_peer_is_named_once() {
    let cloud = cloud().await;
    let peers = |peers: Value| json!({"allowed_gre_peers": peers});
    let twice = peers(json!([{"ip": "1.2.3.4/24"}, {"ip": "1.2.3.4/24", "key": 0}]));
    let message = "Found duplicate peer 1.2.3.4/24 with key 0";
    let mut whole = gateway("wg5", None);
    whole["carrier_wifi"] = twice.clone();
    let path = "/cwf/w1/gateways/wg1/carrier_wifi";
    cloud
        .check(&[
            ("twice", "PUT", path, twice, 400, message),
            ("twice", "POST", "/cwf/w1/gateways", whole, 400, message),
            (
                "with keys",
                "PUT",
                path,
                peers(json!([{"ip": "1.2.3.4/24"}, {"ip": "1.2.3.4/24", "key": 1}])),
                204,
                "",
            ),
            ("no peers", "PUT", path, json!({}), 400, "allowed_gre_peers in body is required"),
            (
                "a short address",
                "PUT",
                path,
                peers(json!([{"ip": "1"}])),
                400,
                "allowed_gre_peers.0.ip in body should be at least 5 chars long",
            ),
        ])
        .await;
    assert_eq!(cloud.get("/cwf/w1/gateways/wg5").await.status.as_u16(), 404, "nothing of it was made");
}

#[tokio::test]
async fn a_pair_has_two_gateways_of_which_each_knows_the_address() {
    let cloud = cloud().await;
    assert_eq!(built(&cloud, "wg2", "health").await["clusterVirtualIp"], "10.10.10.11/24");
    assert_eq!(built(&cloud, "wg1", "health").await["clusterVirtualIp"], Value::Null);
    let pair = |id, one, other| ha_pair(id, one, other);
    let mut no_address = pair("p2", "wg1", "wg4");
    no_address["config"]["transport_virtual_ip"] = json!("10.10.10.11");
    let (pairs, p1) = ("/cwf/w1/ha_pairs", "/cwf/w1/ha_pairs/p1");
    let cidr = "Transport virtual IP must be specified in CIDR format (e.g. '10.10.10.11/24')";
    let taken = "gateway wg2 is in the high-availability pair p1 already";
    let paired =
        "gateway wg3 is in the high-availability pair p1: delete the pair, or put another gateway into it";
    cloud
        .check(&[
            ("no mask", "POST", pairs, no_address, 400, cidr),
            (
                "one",
                "POST",
                pairs,
                pair("p2", "wg1", "wg1"),
                400,
                "GatewayID1 and GatewayID2 cannot be the same",
            ),
            (
                "nobody",
                "POST",
                pairs,
                pair("p2", "wg1", "wg7"),
                400,
                "wg7 is no carrier Wi-Fi gateway of network w1",
            ),
            ("taken", "POST", pairs, pair("p2", "wg1", "wg2"), 400, taken),
            ("made twice", "POST", pairs, pair("p1", "wg2", "wg3"), 400, "cwf_ha_pair p1 already exists"),
            (
                "another id",
                "PUT",
                p1,
                pair("p2", "wg1", "wg4"),
                400,
                "ha_pair_id in body 'p2' is not that of the path 'p1'",
            ),
            ("a gateway in a pair", "DELETE", "/cwf/w1/gateways/wg3", Value::Null, 400, paired),
            ("a gateway in a pair", "DELETE", "/networks/w1/gateways/wg3", Value::Null, 400, paired),
            ("another gateway", "PUT", p1, pair("p1", "wg4", "wg2"), 200, ""),
            ("a gateway that has left", "DELETE", "/cwf/w1/gateways/wg3", Value::Null, 204, ""),
        ])
        .await;
    let shown = cloud.get(p1).await.json();
    assert_eq!((&shown["gateway_id_1"], &shown["gateway_id_2"]), (&json!("wg2"), &json!("wg4")));
    assert_eq!(built(&cloud, "wg4", "health").await["clusterVirtualIp"], "10.10.10.11/24");
    assert_eq!(cloud.delete(p1).await.status.as_u16(), 204);
    assert_eq!(built(&cloud, "wg4", "health").await["clusterVirtualIp"], Value::Null);
    assert_eq!(cloud.get(pairs).await.json(), json!({}));
}

#[tokio::test]
async fn what_was_reported_of_a_pair_is_shown_with_it() {
    let cloud = cloud().await;
    let healthy = json!({"status": "HEALTHY", "description": "OK"});
    cloud.report_in("w1", "cwf_gateway_health", "wg3", healthy.clone()).await;
    let state = json!({"ha_pair_status": {"active_gateway": "wg2"}, "gateway2_health": healthy});
    assert_eq!(cloud.get("/cwf/w1/ha_pairs/p1").await.json()["state"], state);
    assert_eq!(cloud.get("/cwf/w1/ha_pairs").await.json()["p1"]["state"], state);
    assert_eq!(cloud.get("/cwf/w1/ha_pairs/p1/status").await.json(), json!({"active_gateway": "wg2"}));
    cloud.report_in("w1", "cwf_gateway_health", "wg2", json!("no object")).await;
    for (path, status) in [
        ("/cwf/w1/ha_pairs/p7/status", 404),
        ("/cwf/w1/gateways/wg4/health_status", 404),
        ("/cwf/w1/gateways/wg3/health_status", 200),
        ("/cwf/w1/ha_pairs/p7", 404),
    ] {
        assert_eq!(cloud.get(path).await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn a_subscriber_is_where_the_newest_kind_of_record_says() {
    let cloud = cloud().await;
    let path = "/cwf/w1/subscribers/IMSI001010000000001/directory_record";
    let general = json!({"location_history": ["wh1"], "ipv4_addr": "10.0.0.9", "mac_addr": "aa:bb"});
    assert_eq!(cloud.get(path).await.json(), general);
    let own = json!({"location_history": ["wh2"], "ipv4_addr": "10.0.0.8", "mac_addr": "cc:dd"});
    cloud.report_in("w1", "cwf_subscriber_directory_record", "IMSI001010000000001", own.clone()).await;
    assert_eq!(cloud.get(path).await.json(), own);
    cloud.report_in("w1", "directory_record", "IMSI2", json!({"identifiers": {"mac_addr": 5}})).await;
    let odd = cloud.get("/cwf/w1/subscribers/IMSI2/directory_record").await.json();
    assert_eq!(odd, json!({"location_history": []}), "what is none is left out");
    assert_eq!(cloud.get("/cwf/w1/subscribers/IMSI3/directory_record").await.status.as_u16(), 404);
    assert_eq!(cloud.get("/cwf/n1/subscribers/IMSI3/directory_record").await.status.as_u16(), 400);
}
