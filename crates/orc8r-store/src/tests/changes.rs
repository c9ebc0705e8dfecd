//! Which gateways a change concerns: never one too few, and nobody of another network.

use super::*;
use crate::Changes;
use orc8r_model::{EdgeChange, NetworkUpdate};
use serde_json::json;

fn cell() -> EntityId {
    EntityId::new("cellular_gateway", "g1")
}

fn enodeb(serial: &str) -> EntityId {
    EntityId::new("cellular_enodeb", serial)
}

fn update(id: EntityId) -> EntityWrite {
    EntityWrite::Update(EntityUpdate { config: Some(Some(json!({}))), ..EntityUpdate::of(id) })
}

fn edge(from: EntityId, children: EdgeChange) -> EntityWrite {
    EntityWrite::Update(EntityUpdate { children, ..EntityUpdate::of(from) })
}

/// Gateways g1 (h1) with cell and eNodeB e1, and g2 (h2), both in tier t1; gateway g3 without a device.
async fn with_two() -> Store {
    let store = store().await;
    let writes = vec![
        EntityWrite::Create(Entity::new(enodeb("e1"))),
        EntityWrite::Create(Entity::new(enodeb("e2"))),
        EntityWrite::Create(Entity {
            children: BTreeSet::from([enodeb("e1")]),
            parents: BTreeSet::from([gateway("g1")]),
            ..Entity::new(cell())
        }),
        new_device_of("g2", Some("h2")),
        EntityWrite::Create(Entity::new(gateway("g3"))),
        edge(EntityId::tier("t1"), EdgeChange::add(gateway("g2"))),
    ];
    store.write_entities(&network("n1"), writes).await.unwrap();
    store
}

async fn after(store: &Store, revision: u64) -> Changes {
    store.changes_after(revision).await.unwrap()
}

#[tokio::test]
async fn a_change_concerns_the_gateways_above_it_and_no_others() {
    let store = with_two().await;
    let pool = EntityId::new("cellular_gateway_pool", "p1");
    write(
        &store,
        EntityWrite::Create(Entity { children: BTreeSet::from([cell()]), ..Entity::new(pool.clone()) }),
    )
    .await
    .unwrap();
    let rows: [(&str, EntityWrite, &[&str]); 10] = [
        ("a gateway", update(gateway("g2")), &["h2"]),
        ("a gateway without a device", update(gateway("g3")), &[]),
        ("a tier of two", update(EntityId::tier("t1")), &["h1", "h2"]),
        ("a tier of nobody", update(EntityId::tier("t2")), &[]),
        ("a pool that it is in", update(pool), &["h1"]),
        ("what hangs below", update(enodeb("e1")), &["h1"]),
        ("what hangs below nobody", update(enodeb("e2")), &[]),
        ("something more hangs below", edge(cell(), EdgeChange::add(enodeb("e2"))), &["h1"]),
        ("a leaf is deleted", EntityWrite::Delete(enodeb("e1")), &["h1"]),
        ("a gateway leaves its tier", edge(EntityId::tier("t1"), EdgeChange::remove(gateway("g1"))), &["h1"]),
    ];
    for (name, change, concerned) in rows {
        let before = store.revision().await.unwrap();
        write(&store, change).await.unwrap();
        let changes = after(&store, before).await;
        let concerned: BTreeSet<String> = concerned.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!((changes.hardware_ids, changes.networks), (concerned, BTreeSet::new()), "{name}");
        assert!(changes.revision > before, "{name}");
        let nothing = Changes { revision: changes.revision, ..Changes::default() };
        assert_eq!(after(&store, changes.revision).await, nothing, "{name}: it is told once");
    }
}

#[tokio::test]
async fn a_network_or_very_many_entities_concern_the_whole_network() {
    let store = with_two().await;
    let before = store.revision().await.unwrap();
    store.update_network(&network("n1"), NetworkUpdate::default()).await.unwrap();
    let changes = after(&store, before).await;
    assert_eq!((changes.networks, changes.hardware_ids.len()), (BTreeSet::from([network("n1")]), 0));

    let many: Vec<_> =
        (0..=1000).map(|n| EntityWrite::Create(Entity::new(enodeb(&format!("m{n}"))))).collect();
    store.write_entities(&network("n2"), many).await.unwrap();
    let changes = after(&store, changes.revision).await;
    assert_eq!((changes.networks, changes.hardware_ids.len()), (BTreeSet::from([network("n2")]), 0));
}
