//! Alerts from a rule to who is told, in time that the tests make.

use std::collections::BTreeMap;

use magma_rpc::tls::{ClientTls, TrustAnchors};
use orc8r_logs::{ArchiveLimits, Archives, CloudEvents, EventQuery, FoundEvent};
use orc8r_metrics::promql::Limits;
use orc8r_metrics::tsdb::{Batch, Matcher as SeriesMatcher, ReadLimits, Scope, Selector, Settings, Tsdb};
use orc8r_metrics::{Metrics, Sample, Source};
use orc8r_model::{Network, NetworkId};
use orc8r_store::{AlertDocument, AlertKind, AlertWrite, ArchivePage};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use wire_rest::types::{AlertRoutingTree, AlertSilencer, PromAlertConfig};

use super::*;
use crate::run::Alerts as Loop;

const NOW: i64 = 1_700_000_000_000;
const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;

/// This machine may be told.
fn here() -> Targets {
    Targets::public_and(["127.0.0.0/8", "::1"].map(|prefix| prefix.parse().unwrap()).to_vec())
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn rule(name: &str, for_ms: i64) -> Rule {
    Rule {
        name: name.into(),
        expression: "up == 0".into(),
        for_ms,
        labels: map(&[("severity", "major"), ("networkID", "other")]),
        annotations: map(&[("text", "{{ $labels.gatewayID }} is {{ $value }}")]),
    }
}

fn found(gateways: &[&str]) -> Vec<Found> {
    gateways.iter().map(|gateway| Found { labels: map(&[("gatewayID", gateway)]), value: 0.0 }).collect()
}

fn tree(json: Value) -> AlertRoutingTree {
    serde_json::from_value(json).unwrap()
}

fn states(alerts: &NetworkAlerts) -> Vec<(String, State)> {
    alerts.active().map(|(_, alert)| (alert.labels["gatewayID"].clone(), alert.state)).collect()
}

/// Receiver, how many fire, how many are over.
fn told(due: &[Notification]) -> Vec<(&str, usize, usize)> {
    let count =
        |notification: &Notification, state| notification.alerts.iter().filter(|a| a.state == state).count();
    due.iter().map(|n| (n.receiver.as_str(), count(n, State::Firing), count(n, State::Resolved))).collect()
}

#[test]
fn an_alert_fires_after_its_time_and_ends_with_its_cause() {
    let mut alerts = NetworkAlerts::default();
    let slow = rule("slow", 2 * MINUTE);
    alerts.evaluate("n1", &slow, &found(&["g1"]), NOW);
    assert_eq!(states(&alerts), [("g1".into(), State::Pending)]);
    alerts.evaluate("n1", &slow, &found(&["g1"]), NOW + 2 * MINUTE - 1);
    assert_eq!(states(&alerts), [("g1".into(), State::Pending)]);
    alerts.evaluate("n1", &slow, &found(&["g1"]), NOW + 2 * MINUTE);
    assert_eq!(states(&alerts), [("g1".into(), State::Firing)]);
    let (_, alert) = alerts.active().next().unwrap();
    assert_eq!(
        alert.labels,
        map(&[("alertname", "slow"), ("gatewayID", "g1"), ("networkID", "n1"), ("severity", "major")])
    );
    assert_eq!(alert.annotations, map(&[("text", "g1 is 0")]));
    alerts.evaluate("n1", &slow, &[], NOW + 3 * MINUTE);
    assert_eq!(states(&alerts), []);
    // A pending one that is over begins anew.
    alerts.evaluate("n1", &slow, &found(&["g2"]), NOW + 4 * MINUTE);
    alerts.evaluate("n1", &slow, &[], NOW + 5 * MINUTE);
    alerts.evaluate("n1", &slow, &found(&["g2"]), NOW + 7 * MINUTE);
    assert_eq!(states(&alerts), [("g2".into(), State::Pending)]);
    alerts.keep_rules(&[], NOW + 8 * MINUTE);
    assert_eq!(states(&alerts), [], "its rule is gone");
    alerts.keep_rules(&[], NOW + 30 * MINUTE);
    assert!(alerts.is_empty() || alerts.due(&base_route("n1"), &[], NOW + 30 * MINUTE).is_empty());
}

#[test]
fn a_group_is_told_after_a_wait_then_of_news_then_again() {
    let mut alerts = NetworkAlerts::default();
    let rule = rule("down", 0);
    let tree = tree(json!({"receiver": "ops", "group_by": ["alertname"]}));
    let mut at = |gateways: &[&str], ms: i64| {
        alerts.evaluate("n1", &rule, &found(gateways), NOW + ms);
        // A restart in between changes nothing.
        alerts = serde_json::from_str(&serde_json::to_string(&alerts).unwrap()).unwrap();
        alerts.due(&tree, &[], NOW + ms)
    };
    assert_eq!(told(&at(&["g1"], 0)), [], "more may come");
    assert_eq!(told(&at(&["g1", "g2"], 30 * SECOND)), [("ops", 2, 0)]);
    assert_eq!(told(&at(&["g1", "g2"], 10 * MINUTE)), [], "nothing new");
    assert_eq!(told(&at(&["g1", "g2", "g3"], 11 * MINUTE)), [("ops", 3, 0)]);
    assert_eq!(told(&at(&["g1"], 13 * MINUTE)), [], "too soon after the last");
    assert_eq!(told(&at(&["g1"], 16 * MINUTE)), [("ops", 1, 2)]);
    assert_eq!(told(&at(&["g1"], 22 * MINUTE)), [], "of an end one is told once");
    assert_eq!(told(&at(&["g1"], 16 * MINUTE + 4 * 60 * MINUTE)), [("ops", 1, 0)], "it still goes on");
    assert_eq!(told(&at(&[], 17 * MINUTE + 4 * 60 * MINUTE)), []);
    assert_eq!(told(&at(&[], 22 * MINUTE + 4 * 60 * MINUTE)), [("ops", 0, 1)]);
    assert_eq!(told(&at(&[], 60 * MINUTE + 4 * 60 * MINUTE)), []);
}

#[test]
fn what_is_over_before_anybody_was_told_is_not_told() {
    let mut alerts = NetworkAlerts::default();
    let tree = tree(json!({"receiver": "ops"}));
    alerts.evaluate("n1", &rule("down", 0), &found(&["g1"]), NOW);
    assert_eq!(told(&alerts.due(&tree, &[], NOW)), []);
    alerts.evaluate("n1", &rule("down", 0), &[], NOW + 10 * SECOND);
    assert_eq!(told(&alerts.due(&tree, &[], NOW + MINUTE)), []);
}

#[test]
fn routes_decide_by_labels() {
    let tree = tree(json!({
        "receiver": "base", "group_wait": "1s",
        "routes": [
            {"receiver": "night", "match_re": {"severity": "crit.*|major"}, "continue": true},
            {"receiver": "g1", "match": {"gatewayID": "g1"}, "routes": [{"match": {"alertname": "none"}, "receiver": "deep"}]},
            {"receiver": "broken", "match_re": {"severity": "("}},
        ],
    }));
    for (gateway, want) in [("g1", vec!["night", "g1"]), ("g2", vec!["night"])] {
        let mut alerts = NetworkAlerts::default();
        alerts.evaluate("n1", &rule("down", 0), &found(&[gateway]), NOW);
        alerts.due(&tree, &[], NOW);
        let due = alerts.due(&tree, &[], NOW + 2 * SECOND);
        let mut receivers: Vec<_> = due.iter().map(|notification| notification.receiver.as_str()).collect();
        receivers.sort_unstable_by_key(|name| want.iter().position(|known| known == name));
        assert_eq!(receivers, want, "{gateway}");
    }
    let mut alerts = NetworkAlerts::default();
    let plain = Rule { labels: BTreeMap::new(), ..rule("down", 0) };
    alerts.evaluate("n1", &plain, &found(&["g2"]), NOW);
    alerts.due(&tree, &[], NOW);
    assert_eq!(told(&alerts.due(&tree, &[], NOW + 2 * SECOND)), [("base", 1, 0)]);
}

#[test]
fn silences_hold_for_what_they_match_and_as_long_as_they_last() {
    let mut alerts = NetworkAlerts::default();
    let tree = tree(json!({"receiver": "ops", "group_wait": "1s", "group_interval": "1s"}));
    let body: AlertSilencer = serde_json::from_value(json!({
        "comment": "works", "createdBy": "me",
        "startsAt": "2023-11-14T22:13:20Z", "endsAt": "2023-11-14T22:23:20Z",
        "matchers": [{"name": "gatewayID", "value": "g[12]", "isRegex": true}],
    }))
    .unwrap();
    let silence = silence_from(body.clone(), NOW).unwrap();
    assert!(silence_from(body, NOW + 20 * MINUTE).is_err(), "it is over");
    let silences = [silence.clone()];
    alerts.evaluate("n1", &rule("down", 0), &found(&["g1", "g3"]), NOW);
    alerts.due(&tree, &silences, NOW);
    assert_eq!(told(&alerts.due(&tree, &silences, NOW + 2 * SECOND)), [("ops", 1, 0)], "g3 alone");
    let shown = firing(&alerts, &tree, &[("s1".into(), silence.clone())], NOW + MINUTE);
    let suppressed: Vec<_> =
        shown.iter().map(|alert| (alert.labels["gatewayID"].as_str(), alert.status.state.as_str())).collect();
    assert!(suppressed.contains(&("g1", "suppressed")) && suppressed.contains(&("g3", "active")));
    assert_eq!(told(&alerts.due(&tree, &silences, NOW + 11 * MINUTE)), [("ops", 2, 0)], "it ended");
    assert_eq!(state_of(&silence, NOW - 1), SilenceState::Pending);
    let filter = |text: &str| matches_filter(&silence, &orc8r_metrics::promql::selector(text).unwrap());
    assert!(
        filter("{gatewayID=\"g[12]\"}") && filter("{gatewayID=~\"g.*\"}") && !filter("{alertname=\"x\"}")
    );
}

#[test]
fn messages_are_as_long_as_those_who_are_told_take_them() {
    let mut alerts = NetworkAlerts::default();
    let long = Rule { name: "x".repeat(2000), ..rule("down", 0) };
    alerts.evaluate("n1", &long, &found(&["g1"]), NOW);
    let tree = tree(json!({"receiver": "ops", "group_by": ["..."]}));
    alerts.due(&tree, &[], NOW);
    let due = alerts.due(&tree, &[], NOW + MINUTE);
    let event = message::pagerduty(&due[0], &receiver::PagerDuty::default());
    assert_eq!(event["payload"]["summary"].as_str().unwrap().len(), 1024);
    assert_eq!(event["dedup_key"].as_str().unwrap().len(), 64);
    let form = message::pushover(&due[0], &receiver::Pushover::default());
    assert!(form.len() < 3 * (250 + 1024) + 100, "{}", form.len());
}

#[test]
fn documents_are_checked() {
    let rule = |json: Value| {
        check::rule(&serde_json::from_value::<PromAlertConfig>(json).unwrap()).map(|rule| rule.for_ms)
    };
    assert_eq!(rule(json!({"alert": "a", "expr": "up == 0", "for": "5m"})), Ok(5 * MINUTE));
    assert_eq!(rule(json!({"alert": "a", "expr": "up == 0"})), Ok(0));
    for (body, message) in [
        (json!({"alert": " ", "expr": "up"}), "alert must not be empty"),
        (json!({"alert": "a", "expr": "up =="}), "expr"),
        (json!({"alert": "a", "expr": "up", "for": "soon"}), "no duration"),
        (json!({"alert": "a", "expr": "up", "labels": {"a-b": "c"}}), "no name of a label"),
    ] {
        assert!(rule(body.clone()).unwrap_err().contains(message), "{body}");
    }
    for (body, message) in [
        (json!({"name": ""}), "name"),
        (json!({"name": "a", "webhook_configs": [{"url": "file:///etc/passwd"}]}), "http"),
        (
            json!({"name": "a", "email_configs": [{"to": "a@b\r\nRCPT TO:<x@y>", "from": "a@b", "smarthost": "h:25"}]}),
            "e-mail",
        ),
        (
            json!({"name": "a", "email_configs": [{"to": "a@b", "from": "a@b", "smarthost": "h:port"}]}),
            "host:port",
        ),
    ] {
        assert!(check::receiver(&body).unwrap_err().contains(message), "{body}");
    }
    let routes = |json: Value| check::route(&tree(json), &["ops".to_owned()], "base");
    assert_eq!(routes(json!({"receiver": "base", "routes": [{"receiver": "ops"}]})), Ok(()));
    assert!(
        routes(json!({"receiver": "base", "routes": [{"receiver": "nobody"}]}))
            .unwrap_err()
            .contains("nobody")
    );
    assert!(routes(json!({"receiver": "base", "group_wait": "x"})).is_err());
    assert!(routes(json!({"receiver": "base", "match_re": {"a": "("}})).is_err());
}

#[test]
fn secrets_are_not_shown_and_stay_when_they_come_back_masked() {
    let kept = json!({"name": "r", "slack_configs": [{"api_url": "https://s/secret", "channel": "c"}],
        "webhook_configs": [{"url": "http://w", "http_config": {"bearer_token": "t", "basic_auth": {"username": "u", "password": "p"}}}]});
    let shown = masked(kept.clone());
    assert!(!["secret", "\"t\"", "\"p\""].iter().any(|secret| shown.to_string().contains(secret)), "{shown}");
    assert_eq!(shown["slack_configs"][0]["channel"], "c");
    let mut edited = shown;
    edited["slack_configs"][0]["channel"] = json!("d");
    let stored = unmasked(edited.clone(), Some(&kept)).unwrap();
    assert_eq!(
        (&stored["slack_configs"][0]["api_url"], &stored["slack_configs"][0]["channel"]),
        (&json!("https://s/secret"), &json!("d"))
    );
    assert!(unmasked(edited, None).is_err(), "there is nothing to keep");
}

/// A loop over stores of its own, which may tell this machine.
async fn world() -> (Loop, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let samples = Tsdb::open(folder.path(), Settings::default(), NOW).unwrap();
    let tls = ClientTls::new(&TrustAnchors::usable_of_pem(&[]), None).unwrap();
    let alerts = Loop {
        store: orc8r_store::testing::store().unwrap(),
        metrics: Metrics::new(samples, Limits::default()),
        outbox: Outbox::new(tls, here()),
        events: None,
        evaluations: Evaluations::default(),
    };
    (alerts, folder)
}

/// Where the loop's events are from now on.
fn archives(alerts: &mut Loop, folder: &tempfile::TempDir) -> Archives {
    let mut limits = ArchiveLimits::default();
    limits.events.reserve = 0;
    let archives = Archives::open(&folder.path().join("archive"), limits).unwrap();
    alerts.events = Some(CloudEvents::start(archives.clone()));
    archives
}

/// The network's events of alerts, once there are so many: their types, tags and rules.
async fn events_of(archives: &Archives, count: usize) -> Vec<String> {
    let query = EventQuery { network: "n1".into(), streams: "alerts".into(), ..EventQuery::default() };
    loop {
        let found = archives.events(&query, ArchivePage { skip: 0, limit: 10 }).await.unwrap();
        if found.len() >= count {
            let told = |event: &FoundEvent| {
                format!("{} {} {}", event.event_type, event.tag, event.value["alertname"])
            };
            return found.iter().map(told).collect();
        }
        tokio::task::yield_now().await;
    }
}

async fn document(alerts: &Loop, kind: AlertKind, name: &str, body: Value) {
    let document = AlertDocument { network: "n1".into(), kind, name: name.into(), body: body.to_string() };
    // Once is enough.
    let _ = alerts.store.create_network(Network::new(NetworkId::parse("n1").unwrap())).await;
    alerts.store.write_alert_document(document, AlertWrite::Put).await.unwrap();
}

fn measure(alerts: &Loop, network: &str, value: f64, time_ms: i64) {
    let mut batch = Batch::default();
    batch.push("up", [].into_iter(), Sample { value, time_ms });
    let source = Source { network: network.into(), gateway: "g1".into() };
    alerts.metrics.store().append(&source, &batch, time_ms);
}

#[tokio::test]
async fn a_gateway_goes_down_and_a_webhook_is_told() {
    let (mut alerts, folder) = world().await;
    let archives = archives(&mut alerts, &folder);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    document(
        &alerts,
        AlertKind::Rule,
        "down",
        json!({"alert": "down", "expr": "up == 0", "labels": {"severity": "critical"}}),
    )
    .await;
    document(&alerts, AlertKind::Rule, "wrong", json!({"alert": "wrong", "expr": "up * on(networkID) up{a=\"b\"} or on() label_replace(up, \"bad-\", \"\", \"a\", \"\")"})).await;
    document(
        &alerts,
        AlertKind::Receiver,
        "ops",
        json!({"name": "ops", "webhook_configs": [{"url": url, "http_config": {"bearer_token": "t0ken"}}]}),
    )
    .await;
    let kept = alerts.store.alert_document("n1", AlertKind::Receiver, "ops").await.unwrap().unwrap();
    assert!(!kept.contains("t0ken") && kept.contains("sealed."), "{kept}");
    document(&alerts, AlertKind::Route, "", json!({"receiver": "ops", "group_wait": "1s"})).await;
    measure(&alerts, "n1", 0.0, NOW);
    measure(&alerts, "n2", 0.0, NOW);
    let first = alerts.step(NOW).await.unwrap();
    assert_eq!((first.rules, first.failed, first.told), (2, 1, 0));
    assert_eq!(events_of(&archives, 1).await, ["alert_fired g1 \"down\""]);
    let (step, request) = tokio::join!(alerts.step(NOW + 2 * SECOND), answer_one(&listener));
    assert_eq!(step.unwrap().told, 1);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /hook ") && head.to_lowercase().contains("authorization: bearer t0ken"),
        "{head}"
    );
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&body["version"], &body["status"], &body["receiver"]),
        (&json!("4"), &json!("firing"), &json!("ops"))
    );
    let labels = json!({"alertname": "down", "gatewayID": "g1", "networkID": "n1", "severity": "critical"});
    assert_eq!(body["alerts"].as_array().unwrap().len(), 1, "nothing of n2");
    assert_eq!(body["alerts"][0]["labels"], labels);
    let selector = Selector(vec![SeriesMatcher::equal("__name__", "ALERTS")]);
    let shown =
        alerts.metrics.store().select(&selector, &Scope::All, (0, i64::MAX), ReadLimits::default()).unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!(
        shown[0].labels.to_string(),
        "ALERTS{alertname=\"down\",alertstate=\"firing\",gatewayID=\"g1\",networkID=\"n1\",severity=\"critical\"}"
    );
    measure(&alerts, "n1", 1.0, NOW + MINUTE);
    alerts.step(NOW + MINUTE).await.unwrap();
    let state = alerts.store.alert_document("n1", AlertKind::State, "").await.unwrap().unwrap();
    let kept: NetworkAlerts = serde_json::from_str(&state).unwrap();
    assert_eq!(kept.active().count(), 0);
    let mut told = events_of(&archives, 2).await;
    told.sort();
    assert_eq!(told, ["alert_fired g1 \"down\"", "alert_resolved g1 \"down\""], "each once");
}

