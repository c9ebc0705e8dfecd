//! The neighbourhood of a gateway, and its stamp.

use super::*;
use orc8r_model::{EdgeChange, NetworkUpdate};
use serde_json::json;

async fn stamp(store: &Store) -> String {
    store.gateway_stamp("h1").await.unwrap().unwrap()
}

fn cell() -> EntityId {
    EntityId::new("cellular_gateway", "g1")
}

fn enodeb(serial: &str) -> EntityId {
    EntityId::new("cellular_enodeb", serial)
}

fn entity(id: &str) -> EntityId {
    let (entity_type, key) = id.split_once(' ').unwrap();
    EntityId::new(entity_type, key)
}

fn update(id: EntityId) -> EntityWrite {
    EntityWrite::Update(EntityUpdate { config: Some(Some(json!({}))), ..EntityUpdate::of(id) })
}

fn edge(from: EntityId, children: EdgeChange) -> EntityWrite {
    EntityWrite::Update(EntityUpdate { children, ..EntityUpdate::of(from) })
}

/// g1 → cellular gateway → {eNodeB e1, APN resource r1 → APN internet}, in pool p1; beside it, eNodeB e2 of nobody,
/// gateway g2 in the same tier and pool, an empty pool p2, and subscriber s1.
async fn with_cell() -> Store {
    let store = store().await;
    let writes = vec![
        EntityWrite::Create(Entity::new(enodeb("e1"))),
        EntityWrite::Create(Entity::new(enodeb("e2"))),
        EntityWrite::Create(Entity::new(entity("apn internet"))),
        EntityWrite::Create(Entity::new(entity("subscriber s1"))),
        EntityWrite::Create(Entity {
            children: BTreeSet::from([entity("apn internet")]),
            ..Entity::new(entity("apn_resource r1"))
        }),
        EntityWrite::Create(Entity {
            children: BTreeSet::from([enodeb("e1"), entity("apn_resource r1")]),
            parents: BTreeSet::from([gateway("g1")]),
            ..Entity::new(cell())
        }),
        EntityWrite::Create(Entity {
            parents: BTreeSet::from([gateway("g2")]),
            ..Entity::new(entity("cellular_gateway g2"))
        }),
        EntityWrite::Create(Entity {
            children: BTreeSet::from([cell(), entity("cellular_gateway g2")]),
            ..Entity::new(entity("cellular_gateway_pool p1"))
        }),
        EntityWrite::Create(Entity::new(entity("cellular_gateway_pool p2"))),
        edge(EntityId::tier("t1"), EdgeChange::add(gateway("g2"))),
    ];
    store.write_entities(&network("n1"), writes).await.unwrap();
    store
}

#[tokio::test]
async fn a_neighbourhood_has_the_groups_and_all_below_and_nothing_of_other_gateways() {
    let store = with_cell().await;
    let changes = vec![
        edge(entity("subscriber s1"), EdgeChange::add(entity("apn internet"))),
        EntityWrite::Create(Entity::new(entity("network_probe_task t1"))),
    ];
    store.write_entities(&network("n1"), changes).await.unwrap();
    let found = store.neighbourhood(&network("n1"), &gateway_id("g1")).await.unwrap();
    assert_eq!((&found.network.id, &found.gateway.id), (&network("n1"), &gateway("g1")));
    let tier = found.tier.clone().unwrap();
    assert_eq!((tier.id, tier.children), (EntityId::tier("t1"), BTreeSet::new()));
    let ids = |entities: &[Entity]| entities.iter().map(|entity| entity.id.clone()).collect::<Vec<_>>();
    let below = ["apn internet", "apn_resource r1", "cellular_enodeb e1", "cellular_gateway g1"];
    assert_eq!(ids(&found.related), below.map(entity));
    assert_eq!(ids(&found.groups), [entity("cellular_gateway_pool p1")]);
    assert_eq!(ids(&found.network_wide), [entity("network_probe_task t1")]);
    assert_eq!(
        found.side("cellular_gateway").unwrap().children,
        BTreeSet::from([enodeb("e1"), entity(below[1])])
    );
    let apn = found.related_of_type("apn").next().unwrap();
    assert_eq!(apn.parents, BTreeSet::new(), "that could be every subscriber");
    assert!(found.groups.iter().all(|group| group.children.is_empty()), "that is every gateway of the pool");
    assert_eq!(found.stamp, stamp(&store).await);
}

