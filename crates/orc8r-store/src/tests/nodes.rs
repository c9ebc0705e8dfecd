//! Nodes, who holds whose stream, and leases.

use super::*;
use crate::{Node, StreamOwner};
use orc8r_model::{CertificateInfo, Identity};

fn node(id: &str) -> Node {
    Node { id: id.into(), address: format!("{id}.example:9445") }
}

fn hardware_id(id: &str) -> HardwareId {
    HardwareId::parse(id).unwrap()
}

#[tokio::test]
async fn a_node_lives_as_long_as_it_says_so() {
    let store = empty();
    assert_eq!(store.beat(node("a"), 0, 10).await.unwrap(), [node("a")]);
    assert_eq!(store.beat(node("b"), 5, 15).await.unwrap(), [node("a"), node("b")]);
    assert_eq!(store.beat(node("b"), 10, 20).await.unwrap(), [node("b")], "its time is over");
    assert_eq!(store.beat(node("a"), 11, 21).await.unwrap(), [node("a"), node("b")], "it was only slow");
    store.leave("a").await.unwrap();
    assert_eq!(store.beat(node("b"), 12, 22).await.unwrap(), [node("b")]);
}

#[tokio::test]
async fn the_newest_stream_of_a_gateway_counts() {
    let store = store().await;
    let gateway = hardware_id("h1");
    for id in ["a", "b"] {
        store.beat(node(id), 0, 10).await.unwrap();
    }
    let owner = async |now| store.stream_owner(&gateway, now).await.unwrap();
    assert_eq!(owner(0).await, None);
    let first = store.own_stream(&gateway, "a").await.unwrap();
    let second = store.own_stream(&gateway, "b").await.unwrap();
    assert!(second > first);
    store.disown_stream(&gateway, "a", first).await.unwrap();
    assert_eq!(
        owner(0).await,
        Some(StreamOwner { node: node("b"), epoch: second }),
        "a late end of the first"
    );
    store.disown_stream(&gateway, "b", first).await.unwrap();
    assert!(owner(9).await.is_some(), "another epoch");
    assert_eq!(owner(10).await, None, "its node is dead");
    assert_eq!(store.owned_streams("b").await.unwrap(), [(gateway.clone(), second)]);
    store.disown_stream(&gateway, "b", second).await.unwrap();
    assert_eq!(owner(0).await, None);
    assert!(store.own_stream(&gateway, "a").await.unwrap() > second, "an epoch never comes back");
}

#[tokio::test]
async fn a_node_that_is_forgotten_leaves_nothing_behind() {
    let store = store().await;
    store.beat(node("a"), 0, 10).await.unwrap();
    store.beat(node("b"), 0, 20).await.unwrap();
    let info = |id: &str| CertificateInfo {
        identity: Identity::Node { name: id.into() },
        not_before: 0,
        not_after: 100,
    };
    store.add_certificate("A", info("a")).await.unwrap();
    store.add_certificate("B", info("b")).await.unwrap();
    store.own_stream(&hardware_id("h1"), "a").await.unwrap();
    store.own_stream(&hardware_id("gone"), "a").await.unwrap();
    assert!(store.take_lease("alerts", "a", 0, 10).await.unwrap());
    store.purge_nodes(11).await.unwrap();
    assert_eq!(store.owned_streams("a").await.unwrap(), []);
    assert_eq!(store.certificate("A").await.unwrap(), None);
    assert_eq!(store.certificate("B").await.unwrap(), Some(info("b")));
    assert!(store.take_lease("alerts", "b", 1, 10).await.unwrap(), "nobody has it");
    assert_eq!(
        store.own_stream(&hardware_id("gone"), "b").await.unwrap(),
        1,
        "no such gateway is registered"
    );
    assert_eq!(store.own_stream(&hardware_id("h1"), "b").await.unwrap(), 2);
}

#[tokio::test]
async fn a_lease_has_one_holder_until_its_end() {
    let store = empty();
    let take = async |holder: &str, now, until| store.take_lease("alerts", holder, now, until).await.unwrap();
    assert!(take("a", 0, 10).await);
    assert!(!take("b", 9, 19).await);
    assert!(take("a", 9, 19).await, "it is renewed");
    assert!(!take("b", 10, 20).await);
    assert!(take("b", 19, 29).await);
    assert!(!take("a", 20, 30).await, "it was late");
    store.give_lease_back("alerts", "a").await.unwrap();
    assert!(!take("a", 20, 30).await, "it was not his to give");
    store.give_lease_back("alerts", "b").await.unwrap();
    assert!(take("a", 20, 30).await);
    assert!(store.take_lease("other", "b", 0, 10).await.unwrap(), "each name has its own");
}
