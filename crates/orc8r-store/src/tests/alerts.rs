//! Documents of alerts.

use super::*;
use crate::{AlertDocument, AlertKind, AlertWrite};

#[tokio::test]
async fn documents_of_alerts_are_made_replaced_listed_and_deleted() {
    let store = store().await;
    let document = |network: &str, kind, name: &str, body: &str| AlertDocument {
        network: network.into(),
        kind,
        name: name.into(),
        body: body.into(),
    };
    let rule = |network: &str, name: &str, body: &str| document(network, AlertKind::Rule, name, body);
    store.write_alert_document(rule("n1", "b", "1"), AlertWrite::Create).await.unwrap();
    store.write_alert_document(rule("n1", "a", "2"), AlertWrite::Put).await.unwrap();
    store.write_alert_document(rule("n2", "a", "3"), AlertWrite::Create).await.unwrap();
    let again = store.write_alert_document(rule("n1", "b", "4"), AlertWrite::Create).await;
    assert!(matches!(again, Err(StoreError::AlreadyExists { .. })));
    let none = store.write_alert_document(rule("n1", "c", "5"), AlertWrite::Replace).await;
    assert!(matches!(none, Err(StoreError::NotFound { .. })));
    store.write_alert_document(rule("n1", "b", "6"), AlertWrite::Replace).await.unwrap();
    store.write_alert_document(document("n1", AlertKind::Receiver, "b", "7"), AlertWrite::Put).await.unwrap();
    let rules = store.alert_documents("n1", AlertKind::Rule).await.unwrap();
    assert_eq!(rules, [("a".to_owned(), "2".to_owned()), ("b".to_owned(), "6".to_owned())]);
    assert_eq!(store.alert_document("n1", AlertKind::Receiver, "b").await.unwrap().as_deref(), Some("7"));
    store.delete_alert_document("n1", AlertKind::Rule, "b").await.unwrap();
    let gone = store.delete_alert_document("n1", AlertKind::Rule, "b").await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })));
    assert_eq!(store.all_alert_documents().await.unwrap().len(), 3);
}

#[tokio::test]
async fn alerts_go_with_their_network_and_a_later_one_of_its_name_has_none() {
    const KINDS: [AlertKind; 5] =
        [AlertKind::Rule, AlertKind::Receiver, AlertKind::Route, AlertKind::Silence, AlertKind::State];
    let store = store().await;
    let document = |network: &str, kind| AlertDocument {
        network: network.into(),
        kind,
        name: "a".into(),
        body: "{}".into(),
    };
    for network in ["n1", "n2"] {
        for kind in KINDS {
            store.write_alert_document(document(network, kind), AlertWrite::Put).await.unwrap();
        }
    }
    store.delete_network(&network("n1")).await.unwrap();
    let left = store.all_alert_documents().await.unwrap();
    assert_eq!(left.len(), KINDS.len(), "the other network keeps its own");
    assert!(left.iter().all(|document| document.network == "n2"));
    for kind in KINDS {
        let refused = store.write_alert_document(document("n1", kind), AlertWrite::Put).await;
        let text = refused.unwrap_err().to_string();
        assert!(text.contains("network n1"), "{kind:?}: {text}");
    }
    store.create_network(Network::new(network("n1"))).await.unwrap();
    assert_eq!(store.all_alert_documents().await.unwrap().len(), KINDS.len());
}
