//! A gateway comes to its certificate: by ECHO, by ECDSA, by token.

use magma_rpc::channel::Channel;
use magma_rpc::{Code, Status};
use rcgen::KeyPair as RcgenKey;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;
use wire_orc8r::orc8r::bootstrapper_client::BootstrapperClient;
use wire_orc8r::orc8r::registration_client::RegistrationClient;
use wire_orc8r::orc8r::streamer_client::StreamerClient;
use wire_orc8r::orc8r::{
    AccessGatewayId, ChallengeKey, Csr, RegisterRequest, Response as ChallengeResponse, StreamRequest,
    challenge_key, register_response, response,
};

use crate::edge::{Client, Door, Edge, echo_device};

/// A gateway's long-lived key.
pub struct ChallengeSigner {
    key: EcdsaKeyPair,
    random: SystemRandom,
}

impl ChallengeSigner {
    pub fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        Self { key, random }
    }

    /// The base64 text of the public key in DER form, as gateways show and send it.
    pub fn public_key(&self) -> String {
        let point = self.key.public_key().as_ref();
        let rcgen_view = rcgen::SubjectPublicKeyInfo::from_der(&spki(point)).unwrap();
        assert_eq!(rcgen::PublicKeyData::der_bytes(&rcgen_view), point);
        base64(&spki(point))
    }

    fn answer(&self, challenge: &[u8]) -> response::Response {
        let signature = self.key.sign(&self.random, challenge).unwrap();
        let (r, s) = signature.as_ref().split_at(32);
        response::Response::EcdsaResponse(response::Ecdsa { r: r.to_vec(), s: s.to_vec() })
    }
}

fn spki(point: &[u8]) -> Vec<u8> {
    const P256: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
    [P256, point].concat()
}

/// By way of PEM, which is base64 in lines.
fn base64(der: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    der.chunks(3)
        .flat_map(|chunk| {
            let bits =
                chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            (0..4).map(move |place| {
                let index = (bits >> (18 - 6 * place)) as usize & 63;
                if place <= chunk.len() { char::from(ALPHABET[index]) } else { '=' }
            })
        })
        .collect()
}

/// Asks for a challenge, answers it (ECHO without a signer), and returns the certificate with its new key.
pub async fn bootstrap_as(
    edge: &Edge,
    hardware_id: &str,
    common_name: &str,
    signer: Option<&ChallengeSigner>,
) -> Result<Client, Status> {
    let mut bootstrapper = BootstrapperClient::new(edge.channel(Door::Bootstrap, None, "bootstrapper"));
    let id = AccessGatewayId { id: hardware_id.into() };
    let challenge = bootstrapper.get_challenge(id.clone()).await?.into_inner().challenge;
    let answer = match signer {
        Some(signer) => signer.answer(&challenge),
        None => response::Response::EchoResponse(response::Echo { response: challenge.clone() }),
    };
    let key = RcgenKey::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, common_name);
    let csr_der = params.serialize_request(&key).unwrap().der().to_vec();
    let csr = Some(Csr { csr_der, ..Default::default() });
    let request = ChallengeResponse { hw_id: Some(id), challenge, response: Some(answer), csr };
    let certificate = bootstrapper.request_sign(request).await?.into_inner();
    Ok(Client { certificate: pem(&certificate.cert_der), key: key.serialize_pem() })
}

pub async fn bootstrap(edge: &Edge, hardware_id: &str) -> Client {
    bootstrap_as(edge, hardware_id, hardware_id, None).await.unwrap()
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64(der))
}

/// The gateway's configuration, which only a gateway with a valid certificate gets.
pub async fn poll(edge: &Edge, client: &Client) -> Result<String, Status> {
    poll_by(edge.channel(Door::Gateways, Some(client), "streamer")).await
}

/// The same by a channel to any node.
pub async fn poll_by(channel: Channel) -> Result<String, Status> {
    let request = StreamRequest { stream_name: "configs".into(), ..Default::default() };
    let mut streamer = StreamerClient::new(channel);
    let batch = streamer.get_updates(request).await?.into_inner().message().await?.unwrap();
    Ok(batch.updates[0].key.clone())
}

/// What the events of this type in `n1` are about, once there is one.
async fn told(edge: &Edge, event_type: &str) -> serde_json::Value {
    let ask = async {
        loop {
            let path = format!("/events/n1?streams=gateways&events={event_type}");
            let found = edge.rest("GET", &path, None).await;
            let events = found.as_array().unwrap();
            if !events.is_empty() {
                return events.iter().map(|event| event["tag"].clone()).collect();
            }
        }
    };
    tokio::time::timeout(crate::edge::LIMIT, ask).await.unwrap()
}

