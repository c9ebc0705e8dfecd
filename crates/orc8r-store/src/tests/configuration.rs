//! Networks, entities and edges.

use super::*;
use crate::Page;
use orc8r_model::{EdgeChange, NetworkUpdate};
use serde_json::{Value, json};

#[tokio::test]
async fn a_network_is_made_once_changed_by_field_and_counts_its_versions() {
    let store = empty();
    let n = network("n");
    let made = Network {
        network_type: "lte".into(),
        name: "N".into(),
        configs: [("dnsd_network".to_owned(), json!({"x": [1, 2.5, null, "ä"]}))].into(),
        ..Network::new(n.clone())
    };
    store.create_network(made.clone()).await.unwrap();
    assert_eq!(store.network(&n).await.unwrap(), made);

    let again = store.create_network(Network::new(n.clone())).await.unwrap_err();
    assert_eq!(again.to_string(), "network n already exists");
    assert_eq!(store.network(&n).await.unwrap(), made, "a refused network changes nothing");

    let configs = [("dnsd_network".to_owned(), None), ("state_config".to_owned(), Some(json!({})))].into();
    let update = NetworkUpdate { description: Some("D".into()), configs, ..NetworkUpdate::default() };
    store.update_network(&n, update).await.unwrap();
    let changed = store.network(&n).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.description.as_str(), changed.version), ("N", "D", 1));
    assert_eq!(changed.configs, [("state_config".to_owned(), json!({}))].into());
}

#[tokio::test]
async fn a_change_of_what_was_read_fails_when_somebody_else_was_faster() {
    let store = store().await;
    let n1 = network("n1");
    let from =
        |version| NetworkUpdate { name: Some("x".into()), if_version: Some(version), ..Default::default() };
    store.update_network(&n1, from(0)).await.unwrap();
    let late = store.update_network(&n1, from(0)).await.unwrap_err();
    assert!(matches!(&late, StoreError::Changed { what } if what == "network n1"), "{late}");

    let from = |version| EntityUpdate {
        name: Some("x".into()),
        if_version: Some(version),
        ..EntityUpdate::of(gateway("g1"))
    };
    write(&store, EntityWrite::Update(from(0))).await.unwrap();
    let late = write(&store, EntityWrite::Update(from(0))).await.unwrap_err();
    assert!(matches!(&late, StoreError::Changed { what } if what == "gateway g1"), "{late}");
    assert_eq!(store.entity(&n1, &gateway("g1")).await.unwrap().version, 1);
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let store = store().await;
    let (n1, none) = (network("n1"), network("none"));
    let rows = [
        ("network none", store.network(&none).await.map(drop)),
        ("network none", store.update_network(&none, NetworkUpdate::default()).await),
        ("network none", store.delete_network(&none).await),
        ("network none", store.entity(&none, &gateway("g1")).await.map(drop)),
        ("network none", store.entities_of_type(&none, "apn", Page::all()).await.map(drop)),
        ("network none", store.entity_keys(&none, "apn").await.map(drop)),
        ("network none", store.count_entities(&none, "apn").await.map(drop)),
        ("network none", store.write_entities(&none, vec![]).await),
        ("network none", store.put_states(&none, "h1", vec![], 0).await),
        ("gateway none", store.entity(&n1, &gateway("none")).await.map(drop)),
        ("gateway none", store.gateway_record(&n1, &gateway_id("none")).await.map(drop)),
        ("gateway none", store.neighbourhood(&n1, &gateway_id("none")).await.map(drop)),
        ("gateway none", write(&store, EntityWrite::Update(EntityUpdate::of(gateway("none")))).await),
        ("tier none", write(&store, EntityWrite::Delete(EntityId::tier("none"))).await),
        ("device none", store.delete_device("none").await),
        ("certificate A", store.revoke_certificate("0A").await),
        ("operator none", store.delete_operator("none").await),
    ];
    for (what, result) in rows {
        let error = result.unwrap_err();
        assert!(matches!(&error, StoreError::NotFound { what: found } if found == what), "{what}: {error}");
    }
}

