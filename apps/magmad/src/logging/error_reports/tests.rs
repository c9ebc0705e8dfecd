//! What is told to a Sentry, and what is not.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use magma_config::mconfig::GatewayMconfig;
use serde_json::Value;

fn error(module: &'static str, line: u32, message: &str) -> LoggedError {
    LoggedError { module, place: ("file.rs", line), message: message.to_owned() }
}

fn settings(url: Option<&str>) -> Arc<GatewayConfig> {
    let mut config = magma_config::inspect(&Paths::under("/nonexistent")).0;
    config.control_proxy.sentry_url = url.map(str::to_owned);
    config.control_proxy.cloud_address = "controller.magma.test".to_owned();
    Arc::new(config)
}

fn live(shared: &str) -> Arc<Live> {
    let document = format!(r#"{{"configsByKey": {{"magmad": {{}}, "shared_mconfig": {shared}}}}}"#);
    let mconfig = GatewayMconfig::parse(document.as_bytes()).expect("a document");
    Arc::new(Live::new(mconfig).expect("an agent's entry"))
}

/// A gateway whose operator and cloud may change their minds.
struct Gateway {
    settings: watch::Sender<Arc<GatewayConfig>>,
    managed: watch::Sender<Arc<Live>>,
    log: LogControl,
}

impl Gateway {
    fn new(url: Option<&str>, shared: &str) -> (Self, ErrorReports) {
        let (settings, managed) = (watch::Sender::new(settings(url)), watch::Sender::new(live(shared)));
        let log = LogControl::unused();
        let reports = ErrorReports {
            hardware_id: "22ffea10".to_owned(),
            version: "1.9.0".to_owned(),
            paths: Paths::under("/nonexistent"),
            proxies: HttpProxies::default(),
            settings: settings.subscribe(),
            managed: managed.subscribe(),
            log: log.clone(),
            errors: None,
            missed: Arc::default(),
            told: BTreeMap::new(),
            fails: false,
            next: Instant::now(),
            untold: 0,
            dropped: Counter::default(),
        };
        (Self { settings, managed, log }, reports)
    }

    /// As the log does it.
    fn log(&self, error: LoggedError) {
        let (watcher, missed) = self.log.watch.get().expect("somebody watches");
        if watcher.try_send(error).is_err() {
            missed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The task of a gateway, and what is wanted of it.
fn reports(url: Option<&str>, shared: &str) -> (ErrorReports, Option<Order>) {
    let (_gateway, mut reports) = Gateway::new(url, shared);
    let order = reports.wanted().order();
    (reports, order)
}

/// A Sentry that answers each report with the next of these, and the reports that it got.
async fn sentry(answers: &'static [&'static str]) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://k3y@{}/7", listener.local_addr().expect("an address"));
    let (got, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut request = Vec::new();
            while !request.ends_with(b"}\n") {
                stream.read_buf(&mut request).await.expect("a request");
            }
            let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.expect("answered");
            got.send(String::from_utf8(request).expect("text")).ok();
        }
    });
    (url, requests)
}

/// The event of a report.
fn event(request: &str) -> Value {
    serde_json::from_str(request.lines().last().expect("an event")).expect("JSON")
}

