//! Who holds a stream open without the right to it any more.

use super::*;
use crate::StreamHolder;
use orc8r_model::{CertificateInfo, Identity};

fn holder(serial: &str, hardware_id: &str, network_id: &str, gateway: &str) -> StreamHolder {
    StreamHolder {
        serial: serial.into(),
        hardware_id: HardwareId::parse(hardware_id).unwrap(),
        network: network(network_id),
        gateway: gateway_id(gateway),
    }
}

#[tokio::test]
async fn those_are_named_whose_certificate_or_place_is_gone() {
    let store = store().await;
    let hardware_id = HardwareId::parse("h1").unwrap();
    for serial in ["A1", "A2"] {
        let identity = Identity::Gateway { hardware_id: hardware_id.clone() };
        let info = CertificateInfo { identity, not_before: 0, not_after: 100 };
        store.add_certificate(serial, info).await.unwrap();
    }
    let holders = vec![
        holder("A1", "h1", "n1", "g1"),
        holder("A2", "h1", "n1", "g1"),
        holder("A3", "h1", "n1", "g1"),
        holder("A1", "h2", "n1", "g1"),
        holder("A1", "h1", "n2", "g1"),
        holder("A1", "h1", "n1", "g2"),
    ];
    let lost = async |now| store.lost_holders(holders.clone(), now).await.unwrap();
    assert_eq!(lost(100).await, [2, 3, 4, 5]);
    assert_eq!(lost(101).await, [0, 1, 2, 3, 4, 5], "certificates end");
    store.revoke_certificate("A2").await.unwrap();
    assert_eq!(lost(100).await, [1, 2, 3, 4, 5]);
    write(&store, EntityWrite::Delete(gateway("g1"))).await.unwrap();
    assert_eq!(lost(100).await, [0, 1, 2, 3, 4, 5]);
}
