//! From no certificate, or a bad one, to a good one; and every way in which the cloud can stand in between.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use magma_identity::{CertificatePair, ChallengeKey};
use magma_rpc::Status;
use magmad::events::{Event, Step};
use wire_orc8r::orc8r::challenge_key::KeyType;
use wire_orc8r::orc8r::response::Response as Answer;

use crate::certificates::{Authority, Twist};
use crate::cloud::{Cloud, Mood};
use crate::gateway::{Gateway, HARDWARE_ID};

const CERT: &str = "var/opt/magma/certs/gateway.crt";
const KEY: &str = "var/opt/magma/certs/gateway.key";
/// Said of a cloud that takes too long.
const LATE: &str = "within 1.5 s";
const CHALLENGE_KEY: &str = "var/opt/magma/certs/gw_challenge.key";

fn pair(gateway: &Gateway) -> CertificatePair {
    CertificatePair::load(&gateway.path(CERT), &gateway.path(KEY)).expect("a pair on disk")
}

#[tokio::test]
async fn a_new_gateway_gets_a_certificate_by_either_kind_of_challenge_and_checks_in() {
    for key_type in [KeyType::Echo, KeyType::SoftwareEcdsaSha256] {
        let cloud = Cloud::start().await;
        cloud.behave(|behaviour| behaviour.challenge_key = key_type.into());
        let mut running = Gateway::new(&cloud).start();
        running.until_bootstrapped().await;
        running.until_checked_in().await;
        let gateway = running.stop().await;

        assert_eq!(pair(&gateway).common_name(), HARDWARE_ID, "{key_type:?}");
        let mode = |name: &str| fs::metadata(gateway.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(KEY), mode(CERT), mode(CHALLENGE_KEY)), (0o600, 0o644, 0o600));
        let seen = cloud.seen();
        assert_eq!(seen.signed.len(), 1, "{key_type:?}: one certificate is enough");
        let request = &seen.signed[0];
        assert_eq!(request.hw_id.as_ref().unwrap().id, HARDWARE_ID);
        assert_eq!(request.csr.as_ref().unwrap().valid_time.unwrap().seconds, 4 * 24 * 3600);
        match (key_type, request.response.as_ref().unwrap()) {
            (KeyType::Echo, Answer::EchoResponse(echo)) => assert_eq!(echo.response, request.challenge),
            (KeyType::SoftwareEcdsaSha256, Answer::EcdsaResponse(signature)) => {
                assert!(ChallengeKey::load(&gateway.path(CHALLENGE_KEY)).is_ok());
                assert!((1..=48).contains(&signature.r.len()) && (1..=48).contains(&signature.s.len()));
                assert!(signature.r[0] != 0 && signature.s[0] != 0, "minimal integers");
            }
            (_, other) => panic!("{key_type:?} answered by {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_valid_certificate_is_used_as_it_is() {
    let cloud = Cloud::start().await;
    let mut running = Gateway::with_certificate(&cloud).start();
    running.until_checked_in().await;
    running.stop().await;
    assert_eq!(cloud.seen().signed.len(), 0, "the cloud is not asked for another one");
}

#[tokio::test]
async fn a_pair_that_is_of_no_use_is_replaced() {
    let days = 24 * 3600;
    type Spoil = fn(&Gateway, &Cloud);
    let rows: [(&str, Spoil); 6] = [
        ("expired", |gateway, cloud| gateway.give_certificate(cloud, -5 * 24 * 3600, -60)),
        ("not valid yet", |gateway, cloud| gateway.give_certificate(cloud, 3600, 4 * 24 * 3600)),
        ("unreadable certificate", |gateway, _| gateway.write(CERT, "no certificate")),
        ("unreadable key", |gateway, _| gateway.write(KEY, "no key")),
        ("missing key", |gateway, _| fs::remove_file(gateway.path(KEY)).unwrap()),
        ("another key", |gateway, cloud| {
            gateway.write(KEY, &cloud.certifier().client(HARDWARE_ID, -60, 60).1);
        }),
    ];
    for (name, spoil) in rows {
        let cloud = Cloud::start().await;
        let gateway = Gateway::with_certificate(&cloud);
        spoil(&gateway, &cloud);
        let mut running = gateway.start();
        running.until_bootstrapped().await;
        running.until_checked_in().await;
        let pair = pair(&running.stop().await);
        let left = pair.not_after().elapsed().expect_err(name).duration().as_secs();
        assert!(left > 3 * days, "{name}: the new one is in place");
    }
}

#[tokio::test]
async fn a_certificate_that_expires_soon_is_renewed_while_it_is_used() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::new(&cloud);
    gateway.give_certificate(&cloud, -3 * 24 * 3600, 3600);
    let mut running = gateway.start();
    let first = |event: &Event| match event {
        Event::CertificateUsable { .. } => Some("used"),
        Event::Bootstrapped { .. } => Some("renewed"),
        _ => None,
    };
    assert_eq!(running.until("the old certificate", first).await, "used");
    assert_eq!(running.until("the new certificate", first).await, "renewed");
    running.stop().await;
}

#[tokio::test]
async fn what_goes_wrong_is_explained_and_mended_by_itself_when_its_cause_is_gone() {
    type Change = fn(&mut crate::cloud::Behaviour);
    let rows: [(&str, Change, &[&str]); 9] = [
        (
            "an RSA challenge",
            |b| b.challenge_key = KeyType::SoftwareRsaSha256.into(),
            &["RSA challenge key", "magmad show"],
        ),
        ("an unknown kind of challenge", |b| b.challenge_key = 77, &["unknown kind of challenge key (77)"]),
        (
            "an unregistered id",
            |b| b.bootstrapper = Mood::Refusing(Status::not_found("Gateway with hwid is not registered")),
            &["does not know the hardware id", HARDWARE_ID, "magmad register"],
        ),
        (
            "a wrong answer",
            |b| b.signer = Mood::Refusing(Status::aborted("Failed to verify challenge/response")),
            &["did not accept the answer", "magmad show", "NTP"],
        ),
        ("a cloud that gives no challenge", |b| b.bootstrapper = Mood::Silent, &["GetChallenge", LATE]),
        ("a cloud that never signs", |b| b.signer = Mood::Silent, &["RequestSign", LATE]),
        (
            "a certificate for another gateway",
            |b| b.twist = Twist { common_name: Some("another".into()), ..Twist::default() },
            &["issued a certificate for another", HARDWARE_ID],
        ),
        (
            "a clock an hour behind",
            |b| b.twist = Twist { begins_in: Some(3600), ..Twist::default() },
            &["clock is behind", "NTP"],
        ),
        (
            "a certificate for another key",
            |b| b.twist = Twist { foreign_key: true, ..Twist::default() },
            &["cannot be used"],
        ),
    ];
    for (name, change, words) in rows {
        let cloud = Cloud::start().await;
        cloud.behave(change);
        let mut gateway = Gateway::new(&cloud);
        if words.contains(&LATE) {
            gateway.options.timings.bootstrap.call = Duration::from_millis(1500);
        }
        let mut running = gateway.start();
        let said = loop {
            let said = running.failure(Step::Bootstrap).await;
            // On a busy machine, GetChallenge may be late too.
            if !said.contains(LATE) || said.contains(words[0]) {
                break said;
            }
        };
        for word in words {
            assert!(said.contains(word), "{name}: {said}");
        }
        assert!(!running.gateway.path(CERT).exists(), "{name}: nothing is stored");
        let cured = crate::cloud::Behaviour::good();
        cloud.behave(|behaviour| *behaviour = cured);
        running.until_checked_in().await;
        running.stop().await;
    }
}

#[tokio::test]
async fn a_cloud_of_another_root_is_not_trusted() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::new(&cloud);
    gateway.write("var/opt/magma/certs/rootCA.pem", &Authority::new("another root").pem());
    let mut running = gateway.start();
    let said = running.failure(Step::Bootstrap).await;
    assert!(said.contains("not issued by the trusted root") && said.contains("rootCA.pem"), "{said}");
    assert_eq!(cloud.seen().signed.len(), 0, "it gets nothing of us");

    running.gateway.write("var/opt/magma/certs/rootCA.pem", &cloud.root_pem());
    running.until_checked_in().await;
    running.stop().await;
}

