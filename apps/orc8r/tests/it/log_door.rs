//! The door for gateways' log forwarders: whose records are kept, as whose, and what a restart does to them.

use std::collections::BTreeSet;
use std::process::Stdio;

use magma_fluent::msgpack;
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use magma_rpc::tls_stream::{ByteStream, connect};
use orc8r_logs::{ArchiveLimits, Archives};
use orc8r_store::{ArchiveFilter, ArchivePage, Order};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::bootstrap::bootstrap;
use crate::edge::{Client, DOMAIN, Edge, LIMIT, echo_device};

struct Forwarder(Box<dyn ByteStream>);

impl Forwarder {
    async fn connect(edge: &Edge, client: Option<&Client>) -> Self {
        let trust = TrustAnchors::from_pem(edge.certificate_file("rootCA.pem").as_bytes()).unwrap();
        let identity = client
            .map(|client| Identity::from_pem(client.certificate.as_bytes(), client.key.as_bytes()).unwrap());
        let tls = ClientTls::new(&trust, identity.as_ref()).unwrap();
        let port = edge.running.addresses().logs.port();
        Self(connect(&format!("fluentd.{DOMAIN}"), port, &tls, None).await.unwrap())
    }

    /// Sends a message with a chunk; whether it was acknowledged.
    async fn send(&mut self, tag: &str, record: Value) -> bool {
        let mut octets = Vec::new();
        msgpack::json(&mut octets, &json!([tag, [[1_700_000_000, record]], {"chunk": "id"}]));
        if self.0.write_all(&octets).await.is_err() || self.0.flush().await.is_err() {
            return false;
        }
        let mut answer = vec![0; 8];
        let read = timeout(LIMIT, self.0.read_exact(&mut answer)).await.expect("an answer, or the end");
        read.is_ok_and(|_| answer == b"\x81\xa3ack\xa2id")
    }
}

/// What is kept of gateways, read while nothing serves.
async fn kept(edge: Edge) -> (Vec<Value>, Vec<Value>) {
    edge.running.shutdown().await;
    let archives = Archives::open(&edge.data.path().join("archive"), ArchiveLimits::default()).unwrap();
    let mut all = Vec::new();
    for archive in [&archives.events, &archives.logs] {
        let filter = ArchiveFilter { network: "n1".into(), ..Default::default() };
        let page = ArchivePage { skip: 0, limit: 100 };
        let found = archive.search(filter, None, Order::OldestFirst, page).await.unwrap();
        let records = found.iter().map(|found| serde_json::from_str(&found.record.document).unwrap());
        // The cloud's own events are there, too.
        all.push(records.filter(|record: &Value| record["hw_id"] != "orc8r").collect());
    }
    let logs = all.pop().unwrap();
    (all.pop().unwrap(), logs)
}

#[tokio::test]
async fn a_gateways_records_are_its_own_and_survive_a_restart() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1")), ("gw2", echo_device("hw2"))]).await;
    let gateway = bootstrap(&edge, "hw1").await;
    let mut forwarder = Forwarder::connect(&edge, Some(&gateway)).await;
    let lie = json!({"message": "one", "gateway_id": "gw2", "network_id": "n2", "hw_id": "hw2"});
    assert!(forwarder.send("mme", lie).await);
    let event = json!({"stream_name": "s", "event_type": "t", "event_tag": "x", "value": "{}"});
    assert!(forwarder.send("eventd", event).await);
    let edge = edge.restart().await;
    let mut forwarder = Forwarder::connect(&edge, Some(&gateway)).await;
    assert!(forwarder.send("mme", json!({"message": "two"})).await);
    let (events, logs) = kept(edge).await;
    assert_eq!((events.len(), logs.len()), (1, 2));
    for record in events.iter().chain(&logs) {
        assert_eq!((&record["network_id"], &record["gateway_id"]), (&json!("n1"), &json!("gw1")));
        assert_eq!(
            (&record["hw_id"], &record["@timestamp"]),
            (&json!("hw1"), &json!("2023-11-14T22:13:20.000Z"))
        );
    }
}

