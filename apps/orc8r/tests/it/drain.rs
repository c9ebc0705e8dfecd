//! The program when it is told to stop while gateways and people use it.

use std::net::SocketAddr;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use magma_rpc::http_call;
use prost::Message;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use wire_orc8r::orc8r::GenericCommandResponse;

use crate::bootstrap::bootstrap;
use crate::commands::{Gateway, OK, command};
use crate::edge::{Client, DOMAIN, Edge, LIMIT, connection, echo_device};
use crate::program::serve;

/// An Orchestrator in a process of its own, with a gateway and an administrator.
struct Process {
    child: Child,
    rest: SocketAddr,
    gateways: SocketAddr,
    health: SocketAddr,
    root: String,
    admin: Client,
    gateway: Client,
    data: TempDir,
    systemd: UnixDatagram,
}

impl Process {
    async fn start(options: &[&str]) -> Self {
        let edge = Edge::start().await;
        edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
        let (gateway, admin) = (bootstrap(&edge, "hw1").await, edge.admin());
        let root = edge.certificate_file("rootCA.pem");
        edge.running.shutdown().await;
        let data = edge.data;
        let socket = data.path().join("notify");
        let systemd = UnixDatagram::bind(&socket).unwrap();
        systemd.set_nonblocking(true).unwrap();
        let mut command = serve(data.path());
        command.args(["--listen-health", "127.0.0.1:0"]).args(options).env("NOTIFY_SOCKET", &socket);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut text = String::new();
        while !text.contains("\n  store ") {
            let line = timeout(LIMIT, lines.next_line()).await.unwrap().unwrap();
            text += &line.unwrap_or_else(|| panic!("the output ended: {text}"));
            text.push('\n');
        }
        let address = |what: &str| {
            let line = text.lines().find(|line| line.contains(what)).unwrap();
            let word = line.split_whitespace().last().unwrap().trim_start_matches("https://");
            let word = word.trim_start_matches("http://").split('/').next().unwrap();
            word.parse::<SocketAddr>().unwrap()
        };
        let (rest, gateways) = (address("REST API"), address("gateways with a certificate"));
        let health = address("  health ");
        Self { child, rest, gateways, health, root, admin, gateway, data, systemd }
    }

    /// What the plain port says to a path: the status and the text.
    async fn says(&self, path: &str) -> (u16, String) {
        let mut tcp = TcpStream::connect(self.health).await.unwrap();
        tcp.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).await.unwrap();
        let (head, text) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), text.to_owned())
    }

    async fn gateway(&self) -> Gateway {
        let connection = connection(&self.root, self.gateways, Some(&self.gateway));
        Gateway::connect_by(connection.channel(&format!("dispatcher-controller.{DOMAIN}"))).await
    }

    /// An operator's command that goes through the gateway's stream.
    fn order(&self) -> JoinHandle<Option<u16>> {
        let connection = connection(&self.root, self.rest, Some(&self.admin));
        let channel = connection.channel(&format!("controller.{DOMAIN}"));
        tokio::spawn(async move {
            let path = format!("/magma/v1{}", command("generic"));
            let body = json!({"command": "echo"}).to_string().into_bytes();
            http_call::request(&channel, "POST", &path, Some(body)).await.ok().map(|answer| answer.status)
        })
    }

    async fn signal(&self) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().await.unwrap().success());
    }

    /// Told to stop; returns when it takes no more connections.
    async fn stop(&self) {
        self.signal().await;
        let closed = async {
            while TcpStream::connect(self.rest).await.is_ok() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(LIMIT, closed).await.expect("it takes no more connections");
    }

    async fn end(mut self) -> (Option<i32>, String, Vec<String>) {
        let status = timeout(LIMIT, self.child.wait()).await.unwrap().unwrap();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).await.unwrap();
        let mut words = [0; 256];
        let told = std::iter::from_fn(|| {
            let length = self.systemd.recv(&mut words).ok()?;
            Some(String::from_utf8_lossy(&words[..length]).into_owned())
        });
        let told = told.collect();
        drop(self.data);
        (status.code(), log, told)
    }
}

#[tokio::test]
async fn what_is_under_way_ends_well_and_nothing_new_begins() {
    let process = Process::start(&["--drain-seconds", "60"]).await;
    assert_eq!(process.says("/readyz").await, (200, "ok\n".to_owned()));
    let strangers = connection(&process.root, process.rest, None).channel(&format!("controller.{DOMAIN}"));
    let ready = http_call::request(&strangers, "GET", "/readyz", None).await.unwrap();
    assert_eq!((ready.status, ready.bytes().await.unwrap().to_vec()), (200, b"ok\n".to_vec()));
    drop(strangers);
    let mut gateway = process.gateway().await;
    let order = process.order();
    let (id, _) = gateway.called("GenericCommand").await;
    process.stop().await;
    assert_eq!(process.says("/readyz").await, (503, "not ready: it is stopping\n".to_owned()));
    assert_eq!(process.says("/healthz").await.0, 200, "it still lives");
    assert!(TcpStream::connect(process.gateways).await.is_err(), "nor do gateways come in");
    gateway.answer(id, &[GenericCommandResponse { response: None }.encode_to_vec()], OK).await;
    assert_eq!(timeout(LIMIT, order).await.unwrap().unwrap(), Some(200), "the operator has his answer");
    assert!(gateway.next().await.is_none(), "the gateway is told to go");
    let (code, log, told) = process.end().await;
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(told[0], "READY=1");
    assert!(told.iter().any(|words| words.starts_with("STOPPING=1")), "{told:?}");
}

#[tokio::test]
async fn what_does_not_end_is_ended_after_its_time_or_by_a_second_signal() {
    for (seconds, again, code) in [("1", false, Some(0)), ("600", true, Some(1))] {
        let process = Process::start(&["--drain-seconds", seconds]).await;
        let mut gateway = process.gateway().await;
        let order = process.order();
        gateway.called("GenericCommand").await;
        process.stop().await;
        if again {
            process.signal().await;
        }
        let (ended, log, _) = process.end().await;
        assert_eq!(ended, code, "{seconds}: {log}");
        assert_eq!(log.contains("a second signal: stopped at once"), again, "{log}");
        assert_ne!(timeout(LIMIT, order).await.unwrap().unwrap(), Some(200));
        assert!(gateway.next().await.is_none());
    }
}
