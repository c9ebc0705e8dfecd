//! Subscribers: what changed since a position, sealed keys, numbers.

use super::*;
use crate::{ChangedSubscribers, Page, SyncPoint, SyncPosition, SyncProgress, subscribers};
use orc8r_model::{EdgeChange, NetworkUpdate};
use orc8r_vault::Vault;
use serde_json::{Value, json};
use std::sync::Arc;

fn subscriber(id: &str) -> EntityId {
    EntityId::new("subscriber", id)
}

fn apn(name: &str) -> EntityId {
    EntityId::new("apn", name)
}

fn config(state: &str) -> Value {
    json!({"lte": {"state": state, "auth_key": "S2V5S2V5S2V5S2V5", "auth_opc": "T3BjT3BjT3BjT3Bj"}})
}

fn create(id: EntityId, config: Value, children: &[EntityId]) -> EntityWrite {
    let children = children.iter().cloned().collect();
    EntityWrite::Create(Entity { config: Some(config), children, ..Entity::new(id) })
}

fn change(id: EntityId, config: Value) -> EntityWrite {
    EntityWrite::Update(EntityUpdate { config: Some(Some(config)), ..EntityUpdate::of(id) })
}

fn edges(id: EntityId, children: EdgeChange) -> EntityWrite {
    EntityWrite::Update(EntityUpdate { children, ..EntityUpdate::of(id) })
}

/// APNs `a` and `b`; subscribers `IMSI1` with `a`, `IMSI2` with `a` and `b`, `IMSI3` with none.
async fn with_subscribers() -> Store {
    let store = store().await.unlock(Arc::new(Vault::generate().unwrap())).await.unwrap();
    let writes = vec![
        create(apn("a"), json!({"ambr": 1}), &[]),
        create(apn("b"), json!({"ambr": 2}), &[]),
        create(subscriber("IMSI1"), config("ACTIVE"), &[apn("a")]),
        create(subscriber("IMSI2"), config("ACTIVE"), &[apn("a"), apn("b")]),
        create(subscriber("IMSI3"), config("ACTIVE"), &[]),
    ];
    store.write_entities(&network("n1"), writes).await.unwrap();
    store
}

async fn point(store: &Store) -> SyncPoint {
    store.subscriber_view(&network("n1"), None).await.unwrap().point
}

async fn after(store: &Store, position: SyncPosition, count_max: usize) -> Option<ChangedSubscribers> {
    store.subscribers_changed_after(&network("n1"), &gateway_id("g1"), position, count_max).await.unwrap()
}

/// Who changed since a point: present ones, deleted ones.
async fn since(store: &Store, point: &SyncPoint) -> (Vec<String>, Vec<String>) {
    let position = SyncPosition { point: point.clone(), ..SyncPosition::default() };
    let changed = after(store, position, 100).await.expect("a known position");
    (keys(&changed.present), changed.deleted)
}

fn keys(entities: &[Entity]) -> Vec<String> {
    entities.iter().map(|entity| entity.id.key.clone()).collect()
}

fn ids(list: &[&str]) -> Vec<String> {
    list.iter().map(|id| (*id).to_owned()).collect()
}

