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
        store.add_certificate(serial, operator(not_after)).await.unwrap();
    }
    store.revoke_certificate("03").await.unwrap();
    assert_eq!(store.certificate("3").await.unwrap(), None);
    assert_eq!(store.purge_expired_certificates(20).await.unwrap(), 1);
    assert_eq!(
        (store.certificate("1").await.unwrap(), store.certificate("2").await.unwrap()),
        (None, Some(operator(20)))
    );
}
