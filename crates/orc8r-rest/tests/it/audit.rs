//! `/audit`.

use crate::cloud::Cloud;
use serde_json::{Value, json};

#[tokio::test]
async fn every_change_leaves_who_did_it_and_what_was_there_before_and_after() {
    let cloud = Cloud::empty().await;
    let network = json!({"id": "n1", "name": "N", "description": "D", "dns": {"enable_caching": false, "local_ttl": 0, "records": []}});
    cloud.post("/networks", network.clone()).await;
    // As HTTP/2 writes it.
    let with_authority = "https://any.test/magma/v1/networks/n1/name";
    cloud.ask(Some("admin"), "PUT", with_authority, json!("new").to_string()).await;
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

#[tokio::test]
async fn what_operators_change_is_among_the_networks_events() {
    let cloud = Cloud::new().await;
    assert_eq!(cloud.put("/networks/n1/gateways/g1/name", json!("new")).await.status, 204);
    assert_eq!(cloud.put("/networks/n1/gateways/none/name", json!("new")).await.status, 404);
    let path = "/events/n1?streams=operators&events=gateway_name_changed";
    let found = loop {
        let found = cloud.get(path).await.json();
        if found.as_array().is_some_and(|found| !found.is_empty()) {
            break found;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(found.as_array().unwrap().len(), 1, "what was refused is no change: {found}");
    let event = &found[0];
    assert_eq!((&event["tag"], &event["hardware_id"]), (&json!("g1"), &json!("orc8r")), "{event}");
    assert_eq!(event["value"]["by"], "admin");
    assert!(event["value"].get("body").is_none(), "what was sent stands in the audit log, masked");
}

#[tokio::test]
async fn a_change_is_noted_also_when_nobody_waits_for_its_answer() {
    let cloud = Cloud::new().await;
    let before = cloud.get("/audit").await.json();
    cloud.told.hold();
    let path = "/networks/n1/gateways/g1/command/reboot";
    let is_told = async {
        while cloud.told.take().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    // The gateway is told, and who asked goes away before it answers.
    tokio::select! {
        reply = cloud.post(path, json!({})) => panic!("nothing was to be answered: {reply:?}"),
        () = is_told => {}
    }
    assert_eq!(cloud.get("/audit").await.json(), before, "it is not done yet");
    cloud.told.release();
    let noted = async {
        while cloud.get("/audit").await.json() == before {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), noted).await.expect("it is noted");
    let entry = cloud.get("/audit?size=1").await.json()[0].clone();
    assert_eq!((&entry["actor"], &entry["path"]), (&json!("admin"), &json!(format!("/magma/v1{path}"))));
}