#[tokio::test]
async fn each_change_names_those_whom_it_concerns_and_nobody_else() {
    let store = with_subscribers().await;
    let rows: [(&str, EntityWrite, &[&str], &[&str]); 12] = [
        ("a key", change(subscriber("IMSI1"), config("INACTIVE")), &["IMSI1"], &[]),
        ("the same again", change(subscriber("IMSI1"), config("INACTIVE")), &[], &[]),
        (
            "only a name",
            EntityWrite::Update(EntityUpdate {
                name: Some("Ann".into()),
                ..EntityUpdate::of(subscriber("IMSI1"))
            }),
            &[],
            &[],
        ),
        ("one APN more", edges(subscriber("IMSI3"), EdgeChange::add(apn("b"))), &["IMSI3"], &[]),
        ("an APN's configuration", change(apn("b"), json!({"ambr": 3})), &["IMSI2", "IMSI3"], &[]),
        ("the same APN again", change(apn("b"), json!({"ambr": 3})), &[], &[]),
        ("a new APN, of nobody", create(apn("c"), json!({}), &[]), &[], &[]),
        ("an APN that goes", EntityWrite::Delete(apn("b")), &["IMSI2", "IMSI3"], &[]),
        ("one who goes", EntityWrite::Delete(subscriber("IMSI1")), &[], &["IMSI1"]),
        ("one who comes back", create(subscriber("IMSI1"), config("ACTIVE"), &[]), &["IMSI1"], &[]),
        ("a gateway", change(gateway("g1"), json!({})), &[], &[]),
        (
            "an APN given from its side",
            EntityWrite::Update(EntityUpdate {
                parents: EdgeChange::Set(BTreeSet::from([subscriber("IMSI3")])),
                ..EntityUpdate::of(apn("a"))
            }),
            &["IMSI2", "IMSI3"],
            &[],
        ),
    ];
    let first = point(&store).await;
    for (name, made, present, deleted) in rows {
        let before = point(&store).await;
        write(&store, made).await.unwrap();
        assert_eq!(since(&store, &before).await, (ids(present), ids(deleted)), "{name}");
        let is_new = point(&store).await != before;
        let matters = !present.is_empty() || !deleted.is_empty() || name.starts_with("a new APN");
        assert_eq!(is_new, matters, "{name}: the position");
    }
    assert_eq!(since(&store, &first).await.0, ids(&["IMSI1", "IMSI2", "IMSI3"]), "all of it at once");
    assert_eq!(store.count_subscribers(&network("n1")).await.unwrap(), 3);
    assert_eq!(store.count_subscribers(&network("n2")).await.unwrap(), 0);
}

#[tokio::test]
async fn a_position_on_another_history_is_not_known() {
    let store = with_subscribers().await;
    let known = point(&store).await;
    let rows = [
        ("our own", known.clone(), true),
        ("nothing is known", SyncPoint::default(), true),
        ("another root", SyncPoint { root: "0".repeat(32), ..known.clone() }, false),
        ("a later one", SyncPoint { revision: known.revision + 1, ..known.clone() }, false),
        ("an earlier one, of another change", SyncPoint { revision: known.revision - 1, ..known }, false),
    ];
    for (name, point, is_known) in rows {
        let progress = SyncProgress { point: point.clone(), ..SyncProgress::default() };
        let position = SyncPosition { point, ..SyncPosition::default() };
        assert_eq!(after(&store, position, 9).await.is_some(), is_known, "{name}");
        let position = SyncPosition { progress: Some(progress), ..SyncPosition::default() };
        assert_eq!(after(&store, position, 9).await.is_some(), is_known, "{name}, on the way");
    }
    let before = point(&store).await;
    store.delete_network(&network("n1")).await.unwrap();
    store.create_network(Network::new(network("n1"))).await.unwrap();
    write(&store, create(subscriber("IMSI1"), config("ACTIVE"), &[])).await.unwrap();
    let position = SyncPosition { point: before, ..SyncPosition::default() };
    assert_eq!(after(&store, position, 9).await, None, "the network was made anew");
}

#[tokio::test]
async fn many_changes_are_taken_in_parts_and_nothing_is_missed_between() {
    let store = with_subscribers().await;
    let position = SyncPosition::default();
    let changed = after(&store, position.clone(), 2).await.unwrap();
    assert_eq!(
        (keys(&changed.present), changed.cut_after.as_deref()),
        (ids(&["IMSI1", "IMSI2"]), Some("IMSI2"))
    );
    let progress = SyncProgress {
        point: changed.view.point.clone(),
        resources: changed.view.resources_digest(),
        upto: "IMSI2".into(),
    };
    let on_the_way = SyncPosition { progress: Some(progress), ..position };
    let rest = after(&store, on_the_way.clone(), 2).await.unwrap();
    assert_eq!((keys(&rest.present), rest.cut_after), (ids(&["IMSI3"]), None));
    write(&store, change(subscriber("IMSI1"), config("INACTIVE"))).await.unwrap();
    let rest = after(&store, on_the_way.clone(), 9).await.unwrap();
    assert_eq!(keys(&rest.present), ids(&["IMSI1", "IMSI3"]), "also what changed behind us");
    let cell = EntityId::new("cellular_gateway", "g1");
    let resource = EntityId::new("apn_resource", "r1");
    let writes = vec![
        create(resource.clone(), json!({"apn_name": "b", "vlan_id": 7}), &[apn("b")]),
        EntityWrite::Create(Entity { children: BTreeSet::from([resource]), ..Entity::new(cell) }),
    ];
    store.write_entities(&network("n1"), writes).await.unwrap();
    let rest = after(&store, on_the_way, 9).await.unwrap();
    assert_eq!(keys(&rest.present), ids(&["IMSI1", "IMSI2", "IMSI3"]), "other resources: from the beginning");
    assert_eq!(rest.view.resources["b"]["vlan_id"], 7);
}

