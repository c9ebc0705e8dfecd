//! Metrics: what is pushed is found, in Prometheus' words, by those who own the network and by nobody else.

use crate::cloud::Cloud;
use crate::users::{basic, session_of};
use orc8r_model::{Role, RoleGrant};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

fn seconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// A cloud where `n1` and `n2` have a sample of `load` each, now: 1 and 2.
async fn measured() -> Cloud {
    let cloud = Cloud::new().await;
    for (network, value) in [("n1", 1.0), ("n2", 2.0)] {
        let body = json!([
            {"metricName": "load", "value": value, "labels": [{"name": "gatewayID", "value": "g1"}, {"name": "networkID", "value": "n9"}]},
            {"metricName": "old", "value": 7.0, "timestamp": (seconds() - 1000).to_string()},
        ]);
        let reply = cloud.post(&format!("/networks/{network}/metrics/push"), body).await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, ""));
    }
    cloud
}

fn values(answer: &Value) -> Vec<(String, String)> {
    let series = answer["data"]["result"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    series.iter().map(|series| (text(&series["metric"]["networkID"]), text(&series["value"][1]))).collect()
}

#[tokio::test]
async fn a_network_sees_its_own_samples_whatever_it_asks_for() {
    let cloud = measured().await;
    for query in
        ["load", "load%7BnetworkID%3D~%22.*%22%7D", "load%7BnetworkID!%3D%22n2%22%7D", "load+or+load"]
    {
        let answer = cloud.get(&format!("/networks/n1/prometheus/query?query={query}")).await.json();
        assert_eq!(answer["status"], "success");
        assert_eq!(answer["data"]["resultType"], "vector");
        assert_eq!(values(&answer), [("n1".to_owned(), "1".to_owned())], "{query}");
    }
    let foreign =
        cloud.get("/networks/n1/prometheus/query?query=load%7BnetworkID%3D%22n2%22%7D").await.json();
    assert_eq!(values(&foreign), []);
    let series = cloud.get("/networks/n2/prometheus/series?match=load").await.json();
    assert_eq!(series, json!([{"__name__": "load", "gatewayID": "g1", "networkID": "n2"}]));
    let several = cloud.get("/networks/n2/prometheus/series?match=load+old").await.json();
    assert_eq!(several.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn ranges_have_defaults_and_limits() {
    let cloud = measured().await;
    let now = seconds();
    let range =
        |start: i64, rest: &str| format!("/networks/n1/prometheus/query_range?query=old&start={start}{rest}");
    let answer = cloud.get(&range(now - 1100, "&step=100")).await.json();
    assert_eq!(answer["data"]["resultType"], "matrix");
    let values = answer["data"]["result"][0]["values"].as_array().unwrap();
    assert!((3..=4).contains(&values.len()), "five minutes of it: {values:?}");
    let to_now = cloud.get(&range(now - 150, "")).await;
    assert_eq!(to_now.json()["data"]["result"], json!([]), "too old to be shown");
    for (path, message) in [
        (range(now - 20_000_000, "&step=1"), "exceeded maximum resolution of 11,000 points"),
        (range(now, "&step=0"), "zero or negative"),
        (range(now, "&step=x"), "cannot parse"),
        ("/networks/n1/prometheus/query_range?query=old".to_owned(), "start is missing"),
        ("/networks/n1/prometheus/query".to_owned(), "query is missing"),
        ("/networks/n1/prometheus/query?query=sum(".to_owned(), "parse error"),
        ("/networks/n1/prometheus/query?query=histogram_stddev(up)".to_owned(), "histogram_stddev"),
        ("/networks/n1/prometheus/query?query=up&time=yesterday".to_owned(), "cannot parse"),
        ("/networks/n1/prometheus/series?match=sum(up)".to_owned(), "no series selector"),
    ] {
        let reply = cloud.get(&path).await;
        assert_eq!(reply.status, 400, "{path}: {reply:?}");
        let message = message.replace("11,000", "11000");
        assert!(reply.message().contains(&message), "{path}: {reply:?}");
    }
}

#[tokio::test]
async fn a_tenant_sees_its_networks_and_grafana_reads_prometheus() {
    let cloud = measured().await;
    cloud.post("/tenants", json!({"id": 2, "name": "both", "networks": ["n1", "n2"]})).await;
    cloud.post("/tenants", json!({"id": 3, "name": "none", "networks": []})).await;
    for (tenant, want) in [(1, 1), (2, 2), (3, 0)] {
        for path in ["query", "api/v1/query"] {
            let answer = cloud.get(&format!("/tenants/{tenant}/metrics/{path}?query=load")).await.json();
            assert_eq!(values(&answer).len(), want, "{tenant} {path}");
        }
        let series = cloud.get(&format!("/tenants/{tenant}/metrics/series?match=load")).await.json();
        assert_eq!(series.as_array().unwrap().len(), want);
    }
    assert_eq!(cloud.get("/tenants/9/metrics/query?query=load").await.status, 404);
    let names = cloud.get("/tenants/2/metrics/api/v1/label/__name__/values").await.json();
    assert_eq!(names, json!({"status": "success", "data": ["load", "old"]}));
    let networks = cloud.get("/tenants/1/metrics/api/v1/label/networkID/values").await.json();
    assert_eq!(networks["data"], json!(["n1"]), "no other tenant's");
    let labels = cloud.get("/tenants/1/metrics/api/v1/labels").await.json();
    assert_eq!(labels["data"], json!(["__name__", "gatewayID", "networkID"]));
    let series = cloud.get("/tenants/1/metrics/api/v1/series?match%5B%5D=load").await.json();
    assert_eq!(series["data"][0]["__name__"], "load");
    let wrong = cloud.get("/tenants/1/metrics/api/v1/query?query=sum(").await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["errorType"]), (400, &json!("bad_data")));
}

#[tokio::test]
async fn what_a_token_forbids_is_not_shown_among_others() {
    let cloud = measured().await;
    cloud.post("/tenants", json!({"id": 4, "name": "both", "networks": ["n1", "n2"]})).await;
    let both = cloud.get("/tenants/4/metrics/query?query=load").await.json();
    assert_eq!(values(&both).len(), 2);
    let policies = json!([
        {"effect": "ALLOW", "action": "READ", "resourceType": "URI", "path": "/**"},
        {"effect": "DENY", "action": "READ", "resourceType": "NETWORK_ID", "resourceIDs": ["n1"]},
    ]);
    let token = cloud.post("/user/ann/tokens", policies).await.json();
    let ann = basic("ann", token["token"].as_str().unwrap());
    let ask =
        async |method: &str, path: &str| cloud.ask_as(&ann, method, &format!("/magma/v1{path}"), "").await;
    for path in ["query", "api/v1/query"] {
        let shown = ask("GET", &format!("/tenants/4/metrics/{path}?query=load")).await.json();
        assert_eq!(shown["data"]["result"].as_array().unwrap().len(), 1, "{path} {shown}");
        assert_eq!(shown["data"]["result"][0]["metric"]["networkID"], "n2");
    }
    let values = ask("GET", "/tenants/4/metrics/api/v1/label/networkID/values").await.json();
    assert_eq!(values["data"], json!(["n2"]));
    assert_eq!(ask("GET", "/networks").await.json(), json!(["n2"]));
    assert_eq!(ask("HEAD", "/networks").await.status, 200);
    assert_eq!(ask("GET", "/networks/n1/prometheus/query?query=load").await.status, 403);
}

#[tokio::test]
async fn grafana_posts_forms() {
    let cloud = measured().await;
    let form = format!(
        "query=load%7BnetworkID%3D%22n1%22%7D&start={}&end={}&step=15",
        seconds() - 60,
        seconds() + 1
    );
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    for path in ["query", "query_range", "series", "labels"] {
        let path = format!("/tenants/1/metrics/api/v1/{path}");
        let reply = cloud.ask_with_body(form_type, "POST", &path, form.clone()).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["status"]), (200, &json!("success")), "{path}");
    }
    let hash = cloud.store.password_of("ann").await.unwrap().unwrap();
    let reads = vec![RoleGrant { tenant: Some(1), role: Role::ReadOnly }];
    cloud.store.create_user_with("read", &hash, reads).await.unwrap();
    let read = basic("read", &session_of(&cloud, "read").await);
    for (path, status) in [
        ("/tenants/1/metrics/api/v1/labels", 200),
        ("/tenants/2/metrics/api/v1/labels", 403),
        ("/networks/n1/metrics/push", 403),
    ] {
        let reply = cloud.ask_as(&read, "POST", &format!("/magma/v1{path}"), "").await;
        assert_eq!(reply.status.as_u16(), status, "who only looks may ask: {path} {reply:?}");
    }
    let audit = cloud.get("/audit").await.json();
    let of_metrics = audit
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["path"].as_str().unwrap().contains("/metrics/api/"));
    assert_eq!(of_metrics.count(), 0, "a question is no change: {audit}");
}

