//! Which federation gateway is active, as they report.

use super::*;
use orc8r_model::{HealthReport, NetworkUpdate, ServiceHealth, SystemLoad};
use serde_json::json;

/// Whether a gateway says that it is well.
fn report(healthy: bool) -> HealthReport {
    let service = ServiceHealth { available: true, healthy, message: "m".into() };
    HealthReport {
        system: Some(SystemLoad { cpu: 0.1, memory_total: 10, memory_available: 9 }),
        services: ["SWX_PROXY", "SESSION_PROXY"].map(|name| (name.to_owned(), service.clone())).into(),
    }
}

/// The store, in which `n1` is a federation network.
async fn federation() -> Store {
    let store = store().await;
    let update = NetworkUpdate { network_type: Some("feg".into()), ..NetworkUpdate::default() };
    store.update_network(&network("n1"), update).await.unwrap();
    store
}

#[tokio::test]
async fn the_decision_follows_the_reports_and_is_kept() {
    let store = federation().await;
    let (n1, seconds) = (network("n1"), |seconds: u64| 1_700_000_000_000 + seconds * 1000);
    assert_eq!(store.active_federation_gateway(&n1).await.unwrap(), None);
    for (name, at, reporter, healthy, active, former) in [
        ("the first", 0, "g1", true, "g1", None),
        ("the other stands by", 1, "g2", true, "g1", None),
        ("the active one is ill", 10, "g1", false, "g2", Some("g1")),
        ("it is well again, and stands by", 31, "g1", true, "g2", None),
        ("the active one was not heard of for too long", 32, "g1", true, "g1", Some("g2")),
        ("it comes back, and stands by", 33, "g2", true, "g1", None),
    ] {
        let reporter = gateway_id(reporter);
        let decision =
            store.report_federation_health(&n1, &reporter, report(healthy), seconds(at)).await.unwrap();
        assert_eq!((decision.active.as_str(), decision.former.as_deref()), (active, former), "{name}");
        assert_eq!(decision.verdict.healthy, healthy, "{name}");
        assert_eq!(store.active_federation_gateway(&n1).await.unwrap().as_deref(), Some(active), "{name}");
    }
}

#[tokio::test]
async fn a_gateways_health_is_judged_when_it_is_asked_by_its_own_networks_rules() {
    let store = federation().await;
    let (n1, g1) = (network("n1"), gateway_id("g1"));
    assert_eq!(store.federation_health(&n1, &g1, 0).await.unwrap(), None, "never reported");
    store.report_federation_health(&n1, &g1, report(true), 1_000).await.unwrap();
    let healthy =
        async |now_ms| store.federation_health(&n1, &g1, now_ms).await.unwrap().unwrap().verdict.healthy;
    assert!(healthy(31_000).await);
    assert!(!healthy(32_000).await, "stale");
    let config = json!({"health": {"update_interval_secs": 60, "update_failure_threshold": 2}});
    store.update_network(&n1, NetworkUpdate::config("federation_network", Some(config))).await.unwrap();
    assert!(healthy(121_000).await);
    assert!(!healthy(122_000).await, "stale by the network's rule");
    let elsewhere = store.federation_health(&network("n2"), &g1, 0).await;
    assert!(matches!(elsewhere, Err(StoreError::Invalid { .. })), "no federation network: {elsewhere:?}");
}

#[tokio::test]
async fn a_gateway_that_is_gone_is_neither_asked_nor_active() {
    let store = federation().await;
    let (n1, g1, g2) = (network("n1"), gateway_id("g1"), gateway_id("g2"));
    store.report_federation_health(&n1, &g1, report(true), 1_000).await.unwrap();
    write(&store, EntityWrite::Delete(gateway("g1"))).await.unwrap();
    assert_eq!(store.federation_health(&n1, &g1, 1_000).await.unwrap(), None);
    let decision = store.report_federation_health(&n1, &g2, report(false), 2_000).await.unwrap();
    assert_eq!((decision.active.as_str(), decision.former.as_deref()), ("g2", Some("g1")));
    store.delete_network(&n1).await.unwrap();
    assert_eq!(store.active_federation_gateway(&n1).await.unwrap(), None);
    assert!(matches!(
        store.report_federation_health(&n1, &g2, report(true), 3_000).await,
        Err(StoreError::NotFound { .. })
    ));
}
