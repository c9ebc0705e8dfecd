//! The switchboard and the calls around it, on a paused clock: nothing here waits in real time.

use std::collections::BTreeMap;
use std::time::Duration;

use orc8r_model::HardwareId;
use tokio::time::{Instant, advance, sleep};
use wire_orc8r::orc8r::{GatewayResponse, SyncRpcRequest, SyncRpcResponse};

use super::broker::{Broker, request};
use super::call::{GatewayCall, SILENCE_MAX};
use super::message_reader::framed;
use super::outcome::CallError;
use super::switchboard::{CALLS_MAX, Epoch, INBOX_BYTES_MAX, Outgoing, QUEUE_MAX};

/// A gateway's end of the stream.
struct Gateway {
    broker: Broker,
    id: HardwareId,
    epoch: Epoch,
}

impl Gateway {
    fn connect(broker: &Broker, id: &str) -> Self {
        let id = HardwareId::parse(id).unwrap();
        let (epoch, _) = broker.with(|switchboard| switchboard.open(&id));
        Self { broker: broker.clone(), id, epoch }
    }

    fn next(&self) -> Outgoing {
        self.broker.with(|switchboard| switchboard.next_outgoing(&self.id, self.epoch))
    }

    fn request(&self) -> SyncRpcRequest {
        match self.next() {
            Outgoing::Message(message) => message,
            other => panic!("a message was expected, not {other:?}"),
        }
    }

    fn answer(&self, req_id: u32, body: GatewayResponse) {
        let answer = SyncRpcResponse { req_id, resp_body: Some(body), heart_beat: false };
        self.broker.with(|switchboard| switchboard.answer(&self.id, self.epoch, answer));
    }

    fn disconnect(&self) {
        self.broker.with(|switchboard| switchboard.close(&self.id, self.epoch));
    }
}

fn call(broker: &Broker, gateway: &str, limit: Option<Duration>) -> Result<GatewayCall, CallError> {
    let gateway = HardwareId::parse(gateway).unwrap();
    let request = request(&gateway, ("magmad", "/magma.orc8r.Magmad/Test"), b"ask", limit);
    broker.call_here(&gateway, request, limit)
}

fn data(payload: Vec<u8>) -> GatewayResponse {
    GatewayResponse { status: "200".into(), payload, ..Default::default() }
}

fn last(payload: Vec<u8>, status: &str) -> GatewayResponse {
    let headers = BTreeMap::from([("Grpc-Status".to_owned(), status.to_owned())]);
    GatewayResponse { headers, ..data(payload) }
}

fn keep_alive() -> GatewayResponse {
    GatewayResponse { keep_conn_active: true, ..Default::default() }
}

