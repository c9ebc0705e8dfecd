//! Alert rules, receivers, routes and silences.

use crate::cloud::Cloud;
use serde_json::{Value, json};

const RULES: &str = "/networks/n1/prometheus/alert_config";
const RECEIVERS: &str = "/networks/n1/prometheus/alert_receiver";
const ROUTE: &str = "/networks/n1/prometheus/alert_receiver/route";
const SILENCES: &str = "/networks/n1/alerts/silence";

fn rule(name: &str, expr: &str) -> Value {
    json!({"alert": name, "expr": expr, "for": "5m", "labels": {"severity": "major"}, "annotations": {"text": "{{ $value }}"}})
}

fn slack(key: &str) -> Value {
    json!({"name": "ops", "slack_configs": [{"api_url": key, "channel": "#ops"}],
           "pagerduty_configs": [{"routing_key": "pd-secret"}]})
}

/// One whose networks have lost the rules that they began with.
async fn without_rules() -> Cloud {
    let cloud = Cloud::new().await;
    for network in ["n1", "n2"] {
        let path = format!("/networks/{network}/prometheus/alert_config");
        for rule in cloud.get(&path).await.json().as_array().unwrap() {
            let name = rule["alert"].as_str().unwrap().replace(' ', "+");
            assert_eq!(cloud.delete(&format!("{path}?alert_name={name}")).await.status, 200, "{name}");
        }
    }
    cloud
}

