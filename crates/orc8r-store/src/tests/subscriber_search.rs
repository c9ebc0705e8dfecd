//! Subscribers are found by what is known of them, and no longer by what is not so any more.

use super::*;
use crate::{SubscriberFilter, subscriber_terms};
use orc8r_model::{EdgeChange, ReportedState, StateId, entity_type};
use serde_json::{Value, json};

fn id(number: u32) -> EntityId {
    EntityId::new(entity_type::SUBSCRIBER, format!("IMSI00101{number:010}"))
}

fn config(state: &str, plan: &str) -> Value {
    json!({"lte": {"state": state, "sub_profile": plan}, "static_ips": {}})
}

fn subscriber(number: u32, name: &str, state: &str, plan: &str) -> EntityWrite {
    let config = Some(config(state, plan));
    EntityWrite::Create(Entity { name: name.into(), config, ..Entity::new(id(number)) })
}

/// The numbers of who is found.
async fn found(store: &Store, filter: SubscriberFilter) -> Vec<u32> {
    let found = store.find_subscribers(&network("n1"), filter, 0, 100).await.unwrap();
    assert_eq!(found.count, found.subscribers.len() as u64);
    found.subscribers.iter().map(|one| one.id.key[9..].parse().unwrap()).collect()
}

async fn by_text(store: &Store, text: &str) -> Vec<u32> {
    found(store, SubscriberFilter { text: text.into(), ..Default::default() }).await
}

async fn filled() -> Store {
    let store = store().await;
    let apn = EntityId::new(entity_type::APN, "internet");
    let mut three =
        Entity { name: "Örn".into(), config: Some(config("ACTIVE", "default")), ..Entity::new(id(3)) };
    three.children = BTreeSet::from([apn.clone()]);
    let writes = vec![
        EntityWrite::Create(Entity::new(apn)),
        subscriber(1, "Ann Smith", "ACTIVE", "default"),
        subscriber(2, "Bob  Ann", "INACTIVE", "gold"),
        EntityWrite::Create(three),
    ];
    store.write_entities(&network("n1"), writes).await.unwrap();
    store.add_msisdn(&network("n1"), "4912345", &id(2).key).await.unwrap();
    let lease = json!({"ip": {"address": "CgAAAQ=="}, "state": "ALLOCATED"});
    let reports = [1, 9].map(|number| ReportedState {
        id: StateId {
            state_type: "mobilityd_ipdesc_record".into(),
            device_id: format!("{}.internet", id(number).key),
        },
        value: lease.to_string().into_bytes(),
        version: 1,
    });
    store.put_states(&network("n1"), "h1", reports.into(), 7).await.unwrap();
    store
}

#[tokio::test]
async fn a_subscriber_is_found_by_id_number_address_and_name() {
    let store = filled().await;
    let rows: [(&str, &[u32]); 17] = [
        ("", &[1, 2, 3]),
        ("00101", &[1, 2, 3]),
        ("imsi001010000000002", &[2]),
        ("IMSI0010100000000", &[1, 2, 3]),
        ("001010000000003", &[3]),
        ("4912", &[2]),
        ("+49123", &[2]),
        // Somebody who is not configured has it, too.
        ("10.0.0.1", &[1]),
        ("10.0.", &[1]),
        ("10.0.1", &[]),
        ("ann", &[1, 2]),
        ("ANN S", &[1]),
        ("bob ann", &[2]),
        ("nn", &[]),
        ("ör", &[3]),
        ("IMSI", &[1, 2, 3]),
        ("'; --", &[]),
    ];
    for (text, expect) in rows {
        assert_eq!(by_text(&store, text).await, expect, "{text}");
    }
}

