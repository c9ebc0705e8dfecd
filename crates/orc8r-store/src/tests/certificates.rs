//! Accepted certificates.

use super::*;
use orc8r_model::{CertificateInfo, Identity};

fn operator(not_after: i64) -> CertificateInfo {
    CertificateInfo {
        identity: Identity::Operator { name: "admin_operator".into() },
        not_before: 0,
        not_after,
    }
}

fn gateway(not_after: i64) -> CertificateInfo {
    let identity = Identity::Gateway { hardware_id: HardwareId::parse("h1").unwrap() };
    CertificateInfo { identity, not_before: 0, not_after }
}

#[tokio::test]
async fn a_certificate_is_found_however_its_serial_is_written() {
    let store = store().await;
    let info = CertificateInfo {
        identity: Identity::Gateway { hardware_id: HardwareId::parse("h1").unwrap() },
        not_before: -1,
        not_after: 9,
    };
    store.add_certificate("0A1b", info.clone()).await.unwrap();
    for serial in ["A1B", "0a1b", "00A1B"] {
        assert_eq!(store.certificate(serial).await.unwrap().as_ref(), Some(&info), "{serial}");
    }
    for serial in ["", "A1", "A1B0", "a1b\0"] {
        assert_eq!(store.certificate(serial).await.unwrap(), None, "{serial:?}");
    }
    let again = store.add_certificate("A1B", operator(1)).await.unwrap_err();
    assert_eq!(again.to_string(), "certificate A1B already exists");
    assert_eq!(store.certificates().await.unwrap(), [("A1B".to_owned(), info)], "it still names the gateway");
}

#[tokio::test]
async fn a_revoked_certificate_is_not_accepted_and_old_ones_are_purged() {
    let store = store().await;
    for (serial, not_after) in [("1", 10), ("2", 20), ("3", 30)] {
        store.add_certificate(serial, gateway(not_after)).await.unwrap();
    }
    store.revoke_certificate("03").await.unwrap();
    assert_eq!(store.certificate("3").await.unwrap(), None);
    for (serial, revoked) in [("003", true), ("2", false), ("4", false)] {
        assert_eq!(store.was_revoked(serial).await.unwrap(), revoked, "{serial}");
    }
    assert_eq!(store.purge_expired_certificates(20).await.unwrap(), 1);
    assert_eq!(
        (store.certificate("1").await.unwrap(), store.certificate("2").await.unwrap()),
        (None, Some(gateway(20)))
    );
}

#[tokio::test]
async fn a_clock_that_was_ahead_for_a_while_locks_no_operator_out() {
    let store = store().await;
    store.add_certificate("1", operator(10)).await.unwrap();
    store.add_certificate("2", gateway(10)).await.unwrap();
    assert_eq!(store.purge_expired_certificates(i64::MAX).await.unwrap(), 1);
    assert_eq!(
        (store.certificate("1").await.unwrap(), store.certificate("2").await.unwrap()),
        (Some(operator(10)), None)
    );
}

#[tokio::test]
async fn of_operators_and_nodes_the_newest_end_is_told() {
    let store = store().await;
    let node = Identity::Node { name: "n".into() };
    let of_node = CertificateInfo { identity: node.clone(), not_before: 0, not_after: 5 };
    for (serial, info) in [("1", operator(10)), ("2", operator(30)), ("3", gateway(20)), ("4", of_node)] {
        store.add_certificate(serial, info).await.unwrap();
    }
    let told = store.operators_and_nodes().await.unwrap();
    assert_eq!(told, [(node, 5), (operator(0).identity, 30)]);
}