#[tokio::test]
async fn a_mail_server_is_told_in_its_own_words() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let smarthost = listener.local_addr().unwrap().to_string();
    let receiver = json!({"name": "ops", "email_configs": [{"to": "A <a@example.com>, b@example.com", "from": "orc8r@example.com", "smarthost": smarthost}]});
    let receiver = check::receiver(&receiver).unwrap();
    let tls = ClientTls::new(&TrustAnchors::usable_of_pem(&[]), None).unwrap();
    let outbox = Outbox::new(tls, here());
    let mut alerts = NetworkAlerts::default();
    alerts.evaluate("n1", &rule("down", 0), &found(&["g1"]), NOW);
    alerts.due(&tree(json!({"receiver": "ops"})), &[], NOW);
    let due = alerts.due(&tree(json!({"receiver": "ops"})), &[], NOW + MINUTE);
    outbox.send(&receiver, &due[0]);
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail\r\n").await.unwrap();
    let mut said = Vec::new();
    let mut in_data = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap() == 0 {
            break;
        }
        let line = line.trim_end().to_owned();
        let answer = match line.as_str() {
            "." => {
                in_data = false;
                "250 taken"
            }
            _ if in_data => "",
            "DATA" => {
                in_data = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            line if line.starts_with("EHLO") => "250-mail\r\n250 SIZE 1000000",
            _ => "250 ok",
        };
        said.push(line);
        if !answer.is_empty() {
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
    }
    assert_eq!(
        said[1..5],
        ["MAIL FROM:<orc8r@example.com>", "RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>", "DATA"]
    );
    assert!(said.contains(&"To: a@example.com, b@example.com".to_owned()));
    let with_password = json!({"name": "ops", "email_configs": [{"to": "a@b", "from": "a@b", "smarthost": smarthost, "auth_username": "u", "auth_password": "p"}]});
    assert!(check::receiver(&with_password).is_ok());
}

