//! The whole lab: what it prints is ready to be used, and what it shows is alive.

use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::http_call;
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

/// Bounds what hangs; nothing is expected to take so long.
const LIMIT: Duration = Duration::from_secs(300);

#[tokio::test]
async fn its_sign_in_is_ready_and_the_network_lives() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("lab");
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    lab.arg("--dir").arg(&place).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
    let mut lab = lab.spawn().unwrap();
    let mut lines = BufReader::new(lab.stdout.take().unwrap()).lines();
    let mut printed = Vec::new();
    let introduced = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            printed.push(line);
            if printed.last().is_some_and(|line| line == "Ctrl-C ends it.") {
                return;
            }
        }
    };
    timeout(LIMIT, introduced).await.unwrap();
    let word_after = |before: &str| {
        let line = printed.iter().find_map(|line| line.trim().strip_prefix(before));
        line.unwrap_or_else(|| panic!("no {before:?} in {printed:#?}"))
            .trim_end_matches("/console/")
            .to_owned()
    };
    let port = word_after("https://controller.magma.localhost:").parse().unwrap();
    let password = word_after("user lab, password ");

    let anybody = channel(&place, port, false);
    let sign_in = json!({"username": "lab", "password": password});
    let (status, session) = ask(&anybody, "POST", "/user/login", Some(sign_in)).await;
    assert!(status == 201 && session["token"].is_string(), "{status} {session}");

    let administrator = channel(&place, port, true);
    let (log, events) = ("/networks/lab/logs/search?size=1", "/events/lab?streams=mme");
    let lives = async {
        for (path, what) in [
            ("/lte/lab/enodebs/LABENODEB1/state", "rf_tx_on"),
            ("/lte/lab/subscriber_state", "SESSION_ACTIVE"),
            ("/networks/lab/prometheus/query?query=ue_reported_usage", "IMSI001010000000003"),
            (log, "S1 up"),
            (events, "attach_success"),
        ] {
            while !ask(&administrator, "GET", path, None).await.1.to_string().contains(what) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    timeout(LIMIT, lives).await.unwrap();

    let id = Pid::from_raw(lab.id().unwrap().try_into().unwrap()).unwrap();
    kill_process(id, Signal::INT).unwrap();
    assert!(timeout(LIMIT, lab.wait()).await.unwrap().unwrap().success());
}

fn channel(place: &Path, port: u16, is_administrator: bool) -> Channel {
    let read = |name: &str| std::fs::read(place.join("orc8r/certs").join(name)).unwrap();
    let trust = TrustAnchors::from_pem(&read("rootCA.pem")).unwrap();
    let identity = is_administrator
        .then(|| Identity::from_pem(&read("admin_operator.pem"), &read("admin_operator.key.pem")).unwrap());
    let server_name = "controller.magma.localhost".to_owned();
    let tls = ClientTls::new(&trust, identity.as_ref()).unwrap();
    let endpoint = Endpoint { host: "127.0.0.1".into(), port, server_name, transport: Transport::Tls(tls) };
    Connection::new(endpoint).channel("controller.magma.localhost")
}

async fn ask(channel: &Channel, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let body = body.map(|body| body.to_string().into_bytes());
    let answer = http_call::request(channel, method, &format!("/magma/v1{path}"), body).await.unwrap();
    let status = answer.status;
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}
