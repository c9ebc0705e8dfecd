//! Commands by REST to a gateway that is played here, through its SyncRPC stream.

use std::collections::BTreeMap;

use magma_rpc::channel::Channel;
use magma_rpc::{Request, Streaming};
use prost::Message;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use wire_orc8r::orc8r::sync_rpc_service_client::SyncRpcServiceClient;
use wire_orc8r::orc8r::{
    GatewayRequest, GatewayResponse, GenericCommandParams, GenericCommandResponse, LogLine,
    NetworkTestRequest, NetworkTestResponse, PingResult, SyncRpcRequest, SyncRpcResponse, Void,
};

use crate::bootstrap::bootstrap;
use crate::edge::{Client, DOMAIN, Door, Edge, LIMIT, echo_device};

pub struct Gateway {
    up: mpsc::Sender<SyncRpcResponse>,
    down: Streaming<SyncRpcRequest>,
}

impl Gateway {
    pub async fn connect(edge: &Edge, client: &Client) -> Self {
        Self::connect_by(edge.channel(Door::Gateways, Some(client), "dispatcher")).await
    }

    pub async fn connect_by(channel: Channel) -> Self {
        let (up, receiver) = mpsc::channel(16);
        let stream = Request::new(ReceiverStream::new(receiver));
        let down = SyncRpcServiceClient::new(channel).establish_sync_rpc_stream(stream).await.unwrap();
        Self { up, down: down.into_inner() }
    }

    pub async fn message(&mut self) -> SyncRpcRequest {
        timeout(LIMIT, self.down.message()).await.unwrap().unwrap().unwrap()
    }

    /// The next message, or how the stream ended.
    pub async fn next(&mut self) -> Option<SyncRpcRequest> {
        timeout(LIMIT, self.down.message()).await.unwrap().ok().flatten()
    }

    /// Waits for a call of one method.
    pub async fn called(&mut self, method: &str) -> (u32, GatewayRequest) {
        let request = self.message().await;
        let body = request.req_body.unwrap();
        assert_eq!(body.path, format!("/magma.orc8r.Magmad/{method}"));
        assert_eq!(body.authority, "magmad");
        (request.req_id, body)
    }

    pub async fn answer(&self, req_id: u32, messages: &[Vec<u8>], end: Option<(&str, &str)>) {
        let mut headers = BTreeMap::new();
        if let Some((status, message)) = end {
            headers.insert("Grpc-Status".to_owned(), status.to_owned());
            headers.insert("Grpc-Message".to_owned(), message.to_owned());
        }
        let framed = |message: &Vec<u8>| [&[0][..], &(message.len() as u32).to_be_bytes(), message].concat();
        let payload = messages.iter().flat_map(framed).collect();
        let body = GatewayResponse { status: "200".into(), headers, payload, ..Default::default() };
        self.up.send(SyncRpcResponse { req_id, resp_body: Some(body), heart_beat: false }).await.unwrap();
    }
}

pub const OK: Option<(&str, &str)> = Some(("0", ""));

pub fn command(name: &str) -> String {
    format!("/networks/n1/gateways/gw1/command/{name}")
}

async fn edge_with_gateway() -> (Edge, Client) {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    let client = bootstrap(&edge, "hw1").await;
    (edge, client)
}

