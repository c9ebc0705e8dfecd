//! Subscribers in a line each, and how many have what.

use crate::cloud::Cloud;
use serde_json::{Value, json};

const SUMMARIES: &str = "/lte/n1/subscriber_summaries";
const TRAFFIC: &str = "/networks/n1/traffic_summary";

fn id(number: u32) -> String {
    format!("IMSI00101{number:010}")
}

/// Twelve subscribers; the odd ones have a plan and a policy, and the first has a session.
async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    let key = "AAECAwQFBgcICQoLDA0ODw==";
    let posted = [
        (
            "/lte/n1/apns",
            json!({"apn_name": "internet", "apn_configuration": {
                "ambr": {"max_bandwidth_ul": 1, "max_bandwidth_dl": 2},
                "qos_profile": {"class_id": 9, "priority_level": 15, "preemption_capability": false, "preemption_vulnerability": false},
            }}),
        ),
        ("/networks/n1/policies/rules", json!({"id": "p1", "priority": 3, "flow_list": []})),
        ("/networks/n1/policies/base_names", json!({"name": "b1", "rule_names": ["p1"]})),
    ];
    for (path, body) in posted {
        let made = cloud.post(path, body).await;
        assert_eq!(made.status, 201, "{path}: {}", made.text);
    }
    let bodies: Vec<Value> = (1..=12)
        .map(|number| {
            let mut body = json!({
                "id": id(number), "name": format!("Person {number}"), "active_apns": ["internet"],
                "lte": {"state": "ACTIVE", "auth_algo": "MILENAGE", "auth_key": key, "sub_profile": "default"},
            });
            if number % 2 == 1 {
                body["active_policies"] = json!(["p1"]);
                body["lte"]["state"] = json!("INACTIVE");
            }
            body
        })
        .collect();
    let made = cloud.post("/lte/n1/subscribers", bodies.into()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let sessions = json!({"internet": [{"session_id": "IMSI-1", "lifecycle_state": "SESSION_ACTIVE", "ipv4": "10.0.0.1"}]});
    cloud.report("h1", "subscriber_state", &id(1), sessions).await;
    let lease = json!({"ip": {"address": "CgAAAQ=="}, "state": "ALLOCATED"});
    cloud.report("h1", "mobilityd_ipdesc_record", &format!("{}.internet", id(1)), lease).await;
    cloud
        .report("h1", "directory_record", &id(1), json!({"location_history": ["h1"], "identifiers": {}}))
        .await;
    cloud
}

fn ids(found: &Value) -> Vec<String> {
    let all = found["subscribers"].as_array().unwrap().iter();
    all.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn subscribers_are_told_in_a_line_each_without_their_keys() {
    let cloud = cloud().await;
    let found = cloud.get(&format!("{SUMMARIES}?page_size=2")).await;
    assert!(!found.text.contains("auth_") && !found.text.contains("AAECAwQFBgc"), "{}", found.text);
    let found = found.json();
    assert_eq!(ids(&found), [id(1), id(2)]);
    assert_eq!(
        (&found["total_count"], &found["found_count"], &found["is_cut"]),
        (&json!(12), &json!(12), &json!(false))
    );
    let first = json!({
        "id": id(1), "name": "Person 1", "state": "INACTIVE", "sub_profile": "default", "msisdn": "",
        "active_apns": ["internet"], "active_policies": ["p1"], "active_base_names": [], "forbidden_network_types": [], "static_ips": {}, "hardware_id": "h1", "reported_time": first_time(&found),
        "sessions": [{"apn": "internet", "session_id": "IMSI-1", "state": "SESSION_ACTIVE", "ip": "10.0.0.1"}],
    });
    assert_eq!(found["subscribers"][0], first);
    assert!(first_time(&found).as_u64().unwrap() > 0);
    assert_eq!(found["subscribers"][1]["reported_time"], 0);
}

fn first_time(found: &Value) -> &Value {
    &found["subscribers"][0]["reported_time"]
}

#[tokio::test]
async fn they_are_found_filtered_and_cut_into_pages() {
    let cloud = cloud().await;
    let rows = [
        ("page=2&page_size=5", vec![6, 7, 8, 9, 10]),
        ("page=9", vec![]),
        ("q=IMSI001010000000003", vec![3]),
        ("q=00101000000001", vec![10, 11, 12]),
        ("q=person%2011", vec![11]),
        ("q=10.0.0.1", vec![1]),
        ("policy=p1&q=person%201", vec![1, 11]),
        ("state=ACTIVE&page_size=3", vec![2, 4, 6]),
        ("apn=nowhere", vec![]),
        ("sub_profile=gold", vec![]),
    ];
    for (query, expect) in rows {
        let found = cloud.get(&format!("{SUMMARIES}?{query}")).await.json();
        assert_eq!(ids(&found), expect.into_iter().map(id).collect::<Vec<_>>(), "{query}");
    }
    for query in ["page=0", "page_size=many"] {
        assert_eq!(cloud.get(&format!("{SUMMARIES}?{query}")).await.status, 400, "{query}");
    }
    assert_eq!(cloud.get("/lte/nowhere/subscriber_summaries").await.status, 404);
}

#[tokio::test]
async fn who_has_what_is_counted() {
    let found = cloud().await.get(TRAFFIC).await.json();
    let expect = json!({
        "policies": {"p1": {"id": "p1", "priority": 3, "flow_list": [], "header_enrichment_targets": []}},
        "base_names": {"b1": ["p1"]},
        "policy_subscribers": {"p1": 6}, "base_name_subscribers": {}, "apn_subscribers": {"internet": 12},
        "sub_profile_subscribers": {"default": 12},
    });
    assert_eq!(found, expect);
}
