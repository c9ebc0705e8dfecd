//! An existing Orchestrator as the source: it answers by a table, with what it does otherwise than ours, and badly.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::Ready;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use magma_rpc::http_session::HttpSession;
use magma_rpc::server::serve_tls;
use magma_rpc::tls::{ClientAuth, ClientTls, Identity, ServerTls, TrustAnchors};
use orc8r_transfer::{Extent, Limits, Orchestrator, read};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tower_service::Service;

use super::{run, text, totals, url};
use crate::edge::{Edge, LIMIT};

/// What an existing Orchestrator answers: path, status, body.
const EXISTING: &str = include_str!("existing.tsv");

/// Answers by its table; 404 for the rest.
#[derive(Clone)]
struct Fake(Arc<BTreeMap<String, (u16, String)>>);

impl Service<Request<magma_rpc::Body>> for Fake {
    type Response = Response<axum::body::Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<magma_rpc::Body>) -> Self::Future {
        assert_eq!(request.method(), "GET", "a source is only read");
        let asked = request.uri().path_and_query().unwrap().as_str();
        let path = asked.strip_prefix("/magma/v1").unwrap();
        let not_found = (404, r#"{"message":"Not found"}"#.to_owned());
        let (status, body) = self.0.get(path).cloned().unwrap_or(not_found);
        let mut response = Response::new(axum::body::Body::from(body));
        *response.status_mut() = status.try_into().unwrap();
        std::future::ready(Ok(response))
    }
}

