//! Clients that come in great numbers and say nothing.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::bootstrap::{bootstrap, poll};
use crate::edge::{Edge, LIMIT, echo_device};

/// Connections that never begin their handshake.
const HALF_OPEN: usize = 10_000;
/// Handshakes that a door waits for.
const HANDSHAKES_MAX: usize = 2048;
/// Both ends are in this process, but the far ones are closed early.
const FILES: u64 = 16_000;

/// Whether this process may open so many files.
fn is_affordable() -> bool {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).is_ok() && limit.maximum.is_none_or(|files| files >= FILES)
}

async fn half_open(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    let mut connecting = JoinSet::new();
    let mut connected = Vec::with_capacity(count);
    for _ in 0..count {
        if connecting.len() >= 64 {
            connected.push(connecting.join_next().await.unwrap().unwrap());
        }
        connecting.spawn(async move { timeout(LIMIT, TcpStream::connect(address)).await.unwrap().unwrap() });
    }
    connected.extend(connecting.join_all().await);
    connected
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_half_open_connections_keep_nobody_out() {
    if !is_affordable() {
        println!("skipped: this process may not open {FILES} files");
        return;
    }
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    let addresses = edge.running.addresses();
    for address in [addresses.gateways, addresses.bootstrap] {
        let mut held = half_open(address, HALF_OPEN).await;
        // Who came first has made room for others.
        let closed = async {
            let mut octet = [0; 1];
            for connection in held.iter_mut().take(HALF_OPEN - HANDSHAKES_MAX) {
                assert!(matches!(connection.read(&mut octet).await, Ok(0) | Err(_)), "it is told nothing");
            }
        };
        timeout(LIMIT, closed).await.expect("they are closed");
        // Meanwhile a gateway comes to its certificate and to its configuration, and an operator is served.
        let client = timeout(LIMIT, bootstrap(&edge, "hw1")).await.unwrap();
        assert_eq!(timeout(LIMIT, poll(&edge, &client)).await.unwrap().unwrap(), "gw1");
        timeout(LIMIT, edge.rest("GET", "/networks", None)).await.unwrap();
        drop(held);
    }
    timeout(Duration::from_secs(30), edge.running.shutdown()).await.expect("nobody holds up its end");
}