#[tokio::test]
async fn commands_reach_the_gateway_and_its_answers_come_back() {
    let (edge, client) = edge_with_gateway().await;
    let mut gateway = Gateway::connect(&edge, &client).await;
    let play = async {
        let (id, body) = gateway.called("RunNetworkTests").await;
        let test = NetworkTestRequest::decode(&body.payload[5..]).unwrap();
        assert_eq!((test.pings[0].host_or_ip.as_str(), test.pings[0].num_packets), ("192.0.2.1", 4));
        let ping = PingResult {
            host_or_ip: "192.0.2.1".into(),
            num_packets: 4,
            packets_received: 4,
            ..Default::default()
        };
        let response = NetworkTestResponse { pings: vec![ping], traceroutes: vec![] };
        gateway.answer(id, &[response.encode_to_vec()], OK).await;
        let (id, body) = gateway.called("GenericCommand").await;
        let asked = GenericCommandParams::decode(&body.payload[5..]).unwrap();
        assert_eq!(asked.command, "echo");
        let response = GenericCommandResponse { response: asked.params };
        gateway.answer(id, &[response.encode_to_vec()], OK).await;
        for method in ["Reboot", "RestartServices"] {
            let (id, _) = gateway.called(method).await;
            gateway.answer(id, &[Void {}.encode_to_vec()], OK).await;
        }
        let (id, _) = gateway.called("GenericCommand").await;
        gateway.answer(id, &[], Some(("3", "no%20config%20for%20x"))).await;
    };
    let ask = async {
        let pings = edge.rest("POST", &command("ping"), Some(json!({"hosts": ["192.0.2.1"]}))).await;
        assert_eq!(pings["pings"][0]["packets_received"], 4);
        let params = json!({"shell_params": ["a b", 1.5, 3, null, {"x": true}]});
        let body = json!({"command": "echo", "params": params});
        let answer = edge.rest("POST", &command("generic"), Some(body)).await;
        assert_eq!(answer["response"], params);
        edge.rest("POST", &command("reboot"), None).await;
        edge.rest("POST", &command("restart_services"), Some(json!(["magmad"]))).await;
        let body = json!({"command": "x"});
        let (status, answer) = edge.rest_as(&edge.admin(), "POST", &command("generic"), Some(body)).await;
        assert!(status >= 400, "{status}");
        assert!(answer["message"].as_str().unwrap().contains("no config for x"), "{answer}");
    };
    tokio::join!(play, ask);
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_log_streams_line_by_line_until_the_reader_goes() {
    let (edge, client) = edge_with_gateway().await;
    let mut gateway = Gateway::connect(&edge, &client).await;
    let channel = edge.connection(Door::Rest, Some(&edge.admin())).channel(&format!("controller.{DOMAIN}"));
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
    assert_eq!(answer.status, 200);
    assert_eq!(timeout(LIMIT, answer.chunk()).await.unwrap().unwrap().unwrap(), "one\n");
    gateway.answer(id, &[line("two")], None).await;
    assert_eq!(timeout(LIMIT, answer.chunk()).await.unwrap().unwrap().unwrap(), "two\n");
    drop(answer);
    let closed = gateway.message().await;
    assert_eq!((closed.req_id, closed.conn_closed), (id, true));
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_log_that_the_gateway_refuses_is_an_error_and_not_an_empty_log() {
    let (edge, client) = edge_with_gateway().await;
    let mut gateway = Gateway::connect(&edge, &client).await;
    let play = async {
        let (id, _) = gateway.called("TailLogs").await;
        gateway.answer(id, &[], Some(("5", "unknown service"))).await;
    };
    let admin = edge.admin();
    let path = command("tail_logs");
    let body = Some(json!({"service": "nonsense"}));
    let ((status, answer), ()) = tokio::join!(edge.rest_as(&admin, "POST", &path, body), play);
    assert!(status >= 400, "{status}");
    assert!(answer["message"].as_str().unwrap().contains("unknown service"), "{answer}");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_gateway_that_is_away_is_said_to_be() {
    let (edge, client) = edge_with_gateway().await;
    let before = edge.rest_as(&edge.admin(), "POST", &command("reboot"), None).await;
    let gateway = Gateway::connect(&edge, &client).await;
    drop(gateway);
    let after = async {
        loop {
            let outcome = edge.rest_as(&edge.admin(), "POST", &command("reboot"), None).await;
            // The end of the stream travels beside the request; until it has arrived, the call is lost with it.
            if outcome == before {
                return outcome;
            }
        }
    };
    for (status, answer) in [before.clone(), timeout(LIMIT, after).await.unwrap()] {
        assert!(status >= 400, "{status}");
        assert!(answer["message"].as_str().unwrap().contains("not connected"), "{answer}");
    }
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_stream_does_not_hold_up_the_end_of_the_program() {
    let (edge, client) = edge_with_gateway().await;
    let mut gateway = Gateway::connect(&edge, &client).await;
    let stopped = tokio::spawn(edge.running.shutdown());
    let status = timeout(LIMIT, gateway.down.message()).await.unwrap().unwrap_err();
    assert_eq!(status.code(), magma_rpc::Code::Unavailable, "{status:?}");
    timeout(LIMIT, stopped).await.unwrap().unwrap();
}
