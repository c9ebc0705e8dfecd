//! Who gets through the gate.

use std::convert::Infallible;
use std::task::{Context, Poll};

use magma_rpc::{Body, Code, Status};
use orc8r_model::AccessList;
use tower_service::Service;
use wire_orc8r::orc8r::cloud_registration_client::CloudRegistrationClient;
use wire_orc8r::orc8r::configurator::GetMconfigRequest;
use wire_orc8r::orc8r::configurator::southbound_configurator_client::SouthboundConfiguratorClient;
use wire_orc8r::orc8r::state_service_client::StateServiceClient;
use wire_orc8r::orc8r::sync_rpc_service_client::SyncRpcServiceClient;
use wire_orc8r::orc8r::{
    GatewayDeviceInfo, GetTokenRequest, ReportStatesRequest, ReportStatesResponse, State, SyncRpcResponse,
};

use crate::world::{Door, World};

async fn report(door: Door) -> Result<ReportStatesResponse, Status> {
    let state = State { r#type: "string_map".into(), device_id: "d".into(), ..Default::default() };
    let request = ReportStatesRequest { states: vec![state] };
    StateServiceClient::new(door).report_states(request).await.map(magma_rpc::Response::into_inner)
}

async fn token(door: Door) -> Result<(), Status> {
    let info = GatewayDeviceInfo { network_id: "n1".into(), logical_id: "gw1".into() };
    let request = GetTokenRequest { gateway_device_info: Some(info), refresh: false };
    CloudRegistrationClient::new(door).get_token(request).await.map(drop)
}

fn denied(outcome: Result<impl Sized, Status>) -> (Code, String) {
    match outcome {
        Ok(_) => (Code::Ok, String::new()),
        Err(status) => (status.code(), status.message().to_owned()),
    }
}

fn permission(text: &str) -> (Code, String) {
    (Code::PermissionDenied, text.to_owned())
}

#[tokio::test]
async fn certificates_are_judged_by_the_store_and_the_clock() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    assert!(report(gateway.clone()).await.is_ok());
    let (unknown, _) = world.certificate("hw1");
    assert_eq!(denied(report(world.certified(unknown)).await), permission("Unknown Client Certificate"));
    let stranger = world.gateway("hw9").await;
    assert_eq!(denied(report(stranger).await), permission("Unregistered Gateway hw9"));
    let nonsense = world.certified(vec![1, 2, 3]);
    assert_eq!(denied(report(nonsense).await), permission("Unknown Client Certificate"));
    world.pass(98 * 3600);
    assert_eq!(denied(report(gateway).await), permission("Expired Client Certificate"));
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_at_the_next_call() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    assert!(report(gateway.clone()).await.is_ok());
    for (serial, _) in world.store.certificates().await.unwrap() {
        world.store.revoke_certificate(&serial).await.unwrap();
    }
    assert_eq!(denied(report(gateway).await), permission("Unknown Client Certificate"));
}

#[tokio::test]
async fn gateways_and_operators_keep_to_their_own_rpcs() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    assert_eq!(denied(token(gateway.clone()).await), permission("this RPC is for operators"));
    let operator = world.add_operator("ann", AccessList::administrator()).await;
    assert_eq!(denied(report(operator).await), permission("Invalid Certificate Owner"));
    let mut configurator = SouthboundConfiguratorClient::new(gateway);
    let request = GetMconfigRequest { hardware_id: "hw2".into() };
    let outcome = configurator.get_mconfig_internal(request).await;
    assert_eq!(outcome.unwrap_err().code(), Code::Unimplemented, "nobody asks for another's configuration");
}

#[tokio::test]
async fn headers_that_claim_an_identity_change_nothing() {
    let world = World::new().await;
    world.gateway("hw1").await;
    let serials = world.store.certificates().await.unwrap();
    // The second is the constant with which the parts of Magma's cloud recognise each other.
    for serial in [serials[0].0.as_str(), "7ZZXAF7CAETF241KL22B8YRR7B5UF401"] {
        let forged = |door: Door| {
            door.with_header("x-magma-client-cert-serial", serial)
                .with_header("x-magma-client-cert-cn", "hw1")
        };
        let (code, _) = denied(report(forged(world.open())).await);
        assert_eq!(code, Code::Unauthenticated, "{serial}");
        let (code, _) = denied(token(forged(world.open())).await);
        assert_eq!(code, Code::Unauthenticated, "{serial}");
        let (unknown, _) = world.certificate("hw1");
        let outcome = denied(report(forged(world.certified(unknown))).await);
        assert_eq!(outcome, permission("Unknown Client Certificate"), "{serial}");
    }
}

/// A client's calls, whatever they are, arrive as a call for a challenge.
#[derive(Clone)]
struct Misdirected(Door);

impl Service<http::Request<Body>> for Misdirected {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = <Door as Service<http::Request<Body>>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        *request.uri_mut() = http::Uri::from_static("/magma.orc8r.Bootstrapper/GetChallenge");
        self.0.call(request)
    }
}

#[tokio::test(start_paused = true)]
async fn who_never_sends_his_message_does_not_hold_a_call_for_ever() {
    let world = World::new().await;
    let started = tokio::time::Instant::now();
    let never = tokio_stream::pending::<SyncRpcResponse>();
    let outcome = SyncRpcServiceClient::new(Misdirected(world.open())).sync_rpc(never).await;
    assert_eq!(outcome.unwrap_err().code(), Code::DeadlineExceeded);
    assert_eq!(started.elapsed().as_secs(), 30);
}