#[tokio::test]
async fn a_batch_is_made_whole_or_not_at_all() {
    let store = store().await;
    let edge_to_nothing =
        EntityUpdate { parents: EdgeChange::add(EntityId::tier("none")), ..EntityUpdate::of(gateway("g2")) };
    let wrong_way =
        EntityUpdate { children: EdgeChange::add(EntityId::tier("t1")), ..EntityUpdate::of(gateway("g2")) };
    let rows: [(&str, EntityWrite, &str); 4] = [
        ("an edge to nothing", EntityWrite::Update(edge_to_nothing), "tier none does not exist"),
        ("an edge the wrong way", EntityWrite::Update(wrong_way), "gateway g2 cannot point to tier t1"),
        (
            "a second of the same name",
            EntityWrite::Create(Entity::new(gateway("g1"))),
            "gateway g1 already exists",
        ),
        ("a device in use", new_device_of("g2", Some("h1")), "device h1 is already mapped to gateway g1"),
    ];
    for (name, bad, expect) in rows {
        let good = EntityWrite::Create(Entity::new(gateway("g9")));
        let other = EntityWrite::PutDevice(device("h9"));
        let error = store.write_entities(&network("n1"), vec![good, other, bad]).await.unwrap_err();
        assert_eq!(error.to_string(), expect, "{name}");
        assert!(store.entity(&network("n1"), &gateway("g9")).await.is_err(), "{name}: nothing was made");
        assert_eq!(store.device("h9").await.unwrap(), None, "{name}: nothing was made");
    }
}

#[tokio::test]
async fn an_entity_comes_back_as_it_was_made_with_edges_seen_from_both_ends() {
    let store = store().await;
    let n1 = network("n1");
    let cell = EntityId::new("cellular_gateway", "g3");
    let g3 = Entity {
        name: "G".into(),
        description: "D".into(),
        config: Some(json!({"checkin_interval": 60, "name": "<&>\u{0}ä"})),
        children: BTreeSet::from([cell.clone()]),
        parents: BTreeSet::from([EntityId::tier("t1")]),
        ..Entity::new(gateway("g3"))
    };
    // Made before what it points to: edges come last.
    let writes = vec![EntityWrite::Create(g3.clone()), EntityWrite::Create(Entity::new(cell.clone()))];
    store.write_entities(&n1, writes).await.unwrap();
    assert_eq!(store.entity(&n1, &gateway("g3")).await.unwrap(), g3);
    assert_eq!(store.entity(&n1, &cell).await.unwrap().parents, BTreeSet::from([gateway("g3")]));
    let tier = store.entity(&n1, &EntityId::tier("t1")).await.unwrap();
    assert_eq!(tier.children, BTreeSet::from([gateway("g1"), gateway("g3")]));

    write(&store, EntityWrite::Delete(cell.clone())).await.unwrap();
    assert_eq!(store.entity(&n1, &gateway("g3")).await.unwrap().children, BTreeSet::new());
}

#[tokio::test]
async fn an_update_changes_only_what_it_names() {
    let store = store().await;
    let n1 = network("n1");
    let update = EntityUpdate { config: Some(Some(json!({"a": 1}))), ..EntityUpdate::of(gateway("g1")) };
    write(&store, EntityWrite::Update(update)).await.unwrap();
    let update = EntityUpdate { name: Some("G".into()), ..EntityUpdate::of(gateway("g1")) };
    write(&store, EntityWrite::Update(update)).await.unwrap();
    let g1 = store.entity(&n1, &gateway("g1")).await.unwrap();
    assert_eq!((g1.name.as_str(), g1.physical_id.as_deref(), g1.tier()), ("G", Some("h1"), Some("t1")));
    assert_eq!((g1.config, g1.version), (Some(json!({"a": 1})), 2));

    let update = EntityUpdate { config: Some(None), ..EntityUpdate::of(gateway("g1")) };
    write(&store, EntityWrite::Update(update)).await.unwrap();
    assert_eq!(store.entity(&n1, &gateway("g1")).await.unwrap().config, None::<Value>);
}

