//! Call traces, as the web UI orders, ends, fetches and deletes them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::cloud::{Cloud, gateway};

fn order(id: &str, gateway: &str) -> Value {
    json!({"trace_id": id, "trace_type": "GATEWAY", "gateway_id": gateway, "timeout": 60, "capture_filters": "sctp"})
}

const TRACING: &str = "/networks/n1/tracing";

#[tokio::test]
async fn a_trace_is_ordered_ended_downloaded_and_deleted() {
    let cloud = Cloud::new().await;
    let made = cloud.post(TRACING, order("t 1", "g1")).await;
    assert_eq!((made.status, made.json()), (StatusCode::CREATED, json!("t 1")));
    assert_eq!(cloud.told.take(), ["h1: start trace t 1"]);
    let path = format!("{TRACING}/t%201");
    let active = json!({"call_trace_available": false, "call_trace_ending": false});
    assert_eq!(cloud.get(&path).await.json(), json!({"config": order("t 1", "g1"), "state": active}));
    assert_eq!(cloud.get(&format!("{path}/download")).await.status, StatusCode::NOT_FOUND);
    let not_now = cloud.send("PUT", &path, json!({"requested_end": false}).to_string()).await;
    assert_eq!(not_now.status, StatusCode::BAD_REQUEST);
    assert_eq!(cloud.told.take(), [""; 0]);

    let end = json!({"requested_end": true}).to_string();
    assert_eq!(cloud.send("PUT", &path, end.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(cloud.told.take(), ["h1: end trace t 1"]);
    let over = json!({"call_trace_available": true, "call_trace_ending": true});
    assert_eq!(cloud.get(TRACING).await.json()["t 1"]["state"], over);
    assert_eq!(cloud.get(&format!("{path}/download")).await.text, "pcap");
    assert_eq!(cloud.send("PUT", &path, end).await.status, StatusCode::BAD_REQUEST, "it is over");

    assert_eq!(cloud.send("DELETE", &path, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(cloud.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(cloud.send("DELETE", &path, "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_trace_that_does_not_begin_is_not_kept() {
    let cloud = Cloud::new().await;
    for device in ["offline", "slow", "refusing"] {
        let id = format!("g-{device}");
        assert_eq!(
            cloud.post("/networks/n1/gateways", gateway(&id, Some(device))).await.status,
            StatusCode::CREATED
        );
        let reply = cloud.post(TRACING, order("t1", &id)).await;
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR, "{device}");
    }
    let mut refused = order("t1", "g1");
    refused["capture_filters"] = json!("refused");
    let reply = cloud.post(TRACING, refused).await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(reply.message().contains("did not begin"), "{reply:?}");
    assert_eq!(cloud.get(&format!("{TRACING}/t1")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_trace_that_ended_by_itself_keeps_what_was_reported() {
    let cloud = Cloud::new().await;
    assert_eq!(cloud.post(TRACING, order("gone", "g1")).await.status, StatusCode::CREATED);
    let end = json!({"requested_end": true}).to_string();
    assert_eq!(cloud.send("PUT", &format!("{TRACING}/gone"), end).await.status, StatusCode::NO_CONTENT);
    let over = json!({"call_trace_available": false, "call_trace_ending": true});
    assert_eq!(cloud.get(&format!("{TRACING}/gone")).await.json()["state"], over);
}

#[tokio::test]
async fn orders_without_sense_are_refused_and_nothing_is_asked_of_gateways() {
    let cloud = Cloud::new().await;
    for (order, status, expected) in [
        (json!({"trace_type": "GATEWAY", "gateway_id": "g1"}), 400, "trace_id"),
        (order("", "g1"), 400, "trace_id"),
        (order("a/b", "g1"), 400, "slashes"),
        (order(&"x".repeat(257), "g1"), 400, "256"),
        (json!({"trace_id": "t", "trace_type": "ALL", "gateway_id": "g1"}), 400, "trace_type"),
        (json!({"trace_id": "t", "trace_type": "GATEWAY"}), 400, "gateway_id"),
        (order("t", "g9"), 404, "not found"),
        (order("t", "g2"), 404, "has no device"),
        (order("tr1", "g1"), 400, "already exists"),
    ] {
        let reply = cloud.post(TRACING, order.clone()).await;
        assert_eq!(reply.status.as_u16(), status, "{order}");
        assert!(reply.message().contains(expected), "{order}: {reply:?}");
    }
    assert_eq!(cloud.told.take(), [""; 0]);
}
