//! SyncRPC over its own stream, with a gateway played by hand.
//!
//! Only the tests that wait for a heartbeat pause the clock: the store answers from a thread of its own, which a
//! paused clock does not wait for, so that no other timer may run then.

use std::collections::BTreeMap;
use std::time::Duration;

use magma_rpc::{Code, Request, Status, Streaming};
use orc8r_model::HardwareId;
use orc8r_southbound::{Broker, CallError};
use prost::Message;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use wire_orc8r::orc8r::sync_rpc_service_client::SyncRpcServiceClient;
use wire_orc8r::orc8r::{
    GatewayResponse, LogLine, NetworkTestRequest, NetworkTestResponse, PingParams, PingResult,
    SyncRpcRequest, SyncRpcResponse, Void,
};

use crate::world::{Door, World};

struct Gateway {
    up: mpsc::Sender<SyncRpcResponse>,
    down: Streaming<SyncRpcRequest>,
}

impl Gateway {
    async fn connect(door: Door) -> Self {
        let (up, receiver) = mpsc::channel(16);
        let stream = Request::new(ReceiverStream::new(receiver));
        let down = SyncRpcServiceClient::new(door).establish_sync_rpc_stream(stream).await.unwrap();
        Self { up, down: down.into_inner() }
    }

    async fn next(&mut self) -> Result<Option<SyncRpcRequest>, Status> {
        self.down.message().await
    }

    async fn message(&mut self) -> SyncRpcRequest {
        self.next().await.unwrap().unwrap()
    }

    /// The next message that is no heartbeat. Heartbeats may come first: the clock jumps to the next one whenever
    /// all wait for the store.
    async fn request(&mut self) -> SyncRpcRequest {
        loop {
            let message = self.message().await;
            if !message.heart_beat {
                return message;
            }
        }
    }

    /// How the stream ends.
    async fn end(&mut self) -> Status {
        loop {
            match self.next().await {
                Ok(Some(message)) => assert!(message.heart_beat, "{message:?}"),
                Ok(None) => panic!("the stream ended without a reason"),
                Err(status) => return status,
            }
        }
    }

    async fn answer(&self, req_id: u32, messages: &[Vec<u8>], is_last: bool) {
        let mut headers = BTreeMap::new();
        if is_last {
            headers.insert("grpc-status".to_owned(), "0".to_owned());
        }
        let payload = messages.iter().flat_map(|message| framed(message)).collect();
        let body = GatewayResponse { status: "200".into(), headers, payload, ..Default::default() };
        self.up.send(SyncRpcResponse { req_id, resp_body: Some(body), heart_beat: false }).await.unwrap();
    }
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&[0][..], &(message.len() as u32).to_be_bytes(), message].concat()
}

fn hardware_id() -> HardwareId {
    HardwareId::parse("hw1").unwrap()
}

async fn connected() -> (World, Broker, Gateway) {
    let world = World::in_memory().await;
    let gateway = Gateway::connect(world.gateway("hw1").await).await;
    let broker = world.southbound.broker().clone();
    (world, broker, gateway)
}

#[tokio::test]
async fn a_ping_goes_to_the_gateway_and_back() {
    let (_world, broker, mut gateway) = connected().await;
    let answers = async {
        let request = gateway.request().await;
        let body = request.req_body.unwrap();
        assert_eq!(body.path, "/magma.orc8r.Magmad/RunNetworkTests");
        let test = NetworkTestRequest::decode(&body.payload[5..]).unwrap();
        assert_eq!(test.pings[0].host_or_ip, "192.0.2.1");
        let ping = PingResult { host_or_ip: "192.0.2.1".into(), packets_received: 4, ..Default::default() };
        let response = NetworkTestResponse { pings: vec![ping], traceroutes: vec![] };
        gateway.answer(request.req_id, &[response.encode_to_vec()], true).await;
    };
    let magmad = broker.magmad(hardware_id());
    let ping = PingParams { host_or_ip: "192.0.2.1".into(), num_packets: 4 };
    let (pings, ()) = tokio::join!(magmad.ping(vec![ping]), answers);
    assert_eq!(pings.unwrap()[0].packets_received, 4);
}

#[tokio::test]
async fn a_restarted_orchestrator_does_not_take_the_numbers_of_the_one_before() {
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let (_world, broker, mut gateway) = connected().await;
        let _call = broker.magmad(hardware_id()).tail_logs(String::new()).await.unwrap();
        numbers.push(gateway.request().await.req_id);
    }
    assert!(numbers[0] != numbers[1] && !numbers.contains(&0), "{numbers:?}");
}

