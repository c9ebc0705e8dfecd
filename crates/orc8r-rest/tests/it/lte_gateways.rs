//! LTE gateways: whole ones are written together, parts leave the others alone, and what is wrong is named.

use crate::cloud::{Cloud, apn, enodeb, lte_gateway};
use orc8r_model::{EntityId, EntityUpdate, GatewayId, NetworkId};
use orc8r_store::EntityWrite;
use serde_json::{Value, json};

const G1: &str = "/lte/n1/gateways/g1";

async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    cloud.add_lte().await;
    cloud
}

/// What can be written again of what is shown.
fn writable(mut shown: Value) -> Value {
    for name in ["status", "checked_in_recently", "registration_info", "configuration_problems"] {
        shown.as_object_mut().unwrap().remove(name);
    }
    shown
}

async fn mme(cloud: &Cloud) -> [Value; 3] {
    let (network, gateway) = (NetworkId::parse("n1").unwrap(), GatewayId::parse("g1").unwrap());
    let around = cloud.store.neighbourhood(&network, &gateway).await.unwrap();
    let mme = orc8r_mconfig::MconfigBuilder::new().build(&around).configs["mme"].clone();
    ["mmeGid", "mmeCode", "mmeRelativeCapacity"].map(|name| mme[name].clone())
}

#[tokio::test]
async fn a_gateway_is_shown_with_its_sides_its_enodebs_and_its_state() {
    let cloud = cloud().await;
    let shown = cloud.get(G1).await.json();
    assert_eq!(shown["connected_enodeb_serials"], json!(["e1"]));
    assert_eq!(shown["apn_resources"]["internet"], json!({"id": "r1", "apn_name": "internet", "vlan_id": 4}));
    assert_eq!(shown["cellular"]["pooling"][0]["gateway_pool_id"], "pool1");
    assert_eq!((&shown["tier"], &shown["device"]["hardware_id"]), (&json!("t1"), &json!("h1")));
    assert_eq!(shown["status"]["meta"], json!({"a": "b"}));
    assert_eq!(shown["checked_in_recently"], false, "it reported in 2023");
    assert_eq!(shown.get("configuration_problems"), None);

    let all = cloud.get("/lte/n1/gateways").await.json();
    assert_eq!(all.as_object().unwrap().keys().collect::<Vec<_>>(), ["g1", "g3"], "g2 has no LTE side");
    assert_eq!(all["g1"], shown, "the list shows the same");
    assert!(cloud.get("/lte/n1/gateways/g3").await.json()["registration_info"].is_object());
}

#[tokio::test]
async fn what_is_shown_can_be_written_again_and_changes_nothing() {
    let cloud = cloud().await;
    let before = cloud.get(G1).await.json();
    assert_eq!(cloud.put(G1, writable(before.clone())).await.status, 204);
    assert_eq!(cloud.get(G1).await.json(), before);
}

#[tokio::test]
async fn resources_come_change_and_go_with_the_gateway() {
    let cloud = cloud().await;
    assert_eq!(cloud.post("/lte/n1/apns", apn("ims")).await.status, 201);
    let mut body = writable(cloud.get(G1).await.json());
    body["apn_resources"] = json!({
        "internet": {"id": "r1", "apn_name": "internet", "vlan_id": 5},
        "ims": {"id": "r2", "apn_name": "ims", "gateway_ip": "10.0.0.1"},
    });
    assert_eq!(cloud.put(G1, body.clone()).await.status, 204);
    assert_eq!(cloud.get(G1).await.json()["apn_resources"], body["apn_resources"]);
    body.as_object_mut().unwrap().remove("apn_resources");
    assert_eq!(cloud.put(G1, body).await.status, 204);
    assert_eq!(cloud.get(G1).await.json()["apn_resources"], json!({}));
    let resources = cloud.store.entity_keys(&NetworkId::parse("n1").unwrap(), "apn_resource").await.unwrap();
    assert_eq!(resources, [""; 0], "nothing is left of them");
}