#[tokio::test]
async fn nobody_else_is_taken_anything_from() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1")), ("gw2", echo_device("hw2"))]).await;
    let (revoked, removed) = (bootstrap(&edge, "hw1").await, bootstrap(&edge, "hw2").await);
    edge.rest("DELETE", "/networks/n1/gateways/gw2", None).await;
    let store = edge.store();
    for (serial, info) in store.certificates().await.unwrap() {
        if info.identity.common_name() == "hw1" {
            store.revoke_certificate(&serial).await.unwrap();
        }
    }
    let admin = edge.admin();
    for (who, client) in [
        ("nobody", None),
        ("an operator", Some(&admin)),
        ("revoked", Some(&revoked)),
        ("removed", Some(&removed)),
    ] {
        let mut forwarder = Forwarder::connect(&edge, client).await;
        assert!(!forwarder.send("mme", json!({"message": "x"})).await, "{who}");
    }
    let (events, logs) = kept(edge).await;
    assert_eq!((events, logs), (vec![], vec![]));
}

/// Chunks of ten records, in the four modes in turn.
const CHUNKS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_forwarder_loses_nothing_while_the_cloud_restarts() {
    let probe =
        Command::new("python3").args(["-c", "import msgpack, ssl"]).stderr(Stdio::null()).status().await;
    if !probe.is_ok_and(|status| status.success()) {
        return println!("skipped: python3 with the module msgpack is needed");
    }
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    let gateway = bootstrap(&edge, "hw1").await;
    let folder = tempfile::tempdir().unwrap();
    let files =
        [("root", edge.certificate_file("rootCA.pem")), ("crt", gateway.certificate), ("key", gateway.key)]
            .map(|(name, pem)| {
                let file = folder.path().join(name);
                std::fs::write(&file, pem).unwrap();
                file
            });
    let addresses = edge.running.addresses();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop/python/forward.py");
    let mut forwarder = Command::new("python3")
        .args(["-B", script, &addresses.logs.port().to_string(), &format!("fluentd.{DOMAIN}")])
        .args(&files)
        .arg(CHUNKS.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(forwarder.stdout.take().unwrap()).lines();
    let half = timeout(LIMIT, said.next_line()).await.unwrap().unwrap();
    assert_eq!(half.as_deref(), Some("half"));
    let Edge { running, data } = edge;
    running.shutdown().await;
    // However fast it was: it has not sent everything yet.
    drop(forwarder.stdin.take());
    let mut config = orc8r::Config::on_loopback(data.path(), DOMAIN);
    config.listen = addresses;
    let edge = Edge { running: orc8r::start(config).await.unwrap(), data };
    let last = timeout(2 * LIMIT, said.next_line()).await.unwrap().unwrap().expect("a last line");
    let last: Value = serde_json::from_str(&last).unwrap();
    assert_eq!(last["chunks"], CHUNKS);
    assert!(last["again"].as_u64().unwrap() >= 1, "it was interrupted: {last}");

    edge.running.shutdown().await;
    let archives = Archives::open(&edge.data.path().join("archive"), ArchiveLimits::default()).unwrap();
    let filter = ArchiveFilter { network: "n1".into(), ..Default::default() };
    let page = ArchivePage { skip: 0, limit: 10_000 };
    let found = archives.logs.search(filter, None, Order::OldestFirst, page).await.unwrap();
    let kept: BTreeSet<String> = found
        .iter()
        .map(|found| {
            let document: Value = serde_json::from_str(&found.record.document).unwrap();
            assert_eq!((&document["gateway_id"], &document["tag"]), (&json!("gw1"), &json!("py")));
            document["message"].as_str().unwrap().to_owned()
        })
        .collect();
    let sent: BTreeSet<String> =
        (0..CHUNKS).flat_map(|chunk| (0..10).map(move |line| format!("chunk-{chunk} line {line}"))).collect();
    assert_eq!(kept, sent);
}