#[tokio::test]
async fn what_cannot_be_kept_is_told() {
    let cloud = Cloud::new().await;
    for (metric, message) in [
        (json!({"metricName": "a b", "value": 1}), "no name of a metric"),
        (
            json!({"metricName": "a", "value": 1, "labels": [{"name": "__name__", "value": "b"}]}),
            "no name of a label",
        ),
        (json!({"metricName": "a", "value": 1, "timestamp": "1000"}), "1 are too old"),
        (json!({"metricName": "a", "value": 1, "timestamp": "soon"}), "cannot parse"),
        (json!({"value": 1}), "metricName in body is required"),
    ] {
        let reply = cloud.post("/networks/n1/metrics/push", json!([metric])).await;
        assert_eq!(reply.status, 400, "{metric}");
        assert!(reply.message().contains(message), "{metric}: {reply:?}");
    }
    assert_eq!(cloud.get("/tenants/targets_metadata").await.json(), json!([]));
}

#[tokio::test]
async fn a_network_is_told_the_names_of_its_own_metrics() {
    let cloud = Cloud::new().await;
    let pushed = |name: &str, gateway: &str| json!([{"metricName": name, "value": 1, "labels": [{"name": "gatewayID", "value": gateway}]}]);
    for (network, name, gateway) in
        [("n1", "load", "g1"), ("n1", "load", "g2"), ("n1", "heat", "g1"), ("n2", "secret", "g1")]
    {
        let reply = cloud.post(&format!("/networks/{network}/metrics/push"), pushed(name, gateway)).await;
        assert_eq!(reply.status, 200);
    }
    let names = cloud.get("/networks/n1/prometheus/metric_names").await.json();
    let plain = |name: &str, series: u32| json!({"name": name, "type": "", "help": "", "series": series});
    assert_eq!(names, json!([plain("heat", 1), plain("load", 2)]));
}