#[tokio::test]
async fn a_deleted_apn_takes_its_resources_along() {
    let cloud = cloud().await;
    assert_eq!(cloud.delete("/lte/n1/apns/internet").await.status, 204);
    let shown = cloud.get(G1).await.json();
    assert_eq!((&shown["apn_resources"], &shown["connected_enodeb_serials"]), (&json!({}), &json!(["e1"])));
    assert_eq!(cloud.put(G1, writable(shown)).await.status, 204);
}

#[tokio::test]
async fn a_deleted_gateway_leaves_enodebs_apns_and_pools() {
    let cloud = cloud().await;
    assert_eq!(cloud.delete(G1).await.status, 204);
    assert_eq!(cloud.get(G1).await.status, 404);
    assert_eq!(cloud.get("/networks/n1/gateways/g1").await.status, 404);
    assert_eq!(cloud.store.device("h1").await.unwrap(), None);
    assert_eq!(cloud.get("/lte/n1/enodebs/e1").await.json().get("attached_gateway_id"), None);
    assert_eq!(cloud.get("/lte/n1/apns/internet").await.status, 200);
    assert_eq!(cloud.get("/lte/n1/gateway_pools/pool1").await.json()["gateway_ids"], json!([]));
}

#[tokio::test]
async fn connected_enodebs_change_and_resources_stay() {
    let cloud = cloud().await;
    let path = format!("{G1}/connected_enodeb_serials");
    for (method, body, expected) in [
        ("PUT", json!(["e2"]), json!(["e2"])),
        ("POST", json!("e1"), json!(["e1", "e2"])),
        ("POST", json!("e1"), json!(["e1", "e2"])),
        ("DELETE", json!("e2"), json!(["e1"])),
        ("DELETE", json!("e2"), json!(["e1"])),
        ("PUT", json!([]), json!([])),
    ] {
        assert_eq!(cloud.send(method, &path, body.to_string()).await.status, 204, "{method} {body}");
        assert_eq!(cloud.get(&path).await.json(), expected, "{method} {body}");
        assert!(cloud.get(G1).await.json()["apn_resources"]["internet"].is_object(), "{method} {body}");
    }
}

#[tokio::test]
async fn each_part_is_read_and_replaced_alone() {
    let cloud = cloud().await;
    let epc = json!({"nat_enabled": false, "ip_block": "10.0.0.0/8", "dns_primary": "8.8.8.8"});
    let dns = json!({"enable_caching": true, "local_ttl": 1, "dhcp_server_enabled": false, "records": []});
    for (part, member, value) in [
        ("ran", "ran", json!({"pci": 1, "transmit_enabled": false})),
        ("epc", "epc", epc),
        ("ngc", "ngc", json!({"amf_name": "b"})),
        ("non_eps", "non_eps_service", json!({"non_eps_service_control": 2, "arfcn_2g": []})),
        ("dns", "dns", dns),
    ] {
        let path = format!("{G1}/cellular/{part}");
        let mut expect = cloud.get(G1).await.json();
        assert_eq!(cloud.put(&path, value.clone()).await.status, 204, "{part}");
        assert_eq!(cloud.get(&path).await.json(), value, "{part}");
        expect["cellular"][member] = value;
        assert_eq!(cloud.get(G1).await.json(), expect, "{part}: all else stays");
    }
    let record =
        json!([{"domain": "a.test", "a_record": ["10.0.0.1"], "aaaa_record": [], "cname_record": []}]);
    assert_eq!(cloud.put(&format!("{G1}/cellular/dns/records"), record.clone()).await.status, 204);
    assert_eq!(cloud.get(G1).await.json()["cellular"]["dns"]["records"], record);
    assert_eq!(cloud.put(&format!("{G1}/vpn"), json!({"enable_shell": true})).await.status, 204);
    assert_eq!(cloud.get(G1).await.json()["magmad"]["vpn"], json!({"enable_shell": true}));
}