#[tokio::test]
async fn a_gateway_is_in_one_tier() {
    let store = store().await;
    let n1 = network("n1");
    let into_t2 =
        EntityUpdate { children: EdgeChange::add(gateway("g1")), ..EntityUpdate::of(EntityId::tier("t2")) };
    write(&store, EntityWrite::Update(into_t2)).await.unwrap();
    assert_eq!(store.entity(&n1, &gateway("g1")).await.unwrap().tier(), Some("t2"));
    assert_eq!(store.entity(&n1, &EntityId::tier("t1")).await.unwrap().children, BTreeSet::new());

    let out = EntityUpdate {
        children: EdgeChange::remove(gateway("g1")),
        ..EntityUpdate::of(EntityId::tier("t2"))
    };
    write(&store, EntityWrite::Update(out)).await.unwrap();
    assert_eq!(store.entity(&n1, &gateway("g1")).await.unwrap().tier(), None);
}

#[tokio::test]
async fn a_list_comes_in_pages_in_the_order_of_keys() {
    let store = empty();
    let n = network("n");
    store.create_network(Network::new(n.clone())).await.unwrap();
    let make = |key: &str| EntityWrite::Create(Entity::new(EntityId::new("apn", key)));
    store.write_entities(&n, ["b", "d", "a", "c"].map(make).into()).await.unwrap();
    let page = async |size_max, after: Option<&str>| -> String {
        let page = Page { size_max, after: after.map(str::to_owned) };
        store
            .entities_of_type(&n, "apn", page)
            .await
            .unwrap()
            .into_iter()
            .map(|entity| entity.id.key)
            .collect()
    };
    assert_eq!(page(None, None).await, "abcd");
    assert_eq!(page(Some(3), None).await, "abc");
    assert_eq!(page(Some(3), Some("c")).await, "d");
    assert_eq!(page(Some(3), Some("bb")).await, "cd", "a key that is gone still has a place");
    assert_eq!(page(Some(0), None).await, "");
    assert_eq!(page(None, Some("d")).await, "");
    assert_eq!(store.count_entities(&n, "apn").await.unwrap(), 4);
    assert_eq!(store.entity_keys(&n, "apn").await.unwrap(), ["a", "b", "c", "d"]);
    assert_eq!(store.count_entities(&n, "policy").await.unwrap(), 0);
}

#[tokio::test]
async fn the_internal_network_holds_channels_and_is_not_listed() {
    let store = store().await;
    let channel = EntityId::new("upgrade_release_channel", "stable");
    let internal = NetworkId::internal();
    assert_eq!(store.entity_keys(&internal, "upgrade_release_channel").await.unwrap(), [""; 0]);
    assert!(matches!(store.entity(&internal, &channel).await, Err(StoreError::NotFound { .. })));
    store.write_entities(&internal, vec![EntityWrite::Create(Entity::new(channel.clone()))]).await.unwrap();
    assert_eq!(store.entity(&internal, &channel).await.unwrap().id, channel);
    assert_eq!(store.network_ids().await.unwrap(), [network("n1"), network("n2")]);
}

#[tokio::test]
async fn a_network_goes_with_all_that_is_in_it_and_nothing_else() {
    let store = store().await;
    let (n1, n2) = (network("n1"), network("n2"));
    let other = Entity { physical_id: Some("h2".into()), ..Entity::new(gateway("g1")) };
    store
        .write_entities(&n2, vec![EntityWrite::Create(other), EntityWrite::PutDevice(device("h2"))])
        .await
        .unwrap();
    store.delete_network(&n1).await.unwrap();
    assert_eq!(store.network_ids().await.unwrap(), std::slice::from_ref(&n2));
    assert_eq!(store.device("h1").await.unwrap(), None);
    assert_eq!(store.gateway_by_hardware_id("h1").await.unwrap(), None);
    assert!(store.device("h2").await.unwrap().is_some());
    assert!(store.entity(&n2, &gateway("g1")).await.is_ok());

    store.create_network(Network::new(n1.clone())).await.unwrap();
    assert_eq!(store.count_entities(&n1, "magmad_gateway").await.unwrap(), 0, "a new network is empty");
}