#[tokio::test]
async fn a_new_network_begins_with_rules_and_lost_ones_come_back() {
    let cloud = Cloud::new().await;
    let names = |rules: &Value| -> Vec<String> {
        let names = rules.as_array().unwrap().iter().map(|rule| rule["alert"].as_str().unwrap().to_owned());
        names.collect()
    };
    let first = cloud.get(RULES).await.json();
    assert_eq!(first.as_array().unwrap().len(), 15, "n1 is an LTE network");
    assert!(names(&first).contains(&"Sctpd Crashlooping".to_owned()));
    assert_eq!(names(&cloud.get("/networks/n2/prometheus/alert_config").await.json()).len(), 3);
    cloud.delete(&format!("{RULES}?alert_name=Cpu+Percent")).await;
    cloud.put(&format!("{RULES}/High%20Disk%20Usage"), rule("High Disk Usage", "disk_percent > 90")).await;
    cloud.post(RULES, rule("mine", "up == 0")).await;
    let reply = cloud.post(&format!("{RULES}/predefined"), json!({})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let statuses = &reply.json()["statuses"];
    assert_eq!(
        (&statuses["Cpu Percent"], &statuses["High Disk Usage"]),
        (&json!("created"), &json!("updated"))
    );
    let now = cloud.get(RULES).await.json();
    assert_eq!(names(&now).len(), 16);
    assert!(now.as_array().unwrap().contains(&rule("mine", "up == 0")), "what is mine stays");
    assert_eq!(cloud.post("/networks/n9/prometheus/alert_config/predefined", json!({})).await.status, 404);
}

#[tokio::test]
async fn a_rule_that_the_network_began_with_gives_way_to_a_new_one_once() {
    let cloud = Cloud::new().await;
    let mine = rule("Cpu Percent", "cpu_percent > 99");
    for (status, why) in [(201, "as nobody has made it"), (400, "as it is there")] {
        assert_eq!(cloud.post(RULES, mine.clone()).await.status, status, "{why}");
        assert_eq!(cloud.get(&format!("{RULES}?alert_name=Cpu+Percent")).await.json(), json!([mine]));
    }
    let changed = rule("High Disk Usage", "disk_percent > 90");
    cloud.put(&format!("{RULES}/High%20Disk%20Usage"), changed.clone()).await;
    assert_eq!(cloud.post(RULES, rule("High Disk Usage", "disk_percent > 95")).await.status, 400);
    assert_eq!(cloud.get(&format!("{RULES}?alert_name=High+Disk+Usage")).await.json(), json!([changed]));
}

#[tokio::test]
async fn rules_are_made_replaced_and_deleted() {
    let cloud = without_rules().await;
    assert_eq!(cloud.get(RULES).await.json(), json!([]));
    assert_eq!(cloud.post(RULES, rule("a b", "up == 0")).await.status, 201);
    assert_eq!(cloud.post(RULES, rule("a b", "up == 0")).await.status, 400, "once");
    assert_eq!(cloud.put(&format!("{RULES}/a%20b"), rule("a b", "up == 1")).await.status, 200);
    assert_eq!(cloud.put(&format!("{RULES}/other"), rule("other", "up")).await.status, 404);
    assert_eq!(cloud.put(&format!("{RULES}/other"), rule("a b", "up")).await.status, 400);
    assert_eq!(cloud.get(RULES).await.json(), json!([rule("a b", "up == 1")]));
    assert_eq!(cloud.get(&format!("{RULES}?alert_name=a+b")).await.json(), json!([rule("a b", "up == 1")]));
    assert_eq!(cloud.get(&format!("{RULES}?alert_name=c")).await.status, 404);
    let reply = cloud.post(RULES, rule("bad", "up ==")).await;
    assert_eq!(reply.status, 400);
    assert!(reply.message().starts_with("expr: "), "{reply:?}");
    let bulk = cloud
        .put(&format!("{RULES}/bulk"), json!([rule("a b", "up == 2"), rule("new", "up"), rule("bad", "(")]))
        .await;
    assert_eq!(bulk.status, 200);
    assert_eq!(bulk.json()["statuses"], json!({"a b": "updated", "new": "created"}));
    assert_eq!(bulk.json()["errors"].as_object().unwrap().keys().collect::<Vec<_>>(), ["bad"]);
    assert_eq!(cloud.get("/networks/n2/prometheus/alert_config").await.json(), json!([]), "another network");
    assert_eq!(cloud.delete(&format!("{RULES}?alert_name=new")).await.status, 200);
    assert_eq!(cloud.delete(&format!("{RULES}?alert_name=new")).await.status, 404);
    assert_eq!(cloud.delete(RULES).await.status, 400);
}

#[tokio::test]
async fn receivers_keep_their_secrets_and_routes_name_them() {
    let cloud = Cloud::new().await;
    assert_eq!(cloud.post(RECEIVERS, slack("https://hooks.example.com/secret")).await.status, 201);
    let shown = cloud.get(RECEIVERS).await;
    assert!(!shown.text.contains("secret"), "{shown:?}");
    assert_eq!(shown.json()[0]["slack_configs"][0]["channel"], "#ops");
    assert_eq!(
        shown.json()[0]["pagerduty_configs"][0]["routing_key"],
        "********",
        "what the contract has not is kept"
    );
    let mut edited = shown.json()[0].clone();
    edited["slack_configs"][0]["channel"] = json!("#night");
    assert_eq!(cloud.put(&format!("{RECEIVERS}/ops"), edited).await.status, 200);
    let kept = cloud.store.alert_document("n1", orc8r_store::AlertKind::Receiver, "ops").await.unwrap();
    let mut kept = kept.unwrap();
    assert!(!kept.contains("/secret") && !kept.contains("pd-secret") && kept.contains("#night"), "{kept}");
    let mut opened: Value = serde_json::from_str(&kept).unwrap();
    cloud.store.open_receiver("n1", "ops", &mut opened).unwrap();
    kept = opened.to_string();
    assert!(kept.contains("hooks.example.com/secret") && kept.contains("pd-secret"), "what was masked stays");
    let base = cloud.get(ROUTE).await.json();
    assert_eq!(base["receiver"], "n1_tenant_base_route");
    let mut tree = base;
    tree["routes"] = json!([{"receiver": "ops", "match": {"alertname": "down"}}]);
    assert_eq!(cloud.post(ROUTE, tree.clone()).await.status, 200);
    assert_eq!(cloud.get(ROUTE).await.json()["routes"][0]["receiver"], "ops");
    let used = cloud.delete(&format!("{RECEIVERS}?receiver=ops")).await;
    assert_eq!(
        (used.status.as_u16(), used.message().as_str()),
        (400, "receiver ops is named by a route: change the route first")
    );
    tree["routes"] = json!([{"receiver": "nobody"}]);
    assert_eq!(cloud.post(ROUTE, tree.clone()).await.status, 400);
    tree["routes"] = json!([]);
    assert_eq!(cloud.post(ROUTE, tree).await.status, 200);
    assert_eq!(cloud.delete(&format!("{RECEIVERS}?receiver=ops")).await.status, 200);
    let reply = cloud.post(RECEIVERS, slack("file:///etc/passwd")).await;
    assert_eq!(reply.status, 400, "{reply:?}");
    assert_eq!(cloud.post(RECEIVERS, json!({"name": 5})).await.status, 400);
}

#[tokio::test]
async fn silences_come_and_end() {
    let cloud = Cloud::new().await;
    let silence = |ends: &str| {
        json!({"comment": "works", "createdBy": "me", "startsAt": "2020-01-01T00:00:00Z", "endsAt": ends,
        "matchers": [{"name": "alertname", "value": "down", "isRegex": false}]})
    };
    assert_eq!(cloud.get("/networks/n1/alerts").await.json(), json!([]));
    let made = cloud.post(SILENCES, silence("2990-01-01T00:00:00Z")).await;
    assert_eq!(made.status, 200);
    let id = made.json().as_str().unwrap().to_owned();
    assert_eq!(cloud.post(SILENCES, silence("2020-01-02T00:00:00Z")).await.status, 400);
    let count =
        async |query: &str| cloud.get(&format!("{SILENCES}{query}")).await.json().as_array().unwrap().len();
    assert_eq!(count("").await, 1);
    assert_eq!(count("?active=false").await, 0);
    assert_eq!(count("?filter=alertname%3D%22down%22").await, 1);
    assert_eq!(count("?filter=alertname%3D%22up%22").await, 0);
    assert_eq!(cloud.get(&format!("{SILENCES}?active=maybe")).await.status, 400);
    assert_eq!(
        cloud.delete(&format!("/networks/n2/alerts/silence?silence_id={id}")).await.status,
        404,
        "another network's"
    );
    assert_eq!(cloud.delete(&format!("{SILENCES}?silence_id={id}")).await.status, 200);
    assert_eq!(cloud.get(SILENCES).await.json()[0]["status"]["state"], "expired");
    assert_eq!(count("?expired=false").await, 0);
}

#[tokio::test]
async fn a_receiver_is_tried_and_says_what_became_of_it() {
    let cloud = without_rules().await;
    let test = format!("{RECEIVERS}/ops/test");
    assert_eq!(cloud.post(&test, json!({})).await.status, 404);
    let here = json!({"name": "ops", "webhook_configs": [{"url": "http://127.0.0.1:9/secret"}]});
    assert_eq!(cloud.post(RECEIVERS, here).await.status, 201);
    let reply = cloud.post(&test, json!({})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let ways = reply.json()["ways"].as_array().unwrap().clone();
    assert_eq!((ways.len(), &ways[0]["kind"]), (1, &json!("webhook")));
    // Where only this machine reaches, nobody gets by a receiver.
    let problem = ways[0]["problem"].as_str().unwrap();
    assert!(problem.contains("127.0.0.1") && !problem.contains("secret"), "{problem}");
}
