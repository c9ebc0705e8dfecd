//! Whole networks.

use crate::cloud::Cloud;
use serde_json::{Value, json};

fn network(id: &str) -> Value {
    json!({"id": id, "name": "N", "description": "D", "dns": {"enable_caching": false, "local_ttl": 0, "records": []}})
}

#[tokio::test]
async fn networks_are_made_listed_read_and_deleted() {
    let cloud = Cloud::empty().await;
    assert_eq!(cloud.get("/networks").await.json(), json!([]));
    for id in ["b", "a"] {
        cloud.post("/networks", network(id)).await;
    }
    assert_eq!(cloud.get("/networks").await.json(), json!(["a", "b"]));
    assert_eq!(cloud.get("/networks/a").await.json(), network("a"));
    cloud.delete("/networks/a").await;
    assert_eq!(cloud.get("/networks").await.json(), json!(["b"]));
}

#[tokio::test]
async fn a_network_comes_back_as_it_was_sent() {
    let cloud = Cloud::empty().await;
    let mut whole = network("n");
    whole["type"] = json!("carrier_wifi_network");
    whole["features"] = json!({"features": {"x": "<&>"}});
    whole["sentry_config"] =
        json!({"sample_rate": 0.5, "exclusion_patterns": ["a"], "upload_mme_log": false});
    whole["state_config"] = json!({"sync_interval": 3});
    assert_eq!(cloud.post("/networks", whole.clone()).await.status, 201);
    assert_eq!(cloud.get("/networks/n").await.json(), whole);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_changes() {
    let cloud = Cloud::new().await;
    let before = cloud.get("/networks/n1").await.json();
    let no_name =
        json!({"id": "n1", "name": "", "description": "D", "dns": {"enable_caching": false, "local_ttl": 0}});
    let none = Value::Null;
    cloud
        .check(&[
            ("made twice", "POST", "/networks", network("n1"), 400, "network n1 already exists"),
            (
                "no id that there can be",
                "POST",
                "/networks",
                network("N"),
                400,
                r"id in body should match '^[\da-z_-]+$'",
            ),
            ("no name", "PUT", "/networks/n1", no_name, 400, "name in body is required"),
            (
                "another network's id",
                "PUT",
                "/networks/n1",
                network("n2"),
                400,
                "id in body 'n2' is not that of the path 'n1'",
            ),
            ("no network", "GET", "/networks/none", none.clone(), 404, "network none not found"),
            ("no network to change", "PUT", "/networks/none", network("none"), 404, "network none not found"),
            ("no network to delete", "DELETE", "/networks/none", none, 404, "network none not found"),
        ])
        .await;
    assert_eq!(cloud.get("/networks/n1").await.json(), before);
    assert_eq!(cloud.get("/networks/n2").await.json()["name"], "N");
}

#[tokio::test]
async fn an_update_replaces_the_generic_parts_and_keeps_the_others() {
    let cloud = Cloud::new().await;
    let n1 = orc8r_model::NetworkId::parse("n1").unwrap();
    let cellular = orc8r_model::NetworkUpdate::config("cellular_network", Some(json!({"epc": {}})));
    cloud.store.update_network(&n1, cellular).await.unwrap();
    assert_eq!(cloud.put("/networks/n1", network("n1")).await.status, 204);
    let mut expect = network("n1");
    expect["type"] = json!("lte");
    assert_eq!(
        cloud.get("/networks/n1").await.json(),
        expect,
        "features, sentry and state are gone; the type stays"
    );
    assert!(cloud.store.network(&n1).await.unwrap().configs.contains_key("cellular_network"));
}

#[tokio::test]
async fn a_network_that_is_made_again_is_empty() {
    let cloud = Cloud::new().await;
    cloud.delete("/networks/n1").await;
    cloud.post("/networks", network("n1")).await;
    assert_eq!(cloud.get("/networks/n1/gateways").await.json()["total_count"], 0);
    assert_eq!(cloud.get("/networks/n1/tiers").await.json(), json!([]));
}