#[tokio::test]
async fn gateways_bootstrap_twice_by_echo_and_by_ecdsa() {
    let edge = Edge::start().await;
    let signer = ChallengeSigner::new();
    let key = json!({"key_type": "SOFTWARE_ECDSA_SHA256", "key": signer.public_key()});
    let with_key = Some(json!({"hardware_id": "hw-ecdsa", "key": key}));
    edge.make_gateways(&[("gw_echo", echo_device("hw-echo")), ("gw_ecdsa", with_key)]).await;
    for _ in 0..2 {
        let echo = bootstrap(&edge, "hw-echo").await;
        assert_eq!(poll(&edge, &echo).await.unwrap(), "gw_echo");
        let ecdsa = bootstrap_as(&edge, "hw-ecdsa", "hw-ecdsa", Some(&signer)).await.unwrap();
        assert_eq!(poll(&edge, &ecdsa).await.unwrap(), "gw_ecdsa");
    }
    let impostor = ChallengeSigner::new();
    let status = bootstrap_as(&edge, "hw-ecdsa", "hw-ecdsa", Some(&impostor)).await.err().unwrap();
    assert_eq!(status.code(), Code::Aborted);
    let tags = told(&edge, "certificate_issued").await;
    assert!(tags.as_array().unwrap().iter().all(|tag| *tag == "gw_echo" || *tag == "gw_ecdsa"), "{tags}");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_certificate_for_another_identity_is_refused() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1")), ("gw2", echo_device("hw2"))]).await;
    for other in ["hw2", "admin_operator"] {
        let status = bootstrap_as(&edge, "hw1", other, None).await.err().unwrap();
        assert_eq!(status.code(), Code::Aborted, "{other}");
        assert!(status.message().contains(&format!("names '{other}'")), "{}", status.message());
    }
    edge.running.shutdown().await;
}

#[tokio::test]
async fn an_unregistered_hardware_id_is_told_what_to_do() {
    let edge = Edge::start().await;
    let status = bootstrap_as(&edge, "nobody", "nobody", None).await.err().unwrap();
    assert_eq!(status.code(), Code::NotFound);
    assert!(status.message().contains("nobody") && status.message().contains("register"), "{status}");
    edge.running.shutdown().await;
}

async fn register(edge: &Edge, token: &str, hardware_id: &str) -> Result<String, String> {
    let key_type = challenge_key::KeyType::SoftwareEcdsaSha256 as i32;
    let key = ChallengeSigner::new().public_key().into_bytes();
    let request = RegisterRequest {
        token: token.into(),
        hwid: Some(AccessGatewayId { id: hardware_id.into() }),
        challenge_key: Some(ChallengeKey { key_type, key }),
    };
    let channel = edge.channel(Door::Bootstrap, None, "bootstrapper");
    let response = RegistrationClient::new(channel).register(request).await.unwrap().into_inner();
    match response.response.unwrap() {
        register_response::Response::ControlProxy(text) => Ok(text),
        register_response::Response::Error(text) => Err(text),
    }
}

#[tokio::test]
async fn a_token_registers_once_and_in_time() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", None), ("gw2", None)]).await;
    let shown = edge.rest("GET", "/networks/n1/gateways/gw1", None).await;
    let info = &shown["registration_info"];
    assert_eq!(info["domain_name"], "magma.localhost");
    assert_eq!(info["root_ca"].as_str().unwrap(), edge.certificate_file("rootCA.pem"));
    let token = info["registration_token"].as_str().unwrap();
    let control_proxy = register(&edge, token, "hw1").await.unwrap();
    let port = edge.running.addresses().gateways.port();
    assert!(control_proxy.contains(&format!("cloud_port: {port}\n")), "{control_proxy}");
    assert_eq!(told(&edge, "gateway_registered").await, json!(["gw1"]));
    let reused = register(&edge, token, "hw9").await.unwrap_err();
    assert!(reused.contains("used already"), "{reused}");
    let expired = orc8r_store::IssueToken {
        candidate: "reg_thatexpiredlongago".into(),
        now: 1000,
        expires_at: 2800,
        refresh: orc8r_store::Refresh::Replace,
    };
    let network = orc8r_model::NetworkId::parse("n1").unwrap();
    let gateway = orc8r_model::GatewayId::parse("gw2").unwrap();
    edge.store().issue_registration_token(&network, &gateway, expired).await.unwrap();
    let late = register(&edge, "reg_thatexpiredlongago", "hw9").await.unwrap_err();
    assert!(late.contains("expired"), "{late}");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn everything_is_still_there_after_a_restart() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    let gateway = bootstrap(&edge, "hw1").await;
    let edge = edge.restart().await;
    assert_eq!(edge.running.events(), [], "nothing had to be made again");
    assert_eq!(poll(&edge, &gateway).await.unwrap(), "gw1");
    assert_eq!(edge.rest("GET", "/networks", None).await, json!(["n1"]));
    edge.running.shutdown().await;
}
