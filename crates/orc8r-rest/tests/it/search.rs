//! `/about/search`: whoever asks finds what he may read, and nothing else.

use crate::cloud::{Cloud, cbsd};
use crate::users::{basic, session_of};
use orc8r_model::{Role, RoleGrant};
use serde_json::{Value, json};

/// `n1`, of organisation 1, with one of everything; `n2`, of nobody, with a gateway.
async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    cloud.add_lte().await;
    cloud.add_subscribers().await;
    assert_eq!(cloud.post("/dp/n1/cbsds", cbsd("radio 12")).await.status, 201);
    let mut gateway = crate::cloud::gateway("elsewhere", Some("hw-elsewhere"));
    gateway["name"] = json!("Gateway of the other network");
    assert_eq!(
        cloud
            .post(
                "/networks/n2/tiers",
                json!({"id": "t1", "name": "T", "version": "1.0.0-0", "images": [], "gateways": []})
            )
            .await
            .status,
        201
    );
    assert_eq!(cloud.post("/networks/n2/gateways", gateway).await.status, 201);
    cloud
}

/// Kind, network and id of all that was found.
fn lines(found: &Value) -> Vec<String> {
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let all = found.as_array().unwrap().iter();
    all.map(|one| format!("{} {}/{}", text(one, "kind"), text(one, "network"), text(one, "id"))).collect()
}

/// What a user finds by his token.
async fn found(cloud: &Cloud, user: &str, token: &str, query: &str) -> Vec<String> {
    let path = format!("/magma/v1/about/search?{query}");
    let reply = cloud.ask_as(&basic(user, token), "GET", &path, "").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    lines(&reply.json())
}

/// Something of each kind, with the query that finds it first.
const EACH: [(&str, &str); 12] = [
    ("q=g1", "gateway n1/g1"),
    ("q=H1", "gateway n1/g1"),
    ("q=e2", "enodeb n1/e2"),
    ("q=radio+12", "cbsd n1/1"),
    ("q=001010000000002", "subscriber n1/IMSI001010000000002"),
    ("q=IMSI001010000000001", "subscriber n1/IMSI001010000000001"),
    ("q=a1", "apn n1/a1"),
    ("q=r1", "policy n1/r1"),
    ("q=b1", "base_name n1/b1"),
    ("q=7", "rating_group n1/7"),
    ("q=pool2", "gateway_pool n1/pool2"),
    ("q=t2", "tier n1/t2"),
];

#[tokio::test]
async fn each_kind_is_found_in_all_networks() {
    let cloud = cloud().await;
    for (query, expect) in EACH {
        let found = lines(&cloud.get(&format!("/about/search?{query}")).await.json());
        assert_eq!(found.first().map(String::as_str), Some(expect), "{query}: {found:?}");
    }
    let found = cloud.get("/about/search?q=hw-else").await.json();
    let expect = json!([{"kind": "gateway", "network": "n2", "id": "elsewhere", "name": "Gateway of the other network", "matched": "hw-elsewhere"}]);
    assert_eq!(found, expect);
    for first in ["n1", "n2"] {
        let found = lines(&cloud.get(&format!("/about/search?q=t1&network={first}")).await.json());
        assert_eq!(found[0], format!("tier {first}/t1"));
    }
    assert_eq!(cloud.get("/about/search?q=g&limit=1").await.json().as_array().unwrap().len(), 1);
    for (query, status) in [("q=", 200), ("", 200), ("q=a&limit=0", 400), ("q=a&limit=many", 400)] {
        assert_eq!(cloud.get(&format!("/about/search?{query}")).await.status, status, "{query}");
    }
    let long = cloud.get(&format!("/about/search?q={}", "a".repeat(300))).await;
    assert_eq!(long.status, 400);
    assert_eq!(long.message(), "q in query must have at most 256 letters: no id and no name has more");
}

#[tokio::test]
async fn nobody_finds_what_is_of_another_organisation() {
    let cloud = cloud().await;
    let tenant = json!({"id": 2, "name": "U", "networks": ["n2"]});
    assert_eq!(cloud.post("/tenants", tenant).await.status, 201);
    let hash = cloud.store.password_of("ann").await.unwrap().unwrap();
    let grant = |tenant| vec![RoleGrant { tenant: Some(tenant), role: Role::ReadOnly }];
    cloud.store.create_user_with("one", &hash, grant(1)).await.unwrap();
    cloud.store.create_user_with("two", &hash, grant(2)).await.unwrap();
    let (one, two) = (session_of(&cloud, "one").await, session_of(&cloud, "two").await);
    for (query, expect) in EACH {
        let found_by_one = found(&cloud, "one", &one, query).await;
        assert!(found_by_one.iter().any(|line| line == expect), "{query}: {found_by_one:?}");
        let found_by_two = found(&cloud, "two", &two, &format!("{query}&network=n1")).await;
        assert!(found_by_two.iter().all(|line| line.contains(" n2/")), "{query}: {found_by_two:?}");
    }
    assert_eq!(found(&cloud, "one", &one, "q=elsewhere").await, [""; 0]);
    assert_eq!(found(&cloud, "two", &two, "q=elsewhere").await, ["gateway n2/elsewhere"]);
    assert_eq!(found(&cloud, "two", &two, "q=n").await.first().unwrap(), "network n2/n2");
    let nobodys = session_of(&cloud, "ann").await;
    assert_eq!(found(&cloud, "ann", &nobodys, "q=g").await, [""; 0]);
}

#[tokio::test]
async fn a_token_finds_nothing_that_it_is_denied() {
    let cloud = cloud().await;
    let allow = json!({"effect": "ALLOW", "action": "WRITE", "resourceType": "URI", "path": "/**"});
    let deny = |path: &str| json!({"effect": "DENY", "action": "READ", "resourceType": "URI", "path": path});
    let network =
        json!({"effect": "DENY", "action": "READ", "resourceType": "NETWORK_ID", "resourceIDs": ["n1"]});
    let token = async |policies: Value| {
        let made = cloud.post("/user/ann/tokens", policies).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()["token"].as_str().unwrap().to_owned()
    };
    let without_network = token(json!([allow, network])).await;
    for (query, expect) in EACH {
        let found = found(&cloud, "ann", &without_network, query).await;
        assert!(!found.iter().any(|line| line == expect || line.contains(" n1/")), "{query}: {found:?}");
    }
    let some = deny("/magma/v1/lte/*/subscribers/**");
    let without_subscribers = token(json!([allow, some, deny("/magma/v1/lte/n1/enodebs/e2")])).await;
    for (query, expect) in EACH {
        let found = found(&cloud, "ann", &without_subscribers, query).await;
        let is_denied = expect.starts_with("subscriber") || expect.ends_with("/e2");
        assert_eq!(!found.iter().any(|line| line == expect), is_denied, "{query}: {found:?}");
    }
}

#[tokio::test]
async fn however_many_networks_it_is_one_look_into_the_store() {
    let cloud = cloud().await;
    let before = cloud.store.counts().reads.begun;
    assert_eq!(cloud.get("/about/search?q=g1").await.status, 200);
    assert_eq!(cloud.store.counts().reads.begun - before, 3, "who asks, his networks, what is found");
}