#[tokio::test]
async fn a_log_streams_until_its_reader_goes_away() {
    let (_world, broker, mut gateway) = connected().await;
    let mut log = broker.magmad(hardware_id()).tail_logs("mobilityd".into()).await.unwrap();
    let request = gateway.request().await;
    let line = |text: &str| LogLine { line: text.into() }.encode_to_vec();
    gateway.answer(request.req_id, &[line("one\n"), line("two\n")], false).await;
    assert_eq!(log.line().await.unwrap().as_deref(), Some("one\n"));
    assert_eq!(log.line().await.unwrap().as_deref(), Some("two\n"));
    drop(log);
    let closed = gateway.request().await;
    assert_eq!((closed.req_id, closed.conn_closed), (request.req_id, true));
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_comes_after_60_idle_seconds() {
    let (_world, broker, mut gateway) = connected().await;
    let started = Instant::now();
    assert!(gateway.message().await.heart_beat);
    assert_eq!(started.elapsed().as_secs(), 60);
    tokio::time::sleep(Duration::from_secs(30)).await;
    let call = broker.magmad(hardware_id()).tail_logs(String::new()).await.unwrap();
    let request = gateway.message().await;
    assert!(!request.heart_beat);
    let sent = Instant::now();
    gateway.answer(request.req_id, &[], true).await;
    assert!(gateway.message().await.heart_beat);
    assert_eq!(sent.elapsed().as_secs(), 60, "what was sent counts as a sign of life");
    drop(call);
}

#[tokio::test(start_paused = true)]
async fn both_names_of_the_stream_are_served() {
    let world = World::new().await;
    let (_up, receiver) = mpsc::channel::<SyncRpcResponse>(1);
    let mut client = SyncRpcServiceClient::new(world.gateway("hw1").await);
    let mut down = client.sync_rpc(Request::new(ReceiverStream::new(receiver))).await.unwrap().into_inner();
    assert_eq!(world.southbound.broker().connected(), [hardware_id()]);
    assert!(down.message().await.unwrap().unwrap().heart_beat);
}

#[tokio::test]
async fn a_reconnect_takes_over_and_the_old_stream_is_told() {
    let (world, broker, mut old) = connected().await;
    let mut new = Gateway::connect(world.gateway("hw1").await).await;
    let status = old.end().await;
    assert_eq!(status.code(), Code::Unavailable);
    drop(old);
    let answers = async {
        let request = new.request().await;
        new.answer(request.req_id, &[Void {}.encode_to_vec()], true).await;
    };
    let magmad = broker.magmad(hardware_id());
    let (outcome, ()) = tokio::join!(magmad.reboot(), answers);
    outcome.unwrap();
}

#[tokio::test]
async fn a_gateway_that_hangs_up_is_not_connected_any_more() {
    let (_world, broker, gateway) = connected().await;
    let running = broker.magmad(hardware_id()).tail_logs(String::new()).await.unwrap();
    drop(gateway);
    let mut running = running;
    assert!(matches!(running.line().await, Err(CallError::ConnectionLost)));
    assert_eq!(broker.connected(), []);
}

#[tokio::test(start_paused = true)]
async fn a_stream_does_not_outlive_its_certificate() {
    let (world, broker, mut gateway) = connected().await;
    assert!(gateway.message().await.heart_beat);
    for (serial, _) in world.store.certificates().await.unwrap() {
        world.store.revoke_certificate(&serial).await.unwrap();
    }
    let status = gateway.end().await;
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(status.message(), "Unknown Client Certificate");
    assert_eq!(broker.connected(), []);
}

#[tokio::test(start_paused = true)]
async fn a_busy_stream_does_not_outlive_its_certificate_either() {
    let (world, broker, mut gateway) = connected().await;
    world.pass(98 * 3600);
    let ended = async {
        loop {
            if let Err(status) = gateway.next().await {
                return status;
            }
        }
    };
    let calls = async {
        for _ in 0..10_000 {
            let call = broker.magmad(hardware_id()).tail_logs(String::new()).await;
            tokio::time::sleep(Duration::from_secs(20)).await;
            drop(call);
        }
    };
    let status = tokio::select! {
        status = ended => status,
        () = calls => panic!("the stream of an expired certificate goes on while it is used"),
    };
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(broker.connected(), []);
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_takes_no_message_is_given_up() {
    let (_world, broker, gateway) = connected().await;
    let calls = async {
        for _ in 0..10_000 {
            if broker.connected().is_empty() {
                return;
            }
            let call = broker.magmad(hardware_id()).tail_logs(String::new()).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(call);
        }
        panic!("the stream of a gateway that does not read goes on");
    };
    calls.await;
    drop(gateway);
}

#[tokio::test]
async fn stopping_ends_the_stream() {
    let (_world, broker, mut gateway) = connected().await;
    broker.shut_down();
    assert_eq!(gateway.end().await.code(), Code::Unavailable);
}
