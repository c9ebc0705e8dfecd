//! Those who must not get in, or not further than they are.

use magma_rpc::{Code, Failure, Request, Status, failure_of};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair};
use wire_orc8r::orc8r::cloud_registration_client::CloudRegistrationClient;
use wire_orc8r::orc8r::state_service_client::StateServiceClient;
use wire_orc8r::orc8r::{GatewayDeviceInfo, GetTokenRequest, ReportStatesRequest, State};

use crate::bootstrap::{bootstrap, poll};
use crate::edge::{Client, Door, Edge, echo_device};

fn token_request() -> GetTokenRequest {
    let info = GatewayDeviceInfo { network_id: "n1".into(), logical_id: "gw1".into() };
    GetTokenRequest { gateway_device_info: Some(info), refresh: false }
}

fn report_request() -> ReportStatesRequest {
    let state = State { r#type: "string_map".into(), device_id: "d".into(), ..Default::default() };
    ReportStatesRequest { states: vec![state] }
}

/// The headers with which Magma's edge names the caller, made up by the caller itself.
fn forged<T>(message: T, serial: &str) -> Request<T> {
    let mut request = Request::new(message);
    for (name, value) in
        [("x-magma-client-cert-serial", serial), ("x-magma-client-cert-cn", "admin_operator")]
    {
        request.metadata_mut().insert(name, value.parse().unwrap());
    }
    request
}

#[tokio::test]
async fn forged_headers_open_nothing_on_the_open_port() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    bootstrap(&edge, "hw1").await;
    let known = edge.store().certificates().await.unwrap();
    let mut serials: Vec<&str> = known.iter().map(|(serial, _)| serial.as_str()).collect();
    // With this constant the parts of Magma's cloud recognise each other.
    serials.push("7ZZXAF7CAETF241KL22B8YRR7B5UF401");
    assert_eq!(serials.len(), 3, "the administrator's, the gateway's, and the constant");
    for serial in serials {
        let channel = edge.channel(Door::Bootstrap, None, "bootstrapper");
        let token =
            CloudRegistrationClient::new(channel.clone()).get_token(forged(token_request(), serial)).await;
        assert_eq!(token.unwrap_err().code(), Code::Unauthenticated, "{serial}");
        let report = StateServiceClient::new(channel).report_states(forged(report_request(), serial)).await;
        assert_eq!(report.unwrap_err().code(), Code::Unauthenticated, "{serial}");
    }
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_gateway_stays_a_gateway_on_every_port() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    let gateway = bootstrap(&edge, "hw1").await;
    let channel = edge.channel(Door::Gateways, Some(&gateway), "bootstrapper");
    for request in [Request::new(token_request()), forged(token_request(), "1")] {
        let status = CloudRegistrationClient::new(channel.clone()).get_token(request).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
        assert_eq!(status.message(), "this RPC is for operators");
    }
    let (status, answer) = edge.rest_as(&gateway, "GET", "/networks", None).await;
    assert_eq!(status, 401, "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("operator"), "{answer}");
    let operator = StateServiceClient::new(edge.channel(Door::Gateways, Some(&edge.admin()), "state"));
    let status = { operator }.report_states(report_request()).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::PermissionDenied, "Invalid Certificate Owner"));
    edge.running.shutdown().await;
}

/// A certificate by an authority of the same name with another key.
fn foreign(common_name: &str) -> Client {
    let (authority_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut authority = params("certifier.magma.localhost");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = Issuer::new(authority, authority_key);
    let certificate = params(common_name).signed_by(&key, &issuer).unwrap();
    Client { certificate: certificate.pem(), key: key.serialize_pem() }
}

fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

#[tokio::test]
async fn certificates_of_another_authority_do_not_get_past_tls() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    let status = poll(&edge, &foreign("hw1")).await.unwrap_err();
    let failure = failure_of(&status);
    assert!(matches!(failure, Some(Failure::ClientCertificateRejected { .. })), "{status:?}");
    let none = edge.channel(Door::Gateways, None, "state");
    let status = StateServiceClient::new(none).report_states(report_request()).await.unwrap_err();
    assert!(matches!(failure_of(&status), Some(Failure::ClientCertificateRejected { .. })), "{status:?}");
    let connection = edge.connection(Door::Rest, Some(&foreign("admin_operator")));
    let channel = connection.channel("controller.magma.localhost");
    let outcome = magma_rpc::http_call::request(&channel, "GET", "/magma/v1/networks", None).await;
    assert!(matches!(outcome, Err(Failure::ClientCertificateRejected { .. })), "{outcome:?}");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_on_an_open_connection() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    let gateway = bootstrap(&edge, "hw1").await;
    let channel = edge.channel(Door::Gateways, Some(&gateway), "state");
    let mut state = StateServiceClient::new(channel);
    state.report_states(report_request()).await.unwrap();
    let store = edge.store();
    for (serial, info) in store.certificates().await.unwrap() {
        if info.identity.common_name() == "hw1" {
            store.revoke_certificate(&serial).await.unwrap();
        }
    }
    let status: Status = state.report_states(report_request()).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::PermissionDenied, "Unknown Client Certificate"));
    edge.running.shutdown().await;
}