#[tokio::test]
async fn nothing_is_sent_to_this_machine_unless_it_may() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let tls = ClientTls::new(&TrustAnchors::usable_of_pem(&[]), None).unwrap();
    let outbox = Outbox::new(tls, Targets::default());
    let mut alerts = NetworkAlerts::default();
    alerts.evaluate("n1", &rule("down", 0), &found(&["g1"]), NOW);
    alerts.due(&tree(json!({"receiver": "ops"})), &[], NOW);
    let due = alerts.due(&tree(json!({"receiver": "ops"})), &[], NOW + MINUTE);
    let receiver = check::receiver(&json!({"name": "ops", "webhook_configs": [{"url": format!("http://127.0.0.1:{port}/")}, {"url": format!("http://localhost:{port}/")}]})).unwrap();
    outbox.send(&receiver, &due[0]);
    let given_up = async {
        while outbox.counts().1 < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = given_up => {}
        _ = listener.accept() => panic!("somebody connects"),
    }
    assert_eq!(outbox.counts(), (0, 2));
}

async fn answer_one(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await.unwrap();
        request.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            if body.len() >= length.and_then(|length| length.trim().parse().ok()).unwrap_or(0) {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
                return text;
            }
        }
    }
}

/// What the existing web UI writes with "sync predefined alerts".
#[test]
fn the_predefined_rules_are_rules() {
    for expr in [
        "cert_expires_in_hours < 720",
        "increase(service_restart_status[5m]) > 0",
        "avg_over_time(cpu_percent[5m]) > 70",
        "disk_percent > 70",
        "((1 - avg_over_time(mem_available[5m]) / avg_over_time(mem_total[5m])) * 100) > 70",
        "increase(unexpected_service_restarts[5m]) > 0",
        "increase(unexpected_service_restarts[5m]) > 3",
        "increase(unexpected_service_restarts{service_name=\"sctpd\"}[5m]) > 0",
        "increase(bootstrap_exception[5m]) > 0",
        "increase(s6a_auth_failure[5m]) > 0",
        "increase(s1_setup{result=\"failure\"}[1h]) > 0",
        "increase(ue_attach{action=\"attach_reject_sent\"}[5m]) > 0",
        "increase(duplicate_attach_request[5m]) > 200",
        "checkin_status < 1",
        "(ue_connected offset 5m - ue_connected) / (ue_connected offset 5m) > 0.5",
        "increase(ocs_ccr_init_send_failures_total[5m]) > 0",
        "increase(pcrf_ccr_update_send_failures_total[5m]) > 0",
        "increase(mar_send_failures_total[5m]) > 0",
        "sum by (networkID, gatewayID) (increase(swx_timeouts_total[5m])) > 0",
        "gateway_checkin_status == 0",
    ] {
        let body = serde_json::from_value(json!({"alert": "a", "expr": expr})).unwrap();
        assert!(check::rule(&body).is_ok(), "{expr}");
    }
}