#[tokio::test]
async fn a_gateways_resources_concern_those_with_the_apn_and_no_other_gateway() {
    let store = with_subscribers().await;
    let cell = EntityId::new("cellular_gateway", "g1");
    let resource = EntityId::new("apn_resource", "r1");
    let writes = vec![
        create(resource.clone(), json!({"apn_name": "b", "vlan_id": 7}), &[apn("b")]),
        EntityWrite::Create(Entity { children: BTreeSet::from([resource.clone()]), ..Entity::new(cell) }),
    ];
    let before = point(&store).await;
    store.write_entities(&network("n1"), writes).await.unwrap();
    let position = SyncPosition { point: before.clone(), ..SyncPosition::default() };
    let changed = after(&store, position.clone(), 9).await.unwrap();
    assert_eq!(keys(&changed.present), ids(&["IMSI2"]));
    let of_other = store
        .subscribers_changed_after(&network("n1"), &gateway_id("g2"), position.clone(), 9)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(keys(&of_other.present), ids(&[]));
    let position = SyncPosition { resources: changed.view.resource_digests(), ..position };
    assert_eq!(keys(&after(&store, position.clone(), 9).await.unwrap().present), ids(&[]));
    write(&store, EntityWrite::Delete(resource)).await.unwrap();
    assert_eq!(keys(&after(&store, position, 9).await.unwrap().present), ids(&["IMSI2"]), "it went");
    assert_eq!(point(&store).await, before, "no subscriber changed by that");
}

#[tokio::test]
async fn keys_are_sealed_in_the_database_and_opened_on_demand() {
    let store = with_subscribers().await;
    let mut found = store.entity(&network("n1"), &subscriber("IMSI1")).await.unwrap();
    let text = format!("{found:?}");
    assert!(!text.contains("S2V5") && !text.contains("T3Bj") && text.contains("sealed.k1."), "{text}");
    store.open_entity(&network("n1"), &mut found).unwrap();
    assert_eq!(found.config, Some(config("ACTIVE")));
    assert!(
        store
            .open_entity(
                &network("n2"),
                &mut store.entity(&network("n1"), &subscriber("IMSI1")).await.unwrap()
            )
            .is_err()
    );

    let suci = json!({"ngc": {"suci_profiles": [{"home_network_private_key": "cHJpdmF0ZQ=="}]}});
    let update = NetworkUpdate::config("cellular_network", Some(suci.clone()));
    store.update_network(&network("n1"), update).await.unwrap();
    let mut kept = store.network(&network("n1")).await.unwrap().configs.remove("cellular_network").unwrap();
    assert!(!kept.to_string().contains("cHJpdmF0ZQ=="), "{kept}");
    store.open_network_config(&network("n1"), "cellular_network", &mut kept).unwrap();
    assert_eq!(kept, suci);
}

#[tokio::test]
async fn another_key_file_is_refused_and_without_one_no_key_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orc8r.db");
    let store = Store::open(&file).unwrap();
    fill(&store).await;
    let error = write(&store, create(subscriber("IMSI1"), config("ACTIVE"), &[])).await.unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    assert!(!store.is_sealed().await.unwrap());
    let mut vault = Vault::generate().unwrap();
    let other = Arc::new(Vault::generate().unwrap());
    vault.add_key().unwrap();
    let store = store.unlock(Arc::new(vault)).await.unwrap();
    write(&store, create(subscriber("IMSI1"), config("ACTIVE"), &[])).await.unwrap();
    assert!(store.is_sealed().await.unwrap());
    store.close().await;
    let bytes = std::fs::read(&file).unwrap();
    assert!(!bytes.windows(8).any(|part| part == b"S2V5S2V5"), "not in the file either");
    let Err(error) = Store::open(&file).unwrap().unlock(other).await else { panic!("other keys were taken") };
    assert!(error.to_string().contains("key k2 is not in the key file"), "{error}");
}

