//! Python's gRPC stack on both sides of the proxy: a client of a gateway's service, a local service, and a cloud.

use crate::certificates::Authority;
use crate::peers::{CLOUD, PATIENCE, Proxy, Roads, to_cloud};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pythons_grpc_works_through_it_as_without_it() {
    let probe = Command::new("python3").args(["-c", "import grpc"]).output().await;
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("skipped: python3 with grpcio is not installed");
        return;
    }
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let server = authority.server(&[CLOUD]);
    for (name, pem) in
        [("root.pem", &authority.pem), ("server.crt", &server.cert), ("server.key", &server.key)]
    {
        std::fs::write(folder.path().join(name), pem).unwrap();
    }
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/python/foreign.py");
    let mut child = Command::new("python3")
        .arg("-B")
        .arg(script)
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it starts").unwrap().unwrap();
    let ports: Vec<u16> = line.split(' ').map(|port| port.parse().unwrap()).collect();
    let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    let roads = Roads::to(at(ports[0]), to_cloud(at(ports[1]), authority.client_tls("gw")));
    let proxy = Proxy::start(roads).await;
    let mut input = child.stdin.take().unwrap();
    input.write_all(format!("{}\n", proxy.address.port()).as_bytes()).await.unwrap();
    let mut done = Vec::new();
    let ended = tokio::time::timeout(3 * PATIENCE + Duration::from_secs(60), async {
        while let Some(line) = lines.next_line().await.unwrap() {
            done.push(line);
        }
        child.wait().await.unwrap()
    });
    assert!(ended.await.expect("it ends").success(), "after {done:?}");
    let steps = ["unary", "server_streaming", "bidi", "deadline", "cancel", "big", "status", "concurrent"];
    for road in ["subscriberdb.local", "state-controller.magma.test"] {
        for step in steps {
            assert!(done.contains(&format!("{road} {step}")), "{road} {step} is missing in {done:?}");
        }
    }
}
