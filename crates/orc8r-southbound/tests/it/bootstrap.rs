//! Bootstrap: challenge, answer, certificate.

use magma_rpc::{Code, Status};
use orc8r_ca::CertificateFacts;
use orc8r_model::{Device, DeviceKey, HardwareId, Identity};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use wire_orc8r::orc8r::bootstrapper_client::BootstrapperClient;
use wire_orc8r::orc8r::{
    AccessGatewayId, Certificate, Challenge, Csr, Identity as WireIdentity, Response as ChallengeResponse,
    challenge_key, identity, response,
};

use crate::world::{World, csr, echo};

async fn challenge(world: &World, hardware_id: &str) -> Result<Challenge, Status> {
    let request = AccessGatewayId { id: hardware_id.into() };
    BootstrapperClient::new(world.open()).get_challenge(request).await.map(magma_rpc::Response::into_inner)
}

async fn request_sign(world: &World, response: ChallengeResponse) -> Result<Certificate, Status> {
    BootstrapperClient::new(world.open()).request_sign(response).await.map(magma_rpc::Response::into_inner)
}

/// An ECHO gateway's honest answer, to be spoilt.
fn echo_answer(hardware_id: &str, challenge: Vec<u8>) -> ChallengeResponse {
    ChallengeResponse {
        hw_id: Some(AccessGatewayId { id: hardware_id.into() }),
        response: Some(response::Response::EchoResponse(response::Echo { response: challenge.clone() })),
        challenge,
        csr: Some(Csr {
            csr_der: csr(hardware_id),
            valid_time: Some(prost_types::Duration { seconds: 4 * 86400, nanos: 0 }),
            ..Default::default()
        }),
    }
}

async fn challenged(world: &World, hardware_id: &str) -> ChallengeResponse {
    echo_answer(hardware_id, challenge(world, hardware_id).await.unwrap().challenge)
}

#[tokio::test]
async fn an_echo_gateway_gets_a_certificate_that_the_gate_accepts() {
    let world = World::new().await;
    let challenge = challenge(&world, "hw1").await.unwrap();
    assert_eq!(challenge.key_type, challenge_key::KeyType::Echo as i32);
    assert_eq!(challenge.challenge.len(), 512);
    let certificate = request_sign(&world, echo_answer("hw1", challenge.challenge)).await.unwrap();
    let facts = CertificateFacts::from_der(&certificate.cert_der).unwrap();
    assert_eq!(facts.common_name.as_deref(), Some("hw1"));
    assert_eq!(certificate.sn.unwrap().sn, facts.serial);
    assert_eq!(certificate.not_after.unwrap().seconds as u64, world.now() + 4 * 86400);
    assert_eq!(certificate.not_before.unwrap().seconds as u64, world.now() - 3600);
    let known = world.store.certificate(&facts.serial).await.unwrap().unwrap();
    assert_eq!(known.identity, Identity::Gateway { hardware_id: HardwareId::parse("hw1").unwrap() });
}

#[tokio::test]
async fn an_ecdsa_gateway_signs_the_challenge() {
    let world = World::new().await;
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
    const P256: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
    let spki = [P256, key.public_key().as_ref()].concat();
    let device =
        Device { hardware_id: HardwareId::parse("hw3").unwrap(), key: DeviceKey::SoftwareEcdsaSha256(spki) };
    world.add_gateway("n1", "gw3", Some(device)).await;
    let challenge = challenge(&world, "hw3").await.unwrap();
    assert_eq!(challenge.key_type, challenge_key::KeyType::SoftwareEcdsaSha256 as i32);
    let signature = key.sign(&random, &challenge.challenge).unwrap();
    let (r, s) = signature.as_ref().split_at(32);
    let mut answer = echo_answer("hw3", challenge.challenge);
    let echoed = request_sign(&world, answer.clone()).await.unwrap_err();
    assert_eq!(echoed.code(), Code::Aborted, "echo is not enough for a gateway with a key");
    answer.response =
        Some(response::Response::EcdsaResponse(response::Ecdsa { r: r.to_vec(), s: s.to_vec() }));
    let certificate = request_sign(&world, answer).await.unwrap();
    let facts = CertificateFacts::from_der(&certificate.cert_der).unwrap();
    assert_eq!(facts.common_name.as_deref(), Some("hw3"));
}