#[tokio::test]
async fn pools_follow_the_gateways_records_however_they_are_written() {
    let cloud = cloud().await;
    let record =
        |id: &str, code: u32| json!([{"gateway_pool_id": id, "mme_code": code, "mme_relative_capacity": 9}]);
    let members = async || {
        let pools = cloud.get("/lte/n1/gateway_pools").await.json();
        [pools["pool1"]["gateway_ids"].clone(), pools["pool2"]["gateway_ids"].clone()]
    };
    let numbers = |group: u32, code: u32, capacity: u32| [json!(group), json!(code), json!(capacity)];
    assert_eq!((members().await, mme(&cloud).await), ([json!(["g1"]), json!([])], numbers(2, 3, 20)));
    let path = format!("{G1}/cellular/pooling");
    assert_eq!(cloud.put(&path, record("pool2", 7)).await.status, 201);
    assert_eq!((members().await, mme(&cloud).await), ([json!([]), json!(["g1"])], numbers(3, 7, 9)));
    let mut whole = cloud.get(&format!("{G1}/cellular")).await.json();
    whole["pooling"] = record("pool1", 8);
    assert_eq!(cloud.put(&format!("{G1}/cellular"), whole).await.status, 204);
    assert_eq!((members().await, mme(&cloud).await), ([json!(["g1"]), json!([])], numbers(2, 8, 9)));
    let mut gateway = writable(cloud.get(G1).await.json());
    gateway["cellular"]["pooling"] = json!([]);
    assert_eq!(cloud.put(G1, gateway).await.status, 204);
    assert_eq!((members().await, mme(&cloud).await), ([json!([]), json!([])], numbers(1, 1, 10)));
    assert_eq!(cloud.get(&path).await.json(), json!([]));
}

#[tokio::test]
async fn what_is_wrong_with_a_gateway_is_named_and_nothing_changes() {
    let cloud = cloud().await;
    let before = cloud.get("/lte/n1/gateways").await.json();
    let none = Value::Null;
    let with = |place: &str, value: Value| {
        let mut body = lte_gateway("g3", None);
        body[place] = value;
        body
    };
    let resource =
        |key: &str, id: &str, apn: &str| with("apn_resources", json!({key: {"id": id, "apn_name": apn}}));
    let twice = json!({"a": {"id": "r9", "apn_name": "a"}, "b": {"id": "r9", "apn_name": "b"}});
    let (all, g3) = ("/lte/n1/gateways", "/lte/n1/gateways/g3");
    let (pools, dns) = (format!("{g3}/cellular/pooling"), format!("{g3}/cellular/dns/records"));
    let enodebs = format!("{g3}/connected_enodeb_serials");
    let pool9 = json!([{"gateway_pool_id": "pool9", "mme_code": 1, "mme_relative_capacity": 1}]);
    let ours = json!({"hardware_id": "h1", "key": {"key_type": "ECHO"}});
    let mut made = lte_gateway("g9", None);
    made["connected_enodeb_serials"] = json!(["e9"]);
    let unknown = "cellular_enodeb e9 does not exist";
    let other_key = "apn_resources.a in body is for apn_name 'internet': its key is the name of the APN";
    let (no_g2, no_g1) = ("cellular_gateway g2 not found", "cellular_gateway g1 not found");
    let used = "gateway pool pool1 still has gateways (g1): take them out first";
    let rows = [
        (
            "another's id",
            "PUT",
            g3,
            lte_gateway("g1", None),
            400,
            "id in body 'g1' is not that of the path 'g3'",
        ),
        ("an unknown eNodeB", "POST", all, made, 400, unknown),
        (
            "an unknown eNodeB, replaced",
            "PUT",
            g3,
            with("connected_enodeb_serials", json!(["e9"])),
            400,
            unknown,
        ),
        ("an unknown eNodeB, connected", "PUT", &enodebs, json!(["e1", "e9"]), 400, unknown),
        ("one that exists", "POST", all, lte_gateway("g1", None), 400, "gateway g1 already exists"),
        ("no such tier", "PUT", g3, with("tier", json!("t9")), 400, "tier t9 does not exist"),
        (
            "a device in use",
            "PUT",
            g3,
            with("device", ours),
            400,
            "device h1 is already mapped to gateway g1",
        ),
        ("a resource's key", "PUT", g3, resource("a", "r9", "internet"), 400, other_key),
        (
            "an id twice",
            "PUT",
            g3,
            with("apn_resources", twice),
            400,
            "apn_resources in body has the id 'r9' twice",
        ),
        (
            "another gateway's resource",
            "PUT",
            g3,
            resource("internet", "r1", "internet"),
            400,
            "apn_resource r1 already exists",
        ),
        ("no such APN", "PUT", g3, resource("none", "r9", "none"), 400, "apn none does not exist"),
        ("no such pool", "PUT", &pools, pool9, 400, "cellular_gateway_pool pool9 does not exist"),
        ("records of nothing", "PUT", &dns, json!([]), 404, "dns of gateway g3 not found"),
        ("not an LTE one", "GET", "/lte/n1/gateways/g2", none.clone(), 404, no_g2),
        ("not an LTE one, replaced", "PUT", "/lte/n1/gateways/g2", lte_gateway("g2", None), 404, no_g2),
        ("not an LTE one, deleted", "DELETE", "/lte/n1/gateways/g2", none.clone(), 404, no_g2),
        ("another network's", "GET", "/lte/n2/gateways/g1", none.clone(), 404, "gateway g1 not found"),
        ("another network's, deleted", "DELETE", "/lte/n2/gateways/g1", none.clone(), 404, no_g1),
        ("a pool in use", "DELETE", "/lte/n1/gateway_pools/pool1", none, 400, used),
    ];
    cloud.check(&rows).await;
    assert_eq!(cloud.get("/lte/n1/gateways").await.json(), before);
}