#[tokio::test]
async fn a_missing_root_is_named() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::new(&cloud);
    fs::remove_file(gateway.path("var/opt/magma/certs/rootCA.pem")).unwrap();
    let mut running = gateway.start();
    let said = running.failure(Step::Bootstrap).await;
    assert!(said.contains("var/opt/magma/certs/rootCA.pem") && said.contains("copy rootCA.pem"), "{said}");
    running.stop().await;
}

#[tokio::test]
async fn a_pair_that_cannot_be_stored_is_a_failure_and_leaves_nothing_half_done() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::new(&cloud);
    gateway.write(
        "var/opt/magma/configs/control_proxy.yml",
        "gateway_cert: /certificates/gateway.crt\ngateway_key: /certificates/gateway.key\n",
    );
    gateway.write("certificates", "a file where the folder should be: as good as a full disk");
    let mut running = gateway.start();
    let said = running.failure(Step::Bootstrap).await;
    assert!(said.contains("cannot write") && said.contains("free space"), "{said}");

    fs::remove_file(running.gateway.path("certificates")).unwrap();
    running.until_checked_in().await;
    let gateway = running.stop().await;
    assert!(gateway.path("certificates/gateway.crt").exists());
}

#[tokio::test]
async fn a_cloud_that_is_not_there_is_retried() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::new(&cloud);
    cloud.stop().await;
    let mut running = gateway.start();
    for _ in 0..2 {
        let said = running.failure(Step::Bootstrap).await;
        assert!(said.contains("cannot connect") && said.contains("check the address"), "{said}");
    }
    running.stop().await;
}