#[tokio::test]
async fn who_the_request_says_it_is_for_does_not_matter() {
    let world = World::new().await;
    for value in [
        identity::Value::Operator("admin_operator".into()),
        identity::Value::Gateway(identity::Gateway { hardware_id: "hw2".into(), ..Default::default() }),
    ] {
        let mut answer = challenged(&world, "hw1").await;
        answer.csr.as_mut().unwrap().id = Some(WireIdentity { value: Some(value) });
        let certificate = request_sign(&world, answer).await.unwrap();
        let facts = CertificateFacts::from_der(&certificate.cert_der).unwrap();
        assert_eq!(facts.common_name.as_deref(), Some("hw1"));
        let known = world.store.certificate(&facts.serial).await.unwrap().unwrap();
        assert_eq!(known.identity, Identity::Gateway { hardware_id: HardwareId::parse("hw1").unwrap() });
    }
}

#[tokio::test]
async fn dishonest_answers_get_no_certificate() {
    let world = World::new().await;
    type Spoil = fn(&mut ChallengeResponse);
    let rows: [(&str, Spoil, Code, &str); 8] = [
        (
            "a request for another name",
            |a| a.csr.as_mut().unwrap().csr_der = csr("hw2"),
            Code::Aborted,
            "names 'hw2'",
        ),
        (
            "a request for the administrator",
            |a| a.csr.as_mut().unwrap().csr_der = csr("admin_operator"),
            Code::Aborted,
            "names 'admin_operator'",
        ),
        (
            "another gateway's challenge",
            |a| a.hw_id = Some(AccessGatewayId { id: "hw2".into() }),
            Code::Aborted,
            "not made by this orchestrator for this hardware id",
        ),
        (
            "a challenge of its own making",
            |a| a.challenge = vec![0; 512],
            Code::Aborted,
            "not made by this orchestrator",
        ),
        ("a short challenge", |a| a.challenge.truncate(500), Code::Aborted, "500 bytes instead of 512"),
        (
            "a wrong echo",
            |a| a.response = Some(response::Response::EchoResponse(response::Echo { response: vec![1] })),
            Code::Aborted,
            "does not fit the key",
        ),
        ("no answer", |a| a.response = None, Code::Aborted, "no answer"),
        ("no request", |a| a.csr = None, Code::InvalidArgument, "no certificate request"),
    ];
    for (row, spoil, code, text) in rows {
        let mut answer = challenged(&world, "hw1").await;
        spoil(&mut answer);
        let status = request_sign(&world, answer).await.unwrap_err();
        assert_eq!(status.code(), code, "{row}");
        assert!(status.message().contains(text), "{row}: {}", status.message());
    }
    assert_eq!(world.store.certificates().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_challenge_is_valid_for_five_minutes() {
    let world = World::new().await;
    let answer = challenged(&world, "hw1").await;
    world.pass(300);
    assert!(request_sign(&world, answer.clone()).await.is_ok());
    world.pass(1);
    let status = request_sign(&world, answer).await.unwrap_err();
    assert_eq!(status.code(), Code::Aborted);
    assert!(status.message().contains("301 s old"), "{}", status.message());
}

#[tokio::test]
async fn unregistered_hardware_ids_are_named_with_what_to_do() {
    let world = World::new().await;
    // A device that no gateway of any network refers to is as unknown as none.
    world.store.put_device(echo("hw7")).await.unwrap();
    for hardware_id in ["hw9", "hw7", "", "a\nb"] {
        let status = challenge(&world, hardware_id).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound, "{hardware_id:?}");
        assert!(status.message().contains("register"), "{}", status.message());
        let answer = echo_answer(hardware_id, vec![0; 512]);
        assert_eq!(request_sign(&world, answer).await.unwrap_err().code(), Code::NotFound, "{hardware_id:?}");
    }
}

#[tokio::test]
async fn what_strangers_send_is_bounded_and_not_repeated_to_them() {
    let world = World::new().await;
    for (length, code) in [(100_000, Code::NotFound), (200_000, Code::OutOfRange)] {
        let status = challenge(&world, &"x".repeat(length)).await.unwrap_err();
        assert_eq!(status.code(), code, "{length}");
        assert!(status.message().len() < 500, "{length}: {}", status.message().len());
    }
}
