//! What is told to a Sentry, and what is not.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use magma_config::mconfig::GatewayMconfig;

fn error(module: &'static str, line: u32, message: &str) -> LoggedError {
    LoggedError { module, place: ("file.rs", line), message: message.to_owned() }
}

/// The task of a gateway, with what its cloud says of Sentry.
fn reports(url: Option<&str>, shared: &str) -> Option<ErrorReports> {
    let paths = Paths::under("/nonexistent");
    let mut control_proxy = magma_config::inspect(&paths).0.control_proxy;
    control_proxy.sentry_url = url.map(str::to_owned);
    control_proxy.cloud_address = "controller.magma.test".to_owned();
    let proxies = HttpProxies::default();
    let (hardware_id, version) = ("22ffea10".to_owned(), "1.9.0".to_owned());
    let document = format!(r#"{{"configsByKey": {{"magmad": {{}}, "shared_mconfig": {shared}}}}}"#);
    let live =
        Live::new(GatewayMconfig::parse(document.as_bytes()).expect("a document")).expect("an agent's entry");
    let log = LogControl::unused();
    ErrorReports::new(Gateway { hardware_id, version, control_proxy, paths, proxies }, &live, &log)
}

#[test]
fn a_sentry_is_named_by_the_operator_or_by_the_cloud_or_nobody() {
    let of_cloud = r#"{"sentryConfig": {"dsnPython": "https://b@cloud.test/2", "sampleRate": 0.5}}"#;
    let rows = [
        (None, "{}", None),
        (Some("https://a@own.test/1"), of_cloud, Some(("own.test", 0.5))),
        (None, of_cloud, Some(("cloud.test", 0.5))),
        (None, r#"{"sentry_config": {"dsn_python": "https://b@cloud.test/2"}}"#, Some(("cloud.test", 1.0))),
        (None, r#"{"sentryConfig": {"dsnPython": ""}}"#, None),
        (Some("sentry.test"), "{}", None),
    ];
    for (url, shared, expected) in rows {
        let reports = reports(url, shared);
        let seen = reports.as_ref().map(|reports| (reports.dsn.host.as_str(), reports.share));
        assert_eq!(seen, expected, "{url:?} {shared}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_place_tells_now_and_then_and_the_clouds_absence_never() {
    let shared = r#"{"sentryConfig": {"exclusionPatterns": ["left \\(out\\)", "a|b"]}}"#;
    let mut reports = reports(Some("https://a@own.test/1"), shared).expect("a Sentry");
    let now = Instant::now();
    for (error, at, told) in [
        (error("magmad::services", 1, "broken"), 0, true),
        (error("magmad::services", 1, "broken again"), 599, false),
        (error("magmad::services", 1, "broken still"), 601, true),
        (error("magmad::services", 2, "another place"), 1, true),
        (error("magmad::services", 3, "this is left (out) here"), 1, false),
        (error("magmad::checkin::report", 4, "check-in failed"), 1, false),
    ] {
        assert_eq!(reports.is_told(&error, now + Duration::from_secs(at)), told, "{error:?}");
    }
    reports.share = 0.0;
    assert!(!reports.is_told(&error("magmad::services", 9, "not in the sample"), now));
}

#[tokio::test]
async fn a_report_is_one_envelope_with_the_gateways_tags_and_a_refusal_is_a_pause() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://k3y@{}/7", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move {
        let mut requests = Vec::new();
        for status in ["200 OK", "429 Too Many Requests"] {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut request = Vec::new();
            while !request.ends_with(b"}\n") {
                stream.read_buf(&mut request).await.expect("a request");
            }
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.expect("answered");
            requests.push(String::from_utf8(request).expect("text"));
        }
        requests
    });
    let mut reports = reports(Some(&url), "{}").expect("a Sentry");
    let (root, paths) = root();
    reports.gateway.paths = paths;
    assert_eq!(
        reports.tell(error("magmad::services", 1, "mme \"broke\" for IMSI001010000000001")).await,
        Duration::ZERO
    );
    assert_eq!(reports.tell(error("magmad::services", 2, "again")).await, PAUSE);
    drop(root);
    let requests = server.await.expect("a server");
    let (head, body) = requests[0].split_once("\r\n\r\n").expect("a body");
    assert!(head.starts_with("POST /api/7/envelope/ HTTP/1.1\r\n"), "{head}");
    assert!(
        head.contains("x-sentry-auth: Sentry sentry_version=7") && head.contains("sentry_key=k3y"),
        "{head}"
    );
    let lines: Vec<Value> = body.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let [first, item, event] = lines.as_slice() else { panic!("{body}") };
    assert_eq!((&first["event_id"], &item["type"]), (&event["event_id"], &json!("event")));
    assert_eq!(item["length"], json!(body.lines().last().expect("an event").len()));
    assert_eq!(event["message"]["formatted"], "mme \"broke\" for IMSI…0001");
    assert!(!body.contains("001010000000001"), "{body}");
    let tags = json!({ "orc8r_cloud_address": "controller.magma.test", "hwid": "22ffea10", "service_name": "magmad" });
    assert_eq!((&event["tags"], &event["release"]), (&tags, &json!("1.9.0")));
    assert_eq!(event["event_id"].as_str().map(str::len), Some(32));
}

/// A gateway's folder that trusts an authority.
fn root() -> (tempfile::TempDir, Paths) {
    let folder = tempfile::tempdir().expect("a folder");
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certs = folder.path().join("var/opt/magma/certs");
    std::fs::create_dir_all(&certs).expect("a folder");
    let pem = params.self_signed(&key).expect("a certificate").pem();
    std::fs::write(certs.join("rootCA.pem"), pem).expect("a file");
    let paths = Paths::under(folder.path());
    (folder, paths)
}
