//! Policy rules, base names, profiles and rating groups.

use crate::cloud::Cloud;
use serde_json::{Value, json};

const FIRST: &str = "IMSI001010000000001";

async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    cloud.add_subscribers().await;
    cloud
}

#[tokio::test]
async fn a_rule_is_shown_as_it_was_written() {
    let cloud = cloud().await;
    let whole = json!({
        "id": "r2", "priority": 5, "service_identifier": 3, "rating_group": 7, "monitoring_key": "bWs=",
        "tracking_type": "ONLY_OCS", "app_name": "YOUTUBE", "app_service_type": "VIDEO", "qos_profile": "q1",
        "redirect": {"support": "ENABLED", "address_type": "URL", "server_address": "http://a"},
        "header_enrichment_targets": ["http://b"], "assigned_subscribers": [FIRST],
        "flow_list": [{"action": "DENY", "match": {
            "direction": "DOWNLINK", "ip_proto": "IPPROTO_TCP", "tcp_src": 1, "tcp_dst": 2,
            "ip_dst": {"version": "IPv4", "address": "10.0.0.1"}}}],
    });
    let reply = cloud.post("/networks/n1/policies/rules", whole.clone()).await;
    assert_eq!((reply.status.as_u16(), reply.json()), (201, json!("r2")));
    assert_eq!(cloud.get("/networks/n1/policies/rules/r2").await.json(), whole);
    assert_eq!(cloud.get("/networks/n1/policies/rules").await.json(), json!(["r1", "r2"]));
    let full = cloud.get("/networks/n1/policies/rules?view=full").await.json();
    assert_eq!((full.as_object().unwrap().len(), &full["r2"]), (2, &whole));
    assert_eq!(
        cloud.get(&format!("/lte/n1/subscribers/{FIRST}")).await.json()["active_policies"],
        json!(["r2"])
    );

    let less = json!({"id": "r2", "priority": 5, "flow_list": []});
    assert_eq!(cloud.put("/networks/n1/policies/rules/r2", less).await.status.as_u16(), 204);
    let shown = cloud.get("/networks/n1/policies/rules/r2").await.json();
    assert_eq!(
        (shown.get("qos_profile"), shown.get("assigned_subscribers"), shown.get("redirect")),
        (None, None, None)
    );
    assert_eq!(cloud.get(&format!("/lte/n1/subscribers/{FIRST}")).await.json()["active_policies"], json!([]));
}

#[tokio::test]
async fn replacing_a_rule_leaves_the_base_names_that_have_it() {
    let cloud = cloud().await;
    let rule = json!({"id": "r1", "priority": 2, "flow_list": [], "assigned_subscribers": [FIRST]});
    assert_eq!(cloud.put("/networks/n1/policies/rules/r1", rule).await.status.as_u16(), 204);
    assert_eq!(
        cloud.get("/networks/n1/policies/base_names/b1").await.json(),
        json!({"name": "b1", "rule_names": ["r1"]})
    );
    let full = cloud.get("/networks/n1/policies/base_names?view=full").await.json();
    assert_eq!(full, json!({"b1": {"name": "b1", "rule_names": ["r1"]}}));
    let record = json!({"name": "b1", "rule_names": [], "assigned_subscribers": [FIRST]});
    assert_eq!(cloud.put("/networks/n1/policies/base_names/b1", record.clone()).await.status.as_u16(), 204);
    assert_eq!(cloud.get("/networks/n1/policies/base_names/b1").await.json(), record);
    assert_eq!(
        cloud.get(&format!("/lte/n1/subscribers/{FIRST}")).await.json()["active_base_names"],
        json!(["b1"])
    );
}

#[tokio::test]
async fn what_names_nothing_or_is_there_already_is_refused() {
    let cloud = cloud().await;
    let rule = |id: &str| json!({"id": id, "priority": 1, "flow_list": []});
    let with = |mut body: Value, name: &str, value: Value| {
        body[name] = value;
        body
    };
    let rules = "/networks/n1/policies/rules";
    cloud
        .check(&[
            ("there", "POST", rules, rule("r1"), 400, "policy r1 already exists"),
            (
                "no profile",
                "POST",
                rules,
                with(rule("r9"), "qos_profile", json!("q9")),
                400,
                "policy_qos_profile q9 does not exist",
            ),
            (
                "no subscriber",
                "POST",
                rules,
                with(rule("r9"), "assigned_subscribers", json!(["IMSI001010000000009"])),
                400,
                "subscriber IMSI001010000000009 does not exist",
            ),
            (
                "another id",
                "PUT",
                "/networks/n1/policies/rules/r1",
                rule("r2"),
                400,
                "id in body 'r2' is not that of the path 'r1'",
            ),
            ("missing", "GET", "/networks/n1/policies/rules/r9", Value::Null, 404, "policy r9 not found"),
            ("missing", "PUT", "/networks/n1/policies/rules/r9", rule("r9"), 404, "policy r9 not found"),
            (
                "no rule",
                "POST",
                "/networks/n1/policies/base_names",
                json!({"name": "b9", "rule_names": ["r9"]}),
                400,
                "policy r9 does not exist",
            ),
            (
                "a limit",
                "POST",
                "/networks/n1/rating_groups",
                json!({"id": 8, "limit_type": "X"}),
                400,
                "limit_type in body should be one of [FINITE INFINITE_UNMETERED INFINITE_METERED]",
            ),
            (
                "there",
                "POST",
                "/networks/n1/rating_groups",
                json!({"id": 7, "limit_type": "FINITE"}),
                400,
                "rating_group 7 already exists",
            ),
            ("missing", "GET", "/networks/n1/rating_groups/8", Value::Null, 404, "rating_group 8 not found"),
            (
                "read",
                "GET",
                "/networks/n1/rating_groups",
                Value::Null,
                200,
                "{\"7\":{\"id\":7,\"limit_type\":\"FINITE\"}}",
            ),
            (
                "made",
                "POST",
                "/networks/n1/rating_groups",
                json!({"id": 8, "limit_type": "FINITE"}),
                201,
                "8",
            ),
            (
                "a class",
                "POST",
                "/lte/n1/policy_qos_profiles",
                json!({"id": "q2", "max_req_bw_ul": 1, "max_req_bw_dl": 1, "class_id": 10}),
                400,
                "class_id in body should be one of [0 1 2 3 4 5 6 7 8 9 65 66 67 70 75 79]",
            ),
            ("gone", "DELETE", "/lte/n1/policy_qos_profiles/q1", Value::Null, 204, ""),
            (
                "without it",
                "GET",
                "/networks/n1/policies/rules/r1",
                Value::Null,
                200,
                "{\"id\":\"r1\",\"flow_list\":[],\"priority\":1,\"header_enrichment_targets\":[]}",
            ),
        ])
        .await;
}