#[tokio::test(start_paused = true)]
async fn a_call_goes_out_framed_and_its_answer_comes_back() {
    let broker = Broker::default();
    let gateway = Gateway::connect(&broker, "hw1");
    let mut call = call(&broker, "hw1", Some(Duration::from_secs(75))).unwrap();
    let request = gateway.request();
    assert_eq!((request.req_id, request.heart_beat, request.conn_closed), (1, false, false));
    let body = request.req_body.unwrap();
    assert_eq!((body.gw_id.as_str(), body.authority.as_str()), ("hw1", "magmad"));
    assert_eq!(body.path, "/magma.orc8r.Magmad/Test");
    assert_eq!(body.payload, [0, 0, 0, 0, 3, b'a', b's', b'k']);
    assert_eq!(body.headers["Content-Type"], "application/grpc");
    assert_eq!(body.headers["Te"], "trailers");
    assert_eq!(body.headers["Grpc-Timeout"], "75000m");
    let answer = framed(b"answer");
    gateway.answer(1, data(answer[..4].to_vec()));
    gateway.answer(1, last(answer[4..].to_vec(), "0"));
    assert_eq!(call.message().await.unwrap().as_deref(), Some(&b"answer"[..]));
    assert!(call.message().await.unwrap().is_none());
    drop(call);
    assert_eq!(gateway.next(), Outgoing::Nothing, "nothing is closed after a normal end");
    assert_eq!(broker.with(|switchboard| switchboard.call_count()), 0);
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_is_not_connected_is_said_to_be() {
    let broker = Broker::default();
    assert!(matches!(call(&broker, "hw1", None).err(), Some(CallError::NotConnected)));
    let gateway = Gateway::connect(&broker, "hw1");
    assert_eq!(broker.connected(), [HardwareId::parse("hw1").unwrap()], "without waiting for a heartbeat");
    gateway.disconnect();
    assert!(matches!(call(&broker, "hw1", None).err(), Some(CallError::NotConnected)));
}

#[tokio::test(start_paused = true)]
async fn silence_ends_a_call_after_15_seconds_and_every_frame_starts_them_anew() {
    let broker = Broker::default();
    let gateway = Gateway::connect(&broker, "hw1");
    let mut call = call(&broker, "hw1", None).unwrap();
    gateway.request();
    let started = Instant::now();
    let feeder = async {
        for body in [keep_alive(), keep_alive(), data(framed(b"line"))] {
            sleep(Duration::from_secs(10)).await;
            gateway.answer(1, body);
        }
        std::future::pending::<()>().await;
    };
    let reader = async {
        assert!(call.message().await.unwrap().is_some());
        assert_eq!(started.elapsed(), Duration::from_secs(30));
        assert!(matches!(call.message().await, Err(CallError::TimedOut)));
        assert_eq!(started.elapsed(), Duration::from_secs(30) + SILENCE_MAX);
    };
    tokio::select! { () = feeder => {}, () = reader => {} }
    drop(call);
    assert!(gateway.request().conn_closed, "the gateway is told to stop");
}

#[tokio::test(start_paused = true)]
async fn signs_of_life_do_not_lengthen_the_callers_own_limit() {
    let broker = Broker::default();
    let gateway = Gateway::connect(&broker, "hw1");
    let mut call = call(&broker, "hw1", Some(Duration::from_secs(25))).unwrap();
    let started = Instant::now();
    let feeder = async {
        loop {
            sleep(Duration::from_secs(10)).await;
            gateway.answer(1, keep_alive());
        }
    };
    tokio::select! {
        () = feeder => {},
        outcome = call.message() => assert!(matches!(outcome, Err(CallError::TimedOut))),
    }
    assert_eq!(started.elapsed(), Duration::from_secs(25));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_never_sent_is_taken_back_and_one_that_was_is_closed() {
    let broker = Broker::default();
    let gateway = Gateway::connect(&broker, "hw1");
    drop(call(&broker, "hw1", None).unwrap());
    assert_eq!(gateway.next(), Outgoing::Nothing);
    let sent = call(&broker, "hw1", None).unwrap();
    let id = gateway.request().req_id;
    drop(sent);
    let closed = gateway.request();
    assert_eq!((closed.req_id, closed.conn_closed, closed.req_body), (id, true, None));
    gateway.answer(id, last(vec![], "0"));
    assert_eq!(gateway.next(), Outgoing::Nothing);
}

#[tokio::test(start_paused = true)]
async fn a_new_stream_takes_over_and_the_end_of_the_old_one_changes_nothing() {
    let broker = Broker::default();
    let old = Gateway::connect(&broker, "hw1");
    let mut interrupted = call(&broker, "hw1", None).unwrap();
    old.request();
    let new = Gateway::connect(&broker, "hw1");
    assert!(matches!(interrupted.message().await, Err(CallError::ConnectionLost)));
    assert_eq!(old.next(), Outgoing::Over);
    old.disconnect();
    let mut after = call(&broker, "hw1", None).unwrap();
    let id = new.request().req_id;
    old.answer(id, last(framed(b"from the past"), "0"));
    new.answer(id, last(framed(b"from now"), "0"));
    assert_eq!(after.message().await.unwrap().as_deref(), Some(&b"from now"[..]));
    drop(interrupted);
    assert_eq!(new.next(), Outgoing::Nothing, "the new stream never had the old call");
}

#[tokio::test(start_paused = true)]
async fn only_the_gateway_that_was_asked_can_answer() {
    let broker = Broker::default();
    let (asked, other) = (Gateway::connect(&broker, "hw1"), Gateway::connect(&broker, "hw2"));
    let mut call = call(&broker, "hw1", None).unwrap();
    let id = asked.request().req_id;
    other.answer(id, last(framed(b"forged"), "0"));
    asked.answer(id, last(framed(b"true"), "0"));
    assert_eq!(call.message().await.unwrap().as_deref(), Some(&b"true"[..]));
}

#[tokio::test(start_paused = true)]
async fn request_ids_are_unique_over_all_gateways() {
    let broker = Broker::default();
    let gateways = [Gateway::connect(&broker, "hw1"), Gateway::connect(&broker, "hw2")];
    let calls: Vec<_> =
        ["hw1", "hw2", "hw1", "hw2"].iter().map(|id| call(&broker, id, None).unwrap()).collect();
    let mut ids: Vec<u32> =
        gateways.iter().flat_map(|gateway| [gateway.request().req_id, gateway.request().req_id]).collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 3, 4]);
    drop(calls);
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_reads_nothing_fills_its_own_queue_and_no_other() {
    let broker = Broker::default();
    let _stuck = Gateway::connect(&broker, "hw1");
    let _other = Gateway::connect(&broker, "hw2");
    let waiting: Vec<_> = (0..QUEUE_MAX).map(|_| call(&broker, "hw1", None).unwrap()).collect();
    assert!(matches!(call(&broker, "hw1", None).err(), Some(CallError::Busy)));
    assert!(call(&broker, "hw2", None).is_ok());
    drop(waiting);
    assert!(call(&broker, "hw1", None).is_ok(), "what was given up makes room");
}

#[tokio::test(start_paused = true)]
async fn calls_at_the_same_time_are_bounded() {
    let broker = Broker::default();
    let gateway = Gateway::connect(&broker, "hw1");
    let running: Vec<_> = (0..CALLS_MAX)
        .map(|_| {
            let started = call(&broker, "hw1", None).unwrap();
            gateway.request();
            started
        })
        .collect();
    assert!(matches!(call(&broker, "hw1", None).err(), Some(CallError::Busy)));
    gateway.answer(1, last(vec![], "0"));
    assert!(call(&broker, "hw1", None).is_ok());
    drop(running);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_costs_its_own_call_and_no_other() {
    let broker = Broker::default();
    let gateway = Gateway::connect(&broker, "hw1");
    let mut slow = call(&broker, "hw1", None).unwrap();
    let mut quick = call(&broker, "hw1", None).unwrap();
    let (slow_id, quick_id) = (gateway.request().req_id, gateway.request().req_id);
    for _ in 0..3 {
        gateway.answer(slow_id, data(framed(&vec![0; INBOX_BYTES_MAX / 2])));
    }
    gateway.answer(quick_id, last(framed(b"quick"), "0"));
    assert_eq!(quick.message().await.unwrap().as_deref(), Some(&b"quick"[..]));
    let closed = gateway.request();
    assert_eq!((closed.req_id, closed.conn_closed), (slow_id, true));
    assert!(slow.message().await.unwrap().is_some(), "what came before is still read");
    let outcome = loop {
        match slow.message().await {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(matches!(outcome, CallError::Overrun), "{outcome}");
}

#[tokio::test(start_paused = true)]
async fn one_large_answer_passes_whole() {
    let broker = Broker::default();
    let gateway = Gateway::connect(&broker, "hw1");
    let mut call = call(&broker, "hw1", None).unwrap();
    gateway.request();
    gateway.answer(1, last(framed(&vec![1; INBOX_BYTES_MAX * 2]), "0"));
    assert_eq!(call.message().await.unwrap().map(|message| message.len()), Some(INBOX_BYTES_MAX * 2));
}

#[tokio::test(start_paused = true)]
async fn answers_end_as_they_say() {
    let broker = Broker::default();
    let gateway = Gateway::connect(&broker, "hw1");
    let error = GatewayResponse { err: "connection refused".into(), ..Default::default() };
    for (row, body, expected) in [
        ("an error of the agent", error, "the gateway answered Internal: connection refused"),
        ("a refusal", last(vec![], "5"), "the gateway answered NotFound: "),
        ("half a message", last(framed(b"cut")[..6].to_vec(), "0"), "it ends in the middle of a message"),
        ("a compressed message", last(vec![1, 0, 0, 0, 0], "0"), "compressed"),
    ] {
        let mut call = call(&broker, "hw1", None).unwrap();
        gateway.answer(gateway.request().req_id, body);
        let text = call.message().await.unwrap_err().to_string();
        assert!(text.contains(expected), "{row}: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn nonsense_from_a_gateway_does_nothing() {
    let broker = Broker::default();
    let gateway = Gateway::connect(&broker, "hw1");
    let mut call = call(&broker, "hw1", None).unwrap();
    let id = gateway.request().req_id;
    for answer in [
        SyncRpcResponse::default(),
        SyncRpcResponse { heart_beat: true, ..Default::default() },
        SyncRpcResponse { req_id: id, ..Default::default() },
        SyncRpcResponse { req_id: id, heart_beat: true, resp_body: Some(last(vec![], "0")) },
        SyncRpcResponse { req_id: 4_000_000, resp_body: Some(last(vec![], "0")), heart_beat: false },
    ] {
        broker.with(|switchboard| switchboard.answer(&gateway.id, gateway.epoch, answer));
    }
    gateway.answer(id, last(framed(b"sense"), "0"));
    gateway.answer(id, last(framed(b"after the end"), "0"));
    assert_eq!(call.message().await.unwrap().as_deref(), Some(&b"sense"[..]));
    assert!(call.message().await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn stopping_ends_every_stream_and_lets_none_in() {
    let broker = Broker::default();
    let gateway = Gateway::connect(&broker, "hw1");
    let mut running = call(&broker, "hw1", None).unwrap();
    broker.shut_down();
    assert_eq!(gateway.next(), Outgoing::Over);
    assert!(matches!(running.message().await, Err(CallError::ConnectionLost)));
    let late = Gateway::connect(&broker, "hw2");
    assert_eq!(late.next(), Outgoing::Over);
    assert_eq!(broker.connected(), []);
}

#[tokio::test(start_paused = true)]
async fn time_in_which_nobody_reads_is_not_the_gateways_silence() {
    let broker = Broker::default();
    let gateway = Gateway::connect(&broker, "hw1");
    let mut call = call(&broker, "hw1", None).unwrap();
    gateway.request();
    gateway.answer(1, data(framed(b"one")));
    advance(Duration::from_secs(60)).await;
    assert!(call.message().await.unwrap().is_some());
    let feeder = async {
        sleep(Duration::from_secs(5)).await;
        gateway.answer(1, last(framed(b"two"), "0"));
    };
    let (outcome, ()) = tokio::join!(call.message(), feeder);
    assert_eq!(outcome.unwrap().as_deref(), Some(&b"two"[..]));
}
