//! Two nodes that share a database, and a gateway whose stream ends at one of them.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use magma_rpc::{Code, ProstCodec, Request, tonic};
use prost::Message;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use wire_orc8r::orc8r::{
    GatewayRequest, GatewayResponse, GenericCommandParams, GenericCommandResponse, LogLine, Void,
};

use crate::bootstrap::{bootstrap, poll_by};
use crate::commands::{Gateway, OK, command};
use crate::edge::{Client, DOMAIN, Door, Edge, LIMIT, echo_device};
use crate::program::serve;

/// Two nodes with the gateway `gw1`, which has a certificate.
struct Pair {
    one: Edge,
    two: Edge,
    client: Client,
    _folder: TempDir,
}

impl Pair {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shared.db").to_str().unwrap().to_owned();
        let database = orc8r_store::testing::database().unwrap().unwrap_or(file);
        let one = Edge::start_node(&database, None).await;
        let two = Edge::start_node(&database, Some(&one)).await;
        one.make_gateways(&[("gw1", echo_device("hw1"))]).await;
        let client = bootstrap(&one, "hw1").await;
        Self { one, two, client, _folder: folder }
    }

    async fn stop(self) {
        self.one.running.shutdown().await;
        self.two.running.shutdown().await;
    }
}

fn echo(number: usize) -> Option<Value> {
    Some(json!({"command": "echo", "params": {"number": number}}))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_reaches_a_gateway_at_another_node_and_its_answer_comes_back() {
    let pair = Pair::start().await;
    let admin = pair.two.admin();
    let (status, answer) = pair.two.rest_as(&admin, "POST", &command("reboot"), None).await;
    assert!(status >= 400 && answer["message"].as_str().unwrap().contains("not connected"), "{answer}");

    let mut gateway = Gateway::connect(&pair.one, &pair.client).await;
    let play = async {
        let (id, body) = gateway.called("GenericCommand").await;
        let asked = GenericCommandParams::decode(&body.payload[5..]).unwrap();
        let response = GenericCommandResponse { response: asked.params };
        gateway.answer(id, &[response.encode_to_vec()], OK).await;
        let (id, _) = gateway.called("Reboot").await;
        gateway.answer(id, &[], Some(("7", "not%20allowed"))).await;
    };
    let ask = async {
        let answer = pair.two.rest("POST", &command("generic"), echo(7)).await;
        assert_eq!(answer["response"]["number"], 7);
        let (status, answer) = pair.two.rest_as(&admin, "POST", &command("reboot"), None).await;
        assert!(status >= 400, "{status}");
        assert!(answer["message"].as_str().unwrap().contains("not allowed"), "the gateway's words: {answer}");
    };
    tokio::join!(play, ask);

    // It moves to the other node, and is found there.
    drop(gateway);
    let mut gateway = Gateway::connect(&pair.two, &pair.client).await;
    let play = async {
        let (id, _) = gateway.called("Reboot").await;
        gateway.answer(id, &[Void {}.encode_to_vec()], OK).await;
    };
    let ask = async {
        // Until the first node has seen the end of the first stream.
        while pair.one.rest_as(&admin, "POST", &command("reboot"), None).await.0 >= 300 {}
    };
    tokio::join!(play, timeout(LIMIT, ask)).1.unwrap();
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_streams_across_nodes_and_its_end_is_told_to_the_gateway() {
    let pair = Pair::start().await;
    let mut gateway = Gateway::connect(&pair.one, &pair.client).await;
    let connection = pair.two.connection(Door::Rest, Some(&pair.two.admin()));
    let channel = connection.channel(&format!("controller.{DOMAIN}"));
    let path = format!("/magma/v1{}", command("tail_logs"));
    let line = |text: &str| LogLine { line: format!("{text}\n") }.encode_to_vec();
    let play = async {
        let (id, _) = gateway.called("TailLogs").await;
        gateway.answer(id, &[line("one")], None).await;
        id
    };
    let body = Some(json!({"service": "mobilityd"}).to_string().into_bytes());
    let (answer, id) = tokio::join!(magma_rpc::http_call::request(&channel, "POST", &path, body), play);
    let mut answer = answer.unwrap();
    assert_eq!(timeout(LIMIT, answer.chunk()).await.unwrap().unwrap().unwrap(), "one\n");

    // Nobody reads the log now, and much of it comes; other calls of the same gateway do not wait for that.
    for _ in 0..64 {
        gateway.answer(id, &[line(&"x".repeat(32 << 10))], None).await;
    }
    let play = async {
        let (id, _) = gateway.called("Reboot").await;
        gateway.answer(id, &[Void {}.encode_to_vec()], OK).await;
    };
    let command = command("reboot");
    tokio::join!(play, pair.two.rest("POST", &command, None));

    drop(answer);
    let closed = gateway.message().await;
    assert_eq!((closed.req_id, closed.conn_closed), (id, true));
    pair.stop().await;
}

/// What the gateway was asked, by the numbers in the commands; each is noted when it comes, answered or not.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<usize>>>);

impl Asked {
    /// Answers all calls but those with these numbers, until the stream ends.
    async fn play(&self, mut gateway: Gateway, silent: BTreeSet<usize>) {
        while let Some(message) = gateway.next().await {
            let Some(body) = message.req_body else { continue };
            let asked = GenericCommandParams::decode(&body.payload[5..]).unwrap().params.unwrap();
            let number = asked.fields["number"].kind.clone();
            let Some(prost_types::value::Kind::NumberValue(number)) = number else { panic!("{number:?}") };
            let number = number as usize;
            self.0.lock().unwrap().push(number);
            if !silent.contains(&number) {
                let response = GenericCommandResponse { response: Some(asked) };
                gateway.answer(message.req_id, &[response.encode_to_vec()], OK).await;
            }
        }
    }

    fn play_along(&self, gateway: Gateway, silent: BTreeSet<usize>) -> JoinHandle<()> {
        let asked = self.clone();
        tokio::spawn(async move { asked.play(gateway, silent).await })
    }

    fn numbers(&self) -> Vec<usize> {
        self.0.lock().unwrap().clone()
    }

    async fn until(&self, count: usize) {
        let begun = Instant::now();
        while self.numbers().len() < count {
            assert!(begun.elapsed() < LIMIT, "the gateway was asked {:?}", self.numbers());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_ends_its_calls_and_the_gateway_is_called_at_the_other_one() {
    const CALLS: usize = 40;
    let Pair { one, two, client, _folder } = Pair::start().await;
    let asked = Asked::default();
    let gateway = Gateway::connect(&one, &client).await;
    // Half of the calls are under way for ever.
    let silent: BTreeSet<usize> = (0..CALLS).filter(|number| number % 2 == 0).collect();
    let first = asked.play_along(gateway, silent);
    let two = Arc::new(two);
    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        let two = two.clone();
        calls.spawn(async move {
            let outcome = two.rest_as(&two.admin(), "POST", &command("generic"), echo(number)).await;
            (number, outcome)
        });
    }
    asked.until(CALLS).await;
    // As kill -9 does: nobody is told, and the connections are gone.
    drop(one.running);
    let mut outcomes = Vec::new();
    while let Some(outcome) = timeout(LIMIT, calls.join_next()).await.expect("no call hangs") {
        outcomes.push(outcome.unwrap());
    }
    for (number, (status, answer)) in &outcomes {
        if number % 2 == 0 {
            assert!(*status >= 400, "{number}: {status} {answer}");
            let message = answer["message"].as_str().unwrap();
            assert!(message.contains("lost during the call"), "{number}: {message}");
        } else if *status < 300 {
            assert_eq!(answer["response"]["number"], *number);
        }
    }
    assert_eq!(outcomes.len(), CALLS);
    first.await.unwrap();

    // The gateway comes to the other node, as gateways do, and can be called there at once.
    let gateway = Gateway::connect(&two, &client).await;
    let second = asked.play_along(gateway, BTreeSet::new());
    let answer = two.rest("POST", &command("generic"), echo(CALLS)).await;
    assert_eq!(answer["response"]["number"], CALLS);
    let mut all = asked.numbers();
    all.sort_unstable();
    assert_eq!(all, (0..=CALLS).collect::<Vec<_>>(), "no call came twice");
    Arc::into_inner(two).unwrap().running.shutdown().await;
    second.await.unwrap();
}

/// The program as one of two nodes, with the address of its door for gateways.
async fn node_process(data: &TempDir, database: &str) -> (Child, SocketAddr) {
    let mut command = serve(data.path());
    command.args(["--database", database, "--listen-nodes", "127.0.0.1:0"]);
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut address = None;
    loop {
        let line = timeout(LIMIT, lines.next_line()).await.unwrap().unwrap().expect("it serves");
        if let Some(at) = line.trim().strip_prefix("gateways with a certificate") {
            address = Some(at.trim().parse().unwrap());
        }
        // The last line that comes in every case.
        if line.trim().starts_with("store ") {
            return (child, address.unwrap());
        }
    }
}

/// A node here and one in a process of its own, at which the gateway's stream ends.
struct Apart {
    edge: Edge,
    process: Child,
    address: SocketAddr,
    client: Client,
    asked: Asked,
    first: JoinHandle<()>,
    _folders: [TempDir; 2],
}

impl Apart {
    /// The gateway answers all calls but number 1.
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shared.db").to_str().unwrap().to_owned();
        let database = orc8r_store::testing::database().unwrap().unwrap_or(file);
        let edge = Edge::start_node(&database, None).await;
        edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
        let client = bootstrap(&edge, "hw1").await;
        let data = tempfile::tempdir().unwrap();
        edge.copy_secrets(data.path());
        let (process, address) = node_process(&data, &database).await;
        let asked = Asked::default();
        let connection = edge.connection_to(address, Some(&client));
        let gateway = Gateway::connect_by(connection.channel(&dispatcher())).await;
        let first = asked.play_along(gateway, BTreeSet::from([1]));
        let _folders = [folder, data];
        Self { edge, process, address, client, asked, first, _folders }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.process.id().unwrap().cast_signed()).unwrap()
    }

    async fn ask(&self, number: usize) -> (u16, Value) {
        self.edge.rest_as(&self.edge.admin(), "POST", &command("generic"), echo(number)).await
    }

    async fn answers(&self, number: usize) {
        let (status, answer) = self.ask(number).await;
        assert_eq!(answer["response"]["number"], number, "{status} {answer}");
    }

    /// Call 0 is answered; call 1 is under way while `end` happens to the process, and ends.
    async fn while_under_way(&self, end: impl FnOnce()) {
        self.answers(0).await;
        let end = async {
            self.asked.until(2).await;
            end();
        };
        let ((status, answer), ()) = tokio::join!(self.ask(1), end);
        assert!(status >= 400, "{status} {answer}");
        assert!(answer["message"].as_str().unwrap().contains("lost during the call"), "{answer}");
        // A call now finds nobody, and says so instead of waiting.
        let (status, answer) = self.ask(2).await;
        assert!(status >= 400, "{status} {answer}");
    }

    /// The gateway connects to the node here, as gateways do, and is called there.
    async fn come_here(&self, number: usize) -> JoinHandle<()> {
        let gateway = Gateway::connect(&self.edge, &self.client).await;
        let second = self.asked.play_along(gateway, BTreeSet::new());
        self.answers(number).await;
        second
    }
}

fn dispatcher() -> String {
    format!("dispatcher-controller.{DOMAIN}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_ends_its_calls_at_once() {
    let mut nodes = Apart::start().await;
    let pid = nodes.pid();
    nodes.while_under_way(|| kill_process(pid, Signal::KILL).unwrap()).await;
    let second = nodes.come_here(3).await;
    assert_eq!(nodes.asked.numbers(), [0, 1, 3], "no call came twice");
    timeout(LIMIT, nodes.process.wait()).await.unwrap().unwrap();
    nodes.first.await.unwrap();
    nodes.edge.running.shutdown().await;
    second.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_falls_silent_is_not_waited_for_and_changes_nothing_when_it_wakes() {
    let mut nodes = Apart::start().await;
    let pid = nodes.pid();
    nodes.while_under_way(|| kill_process(pid, Signal::STOP).unwrap()).await;
    let second = nodes.come_here(3).await;

    kill_process(pid, Signal::CONT).unwrap();
    let channel = nodes.edge.connection_to(nodes.address, Some(&nodes.client)).channel(&dispatcher());
    assert_eq!(poll_by(channel).await.unwrap(), "gw1", "it serves again");
    nodes.answers(4).await;
    // It learns that the gateway's first stream ended, which was the newest one when it fell asleep.
    nodes.first.abort();
    let _ = (&mut nodes.first).await;
    for number in 5..10 {
        nodes.answers(number).await;
    }
    assert_eq!(nodes.asked.numbers(), [0, 1, 3, 4, 5, 6, 7, 8, 9], "no call came twice, and none late");
    nodes.edge.running.shutdown().await;
    second.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_door_for_nodes_is_closed_to_everybody_else() {
    let pair = Pair::start().await;
    let mut gateway = Gateway::connect(&pair.one, &pair.client).await;
    for client in [Some(&pair.client), Some(&pair.one.admin()), None] {
        let channel = pair.one.channel(Door::Nodes, client, "nodes");
        let mut grpc = tonic::client::Grpc::new(channel);
        grpc.ready().await.unwrap();
        let request = GatewayRequest { gw_id: "hw1".into(), ..Default::default() };
        let path = http::uri::PathAndQuery::from_static("/orc8r.node.Calls/Call");
        let codec = ProstCodec::<GatewayRequest, GatewayResponse>::default();
        let status = grpc.server_streaming(Request::new(request), path, codec).await.unwrap_err();
        let expected = if client.is_some() { Code::PermissionDenied } else { Code::Unauthenticated };
        assert_eq!(status.code(), expected, "{status:?}");
    }
    // What the gateway hears of all that: nothing. The next message is the operator's call.
    let play = async {
        let (id, _) = gateway.called("Reboot").await;
        gateway.answer(id, &[Void {}.encode_to_vec()], OK).await;
    };
    let command = command("reboot");
    tokio::join!(play, pair.two.rest("POST", &command, None));
    pair.stop().await;
}