#[tokio::test]
async fn filters_go_together_and_pages_are_cut() {
    let store = filled().await;
    let filter = |state: &str, plan: &str, text: &str| SubscriberFilter {
        state: state.into(),
        plan: plan.into(),
        text: text.into(),
        has: vec![],
    };
    let rows: [(SubscriberFilter, &[u32]); 8] = [
        (filter("ACTIVE", "", ""), &[1, 3]),
        (filter("INACTIVE", "", ""), &[2]),
        (filter("", "gold", ""), &[2]),
        (filter("", "default", ""), &[1, 3]),
        (filter("INACTIVE", "default", ""), &[]),
        (filter("ACTIVE", "", "ann"), &[1]),
        (
            SubscriberFilter {
                has: vec![("apn", "internet".into())],
                ..filter("ACTIVE", "default", "00101")
            },
            &[3],
        ),
        (SubscriberFilter { has: vec![("apn", "internet".into())], ..filter("", "", "") }, &[3]),
    ];
    for (filter, expect) in rows {
        assert_eq!(found(&store, filter.clone()).await, expect, "{filter:?}");
    }
    let page = store.find_subscribers(&network("n1"), SubscriberFilter::default(), 1, 1).await.unwrap();
    assert_eq!((page.count, page.total, page.is_cut), (3, 3, false));
    assert_eq!(page.subscribers[0].id, id(2));
    let page = store.find_subscribers(&network("n1"), filter("", "", "ann"), 1, 5).await.unwrap();
    assert_eq!((page.count, page.total, page.subscribers.len()), (2, 3, 1));
    let gone = store.find_subscribers(&network("nowhere"), SubscriberFilter::default(), 0, 1).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })), "{gone:?}");
}

#[tokio::test]
async fn what_is_not_so_any_more_finds_nobody() {
    let store = filled().await;
    let mut config = config("ACTIVE", "default");
    config["static_ips"] = json!({"internet": "192.168.7.7"});
    let update =
        EntityUpdate { name: Some("Carl".into()), config: Some(Some(config)), ..EntityUpdate::of(id(2)) };
    write(&store, EntityWrite::Update(update)).await.unwrap();
    assert!(by_text(&store, "bob").await.is_empty());
    assert_eq!(by_text(&store, "carl").await, [2]);
    assert_eq!(by_text(&store, "192.168.7").await, [2]);
    let inactive = SubscriberFilter { state: "INACTIVE".into(), ..Default::default() };
    assert!(found(&store, inactive).await.is_empty());
    let edges = EntityUpdate { children: EdgeChange::Set(BTreeSet::new()), ..EntityUpdate::of(id(3)) };
    write(&store, EntityWrite::Update(edges)).await.unwrap();
    assert_eq!(by_text(&store, "ör").await, [3]);
    write(&store, EntityWrite::Delete(id(3))).await.unwrap();
    assert!(by_text(&store, "ör").await.is_empty());
    let terms = |store: &Store| {
        let store = store.clone();
        async move {
            let read = |transaction: &crate::Transaction<'_>| {
                let sql =
                    "SELECT subscriber_id || ' ' || kind || ' ' || term FROM subscriber_terms ORDER BY 1";
                crate::row::rows::<String>(transaction, sql, (), |row| row.get(0))
            };
            store.read(read).await.unwrap()
        }
    };
    let before = terms(&store).await;
    assert_eq!(before.len(), 4, "{before:?}");
    let refill = |transaction: &crate::Transaction<'_>| {
        crate::row::execute(transaction, "DELETE FROM subscriber_terms", ())?;
        subscriber_terms::fill(transaction)
    };
    store.write(refill).await.unwrap();
    assert_eq!(terms(&store).await, before);
}

#[tokio::test]
async fn states_are_told_of_the_named_only() {
    let store = filled().await;
    let ids = vec![id(1).key, id(2).key, id(1).key];
    let found = store.states_about(&network("n1"), &["mobilityd_ipdesc_record", "MME"], ids).await.unwrap();
    let devices: Vec<_> = found.iter().map(|state| state.id.device_id.as_str()).collect();
    assert_eq!(devices, ["IMSI001010000000001.internet"]);
}

#[tokio::test]
async fn who_has_what_is_counted() {
    let store = filled().await;
    let counts = store.count_holders(&network("n1")).await.unwrap();
    assert_eq!(counts, [(("apn".to_owned(), "internet".to_owned()), 1)].into());
    assert_eq!(store.count_plans(&network("n1")).await.unwrap(), [("gold".to_owned(), 1)].into());
}