/// A source with the certificates of `edge`, which asks for a client's.
async fn source(edge: &Edge, answers: BTreeMap<String, (u16, String)>) -> (String, JoinHandle<()>) {
    let file = |name: &str| edge.certificate_file(name).into_bytes();
    let identity = Identity::from_pem(&file("controller.crt"), &file("controller.key")).unwrap();
    let clients = TrustAnchors::from_pem(&file("certifier.pem")).unwrap();
    let tls = ServerTls::new(&identity, ClientAuth::Required(&clients)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let forever = std::future::pending::<()>();
    (url, tokio::spawn(serve_tls(listener, tls, Fake(Arc::new(answers)), forever)))
}

fn existing() -> BTreeMap<String, (u16, String)> {
    let rows = EXISTING.lines().filter(|line| !line.starts_with('#'));
    let rows = rows.map(|line| line.split('\t').collect::<Vec<_>>());
    rows.map(|fields| (fields[0].to_owned(), (fields[1].parse().unwrap(), fields[2].to_owned()))).collect()
}

async fn import_from(edge: &Edge, source: &str, flags: &[&str]) -> (bool, String, String) {
    let certs = edge.certificates();
    let file = |name: &str| certs.join(name).to_str().unwrap().to_owned();
    let (root, cert, key) = (file("rootCA.pem"), file("admin_operator.pem"), file("admin_operator.key.pem"));
    let (to, data) = (url(edge), text(edge.data.path()).to_owned());
    let arguments = [
        &["import", "--from", source, "--cert", &cert, "--key", &key, "--ca", &root, "--to", &to] as &[_],
        &["--data-dir", &data],
        flags,
    ];
    run(&arguments.concat()).await
}

#[tokio::test]
async fn an_existing_orchestrator_is_brought_over_with_its_quirks() {
    let edge = Edge::start().await;
    let (source, _task) = source(&edge, existing()).await;
    let (done, report, said) = import_from(&edge, &source, &[]).await;
    for expected in [
        "not read       /networks/n1/prometheus/alert_config: 500: Get \"http://prometheus-configurer:9100\": no host",
        "refused        /lte/n1/subscribers/IMSI001010000000003: lte.auth_key in body is required",
        "note           /dp/n1/cbsds?offset=0&limit=1000 is not served there",
        "note           cellular.epc.of_a_later_release of a network is not in this Orchestrator's contract",
        "note           2 users: neither their passwords nor their tokens",
    ] {
        assert!(report.contains(expected), "{expected} in {report}{said}");
    }
    assert!(!done && said.contains("not everything is there"), "{said}");
    let made = |path: &'static str| edge.rest("GET", path, None);
    let gateway = made("/lte/n1/gateways/g1").await;
    assert_eq!(gateway["device"]["hardware_id"], "h1");
    assert_eq!(gateway["connected_enodeb_serials"], json!(["e1"]));
    let unregistered = made("/lte/n1/gateways/g2").await;
    assert!(unregistered.get("device").is_none_or(Value::is_null), "{unregistered}");
    let subscriber = made("/lte/n1/subscribers/IMSI001010000000001").await;
    assert_eq!(subscriber["config"]["static_ips"], json!({"internet": "10.0.0.9"}));
    assert_eq!(subscriber["active_policies"], json!(["r1"]));
    made("/lte/n1/subscribers/IMSI001010000000002").await;
    assert_eq!(made("/networks/n1/tiers/default").await["gateways"], json!(["g1", "g2"]));
    assert_eq!(made("/tenants/3").await["networks"], json!(["n1"]));

    let before = totals(&report);
    let (_, again, _) = import_from(&edge, &source, &[]).await;
    assert_eq!(totals(&again), [0, 0, before[0], before[3]], "a second time changes nothing: {again}");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_source_that_answers_badly_is_told_of_and_hides_nothing() {
    let edge = Edge::start().await;
    let huge = format!("[\"{}\"]", "x".repeat(65 << 20));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let wrong_page = r#"{"subscribers":["a"],"next_page_token":"","total_count":1}"#;
    let endless = r#"{"subscribers":{"IMSI001010000000001":{"id":"IMSI001010000000001"}},"next_page_token":"t","total_count":9}"#;
    for (path, status, body, expected) in [
        (
            "/channels",
            200,
            huge.as_str(),
            "not read       /channels: the answer has more than 67108864 bytes",
        ),
        ("/channels", 200, &deep, "not read       /channels: the answer is not JSON: recursion limit"),
        (
            "/channels",
            200,
            "<html>sign in</html>",
            "not read       /channels: the answer is not JSON: expected value",
        ),
        (
            "/channels",
            200,
            r#"{"stable":{}}"#,
            "not read       /channels: the answer is JSON of another kind",
        ),
        ("/channels", 200, "[1]", "not read       /channels: the answer is JSON of another kind"),
        ("/channels", 302, "", "not read       /channels: 302: it does not say why"),
        ("/channels", 500, "\u{1b}[2J", "not read       /channels: 500:  [2J"),
        ("/channels", 404, "", "note           /channels is not served there"),
        ("/networks/n1", 404, "", "not read       /networks/n1: 404: it is listed, and is not there"),
        ("/lte/n1/gateways", 200, "null", "note           /dp/n1"),
        (
            "/lte/n1/gateways",
            200,
            r#"{"../../x":{"id":"../../x"}}"#,
            "would refuse   /lte/n1/gateways/..%2F..%2Fx: ",
        ),
        ("/lte/n1/subscribers?page_size=1000", 200, wrong_page, "the answer is JSON of another kind"),
        (
            "/lte/n1/subscribers?page_size=1000&page_token=t",
            200,
            endless,
            "page_token=t: its pages do not end",
        ),
        ("/tenants", 200, r#"[{"name":"no id"}]"#, "not read       /tenants: one of it has no id"),
    ] {
        let mut answers = existing();
        answers.insert(path.to_owned(), (status, body.to_owned()));
        if body == endless {
            answers.insert("/lte/n1/subscribers?page_size=1000".to_owned(), (200, endless.to_owned()));
        }
        let (source, task) = source(&edge, answers).await;
        let (_, report, said) = import_from(&edge, &source, &["--dry-run"]).await;
        assert!(report.contains(expected), "{path} {status}: {expected} in {report}{said}");
        assert!(!report.contains('\u{1b}'), "{report:?}");
        task.abort();
    }
    for (path, status, expected) in [
        ("/networks", 401, "401: GET /networks: no"),
        ("/networks", 403, "403: GET /networks: no"),
        ("/channels", 401, "401: no"),
    ] {
        let mut answers = existing();
        answers.insert(path.to_owned(), (status, r#"{"message":"no"}"#.to_owned()));
        let (source, task) = source(&edge, answers).await;
        let (done, report, said) = import_from(&edge, &source, &[]).await;
        assert!(!done && report.is_empty() && said.contains(expected), "{path} {status}: {report}{said}");
        task.abort();
    }
    assert_eq!(edge.rest("GET", "/networks", None).await, json!([]), "nothing was written");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_source_that_is_silent_ends_the_reading_after_its_time() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://127.0.0.1:{}", silent.local_addr().unwrap().port());
    let tls = ClientTls::new(&TrustAnchors::usable_of_pem(b""), None).unwrap();
    let (call, pause) = (Duration::from_millis(50), Duration::from_millis(1));
    let limits = Limits { call, pause, ..Limits::default() };
    let mut source = Orchestrator::new(HttpSession::new(&url, &tls, None).unwrap(), limits);
    let read = timeout(LIMIT, read(&mut source, Extent::default(), &mut |_| {})).await.unwrap();
    let said = read.unwrap_err().to_string();
    assert!(said.starts_with("GET /networks: the server sent nothing"), "{said}");
}