#[tokio::test]
async fn whatever_changes_nearby_gives_a_stamp_that_never_was_before() {
    let store = with_cell().await;
    let mut seen = BTreeSet::from([stamp(&store).await]);
    let rows: [(&str, EntityWrite); 20] = [
        ("the gateway", update(gateway("g1"))),
        ("the tier", update(EntityId::tier("t1"))),
        ("what hangs below", update(cell())),
        ("what hangs below that", update(enodeb("e1"))),
        ("something more hangs below", edge(cell(), EdgeChange::add(enodeb("e2")))),
        ("something less hangs below", edge(cell(), EdgeChange::remove(enodeb("e2")))),
        ("the APN of a resource", update(entity("apn internet"))),
        ("the pool", update(entity("cellular_gateway_pool p1"))),
        ("another pool", edge(entity("cellular_gateway_pool p2"), EdgeChange::add(cell()))),
        ("no more in the pool", edge(entity("cellular_gateway_pool p1"), EdgeChange::remove(cell()))),
        ("the pool is deleted", EntityWrite::Delete(entity("cellular_gateway_pool p2"))),
        ("an APN resource is deleted", EntityWrite::Delete(entity("apn_resource r1"))),
        ("a new task", EntityWrite::Create(Entity::new(entity("network_probe_task t1")))),
        ("the task", update(entity("network_probe_task t1"))),
        ("the task is deleted", EntityWrite::Delete(entity("network_probe_task t1"))),
        ("a leaf is deleted", EntityWrite::Delete(enodeb("e1"))),
        ("another tier", edge(EntityId::tier("t2"), EdgeChange::add(gateway("g1")))),
        ("the tier is deleted", EntityWrite::Delete(EntityId::tier("t2"))),
        ("the branch is deleted", EntityWrite::Delete(cell())),
        ("the former tier again", edge(EntityId::tier("t1"), EdgeChange::add(gateway("g1")))),
    ];
    for (name, change) in rows {
        write(&store, change).await.unwrap();
        assert!(seen.insert(stamp(&store).await), "{name}: the stamp is new");
    }
    store
        .update_network(&network("n1"), NetworkUpdate::config("state_config", Some(json!({}))))
        .await
        .unwrap();
    assert!(seen.insert(stamp(&store).await), "the network: the stamp is new");
}

#[tokio::test]
async fn a_gateway_that_is_made_anew_has_a_new_stamp() {
    let store = store().await;
    let before = stamp(&store).await;
    store.delete_network(&network("n1")).await.unwrap();
    assert_eq!(store.gateway_stamp("h1").await.unwrap(), None);
    store.delete_network(&network("n2")).await.unwrap();
    fill(&store).await;
    assert_ne!(stamp(&store).await, before, "versions are the same, but not what they count");
}

#[tokio::test]
async fn what_changes_elsewhere_leaves_the_stamp() {
    let store = with_cell().await;
    let before = stamp(&store).await;
    let rows: [(&str, EntityWrite); 11] = [
        ("another gateway of the tier", update(gateway("g2"))),
        ("another tier", update(EntityId::tier("t2"))),
        ("an eNodeB of nobody", update(enodeb("e2"))),
        ("a gateway leaves the tier", edge(EntityId::tier("t1"), EdgeChange::remove(gateway("g2")))),
        ("a gateway joins the tier", edge(EntityId::tier("t1"), EdgeChange::add(gateway("g2")))),
        ("a subscriber of an APN", edge(entity("subscriber s1"), EdgeChange::add(entity("apn internet")))),
        ("the subscriber is deleted", EntityWrite::Delete(entity("subscriber s1"))),
        (
            "a gateway leaves the pool",
            edge(entity("cellular_gateway_pool p1"), EdgeChange::remove(entity("cellular_gateway g2"))),
        ),
        (
            "a gateway joins the pool",
            edge(entity("cellular_gateway_pool p1"), EdgeChange::add(entity("cellular_gateway g2"))),
        ),
        ("a gateway of the pool is deleted", EntityWrite::Delete(entity("cellular_gateway g2"))),
        ("a gateway of the tier is deleted", EntityWrite::Delete(gateway("g2"))),
    ];
    for (name, change) in rows {
        write(&store, change).await.unwrap();
        assert_eq!(stamp(&store).await, before, "{name}");
    }
    store.update_network(&network("n2"), NetworkUpdate::default()).await.unwrap();
    assert_eq!(stamp(&store).await, before, "another network");
    assert_eq!(store.gateway_stamp("nobody").await.unwrap(), None);
}