#[tokio::test]
async fn a_bad_enodeb_is_told_where_the_gateway_is_shown() {
    let cloud = cloud().await;
    let id = EntityId::new("cellular_enodeb", "e1");
    let update = EntityUpdate { config: Some(None), ..EntityUpdate::of(id) };
    let n1 = NetworkId::parse("n1").unwrap();
    cloud.store.write_entities(&n1, vec![EntityWrite::Update(update)]).await.unwrap();
    let problem = "incomplete configuration for enodebd: the configuration of an eNodeB is not usable: e1 has none; \
                   write it again by REST";
    assert_eq!(cloud.get(G1).await.json()["configuration_problems"], json!([problem]));
    assert_eq!(cloud.put("/lte/n1/enodebs/e1", enodeb("e1")).await.status, 204);
    assert_eq!(cloud.get(G1).await.json().get("configuration_problems"), None);
}

#[tokio::test]
async fn a_gateway_is_made_in_a_network_of_its_kind_only() {
    let cloud = Cloud::new().await;
    cloud.add_federation().await;
    cloud.add_carrier_wifi().await;
    let mut wifi = lte_gateway("x1", None);
    wifi["carrier_wifi"] = json!({"allowed_gre_peers": []});
    wifi["federation"] = crate::cloud::federation();
    for (path, status, told) in [
        ("/lte/w1", 400, "network w1 is not a <lte> or <feg_lte> network"),
        ("/lte/f1", 400, "network f1 is not a <lte> or <feg_lte> network"),
        ("/lte/n2", 400, "network n2 is not a <lte> or <feg_lte> network"),
        ("/lte/none", 404, "network none not found"),
        ("/feg/n1", 400, "network n1 is not a <feg> network"),
        ("/cwf/n1", 400, "network n1 is not a <carrier_wifi_network> network"),
    ] {
        let reply = cloud.post(&format!("{path}/gateways"), wifi.clone()).await;
        assert_eq!((reply.status.as_u16(), reply.message().as_str()), (status, told), "{path}");
    }
    for network in ["w1", "f1", "n1", "n2"] {
        let gateways = cloud.get(&format!("/networks/{network}/gateways")).await.text;
        assert!(!gateways.contains("x1"), "{network}: {gateways}");
    }
    for network in ["n1", "fl1"] {
        let path = format!("/networks/{network}/tiers");
        cloud.post(&path, json!({"id": "t1", "version": "1.0.0-0", "images": [], "gateways": []})).await;
        let made = cloud.post(&format!("/lte/{network}/gateways"), wifi.clone()).await;
        assert_eq!(made.status, 201, "{network}: {made:?}");
    }
}
