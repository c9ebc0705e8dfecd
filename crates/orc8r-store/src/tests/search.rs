//! Objects of several networks are found by a text, and nothing of any other network is.

use super::*;
use crate::{FoundObject, ObjectKind, Wanted};
use orc8r_model::{ReportedState, StateId, entity_type};
use serde_json::json;

const LIMIT: u32 = 5;

fn entity(entity_type: &str, key: &str, name: &str, hardware_id: Option<&str>) -> EntityWrite {
    let physical_id = hardware_id.map(str::to_owned);
    EntityWrite::Create(Entity {
        name: name.into(),
        physical_id,
        ..Entity::new(EntityId::new(entity_type, key))
    })
}

/// Three networks with alike objects.
async fn filled() -> Store {
    let store = store().await;
    for id in ["n1", "n2", "n3"] {
        let mut made = Network { name: format!("Net {id}"), ..Network::new(network(id)) };
        made.network_type = "lte".into();
        match store.create_network(made).await {
            Ok(()) | Err(StoreError::AlreadyExists { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        let hardware = format!("hw-{id}-ABC");
        let imsi = format!("IMSI00101000000000{}", &id[1..]);
        let writes = vec![
            entity(entity_type::MAGMAD_GATEWAY, "gw_roof", &format!("Roof {id}"), Some(&hardware)),
            entity(entity_type::MAGMAD_GATEWAY, "gwXroof", "100% up", None),
            entity(entity_type::CELLULAR_ENODEB, &format!("1202{id}"), "Tower", None),
            entity(entity_type::APN, "internet", "", None),
            entity(entity_type::POLICY, "internet-only", "", None),
            entity(entity_type::SUBSCRIBER, &imsi, &format!("Ann Örn {id}"), None),
        ];
        store.write_entities(&network(id), writes).await.unwrap();
        store.create_cbsd(&network(id), &format!("CBSD-{id}-77"), json!({})).await.unwrap();
        store.add_msisdn(&network(id), &format!("4912{}", &id[1..]), &imsi).await.unwrap();
    }
    let lease = json!({"ip": {"address": "CgAAAQ=="}, "state": "ALLOCATED"});
    let reports =
        ["IMSI001010000000002.internet", "IMSI001010000000999.internet"].map(|device| ReportedState {
            id: StateId { state_type: "mobilityd_ipdesc_record".into(), device_id: device.into() },
            value: lease.to_string().into_bytes(),
            version: 1,
        });
    store.put_states(&network("n2"), "h1", reports.into(), 7).await.unwrap();
    store
}

async fn search(store: &Store, text: &str, first: &str) -> Vec<FoundObject> {
    let networks = ["n1", "n2"].map(|id| Network { name: format!("Net {id}"), ..Network::new(network(id)) });
    let wanted = Wanted { text: text.into(), networks: networks.into(), first: first.into(), limit: LIMIT };
    store.search(wanted).await.unwrap()
}

async fn found(store: &Store, text: &str) -> Vec<String> {
    let all = search(store, text, "n2").await;
    all.iter().map(|one| format!("{:?} {}/{} {}", one.kind, one.network, one.id, one.matched)).collect()
}

#[tokio::test]
async fn each_kind_is_found_by_what_people_know_of_it() {
    let store = filled().await;
    let rows: [(&str, &[&str]); 16] = [
        ("", &[]),
        ("  ", &[]),
        ("net n", &["Network n2/n2 ", "Network n1/n1 "]),
        ("GW_ROOF", &["Gateway n2/gw_roof ", "Gateway n1/gw_roof "]),
        ("roof n1", &["Gateway n1/gw_roof "]),
        ("100%", &["Gateway n2/gwXroof ", "Gateway n1/gwXroof "]),
        ("hw-n1-abc", &["Gateway n1/gw_roof hw-n1-ABC"]),
        ("1202n2", &["Enodeb n2/1202n2 "]),
        ("cbsd-n1", &["Cbsd n1/1 "]),
        ("tower", &["Enodeb n2/1202n2 ", "Enodeb n1/1202n1 "]),
        (
            "internet",
            &["Apn n2/internet ", "Apn n1/internet ", "Policy n2/internet-only ", "Policy n1/internet-only "],
        ),
        ("001010000000001", &["Subscriber n1/IMSI001010000000001 "]),
        ("+49122", &["Subscriber n2/IMSI001010000000002 49122"]),
        // Somebody who is not configured has it, too.
        ("10.0.0.1", &["Subscriber n2/IMSI001010000000002 10.0.0.1"]),
        ("ÖRN N1", &["Subscriber n1/IMSI001010000000001 "]),
        ("imsi00101000000000", &["Subscriber n2/IMSI001010000000002 ", "Subscriber n1/IMSI001010000000001 "]),
    ];
    for (text, expect) in rows {
        assert_eq!(found(&store, text).await, expect, "{text}");
    }
    for text in ["n3", "hw-n3", "cbsd-n3", "001010000000003", "49123", "'; --"] {
        assert_eq!(found(&store, text).await, Vec::<String>::new(), "{text}");
    }
}

#[tokio::test]
async fn what_is_told_is_bounded_and_the_first_network_is_not_crowded_out() {
    let store = filled().await;
    let subscribers = |id: &str| {
        let one = |number: u32| {
            entity(entity_type::SUBSCRIBER, &format!("IMSI00102{number:010}"), "Many Like Him", None)
        };
        let gateway =
            |number: u32| entity(entity_type::MAGMAD_GATEWAY, &format!("many{number}"), "Many", None);
        let writes: Vec<_> = (0..20).map(one).chain((0..20).map(gateway)).collect();
        let (store, id) = (store.clone(), network(id));
        async move { store.write_entities(&id, writes).await.unwrap() }
    };
    subscribers("n1").await;
    subscribers("n2").await;
    for first in ["n1", "n2"] {
        let all = search(&store, "many", first).await;
        for kind in [ObjectKind::Gateway, ObjectKind::Subscriber] {
            let of_kind: Vec<_> = all.iter().filter(|one| one.kind == kind).collect();
            assert_eq!(of_kind.len(), LIMIT as usize);
            assert!(of_kind.iter().all(|one| one.network == first), "{of_kind:?}");
        }
    }
    assert_eq!(search(&store, "many", "").await.len(), 2 * LIMIT as usize);
    let wanted = Wanted { text: "many".into(), limit: LIMIT, ..Default::default() };
    assert_eq!(store.search(wanted).await.unwrap(), [], "no network, nothing");
}
