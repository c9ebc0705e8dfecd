//! Who gets through the handshake, and what each side says when one does not.

use crate::fixture::{Authority, Served, log_event};
use magma_rpc::tls::{ClientAuth, Identity, TlsError, TrustAnchors};
use magma_rpc::{Code, Failure, failure_of};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;
use time::Duration;

const NAME: &str = "controller.magma.test";

#[tokio::test]
async fn only_a_client_of_the_trusted_authority_that_is_valid_now_gets_through() {
    let (root, certifier, foreign) =
        (Authority::new("root"), Authority::new("certifier"), Authority::new("other"));
    let impostor = Authority::new("certifier");
    let day = Duration::days(1);
    let rows = [
        ("a client of ours", Some(certifier.client("gw")), true),
        ("no certificate", None, false),
        ("a client of another authority", Some(foreign.client("gw")), false),
        ("a client of another authority of the same name", Some(impostor.client("gw")), false),
        ("an expired client", Some(certifier.client_valid("gw", -2 * day, -day)), false),
        ("a client of tomorrow", Some(certifier.client_valid("gw", day, 2 * day)), false),
        ("a server certificate as a client", Some(certifier.server(&[NAME])), true),
    ];
    let served = Served::start(&root.server(&[NAME]), ClientAuth::Required(&certifier.trust())).await;
    for (row, identity, accepted) in rows {
        let before = served.service.calls.load(Ordering::SeqCst);
        let answer = log_event(&served.connection(NAME, &root.trust(), identity.as_ref()), NAME).await;
        let calls = served.service.calls.load(Ordering::SeqCst) - before;
        if accepted {
            answer.unwrap_or_else(|status| panic!("{row}: {status}"));
            assert_eq!(calls, 1, "{row}");
        } else {
            let status = answer.expect_err(row);
            let failure = failure_of(&status).unwrap_or_else(|| panic!("{row}: {status:?}"));
            assert!(failure.is_certificate_rejected(), "{row}: {failure:?}");
            assert_eq!(status.code(), Code::Unauthenticated, "{row}");
            assert_eq!(calls, 0, "{row}");
        }
    }
    served.stop().await;
}

/// The client's first request is on the way when the server refuses; a reset would take the reason along.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reason_of_a_refusal_always_arrives() {
    let (root, certifier) = (Authority::new("root"), Authority::new("certifier"));
    let served = Served::start(&root.server(&[NAME]), ClientAuth::Required(&certifier.trust())).await;
    for attempt in 0..50 {
        let status = log_event(&served.connection(NAME, &root.trust(), None), NAME).await.unwrap_err();
        let failure = failure_of(&status).unwrap_or_else(|| panic!("{attempt}: {status:?}"));
        assert!(failure.is_certificate_rejected(), "{attempt}: {failure:?}");
        assert!(failure.to_string().contains("check the port"), "{failure}");
    }
    served.stop().await;
}

#[tokio::test]
async fn a_client_tells_why_it_does_not_trust_a_server() {
    let (root, other) = (Authority::new("root"), Authority::new("other"));
    let served = Served::start(&root.server(&[NAME, "*.magma.test"]), ClientAuth::None).await;
    let rows = [
        ("state-controller.magma.test", &root, None),
        (NAME, &other, Some("rootCA.pem")),
        ("controller.elsewhere.test", &root, Some("another name")),
    ];
    for (name, trusted, complaint) in rows {
        let status = log_event(&served.connection(name, &trusted.trust(), None), name).await.unwrap_err();
        match complaint {
            None => assert_eq!(status.code(), Code::PermissionDenied, "the service answered: {status}"),
            Some(words) => {
                let failure = failure_of(&status).unwrap();
                assert!(
                    matches!(failure, Failure::ServerCertificate { .. } | Failure::ServerName { .. }),
                    "{failure:?}"
                );
                assert!(failure.to_string().contains(words), "{failure}");
                assert!(!failure.is_certificate_rejected());
            }
        }
    }
    served.stop().await;
}

