//! Which device stands for which gateway, and what goes with it.

use super::*;
use crate::Page;
use orc8r_model::{AccessList, CertificateInfo, Identity, ReportedState, StateFilter, StateId};

async fn report(store: &Store, reporter: &str, state_type: &str, device_id: &str) {
    let id = StateId { state_type: state_type.into(), device_id: device_id.into() };
    let report = ReportedState { id, value: b"{}".to_vec(), version: 0 };
    store.put_states(&network("n1"), reporter, vec![report], 5).await.unwrap();
}

async fn states(store: &Store) -> Vec<String> {
    let states = store.states(&network("n1"), StateFilter::default()).await.unwrap();
    states.into_iter().map(|state| state.id.device_id).collect()
}

#[tokio::test]
async fn a_device_is_found_with_its_gateway_and_its_network() {
    let store = store().await;
    let (found, entity) = store.gateway_by_hardware_id("h1").await.unwrap().unwrap();
    assert_eq!((found, &entity.id, entity.tier()), (network("n1"), &gateway("g1"), Some("t1")));
    for unknown in ["", "h2", "H1", "h1 ", "g1"] {
        assert_eq!(store.gateway_by_hardware_id(unknown).await.unwrap(), None, "{unknown:?}");
    }
}

#[tokio::test]
async fn a_device_stands_for_one_gateway_over_all_networks() {
    let store = store().await;
    let second = Entity { physical_id: Some("h1".into()), ..Entity::new(gateway("g7")) };
    let error = store.write_entities(&network("n2"), vec![EntityWrite::Create(second)]).await.unwrap_err();
    assert_eq!(error.to_string(), "device h1 is already mapped to gateway g1");
    // Naming the same device again is no conflict.
    write(&store, new_device_of("g1", Some("h1"))).await.unwrap();
    assert!(store.device("h1").await.unwrap().is_some());
}

#[tokio::test]
async fn a_record_without_a_gateway_is_replaced_silently() {
    let store = store().await;
    let key = DeviceKey::SoftwareEcdsaSha256(vec![1, 2, 3]);
    store.put_device(device("h2")).await.unwrap();
    let newer = Device { key: key.clone(), ..device("h2") };
    let writes = vec![new_device_of("g2", Some("h2")), EntityWrite::PutDevice(newer)];
    store.write_entities(&network("n1"), writes).await.unwrap();
    assert_eq!(store.device("h2").await.unwrap().unwrap().key, key);
    store.delete_device("h2").await.unwrap();
    assert_eq!(store.device("h2").await.unwrap(), None);
}

#[tokio::test]
async fn a_gateway_goes_with_its_device_and_its_states_but_not_with_those_of_others() {
    let store = store().await;
    report(&store, "h1", "gw_state", "h1").await;
    report(&store, "h1", "directory_record", "IMSI1").await;
    report(&store, "h3", "directory_record", "IMSI3").await;
    write(&store, EntityWrite::Delete(gateway("g1"))).await.unwrap();
    assert_eq!(states(&store).await, ["IMSI3"]);
    assert_eq!(store.device("h1").await.unwrap(), None);
    assert_eq!(store.gateway_by_hardware_id("h1").await.unwrap(), None);
    assert_eq!(store.entity(&network("n1"), &EntityId::tier("t1")).await.unwrap().children, BTreeSet::new());
}

#[tokio::test]
async fn a_replaced_device_goes_with_its_states() {
    let store = store().await;
    report(&store, "h1", "gw_state", "h1").await;
    let writes = vec![new_device_of("g1", Some("h2")), EntityWrite::PutDevice(device("h2"))];
    store.write_entities(&network("n1"), writes).await.unwrap();
    assert_eq!((store.device("h1").await.unwrap(), states(&store).await.len()), (None, 0));
    let record = store.gateway_record(&network("n1"), &gateway_id("g1")).await.unwrap();
    assert_eq!((record.device, record.status), (Some(device("h2")), None));

    write(&store, new_device_of("g1", None)).await.unwrap();
    assert_eq!(store.device("h2").await.unwrap(), None);
}

#[tokio::test]
async fn a_record_has_what_is_kept_about_the_device() {
    let store = store().await;
    report(&store, "h1", "gw_state", "h1").await;
    let identity = Identity::Gateway { hardware_id: HardwareId::parse("h1").unwrap() };
    for (serial, not_after) in [("1", 70), ("2", 90), ("3", 80)] {
        let info = CertificateInfo { identity: identity.clone(), not_before: 0, not_after };
        store.add_certificate(serial, info).await.unwrap();
    }
    // An operator of the same name has other certificates.
    let operator = Identity::Operator { name: "h1".into() };
    store
        .add_certificate("4", CertificateInfo { identity: operator, not_before: 0, not_after: 999 })
        .await
        .unwrap();
    let (records, total) = store.gateway_records(&network("n1"), Page::all()).await.unwrap();
    assert_eq!((records.len(), total), (2, 2));
    assert_eq!(records[0], store.gateway_record(&network("n1"), &gateway_id("g1")).await.unwrap());
    assert_eq!((records[0].certificate_end, records[0].status.as_ref().unwrap().time_ms), (90, 5));
    assert_eq!((&records[1].device, &records[1].status, records[1].certificate_end), (&None, &None, 0));
}

#[tokio::test]
async fn who_calls_is_one_read() {
    let store = store().await;
    let add = |serial: &'static str, identity| {
        let info = CertificateInfo { identity, not_before: 1, not_after: 2 };
        let store = store.clone();
        async move { store.add_certificate(serial, info.clone()).await.map(|()| info).unwrap() }
    };
    let gateway = |id| Identity::Gateway { hardware_id: HardwareId::parse(id).unwrap() };
    let (g1, stranger) = (add("A1", gateway("h1")).await, add("A2", gateway("h9")).await);
    // An operator that is called like a device is not that device.
    let operator = add("A3", Identity::Operator { name: "h1".into() }).await;
    let former = add("A5", Identity::Operator { name: "gone".into() }).await;
    store.put_operator("h1", AccessList::administrator()).await.unwrap();
    let place = Some((network("n1"), GatewayId::parse("g1").unwrap()));
    let (none, all) = (AccessList::default, AccessList::administrator());
    for (serial, certificate, gateway, access) in [
        ("0A1", g1, place, none()),
        ("a2", stranger, None, none()),
        ("A3", operator, None, all),
        ("A5", former, None, none()),
    ] {
        let caller = store.caller(serial).await.unwrap();
        assert_eq!(caller, Some(crate::Caller { certificate, gateway, access }), "{serial}");
    }
    for unknown in ["", "A4", "no serial", "A1'"] {
        assert_eq!(store.caller(unknown).await.unwrap(), None, "{unknown:?}");
    }
}

#[tokio::test]
async fn a_device_that_stands_for_no_gateway_gets_no_certificate() {
    let store = store().await;
    store.put_device(device("h2")).await.unwrap();
    let registered = store.registered_device("h1").await.unwrap();
    assert_eq!(registered.map(|registered| registered.device), store.device("h1").await.unwrap());
    assert!(store.device("h2").await.unwrap().is_some());
    for unknown in ["h2", "h9", ""] {
        assert_eq!(store.registered_device(unknown).await.unwrap(), None, "{unknown:?}");
    }
}
