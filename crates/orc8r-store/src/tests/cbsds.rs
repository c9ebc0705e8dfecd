//! Radios that share spectrum.

use super::*;
use crate::CbsdFilter;
use serde_json::json;

#[tokio::test]
async fn a_radio_is_found_in_its_network_until_it_is_deleted() {
    let store = store().await;
    let (n1, n2) = (network("n1"), network("n2"));
    let id = store.create_cbsd(&n1, "s1", json!({"a": 1})).await.unwrap();
    assert_eq!(store.cbsd(&n1, id).await.unwrap().config, json!({"a": 1}));
    store.update_cbsd(&n1, id, "s2", json!({"a": 2})).await.unwrap();
    store.update_cbsd(&n1, id, "s2", json!({"a": 3})).await.unwrap();
    assert_eq!(store.cbsd(&n1, id).await.unwrap().config, json!({"a": 3}));
    let missing =
        |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::NotFound { .. })));
    missing(store.cbsd(&n2, id).await.map(drop));
    missing(store.update_cbsd(&n2, id, "s2", json!({})).await);
    missing(store.delete_cbsd(&n2, id).await);
    missing(store.create_cbsd(&network("n3"), "s3", json!({})).await.map(drop));
    store.delete_cbsd(&n1, id).await.unwrap();
    missing(store.delete_cbsd(&n1, id).await);
    assert!(store.create_cbsd(&n1, "s2", json!({})).await.unwrap() > id, "no number is used twice");
}

#[tokio::test]
async fn a_serial_number_belongs_to_one_radio_of_all_networks() {
    let store = store().await;
    let one = store.create_cbsd(&network("n1"), "s1", json!({})).await.unwrap();
    let taken = store.create_cbsd(&network("n2"), "s1", json!({})).await.unwrap_err();
    assert_eq!(taken.to_string(), "cbsd with serial number s1 already exists");
    let two = store.create_cbsd(&network("n2"), "s2", json!({})).await.unwrap();
    let taken = store.update_cbsd(&network("n2"), two, "s1", json!({})).await.unwrap_err();
    assert!(matches!(taken, StoreError::AlreadyExists { .. }));
    store.delete_network(&network("n1")).await.unwrap();
    assert!(store.cbsd(&network("n1"), one).await.is_err(), "a radio goes with its network");
    store.update_cbsd(&network("n2"), two, "s1", json!({})).await.unwrap();
}

#[tokio::test]
async fn radios_are_listed_in_parts_with_their_number() {
    let store = store().await;
    let n1 = network("n1");
    for serial in ["s3", "s1", "s2"] {
        store.create_cbsd(&n1, serial, json!(serial)).await.unwrap();
    }
    for (serial, offset, limit, expected, total) in [
        (None, 0, 10, &["s3", "s1", "s2"][..], 3),
        (None, 1, 1, &["s1"], 3),
        (None, 3, 10, &[], 3),
        (None, 0, 0, &[], 3),
        (Some("s1"), 0, 10, &["s1"], 1),
        (Some("s"), 0, 10, &[], 0),
    ] {
        let filter = CbsdFilter { serial_number: serial.map(str::to_owned), offset, limit };
        let (found, count) = store.cbsds(&n1, filter.clone()).await.unwrap();
        let found: Vec<_> = found.into_iter().map(|cbsd| cbsd.config).collect();
        assert_eq!(
            (found, count),
            (expected.iter().map(|serial| json!(serial)).collect(), total),
            "{filter:?}"
        );
    }
    assert!(store.cbsds(&network("n3"), CbsdFilter::default()).await.is_err());
}