#[tokio::test]
async fn an_overview_has_the_highest_lines_and_how_many_there_are() {
    let cloud = Cloud::new().await;
    for (network, gateway, value) in [("n1", "g1", 1), ("n1", "g2", 3), ("n1", "g3", 2), ("n2", "g9", 9)] {
        let body = json!([{"metricName": "load", "value": value, "labels": [{"name": "gatewayID", "value": gateway}]}]);
        assert_eq!(cloud.post(&format!("/networks/{network}/metrics/push"), body).await.status, 200);
    }
    let start = seconds() - 50;
    let path =
        format!("/networks/n1/prometheus/query_overview?query=load&start={start}&end={}&step=30", start + 60);
    let found = cloud.get(&format!("{path}&lines=2&rows=1")).await.json();
    let metric = |gateway: &str| json!({"__name__": "load", "gatewayID": gateway, "networkID": "n1"});
    let lines = json!([
        {"metric": metric("g2"), "values": [null, null, 3.0]},
        {"metric": metric("g3"), "values": [null, null, 2.0]},
    ]);
    let latest = json!([{"metric": metric("g2"), "value": 3.0}]);
    assert_eq!(found, json!({"found": 3, "current": 3, "lines": lines, "latest": latest}));
    assert_eq!(cloud.get(&path).await.json()["lines"].as_array().unwrap().len(), 3);
    for (wrong, message) in [("&lines=1001", "up to 1000"), ("&rows=x", "rows"), ("&step=0", "zero")] {
        let reply = cloud.get(&format!("{path}{wrong}").replace("&step=30&step=0", "&step=0")).await;
        assert_eq!(reply.status, 400, "{wrong}: {reply:?}");
        assert!(reply.message().contains(message), "{wrong}: {reply:?}");
    }
}

#[tokio::test]
async fn a_metric_is_told_with_the_values_of_its_labels() {
    let cloud = measured().await;
    let found = cloud.get("/networks/n2/prometheus/metric_names/load").await.json();
    assert_eq!(found, json!({"name": "load", "type": "", "help": "", "labels": {"gatewayID": ["g1"]}}));
    let nothing = cloud.get("/networks/n2/prometheus/metric_names/a%22b%5C").await;
    assert_eq!((nothing.status.as_u16(), &nothing.json()["labels"]), (200, &json!({})));
}
