//! What an operator is promised when the program is killed, or its database goes away.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use magma_rpc::channel::{Connection, Endpoint, Transport};
use magma_rpc::http_call;
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use orc8r_store::testing::{self, Server};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use crate::edge::{DOMAIN, Edge, LIMIT};
use crate::program;

const WRITERS: usize = 8;
/// How many writes are acknowledged before the program is killed.
const WRITES: usize = 60;
/// While the database is down, an answer takes at most so long; on a busy machine too.
const QUICKLY: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_millis(50);

#[tokio::test]
async fn killed_under_load_it_loses_no_write_that_it_acknowledged() {
    let on_file = tempfile::tempdir().unwrap();
    loses_nothing(on_file).await;
    let on_server = tempfile::tempdir().unwrap();
    if let Some(url) = testing::postgres_database().unwrap() {
        std::fs::write(on_server.path().join("database.url"), url).unwrap();
        loses_nothing(on_server).await;
    }
}

async fn loses_nothing(data: TempDir) {
    let (mut child, rest) = serving(data.path()).await;
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    let connection = administrator(data.path(), &rest);
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (connection, acknowledged) = (connection.clone(), acknowledged.clone());
            tokio::spawn(async move {
                for number in 0.. {
                    let id = format!("n{writer}_{number}");
                    if call(&connection, "POST", "/networks", Some(network(&id))).await != Some(201) {
                        return;
                    }
                    acknowledged.lock().unwrap().insert(id);
                }
            })
        })
        .collect();
    let enough = async {
        while acknowledged.lock().unwrap().len() < WRITES {
            sleep(RETRY).await;
        }
    };
    timeout(LIMIT, enough).await.unwrap();
    child.kill().await.unwrap();
    for writer in writers {
        timeout(LIMIT, writer).await.unwrap().unwrap();
    }
    let edge = Edge::start_again_in(data).await;
    let found: BTreeSet<String> = serde_json::from_value(edge.rest("GET", "/networks", None).await).unwrap();
    let acknowledged = acknowledged.lock().unwrap().clone();
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    let noted = noted(&edge).await;
    let silent: Vec<_> = acknowledged.difference(&noted).collect();
    assert!(silent.is_empty(), "changed and not in the audit log: {silent:?}");
    assert!(
        found.len() <= acknowledged.len() + WRITERS,
        "one of each writer may be unacknowledged: {found:?}"
    );
    edge.running.shutdown().await;
}

#[tokio::test]
async fn while_its_database_is_down_requests_fail_quickly_and_then_work_again_by_themselves() {
    let Some(server) = Server::start().unwrap() else { return };
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("database.url"), server.create_database("orc8r").unwrap()).unwrap();
    let edge = Edge::start_again_in(data).await;
    let admin = edge.admin();
    edge.rest("POST", "/networks", Some(network("before"))).await;

    for crash in [false, true] {
        if crash {
            server.crash().unwrap()
        } else {
            server.stop().unwrap()
        }
        for (method, body) in [("GET", None), ("POST", Some(network("meanwhile"))), ("GET", None)] {
            let began = Instant::now();
            let (status, answer) = edge.rest_as(&admin, method, "/networks", body).await;
            assert_eq!(status, 503, "{method}: {answer}");
            assert!(began.elapsed() < QUICKLY, "{method} took {:?}", began.elapsed());
        }
        server.resume().unwrap();
        let back = async {
            loop {
                let (status, answer) = edge.rest_as(&admin, "GET", "/networks", None).await;
                match status {
                    200 => return answer,
                    503 => sleep(RETRY).await,
                    _ => panic!("{status} {answer}"),
                }
            }
        };
        let networks = timeout(LIMIT, back).await.unwrap();
        assert_eq!(networks, json!(["before"]), "what was refused was not made");
    }
    // The thread that writes has come back too.
    let back = async {
        while edge.rest_as(&admin, "POST", "/networks", Some(network("after"))).await.0 == 503 {
            sleep(RETRY).await;
        }
    };
    timeout(LIMIT, back).await.unwrap();
    assert_eq!(edge.rest("GET", "/networks", None).await, json!(["after", "before"]));
    edge.running.shutdown().await;
}

/// The networks that the audit log says were made.
async fn noted(edge: &Edge) -> BTreeSet<String> {
    let (mut noted, mut before) = (BTreeSet::new(), u64::MAX >> 1);
    loop {
        let page = edge.rest("GET", &format!("/audit?before={before}"), None).await;
        let Some(last) = page.as_array().unwrap().last() else { return noted };
        before = last["number"].as_u64().unwrap();
        let made = page.as_array().unwrap().iter().filter(|entry| entry["path"] == "/magma/v1/networks");
        noted.extend(made.map(|entry| entry["after"]["id"].as_str().unwrap().to_owned()));
    }
}

fn network(id: &str) -> Value {
    let dns = json!({"enable_caching": false, "local_ttl": 0});
    json!({"id": id, "name": id, "description": "of a test", "dns": dns})
}

/// The program, and where its REST API is.
async fn serving(data: &Path) -> (Child, String) {
    let mut child = program::serve(data).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut rest = None;
    while let Some(line) = timeout(LIMIT, lines.next_line()).await.unwrap().unwrap() {
        if let Some((_, url)) = line.split_once("https://") {
            rest = url.split('/').next().map(str::to_owned);
        }
        if line.starts_with("  store ") {
            break;
        }
    }
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, rest.expect("the address of the REST API"))
}

pub fn administrator(data: &Path, rest: &str) -> Connection {
    let read = |name: &str| std::fs::read(data.join("certs").join(name)).unwrap();
    let trust = TrustAnchors::from_pem(&read("rootCA.pem")).unwrap();
    let identity = Identity::from_pem(&read("admin_operator.pem"), &read("admin_operator.key.pem")).unwrap();
    let (host, port) = rest.split_once(':').unwrap();
    Connection::new(Endpoint {
        host: host.to_owned(),
        port: port.parse().unwrap(),
        server_name: format!("controller.{DOMAIN}"),
        transport: Transport::Tls(ClientTls::new(&trust, Some(&identity)).unwrap()),
    })
}

/// The status of one call; `None` when nobody answers any more.
async fn call(connection: &Connection, method: &str, path: &str, body: Option<Value>) -> Option<u16> {
    let channel = connection.channel(&format!("controller.{DOMAIN}"));
    let body = body.map(|body| body.to_string().into_bytes());
    let path = format!("/magma/v1{path}");
    let answer = timeout(LIMIT, http_call::request(&channel, method, &path, body)).await.ok()?.ok()?;
    let status = answer.status;
    answer.bytes().await.ok().map(|_| status)
}
