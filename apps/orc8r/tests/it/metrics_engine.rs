//! Metrics that an existing engine gets and answers queries about, beside an Orchestrator that has its own.

use std::time::Duration;

use orc8r::Config;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::edge::{DOMAIN, Edge};
use crate::engines::{Kind, Prometheus};

async fn started(engine: Option<&Prometheus>) -> Edge {
    let data = tempfile::tempdir().unwrap();
    let mut config = Config::on_loopback(data.path(), DOMAIN);
    config.metrics.engine = engine.map(Prometheus::url);
    config.metrics.remote_write = engine.map(Prometheus::write_url);
    let edge = Edge { running: orc8r::start(config).await.unwrap(), data };
    let dns = json!({"enable_caching": false, "local_ttl": 0});
    for id in ["n1", "n2"] {
        let network = json!({"id": id, "name": id, "description": "one", "dns": dns});
        edge.rest("POST", "/networks", Some(network)).await;
    }
    for (id, network) in [(1, "n1"), (2, "n2")] {
        let tenant = json!({"id": id, "name": network, "networks": [network]});
        edge.rest("POST", "/tenants", Some(tenant)).await;
    }
    edge
}

async fn push(edge: &Edge, time: i64) {
    for (network, value) in [("n1", 1.5), ("n2", 2.0)] {
        let samples: Vec<Value> = ["g1", "g2"]
            .into_iter()
            .map(|gateway| {
                json!({"metricName": "load", "value": value, "timestamp": time.to_string(),
                       "labels": [{"name": "gatewayID", "value": gateway}]})
            })
            .collect();
        edge.rest("POST", &format!("/networks/{network}/metrics/push"), Some(json!(samples))).await;
    }
}

/// The list of series has no order.
fn sorted(mut answer: Value) -> Value {
    for path in ["/data/result", "/data", ""] {
        if let Some(Value::Array(list)) = answer.pointer_mut(path) {
            list.sort_by_key(Value::to_string);
        }
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_answers_the_same_of_an_existing_engine_and_of_the_embedded_store() {
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let embedded = started(None).await;
    push(&embedded, time).await;
    for kind in [Kind::Prometheus, Kind::VictoriaMetrics] {
        let Some(engine) = Prometheus::start_a(kind) else { continue };
        let edge = started(Some(&engine)).await;
        push(&edge, time).await;
        let at = format!("time={time}");
        let (from, to) = (time - 60, time + 60);
        let count = |tenant: u8| format!("/tenants/{tenant}/metrics/query?query=count(load)&{at}");
        for tenant in [1, 2] {
            for _ in 0..600 {
                engine.get("/internal/force_flush");
                let answer = edge.rest("GET", &count(tenant), None).await;
                if answer["data"]["result"][0]["value"][1] == "2" {
                    break;
                }
                sleep(Duration::from_millis(100)).await;
            }
        }
        for path in [
            format!("/networks/n1/prometheus/query?query=load&{at}"),
            format!("/networks/n1/prometheus/query?query=sum(load%7BnetworkID%3D~%22.*%22%7D)&{at}"),
            format!("/networks/n1/prometheus/query?query=load%7BnetworkID%3D%22n2%22%7D&{at}"),
            format!("/networks/n2/prometheus/query_range?query=sum(load)&start={time}&end={time}&step=15"),
            format!("/networks/n2/prometheus/series?match=load&start={from}&end={to}"),
            format!("/tenants/1/metrics/api/v1/query?query=load&{at}"),
            format!("/tenants/1/metrics/api/v1/series?match%5B%5D=load&start={from}&end={to}"),
            format!("/tenants/1/metrics/api/v1/labels?match%5B%5D=load&start={from}&end={to}"),
            format!(
                "/tenants/1/metrics/api/v1/label/gatewayID/values?match%5B%5D=load&start={from}&end={to}"
            ),
        ] {
            let mut theirs = sorted(edge.rest("GET", &path, None).await);
            if let Some(answer) = theirs.as_object_mut() {
                // VictoriaMetrics and later releases of Prometheus add what they counted.
                answer.retain(|name, _| ["status", "data"].contains(&name.as_str()));
            }
            assert_eq!(theirs, sorted(embedded.rest("GET", &path, None).await), "{path}");
        }
        let wrong = "/networks/n1/prometheus/query?query=sum(";
        assert_eq!(edge.rest_as(&edge.admin(), "GET", wrong, None).await.0, 400);
        drop(engine);
        let (status, answer) = edge.rest_as(&edge.admin(), "GET", &count(1), None).await;
        assert_eq!(status, 503, "{answer}");
        assert!(answer["message"].as_str().unwrap().contains("metrics engine 127.0.0.1:"), "{answer}");
    }
}
