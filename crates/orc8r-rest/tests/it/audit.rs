//! `/audit`.

use crate::cloud::Cloud;
use serde_json::{Value, json};

#[tokio::test]
async fn every_change_leaves_who_did_it_and_what_was_there_before_and_after() {
    let cloud = Cloud::empty().await;
    let network = json!({"id": "n1", "name": "N", "description": "D", "dns": {"enable_caching": false, "local_ttl": 0, "records": []}});
    cloud.post("/networks", network.clone()).await;
    cloud.put("/networks/n1/name", json!("new")).await;
    cloud.put("/networks/n1/name", json!("")).await;
    cloud.get("/networks/n1").await;
    cloud.post("/user", json!({"username": "bob", "password": "battery staple"})).await;
    cloud.delete("/networks/n1").await;
    let all = cloud.get("/audit").await.json();
    let shown = |entry: &Value| {
        let text = |name: &str| entry[name].as_str().unwrap().to_owned();
        (text("method"), text("path"), entry["before"].clone(), entry["after"].clone())
    };
    let entries: Vec<_> = all.as_array().unwrap().iter().map(shown).collect();
    let path = |path: &str| format!("/magma/v1{path}");
    let mut renamed = network.clone();
    renamed["name"] = json!("new");
    assert_eq!(
        entries,
        [
            ("DELETE".into(), path("/networks/n1"), renamed, json!(null)),
            ("POST".into(), path("/user"), json!(null), json!({"username": "bob", "password": "***"})),
            ("PUT".into(), path("/networks/n1/name"), json!("N"), json!("new")),
            ("POST".into(), path("/networks"), json!(null), network),
        ]
    );
    assert!(all.as_array().unwrap().iter().all(|entry| entry["actor"] == "admin"), "{all}");
    let of = async |query: &str| cloud.get(&format!("/audit?{query}")).await.json().as_array().unwrap().len();
    assert_eq!(of("network_id=n1").await, 2);
    assert_eq!(of("actor=admin&size=3").await, 3);
    assert_eq!(of("actor=nobody").await, 0);
    assert_eq!(of("to_ms=1").await, 0);
    assert_eq!(of(&format!("before={}", all[1]["number"])).await, 2);
    assert_eq!(cloud.get("/audit?size=many").await.status, 400);
}
