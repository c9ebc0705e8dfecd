//! Python's gRPC stack as the client, and a file of an existing gateway as the registry of events.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use magma_config::EventType;
use magma_eventd::{DiskQueue, EventTaker, EventTypes, Metrics};
use magma_rpc::server::{Router, serve_plain};
use magma_service303::Registry;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::delivery::PATIENCE;

const SCHEMA: &str = "
definitions:
  session_created:
    type: object
    required: [imsi, session_id]
    properties:
      imsi: {type: string}
      session_id: {type: string}
      mac_addr: {type: string, x-nullable: true}
";

#[tokio::test]
async fn pythons_grpc_client_is_answered_in_magmas_words() {
    let probe = Command::new("python3").args(["-c", "import grpc, grpc_tools"]).output().await;
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("skipped: python3 with grpcio and grpcio-tools is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("lte")).unwrap();
    std::fs::write(folder.path().join("lte/session.yml"), SCHEMA).unwrap();
    let session =
        EventType { module: "lte".to_owned(), filename: "session.yml".to_owned(), retry_on_failure: false };
    let types =
        EventTypes::new(Some([("session_created".to_owned(), session)].into()), folder.path().to_owned());
    let metrics = Metrics::new(&Registry::new(), "eventd");
    let queue = DiskQueue::open(&folder.path().join("queue"), 1 << 20, metrics.dropped.clone()).unwrap();
    let taker = EventTaker::new(types, Arc::new(queue.clone()), metrics.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().add(taker.into_server());
    let server = tokio::spawn(serve_plain(listener, router, std::future::pending::<()>()));

    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new("python3")
        .arg("-B")
        .arg(root.join("tests/python/log_events.py"))
        .arg(PathBuf::from(root).join("../../contracts/protos"))
        .arg(port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut answers = BufReader::new(output).lines();
    let refused = "INVALID_ARGUMENT Event validation failed, Details: ";
    let rows = [
        ("session_created", r#"{"imsi": "001", "session_id": "1", "mac_addr": null}"#, "OK".to_owned()),
        ("restarted_services", r#"{"services": ["mme"]}"#, "OK".to_owned()),
        ("session_created", r#"{"imsi": "001"}"#, format!("{refused}the value lacks the required property")),
        (
            "session_created",
            r#"{"imsi": 1, "session_id": "1"}"#,
            format!("{refused}imsi is 1, not of type string"),
        ),
        ("no_such_event", "{}", format!("{refused}\"no_such_event\" is not in event_registry")),
        ("session_created", "{", format!("{refused}the value is not JSON")),
        ("session_created", "", format!("{refused}the value is not JSON")),
    ];
    for (event_type, value, expected) in rows {
        input.write_all(format!("{}\n", json!([event_type, value])).as_bytes()).await.unwrap();
        let answer = tokio::time::timeout(PATIENCE, answers.next_line()).await.expect("in time").unwrap();
        let answer = answer.expect("it goes on");
        assert!(answer.starts_with(&expected), "{event_type} {value}: {answer}");
    }
    assert_eq!((metrics.received.value(), metrics.refused.value(), queue.len()), (2, 5, 2));
    server.abort();
}
