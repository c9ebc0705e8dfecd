//! Messages against servers: what arrives, that they are who they say, what is tried again, and what is not.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use magma_rpc::tls::{ClientTls, TrustAnchors};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;
use wire_rest::types::EmailReceiver;

use crate::deliver::Undelivered;
use crate::smtp::Server;
use crate::{Found, machine};
use crate::{NetworkAlerts, Notification, Outbox, Rule, Targets, base_route, check};

/// Generous, for a machine that has much else to do.
const LIMIT: Duration = Duration::from_secs(60);
const NOW: i64 = 1_700_000_000_000;

/// Python's servers, which stop with their standard input.
struct Peers {
    https: u16,
    smtp: u16,
    smtps: u16,
    lines: Lines<BufReader<ChildStdout>>,
    tls: ClientTls,
    stranger: ClientTls,
    _child: Child,
    _folder: TempDir,
}

impl Peers {
    /// None without Python.
    async fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        fs::write(&certificate, own.cert.pem()).unwrap();
        fs::write(&key, own.signing_key.serialize_pem()).unwrap();
        let child = Command::new("python3")
            .args(["-c", include_str!("delivery_tests/peers.py")])
            .args([&certificate, &key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let Ok(mut child) = child else {
            println!("skipped: python3 is not installed");
            return None;
        };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ports: [u16; 3] = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
        let trust = TrustAnchors::from_pem(own.cert.pem().as_bytes()).unwrap();
        let tls = ClientTls::new(&trust, None).unwrap();
        let stranger = ClientTls::new(&TrustAnchors::usable_of_pem(&[]), None).unwrap();
        let [https, smtp, smtps] = ports;
        Some(Self { https, smtp, smtps, lines, tls, stranger, _child: child, _folder: folder })
    }

    /// What came next.
    async fn next(&mut self) -> Value {
        let line = timeout(LIMIT, self.lines.next_line()).await.expect("somebody is told");
        serde_json::from_str(&line.unwrap().unwrap()).unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.https)
    }

    fn outbox(&self, tls: &ClientTls) -> Outbox {
        let here = ["127.0.0.0/8", "::1"].map(|prefix| prefix.parse().unwrap()).to_vec();
        Outbox::with_pushover(tls.clone(), Targets::public_and(here), &self.url("/1/messages.json"))
    }
}

/// Two alerts that fire, or are over.
fn notification(is_over: bool) -> Notification {
    let rule = Rule {
        name: "down".into(),
        expression: "up == 0".into(),
        for_ms: 0,
        labels: [("severity".to_owned(), "critical".to_owned())].into(),
        annotations: [("text".to_owned(), "{{ $labels.gatewayID }} ist \"aus\" & weg".to_owned())].into(),
    };
    let found =
        |gateway: &str| Found { labels: [("gatewayID".to_owned(), gateway.to_owned())].into(), value: 0.0 };
    let mut alerts = NetworkAlerts::default();
    let tree = wire_rest::types::AlertRoutingTree { receiver: "ops".into(), ..base_route("n1") };
    alerts.evaluate("n1", &rule, &[found("g1"), found("g2")], NOW);
    alerts.due(&tree, &[], NOW);
    let mut due = alerts.due(&tree, &[], NOW + 60_000);
    if is_over {
        alerts.evaluate("n1", &rule, &[], NOW + 120_000);
        due = alerts.due(&tree, &[], NOW + 900_000);
    }
    assert!(due[0].alerts.iter().all(|alert| (alert.state == machine::State::Resolved) == is_over));
    due.remove(0)
}

