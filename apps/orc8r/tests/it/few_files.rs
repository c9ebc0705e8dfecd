//! An Orchestrator that may open few files: it refuses gateways in good order, and operators still get in.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use magma_rpc::channel::Connection;
use magma_rpc::http_call;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::edge::{DOMAIN, LIMIT};
use crate::faults::administrator;
use crate::program::{ORC8R, serve};

/// So many it may open; half of them are for connections then, and an eighth of that is not for gateways.
const FILES: usize = 400;
const FOR_GATEWAYS: u64 = 200 - 25;

/// The program under this limit, and what it says of itself.
async fn serving(data: &Path) -> (Child, Value) {
    let inner = serve(data);
    let mut command = Command::new("sh");
    let script = format!("ulimit -n {FILES}; exec \"$0\" --json \"$@\"");
    command.args(["-c", &script, ORC8R]).args(inner.as_std().get_args());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = timeout(LIMIT, lines.next_line()).await.unwrap().unwrap().unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

/// What the Orchestrator says of one figure.
async fn figure(operator: &Connection, name: &str) -> u64 {
    let channel = operator.channel(&format!("controller.{DOMAIN}"));
    let page =
        async { http_call::request(&channel, "GET", "/metrics", None).await.unwrap().bytes().await.unwrap() };
    let page = timeout(LIMIT, page).await.unwrap();
    let page = String::from_utf8(page.to_vec()).unwrap();
    let value = page.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{page}"));
    value.trim().parse().unwrap()
}

#[tokio::test]
async fn with_few_files_gateways_are_refused_and_operators_are_served() {
    let data = tempfile::tempdir().unwrap();
    let (_child, said) = serving(data.path()).await;
    let gateways: SocketAddr = said["gateways"].as_str().unwrap().parse().unwrap();
    let operator = administrator(data.path(), said["rest"].as_str().unwrap());
    let mut held = Vec::new();
    let filled = async {
        while figure(&operator, "orc8r_connections_refused_total{door=\"gateways\",reason=\"files\"}").await
            == 0
        {
            for _ in 0..50 {
                held.push(TcpStream::connect(gateways).await.unwrap());
            }
            assert!(figure(&operator, "orc8r_connections{door=\"gateways\"}").await <= FOR_GATEWAYS);
        }
    };
    timeout(LIMIT, filled).await.expect("there is no more room at the gateways' door");
    assert_eq!(figure(&operator, "orc8r_accept_failures_total").await, 0, "files were left all the time");
    held.clear();
    let freed = async { while figure(&operator, "orc8r_connections{door=\"gateways\"}").await > 0 {} };
    timeout(LIMIT, freed).await.expect("places are given back");
}
