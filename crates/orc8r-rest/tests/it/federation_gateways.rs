//! Federation gateways, and how they are.

use crate::cloud::{Cloud, federation, gateway};
use orc8r_mconfig::MconfigBuilder;
use orc8r_model::{GatewayId, NetworkId};
use serde_json::{Value, json};

async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    cloud.add_federation().await;
    cloud
}

/// Country and network codes that a gateway's s6a_proxy is told.
async fn plmn_ids(cloud: &Cloud, id: &str) -> Value {
    let (network, id) = (NetworkId::parse("f1").unwrap(), GatewayId::parse(id).unwrap());
    let around = cloud.store.neighbourhood(&network, &id).await.unwrap();
    let built = MconfigBuilder::new().build(&around);
    assert!(built.problems.is_empty(), "{:?}", built.problems);
    built.configs["s6a_proxy"]["PlmnIds"].clone()
}

fn of(plmn: &str) -> Value {
    let mut config = federation();
    config["s6a"] = json!({"plmn_ids": [plmn]});
    config
}

#[tokio::test]
async fn a_gateway_has_its_own_configuration_or_that_of_its_network() {
    let cloud = cloud().await;
    let own = "/feg/f1/gateways/fg2/federation";
    assert_eq!(cloud.put("/feg/f1/federation", of("00101")).await.status.as_u16(), 200);
    assert_eq!(plmn_ids(&cloud, "fg2").await, json!(["00101"]), "the network's");
    assert_eq!(cloud.get("/feg/f1/gateways/fg2").await.json()["federation"], Value::Null);
    cloud
        .check(&[
            ("none yet", "GET", own, Value::Null, 404, "configuration of gateway fg2 not found"),
            (
                "none yet",
                "DELETE",
                own,
                Value::Null,
                404,
                "federation configuration of gateway fg2 not found",
            ),
            ("wrong", "POST", own, json!({}), 400, MISSING),
            ("added", "POST", own, of("00102"), 201, ""),
            (
                "added twice",
                "POST",
                own,
                of("00103"),
                400,
                "gateway fg2 has a federation configuration already: replace it by PUT",
            ),
        ])
        .await;
    assert_eq!(plmn_ids(&cloud, "fg2").await, json!(["00102"]), "its own");
    assert_eq!(cloud.get(own).await.json()["s6a"], json!({"plmn_ids": ["00102"]}));
    assert_eq!(cloud.put(own, of("00104")).await.status.as_u16(), 200);
    assert_eq!(plmn_ids(&cloud, "fg2").await, json!(["00104"]), "its own, replaced");
    assert_eq!(cloud.delete(own).await.status.as_u16(), 204);
    assert_eq!(plmn_ids(&cloud, "fg2").await, json!(["00101"]), "the network's again");
}

const MISSING: &str = "validation failure list:\ns6a in body is required\nhss in body is required\ngx in body is required\n\
    gy in body is required\nswx in body is required\neap_aka in body is required\naaa_server in body is required\n\
    served_network_ids in body is required\nhealth in body is required";

#[tokio::test]
async fn a_gateway_is_shown_whole_and_deleted_whole() {
    let cloud = cloud().await;
    let shown = cloud.get("/feg/f1/gateways/fg1").await.json();
    assert_eq!((&shown["id"], &shown["tier"]), (&json!("fg1"), &json!("t1")));
    assert_eq!(shown["device"]["hardware_id"], json!("fh1"));
    assert_eq!(shown["status"]["meta"], json!({"a": "b"}));
    assert_eq!(shown["federation"]["served_network_ids"], json!(["fl1"]));
    let all = cloud.get("/feg/f1/gateways").await.json();
    assert_eq!(all.as_object().unwrap().keys().collect::<Vec<_>>(), ["fg1", "fg2"]);
    assert_eq!(cloud.get("/networks/f1/gateways/fg1").await.status.as_u16(), 200);
    for path in ["/feg/f1/gateways/fg1", "/networks/f1/gateways/fg1"] {
        assert_eq!(cloud.delete(path).await.status.as_u16(), 204, "{path}");
        for gone in ["/networks/f1/gateways/fg1", "/feg/f1/gateways/fg1", "/feg/f1/gateways/fg1/federation"] {
            assert_eq!(cloud.get(gone).await.status.as_u16(), 404, "{gone} after DELETE {path}");
        }
        let mut again = gateway("fg1", Some("fh1"));
        again["federation"] = of("00101");
        assert_eq!(
            cloud.post("/feg/f1/gateways", again).await.status.as_u16(),
            201,
            "nothing was left behind"
        );
    }
}

#[tokio::test]
async fn health_is_judged_by_the_networks_rules_when_it_is_asked() {
    let cloud = cloud().await;
    let health = "/feg/f1/gateways/fg1/health_status";
    assert_eq!(cloud.get("/feg/f1/cluster_status").await.json(), json!({"active_gateway": "fg1"}));
    let unavailable = json!({"service_state": "UNAVAILABLE", "health_status": "HEALTHY"});
    let shown = cloud.get(health).await.json();
    assert_eq!(shown["status"], json!("UNHEALTHY"));
    assert_eq!(shown["description"], json!("Service: SESSION_PROXY unhealthy: it does not answer"));
    assert_eq!(shown["service_status"]["SESSION_PROXY"], unavailable);
    let mut config = federation();
    config["health"] = json!({"update_interval_secs": 3600, "update_failure_threshold": 3, "health_services": ["SWX_PROXY"]});
    assert_eq!(cloud.put("/feg/f1/federation", config).await.status.as_u16(), 200);
    let shown = cloud.get(health).await.json();
    assert_eq!((&shown["status"], &shown["description"]), (&json!("HEALTHY"), &json!("OK")));
    cloud
        .check(&[
            (
                "never reported",
                "GET",
                "/feg/f1/gateways/fg2/health_status",
                Value::Null,
                404,
                "health of gateway fg2 not found",
            ),
            (
                "another kind",
                "GET",
                "/feg/n1/gateways/g1/health_status",
                Value::Null,
                400,
                "network n1 is not a <feg> network",
            ),
            (
                "another kind",
                "GET",
                "/feg/n1/cluster_status",
                Value::Null,
                400,
                "network n1 is not a <feg> network",
            ),
        ])
        .await;
    let empty = json!({"id": "f2", "name": "N", "description": "D", "dns": crate::cloud::dns(), "federation": federation()});
    assert_eq!(cloud.post("/feg", empty).await.status.as_u16(), 201);
    let nobody = cloud.get("/feg/f2/cluster_status").await;
    assert_eq!(nobody.status.as_u16(), 404);
    assert_eq!(nobody.message(), "no gateway of network f2 has reported its health yet");
}
