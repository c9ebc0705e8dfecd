//! When gateways checked in.

use super::*;
use crate::CheckIn;
use orc8r_model::{ReportedState, StateId};

#[tokio::test]
async fn every_gateway_is_listed_with_its_last_status() {
    let store = store().await;
    for kind in ["gw_state", "other"] {
        let id = StateId { state_type: kind.into(), device_id: "h1".into() };
        let report = ReportedState { id, value: b"{}".to_vec(), version: 0 };
        let time = if kind == "other" { 9999 } else { 1234 };
        store.put_states(&network("n1"), "h1", vec![report], time).await.unwrap();
    }
    let check_in =
        |gateway: &str, time_ms| CheckIn { network: "n1".into(), gateway: gateway.into(), time_ms };
    assert_eq!(store.check_ins().await.unwrap(), [check_in("g1", Some(1234)), check_in("g2", None)]);
}

#[tokio::test]
async fn configurations_have_the_time_that_their_gateway_says() {
    let store = store().await;
    for (value, want) in [
        (r#"{"platform_info":{"config_info":{"mconfig_created_at":1700000000}}}"#, Some(1_700_000_000)),
        (r#"{"platform_info":{"config_info":{"mconfig_created_at":0}}}"#, None),
        (r#"{"platform_info":{}}"#, None),
        ("no JSON", None),
    ] {
        let id = StateId { state_type: "gw_state".into(), device_id: "h1".into() };
        let report = ReportedState { id, value: value.into(), version: 0 };
        store.put_states(&network("n1"), "h1", vec![report], 1).await.unwrap();
        let found = store.configuration_times().await.unwrap();
        let want: Vec<_> = want.map(|time| ("n1".to_owned(), "g1".to_owned(), time)).into_iter().collect();
        assert_eq!(found, want, "{value}");
    }
}
