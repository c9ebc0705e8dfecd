//! How much there is in each network.

use super::*;
use crate::NetworkCounts;
use orc8r_model::{ReportedState, StateId, entity_type};

async fn report(store: &Store, reporter: &str, state: (&str, &str), value: &str, now_ms: u64) {
    let id = StateId { state_type: state.0.into(), device_id: state.1.into() };
    let report = ReportedState { id, value: value.as_bytes().to_vec(), version: 0 };
    store.put_states(&network("n1"), reporter, vec![report], now_ms).await.unwrap();
}

#[tokio::test]
async fn each_network_is_counted_by_itself() {
    let store = store().await;
    let n1 = network("n1");
    let entity = |kind: &str, key: &str| EntityWrite::Create(Entity::new(EntityId::new(kind, key)));
    let made = [
        entity(entity_type::SUBSCRIBER, "IMSI1"),
        entity(entity_type::SUBSCRIBER, "IMSI2"),
        entity(entity_type::CELLULAR_ENODEB, "e1"),
    ];
    store.write_entities(&n1, made.to_vec()).await.unwrap();
    // Two gateways see one base station, and one of them no longer.
    report(&store, "h1", ("single_enodeb", "e1"), r#"{"enodeb_connected":false}"#, 1000).await;
    report(&store, "h2", ("single_enodeb", "e1"), r#"{"enodeb_connected":true}"#, 1000).await;
    report(&store, "h2", ("single_enodeb", "e2"), r#"{"enodeb_connected":true}"#, 999).await;
    report(&store, "h2", ("single_enodeb", "e3"), "no JSON", 1000).await;
    for gateway in ["h1", "h2"] {
        let sessions = r#"{"subscribers":{"IMSI1":{},"IMSI9":{}}}"#;
        report(&store, gateway, ("gateway_subscriber_state", gateway), sessions, 1).await;
    }
    let lease = |state| format!(r#"{{"ip":{{"address":"CgAAAQ=="}},"state":"{state}"}}"#);
    report(&store, "h1", ("mobilityd_ipdesc_record", "IMSI1.internet"), &lease("ALLOCATED"), 1).await;
    report(&store, "h1", ("mobilityd_ipdesc_record", "IMSI2.internet"), &lease("RELEASED"), 1).await;
    let counts = store.network_counts(1000).await.unwrap();
    let expected = NetworkCounts {
        network: "n1".into(),
        network_type: counts[0].network_type.clone(),
        subscribers: 2,
        subscribers_with_sessions: 2,
        addresses: 1,
        enodebs: 1,
        enodebs_connected: 1,
    };
    let nothing = NetworkCounts {
        network: "n2".into(),
        network_type: counts[1].network_type.clone(),
        ..NetworkCounts::default()
    };
    assert_eq!(counts, [expected, nothing]);
}
