//! Call traces.

use super::*;
use serde_json::json;

#[tokio::test]
async fn a_trace_is_ordered_ended_by_its_gateway_and_forgotten() {
    let store = store().await;
    let (n1, n2) = (network("n1"), network("n2"));
    let config = json!({"trace_id": "t", "trace_type": "GATEWAY"});
    store.create_call_trace(&n1, "t", "g1", config.clone()).await.unwrap();
    let again = store.create_call_trace(&n1, "t", "g1", config.clone()).await.unwrap_err();
    assert_eq!(again.to_string(), "call trace t already exists");
    store.create_call_trace(&n2, "t", "g9", json!({})).await.unwrap();
    let nowhere = store.create_call_trace(&network("n3"), "t", "g1", json!({})).await.unwrap_err();
    assert!(matches!(nowhere, StoreError::NotFound { .. }), "{nowhere}");

    let trace = store.call_trace(&n1, "t").await.unwrap();
    assert_eq!((trace.config, trace.ended, trace.bytes), (config, false, None));
    assert!(store.call_trace_capture(&n1, "t").await.is_err());
    let foreign = store.end_call_trace(&n1, "g2", "t", Some(vec![1])).await.unwrap_err();
    assert!(matches!(foreign, StoreError::NotFound { .. }), "{foreign}");
    assert!(!store.call_trace(&n1, "t").await.unwrap().ended, "another gateway ends nothing");

    store.end_call_trace(&n1, "g1", "t", None).await.unwrap();
    let trace = store.call_trace(&n1, "t").await.unwrap();
    assert_eq!((trace.ended, trace.bytes), (true, None));
    for capture in [vec![1, 0, 255], vec![2]] {
        store.end_call_trace(&n1, "g1", "t", Some(capture.clone())).await.unwrap();
        assert_eq!(store.call_trace_capture(&n1, "t").await.unwrap(), capture);
        assert_eq!(store.call_trace(&n1, "t").await.unwrap().bytes, Some(capture.len() as u64));
    }

    store.delete_call_trace(&n1, "t").await.unwrap();
    assert!(store.call_trace_capture(&n1, "t").await.is_err());
    assert!(store.delete_call_trace(&n1, "t").await.is_err());
    assert_eq!(store.call_traces(&n1).await.unwrap(), []);
    assert_eq!(store.call_traces(&n2).await.unwrap().len(), 1);
    store.delete_network(&n2).await.unwrap();
    assert_eq!(store.call_traces(&n2).await.unwrap(), []);
}

#[tokio::test]
async fn captures_of_a_network_are_bounded() {
    let store = store().await;
    let n1 = network("n1");
    for number in 0..1000 {
        store.create_call_trace(&n1, &format!("t{number:04}"), "g1", json!({})).await.unwrap();
    }
    let more = store.create_call_trace(&n1, "more", "g1", json!({})).await.unwrap_err();
    assert!(more.to_string().contains("1000 call traces"), "{more}");
    store.delete_call_trace(&n1, "t0500").await.unwrap();
    store.create_call_trace(&n1, "more", "g1", json!({})).await.unwrap();
    assert_eq!(store.call_traces(&n1).await.unwrap().len(), 1000);
}