#[tokio::test]
async fn a_number_has_one_subscriber_and_goes_with_him() {
    let store = with_subscribers().await;
    let n1 = network("n1");
    store.add_msisdn(&n1, "13109976224", "IMSI1").await.unwrap();
    let error = store.add_msisdn(&n1, "13109976224", "IMSI2").await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadyExists { .. }), "{error}");
    assert!(matches!(store.add_msisdn(&n1, "2", "IMSI9").await, Err(StoreError::NotFound { .. })));
    assert_eq!(store.subscriber_of_msisdn(&n1, "13109976224").await.unwrap(), "IMSI1");
    assert!(store.subscriber_of_msisdn(&network("n2"), "13109976224").await.is_err());
    let of = store.msisdns_of(&n1, ids(&["IMSI1", "IMSI2"])).await.unwrap();
    assert_eq!(of, [("IMSI1".to_owned(), "13109976224".to_owned())].into());
    write(&store, EntityWrite::Delete(subscriber("IMSI1"))).await.unwrap();
    assert_eq!(store.msisdns(&n1).await.unwrap().len(), 0);
    assert!(store.delete_msisdn(&n1, "13109976224").await.is_err());
}

#[tokio::test]
async fn pages_and_named_ones_have_their_edges() {
    let store = with_subscribers().await;
    let page = Page { size_max: Some(2), after: Some("IMSI1".into()) };
    let page = store.subscriber_page(&network("n1"), None, page).await.unwrap();
    assert_eq!(keys(&page.subscribers), ids(&["IMSI2", "IMSI3"]));
    assert_eq!(page.subscribers[0].children, BTreeSet::from([apn("a"), apn("b")]));
    assert_eq!((page.view.apns.len(), page.subscribers[1].children.len()), (2, 0));
    let named = store.subscribers(&network("n1"), ids(&["IMSI3", "IMSI9", "IMSI2", "IMSI2"])).await.unwrap();
    assert_eq!(named, page.subscribers);
    let gone = store.not_subscribers(&network("n1"), ids(&["IMSI1", "IMSI9"])).await.unwrap();
    assert_eq!(gone, ids(&["IMSI9"]));
    let many: Vec<_> = (0..1000)
        .map(|number| create(subscriber(&format!("IMSI5{number:03}")), config("ACTIVE"), &[apn("a")]))
        .collect();
    store.write_entities(&network("n1"), many).await.unwrap();
    let all = store.subscriber_page(&network("n1"), None, Page::all()).await.unwrap().subscribers;
    assert_eq!(all.len(), 1003);
    assert!(all[3..].iter().all(|found| found.children == BTreeSet::from([apn("a")])));
    let named = store.subscribers(&network("n1"), keys(&all)).await.unwrap();
    assert_eq!(named, all, "several batches");
    assert_eq!(store.count_subscribers(&network("n1")).await.unwrap(), 1003);
}

#[tokio::test]
async fn a_stamp_of_types_grows_with_them_and_with_nothing_else() {
    const POLICIES: &[&str] = &["policy", "base_name"];
    let store = with_subscribers().await;
    let stamp = async || store.types_stamp(&network("n1"), POLICIES).await.unwrap();
    let first = stamp().await;
    write(&store, change(subscriber("IMSI1"), config("INACTIVE"))).await.unwrap();
    assert_eq!(stamp().await, first, "a subscriber is no policy");
    write(&store, create(EntityId::new("policy", "p"), json!({}), &[])).await.unwrap();
    let second = stamp().await;
    write(&store, EntityWrite::Delete(EntityId::new("policy", "p"))).await.unwrap();
    assert!(first < second && second < stamp().await);
    let gateway_before = store.gateway_stamp("h1").await.unwrap();
    write(&store, create(subscriber("IMSI7"), config("ACTIVE"), &[apn("a")])).await.unwrap();
    assert_eq!(store.gateway_stamp("h1").await.unwrap(), gateway_before);
}

#[test]
fn a_batch_is_asked_for_in_one_query() {
    assert!(subscribers::places(2).ends_with(&format!("?{}", subscribers::BATCH + 1)));
}
