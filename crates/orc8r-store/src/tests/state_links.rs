//! States by what is in them.

use super::*;
use orc8r_model::{LinkKind, ReportedState, StateId};

fn id(state_type: &str, device_id: &str) -> StateId {
    StateId { state_type: state_type.into(), device_id: device_id.into() }
}

async fn report(
    store: &Store,
    reporter: &str,
    (state_type, device_id): (&str, &str),
    value: &str,
    now_ms: u64,
) {
    let report =
        ReportedState { id: id(state_type, device_id), value: value.as_bytes().to_vec(), version: 0 };
    store.put_states(&network("n1"), reporter, vec![report], now_ms).await.unwrap();
}

fn lease(state: &str) -> String {
    format!(r#"{{"ip":{{"address":"CgAAAQ=="}},"state":"{state}"}}"#)
}

#[tokio::test]
async fn a_link_is_as_new_as_its_state() {
    let store = store().await;
    let holder = async || store.lease_of_ip(&network("n1"), "10.0.0.1".parse().unwrap()).await.unwrap();
    assert_eq!(holder().await, None);
    report(&store, "h1", ("mobilityd_ipdesc_record", "IMSI1.internet"), &lease("ALLOCATED"), 1).await;
    assert_eq!(holder().await.as_deref(), Some("IMSI1.internet"));
    report(&store, "h1", ("mobilityd_ipdesc_record", "IMSI2.internet"), &lease("ALLOCATED"), 2).await;
    assert_eq!(holder().await.as_deref(), Some("IMSI2.internet"), "the newest");
    report(&store, "h1", ("mobilityd_ipdesc_record", "IMSI2.internet"), &lease("RELEASED"), 3).await;
    assert_eq!(holder().await.as_deref(), Some("IMSI1.internet"));
    store
        .delete_states(&network("n1"), "h1", vec![id("mobilityd_ipdesc_record", "IMSI1.internet")])
        .await
        .unwrap();
    assert_eq!(holder().await, None);
    let elsewhere = store.lease_of_ip(&network("n2"), "10.0.0.1".parse().unwrap()).await.unwrap();
    assert_eq!(elsewhere, None);
}

#[tokio::test]
async fn subscribers_and_tunnels_are_located() {
    let store = store().await;
    let n1 = network("n1");
    let record = r#"{"location_history":["h7"],"identifiers":{"session_id":"IMSI1-9","sgw_c_teid":"5,6","sgw_u_teid":"5"}}"#;
    report(&store, "h1", ("directory_record", "IMSI1"), record, 1).await;
    for session in ["9", "IMSI1-9"] {
        assert_eq!(store.imsi_of_session(&n1, session).await.unwrap().as_deref(), Some("IMSI1"));
    }
    let h7 = HardwareId::parse("h7").ok();
    for (kind, teid, expected) in [
        (LinkKind::ControlTunnel, "6", &h7),
        (LinkKind::UserTunnel, "5", &h7),
        (LinkKind::UserTunnel, "6", &None),
    ] {
        assert_eq!(store.hardware_id_of_tunnel(&n1, kind, teid).await.unwrap(), *expected, "{kind:?} {teid}");
    }
    assert_eq!(store.location_of(&n1, "IMSI1").await.unwrap(), h7);
    assert_eq!(store.location_of(&n1, "IMSI2").await.unwrap(), None);
    assert_eq!(store.location_of(&network("n2"), "IMSI1").await.unwrap(), None);
}

#[tokio::test]
async fn the_sessions_of_a_gateway_are_found_by_each_subscriber() {
    let store = store().await;
    let found = async |imsi: &str| {
        let states = store.linked_states(&network("n1"), LinkKind::Subscriber, imsi).await.unwrap();
        states.into_iter().map(|state| state.reporter).collect::<Vec<_>>()
    };
    report(&store, "h1", ("gateway_subscriber_state", "h1"), r#"{"subscribers":{"IMSI1":{},"IMSI2":{}}}"#, 1)
        .await;
    report(&store, "h2", ("gateway_subscriber_state", "h2"), r#"{"subscribers":{"IMSI2":{}}}"#, 2).await;
    assert_eq!(found("IMSI2").await, ["h2", "h1"], "the newest first");
    report(&store, "h1", ("gateway_subscriber_state", "h1"), r#"{"subscribers":{"IMSI1":{}}}"#, 3).await;
    assert_eq!((found("IMSI1").await, found("IMSI2").await), (vec!["h1".to_owned()], vec!["h2".to_owned()]));
}

#[tokio::test]
async fn each_gateway_has_its_word_on_a_base_station() {
    let store = store().await;
    let (n1, enodeb) = (network("n1"), ("single_enodeb", "e1"));
    report(&store, "h1", enodeb, "1", 1).await;
    report(&store, "h2", enodeb, "2", 2).await;
    let words = async || {
        let states = store.enodeb_states(&n1, "e1").await.unwrap();
        states.into_iter().map(|state| state.reporter).collect::<Vec<_>>()
    };
    assert_eq!(words().await, ["h2", "h1"]);
    let of_h1 = store.enodeb_states_of(&n1, &HardwareId::parse("h1").unwrap()).await.unwrap();
    assert_eq!((of_h1.len(), of_h1[0].value.as_slice()), (1, &b"1"[..]));
    store.delete_states(&n1, "h2", vec![id("single_enodeb", "e1")]).await.unwrap();
    let state = store.state(&n1, &id("single_enodeb", "e1")).await.unwrap().unwrap();
    assert_eq!(
        (state.reporter.as_str(), words().await),
        ("h1", vec!["h1".to_owned()]),
        "the other's word stands"
    );
}

#[tokio::test]
async fn only_who_reported_a_state_last_can_delete_it() {
    let store = store().await;
    let (n1, record) = (network("n1"), id("directory_record", "IMSI1"));
    report(&store, "h1", ("directory_record", "IMSI1"), "{}", 1).await;
    report(&store, "h2", ("directory_record", "IMSI1"), "{}", 2).await;
    store.delete_states(&n1, "h1", vec![record.clone()]).await.unwrap();
    assert!(store.state(&n1, &record).await.unwrap().is_some(), "the subscriber has moved");
    store.delete_states(&n1, "h2", vec![record.clone()]).await.unwrap();
    assert_eq!(store.state(&n1, &record).await.unwrap(), None);
}

#[tokio::test]
async fn what_devices_of_nobody_reported_goes_after_a_while() {
    let store = store().await;
    for (reporter, now_ms) in [("h1", 1), ("gone", 1), ("gone", 5)] {
        report(&store, reporter, ("MME", &format!("{reporter}{now_ms}")), "{}", now_ms).await;
    }
    report(&store, "gone", ("single_enodeb", "e1"), "{}", 1).await;
    assert_eq!(store.purge_orphaned_states(5).await.unwrap(), 1);
    let left = store.states(&network("n1"), Default::default()).await.unwrap();
    let left: Vec<_> = left.iter().map(|state| state.id.device_id.as_str()).collect();
    assert_eq!(left, ["gone5", "h11"]);
    assert_eq!(store.enodeb_states(&network("n1"), "e1").await.unwrap(), []);
}