#[test]
fn a_sentry_is_named_by_the_operator_or_by_the_cloud_or_nobody() {
    let of_cloud = r#"{"sentryConfig": {"dsnPython": "https://b@cloud.test/2", "sampleRate": 0.5}}"#;
    let rows = [
        (None, "{}", None),
        (Some("https://a@own.test/1"), of_cloud, Some(("own.test", 0.5))),
        (None, of_cloud, Some(("cloud.test", 0.5))),
        (None, r#"{"sentry_config": {"dsn_python": "https://b@cloud.test/2"}}"#, Some(("cloud.test", 1.0))),
        (
            None,
            r#"{"sentryConfig": {"dsnPython": "https://b@cloud.test/2", "sampleRate": 7}}"#,
            Some(("cloud.test", 1.0)),
        ),
        (None, r#"{"sentryConfig": {"dsnPython": ""}}"#, None),
        (Some("sentry.test"), "{}", None),
    ];
    for (url, shared, expected) in rows {
        let (_, order) = reports(url, shared);
        let seen = order.as_ref().map(|order| (order.dsn.host.as_str(), order.share));
        assert_eq!(seen, expected, "{url:?} {shared}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_place_tells_now_and_then_and_the_clouds_absence_never() {
    let shared = r#"{"sentryConfig": {"exclusionPatterns": ["left \\(out\\)", "a|b"]}}"#;
    let (mut reports, order) = reports(Some("https://a@own.test/1"), shared);
    let mut order = order.expect("a Sentry");
    let now = Instant::now();
    for (error, at, told) in [
        (error("magmad::services", 1, "broken"), 0, true),
        (error("magmad::services", 1, "broken again"), 599, false),
        (error("magmad::services", 1, "broken still"), 601, true),
        (error("magmad::services", 2, "another place"), 1, true),
        (error("magmad::services", 3, "this is left (out) here"), 1, false),
        (error("magmad::checkin::report", 4, "check-in failed"), 1, false),
    ] {
        assert_eq!(reports.is_told(&order, &error, now + Duration::from_secs(at)), told, "{error:?}");
    }
    order.share = 0.0;
    assert!(!reports.is_told(&order, &error("magmad::services", 9, "not in the sample"), now));
}

#[tokio::test]
async fn a_report_is_one_envelope_with_the_gateways_tags_and_a_refusal_is_a_pause() {
    let (url, mut requests) =
        sentry(&["200 OK", "500 Broken", "429 No\r\nretry-after: 90", "429 No\r\nretry-after: 99999"]).await;
    let (mut reports, order) = reports(Some(&url), "{}");
    let order = order.expect("a Sentry");
    for (line, message, pause) in [
        (1, "mme \"broke\" for IMSI001010000000001", 0),
        (2, "again", 60),
        (3, "and again", 90),
        (4, "and again", 3600),
    ] {
        let told = reports.tell(&order, error("magmad::services", line, message)).await;
        assert_eq!(told, Duration::from_secs(pause), "{line}");
    }
    assert_eq!((reports.dropped.value(), reports.untold), (3, 3));
    let request = requests.recv().await.expect("a report");
    assert_eq!(
        event(&requests.recv().await.expect("another")).get("extra"),
        None,
        "nothing was dropped before"
    );
    assert_eq!(event(&requests.recv().await.expect("a third"))["extra"]["errors_not_reported_before"], 1);
    let (head, body) = request.split_once("\r\n\r\n").expect("a body");
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

#[tokio::test]
async fn a_sentry_that_is_named_or_changed_while_the_agent_runs_counts_at_once() {
    let (first, mut to_first) = sentry(&["200 OK"; 2]).await;
    let (second, mut to_second) = sentry(&["200 OK"]).await;
    let (gateway, mut reports) = Gateway::new(None, "{}");
    let script = async {
        let of_cloud = format!(r#"{{"sentryConfig": {{"dsnPython": "{first}"}}}}"#);
        gateway.managed.send_replace(live(&of_cloud));
        while gateway.log.watch.get().is_none() {
            tokio::task::yield_now().await;
        }
        // More at once than may wait.
        for line in 0..WAITING_MAX as u32 + 5 {
            gateway.log(error("magmad::services", line.min(1), "from the cloud's Sentry"));
        }
        to_first.recv().await.expect("a report");
        assert_eq!(event(&to_first.recv().await.expect("another"))["logger"], "magmad::services");
        gateway.settings.send_replace(settings(Some(&second)));
        tokio::task::yield_now().await;
        gateway.log(error("magmad::services", 9, "to the operator's"));
        let report = event(&to_second.recv().await.expect("a report"));
        assert_eq!(report["message"]["formatted"], "to the operator's");
        gateway.settings.send_replace(settings(None));
        gateway.managed.send_replace(live("{}"));
        tokio::task::yield_now().await;
        gateway.log(error("magmad::services", 10, "to nobody"));
        tokio::task::yield_now().await;
    };
    tokio::select! {
        () = reports.work() => unreachable!("it never ends"),
        done = tokio::time::timeout(Duration::from_secs(60), script) => done.expect("in time"),
    }
    assert_eq!(reports.dropped.value(), 5);
}