#[tokio::test]
async fn slack_pagerduty_and_pushover_get_what_they_document() {
    let Some(mut peers) = Peers::start().await else { return };
    let receiver = check::receiver(&json!({"name": "ops",
        "slack_configs": [{"api_url": peers.url("/services/T/B/s"), "channel": "#ops", "username": "magma", "icon_emoji": ":fire:"}],
        "pagerduty_configs": [{"routing_key": "R0uting", "severity": "critical", "url": peers.url("/v2/enqueue")}],
        "pushover_configs": [{"user_key": "u5er", "token": "t0ken", "priority": "1"}]}))
    .unwrap();
    let outbox = peers.outbox(&peers.tls);
    outbox.send(&receiver, &notification(false));
    let mut came: Vec<Value> = vec![peers.next().await, peers.next().await, peers.next().await];
    came.sort_by_key(|one| one["path"].to_string());
    let [pushover, slack, pagerduty] = [&came[0], &came[1], &came[2]];
    assert_eq!((&slack["method"], &slack["path"]), (&json!("POST"), &json!("/services/T/B/s")));
    assert_eq!(slack["headers"]["content-type"], "application/json");
    let body: Value = serde_json::from_str(slack["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&body["channel"], &body["username"], &body["icon_emoji"]),
        (&json!("#ops"), &json!("magma"), &json!(":fire:"))
    );
    let attachment = &body["attachments"][0];
    assert_eq!(
        (&attachment["title"], &attachment["color"]),
        (&json!("[FIRING:2] down (n1)"), &json!("danger"))
    );
    assert_eq!(attachment["fallback"], attachment["title"]);
    assert!(attachment["text"].as_str().unwrap().contains("g2 ist \"aus\" & weg"), "{attachment}");

    assert_eq!(pagerduty["path"], "/v2/enqueue");
    let body: Value = serde_json::from_str(pagerduty["body"].as_str().unwrap()).unwrap();
    assert_eq!((&body["routing_key"], &body["event_action"]), (&json!("R0uting"), &json!("trigger")));
    let payload = &body["payload"];
    assert_eq!((&payload["severity"], &payload["source"]), (&json!("critical"), &json!("orc8r")));
    assert_eq!(payload["summary"], "[FIRING:2] down (n1)");
    let key = body["dedup_key"].as_str().unwrap().to_owned();
    assert!(!key.is_empty() && key.len() <= 255, "PagerDuty takes 255 characters: {key}");

    assert_eq!(pushover["headers"]["content-type"], "application/x-www-form-urlencoded");
    let form = pushover["body"].as_str().unwrap();
    assert!(form.starts_with("token=t0ken&user=u5er&priority=1&title=%5BFIRING%3A2%5D"), "{form}");
    assert!(form.contains("&message=down") && form.contains("%22aus%22%20%26%20weg"), "{form}");

    outbox.send(&receiver, &notification(true));
    let mut over: Vec<Value> = vec![peers.next().await, peers.next().await, peers.next().await];
    over.sort_by_key(|one| one["path"].to_string());
    let body: Value = serde_json::from_str(over[2]["body"].as_str().unwrap()).unwrap();
    assert_eq!((&body["event_action"], body["dedup_key"].as_str()), (&json!("resolve"), Some(key.as_str())));
    let body: Value = serde_json::from_str(over[1]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["attachments"][0]["color"], "good");
    while outbox.counts() != (6, 0) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_may_succeed_later_is_tried_again_and_the_rest_is_given_up() {
    let Some(mut peers) = Peers::start().await else { return };
    let hook = |path: &str| {
        check::receiver(&json!({"name": "ops", "webhook_configs": [{"url": peers.url(path)}]})).unwrap()
    };
    let (busy, gone) = (hook("/503/busy"), hook("/404/gone"));
    let outbox = peers.outbox(&peers.tls);
    outbox.send(&busy, &notification(false));
    for _ in 0..2 {
        assert_eq!(peers.next().await["path"], "/503/busy", "once more after it answered 503");
    }
    outbox.send(&gone, &notification(false));
    assert_eq!(peers.next().await["path"], "/404/gone");
    while outbox.counts() != (1, 1) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn who_is_not_trusted_gets_nothing() {
    let Some(peers) = Peers::start().await else { return };
    let receiver = check::receiver(
        &json!({"name": "ops", "webhook_configs": [{"url": peers.url("/hook?token=s3cret")}]}),
    )
    .unwrap();
    let outbox = peers.outbox(&peers.stranger);
    let reason = outbox.try_once(&receiver, &notification(false)).await.unwrap_err();
    assert!(reason.may_succeed && reason.reason.contains("not trusted"), "{reason:?}");
    assert!(!reason.reason.contains("s3cret"), "{reason:?}");
    let mail = mail(&peers, peers.smtps, true, "s3cret", &peers.stranger).await.unwrap_err();
    assert!(!mail.reason.contains("s3cret"), "{mail:?}");
}

async fn mail(
    peers: &Peers,
    port: u16,
    is_tls_first: bool,
    password: &str,
    tls: &ClientTls,
) -> Result<(), Undelivered> {
    let server = Server { host: "localhost".into(), port, is_tls_first, tls };
    let to = EmailReceiver {
        to: "a@example.com".into(),
        from: "orc8r@example.com".into(),
        smarthost: format!("localhost:{}", peers.smtp),
        auth_username: Some("ann".into()),
        auth_password: Some(password.into()),
        ..EmailReceiver::default()
    };
    server.send(&to, &["127.0.0.1".parse().unwrap()], "[FIRING:1] täglich", "ein\n.\nText").await
}

#[tokio::test]
async fn mail_goes_by_starttls_and_inside_tls_and_never_says_a_password_in_the_clear() {
    let Some(mut peers) = Peers::start().await else { return };
    for (port, is_tls_first) in [(peers.smtp, false), (peers.smtps, true)] {
        mail(&peers, port, is_tls_first, "s3cret", &peers.tls).await.unwrap();
        let came = peers.next().await;
        assert_eq!(came["secure"], true);
        assert_eq!(came["body"], "ein\n.\nText", "no line of it ends the mail");
        let said: Vec<&str> =
            came["said"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        let at = |word: &str| said.iter().position(|line| line.starts_with(word));
        assert!(
            at("AUTH PLAIN").is_some() && at("STARTTLS").is_none_or(|tls| tls < at("AUTH").unwrap()),
            "{said:?}"
        );
        assert_eq!(at("STARTTLS").is_some(), !is_tls_first);
        assert!(came["head"].as_str().unwrap().contains("Subject: =?UTF-8?B?"), "{came}");
    }
    let refused = mail(&peers, peers.smtps, true, "wrong", &peers.tls).await.unwrap_err();
    assert!(!refused.may_succeed && refused.reason.contains("535"), "{refused:?}");
}
