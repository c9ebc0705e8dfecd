//! Reported states.

use super::*;
use orc8r_model::{ReportedState, StateFilter, StateId};

fn id(state_type: &str, device_id: &str) -> StateId {
    StateId { state_type: state_type.into(), device_id: device_id.into() }
}

async fn report(store: &Store, id: StateId, value: &[u8], version: u64, now_ms: u64) {
    let report = ReportedState { id, value: value.to_vec(), version };
    store.put_states(&network("n1"), "h1", vec![report], now_ms).await.unwrap();
}

#[tokio::test]
async fn a_report_replaces_the_last_and_counts_versions_unless_it_brings_one() {
    let store = store().await;
    let state = id("gw_state", "h1");
    for (version, expect) in [(0, 0), (0, 1), (0, 2), (40, 40), (0, 41), (7, 7)] {
        report(&store, state.clone(), b"\xff\0", version, 1_700_000_000_000 + expect).await;
        let stored = store.state(&network("n1"), &state).await.unwrap().unwrap();
        assert_eq!((stored.version, stored.time_ms), (expect, 1_700_000_000_000 + expect));
        assert_eq!((stored.value.as_slice(), stored.reporter.as_str()), (&b"\xff\0"[..], "h1"));
    }
    assert_eq!(store.state(&network("n2"), &state).await.unwrap(), None, "a state belongs to its network");
}

#[tokio::test]
async fn a_gateway_cannot_make_its_state_unreadable_by_a_version() {
    let store = store().await;
    let state = id("gw_state", "h1");
    for (version, expect) in [(u64::MAX, i64::MAX as u64), (0, 1), (0, 2)] {
        report(&store, state.clone(), b"{}", version, 0).await;
        let stored = store.state(&network("n1"), &state).await.unwrap().unwrap();
        assert_eq!(stored.version, expect, "after {version}");
    }
}

#[tokio::test]
async fn states_are_found_by_type_device_and_prefix() {
    let store = store().await;
    for (state_type, device_id) in
        [("b", "IMSI1"), ("a", "IMSI2"), ("a", "imsi3"), ("a", "h%"), ("a", "IMSI1")]
    {
        report(&store, id(state_type, device_id), b"1", 0, 0).await;
    }
    let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<BTreeSet<_>>();
    let filter = |types: &[&str], devices: &[&str], prefix: Option<&str>| StateFilter {
        state_types: set(types),
        device_ids: set(devices),
        device_id_prefix: prefix.map(str::to_owned),
    };
    let rows = [
        ("all", filter(&[], &[], None), "a:IMSI1 a:IMSI2 a:h% a:imsi3 b:IMSI1"),
        ("a type", StateFilter::of_type("b"), "b:IMSI1"),
        ("a device", filter(&[], &["IMSI1"], None), "a:IMSI1 b:IMSI1"),
        ("types and devices", filter(&["a", "b"], &["IMSI1", "IMSI2"], None), "a:IMSI1 a:IMSI2 b:IMSI1"),
        ("a prefix as it is written", filter(&["a"], &[], Some("IMSI")), "a:IMSI1 a:IMSI2"),
        ("no wildcard in a prefix", filter(&[], &[], Some("%")), ""),
        ("nobody", filter(&["c"], &[], None), ""),
    ];
    for (name, filter, expect) in rows {
        let found = store.states(&network("n1"), filter).await.unwrap();
        let names: Vec<_> =
            found.iter().map(|state| format!("{}:{}", state.id.state_type, state.id.device_id)).collect();
        assert_eq!(names.join(" "), expect, "{name}");
    }
}

#[tokio::test]
async fn versions_are_told_and_states_deleted_by_name() {
    let store = store().await;
    report(&store, id("a", "1"), b"", 5, 0).await;
    report(&store, id("a", "2"), b"", 6, 0).await;
    let n1 = network("n1");
    let versions = store.state_versions(&n1, vec![id("a", "1"), id("a", "none")]).await.unwrap();
    assert_eq!(versions, [(id("a", "1"), 5)].into());
    store.delete_states(&network("n2"), "h1", vec![id("a", "1")]).await.unwrap();
    store.delete_states(&n1, "h1", vec![id("a", "2"), id("a", "none")]).await.unwrap();
    let left = store.states(&n1, StateFilter::default()).await.unwrap();
    assert_eq!(left.into_iter().map(|state| state.id).collect::<Vec<_>>(), [id("a", "1")]);
}

#[tokio::test]
async fn a_gateway_has_so_many_states_and_no_more() {
    use crate::state_bound::STATES_MAX;
    let store = store().await;
    let put = async |reporter: &str, numbers: std::ops::Range<u64>| {
        let report = |number| ReportedState {
            id: id("t", &format!("{reporter}-{number}")),
            value: vec![],
            version: 0,
        };
        store.put_states(&network("n1"), reporter, numbers.map(report).collect(), 1).await
    };
    put("h1", 0..STATES_MAX - 1).await.unwrap();
    put("h1", 5..9).await.expect("those that are there are reported as often as it likes");
    let refused = put("h1", STATES_MAX - 1..STATES_MAX + 1).await.unwrap_err();
    assert!(matches!(refused, StoreError::Invalid { .. }) && refused.to_string().contains("h1"), "{refused}");
    put("h1", STATES_MAX - 1..STATES_MAX).await.expect("the last that fits");
    put("h1", STATES_MAX..STATES_MAX + 1).await.expect_err("one too many");
    put("h1", 0..3).await.expect("what it has");
    put("h2", 0..3).await.expect("another gateway has its own");
    store.delete_states(&network("n1"), "h1", vec![id("t", "h1-0")]).await.unwrap();
    put("h1", STATES_MAX..STATES_MAX + 1).await.expect("there is room again");
}