/// A system's collection of authorities, in which some certificates are odd.
#[tokio::test]
async fn a_collection_is_trusted_beside_the_root_and_nobody_else_is() {
    let (root, public, stranger) =
        (Authority::new("root"), Authority::new("public"), Authority::new("stranger"));
    let odd = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let collection = TrustAnchors::usable_of_pem(format!("{odd}{}", public.pem).as_bytes());
    let trust = root.trust().and(collection.clone());
    assert!(TrustAnchors::usable_of_pem(b"").is_empty());
    for (issuer, trust, trusted) in [
        (&root, &trust, true),
        (&public, &trust, true),
        (&stranger, &trust, false),
        (&root, &collection, false),
    ] {
        let served = Served::start(&issuer.server(&[NAME]), ClientAuth::None).await;
        let status = log_event(&served.connection(NAME, trust, None), NAME).await.unwrap_err();
        let refused = matches!(failure_of(&status), Some(Failure::ServerCertificate { .. }));
        assert_eq!(!refused, trusted, "{status:?}");
        served.stop().await;
    }
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pem = |name: &str| {
        let (key, certificate) = (folder.path().join(format!("{name}.key")), folder.path().join(name));
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        (std::fs::read(certificate).unwrap(), std::fs::read(key).unwrap())
    };
    let ((a, a_key), (b, b_key)) = (pem("a.test"), pem("b.test"));
    assert!(Identity::from_pem(&a, &a_key).is_ok());
    assert!(matches!(Identity::from_pem(&a, &b_key), Err(TlsError::KeyMismatch)));
    assert!(matches!(Identity::from_pem(b"", &a_key), Err(TlsError::NoCertificate(_))));
    assert!(matches!(Identity::from_pem(&b, b""), Err(TlsError::NoPrivateKey(_))));
}

/// Administrators' certificates of existing Orchestrators are of version 1, with RSA keys.
#[tokio::test]
async fn a_version_1_certificate_of_ours_is_accepted_and_one_of_a_foreign_authority_is_not() {
    let (root, certifier, foreign) =
        (Authority::new("root"), Authority::new("certifier"), Authority::new("certifier"));
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&root.server(&[NAME]), ClientAuth::Required(&certifier.trust())).await;
    for (issuer, accepted) in [(&certifier, true), (&foreign, false)] {
        let Some(identity) = version_1_certificate(folder.path(), issuer) else {
            println!("skipped: openssl is not installed");
            return;
        };
        let answer = log_event(&served.connection(NAME, &root.trust(), Some(&identity)), NAME).await;
        assert_eq!(answer.is_ok(), accepted, "{answer:?}");
    }
    served.stop().await;
}

fn version_1_certificate(folder: &Path, issuer: &Authority) -> Option<Identity> {
    std::fs::write(folder.join("ca.pem"), &issuer.pem).unwrap();
    std::fs::write(folder.join("ca.key"), &issuer.key_pem).unwrap();
    let openssl = |arguments: &str| {
        let run = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().ok()?;
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        Some(())
    };
    openssl("req -new -newkey rsa:2048 -nodes -keyout admin.key -out admin.csr -subj /CN=admin_operator")?;
    openssl("x509 -req -in admin.csr -CA ca.pem -CAkey ca.key -set_serial 17 -days 1 -out admin.pem")?;
    let pem = std::fs::read(folder.join("admin.pem")).unwrap();
    let read = |name| std::fs::read(folder.join(name)).unwrap();
    let identity = Identity::from_pem(&pem, &read("admin.key")).unwrap();
    let (_, block) = x509_parser::pem::parse_x509_pem(&pem).unwrap();
    assert_eq!(block.parse_x509().unwrap().version().0, 0, "openssl made a certificate of another version");
    Some(identity)
}
