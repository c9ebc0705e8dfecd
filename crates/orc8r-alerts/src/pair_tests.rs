//! The files of a pair: what their own tools say of them, and a real Alertmanager that reads them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use magma_free_port::free_port;
use magma_rpc::tls::{ClientTls, TrustAnchors};
use orc8r_metrics::remote::Target;
use orc8r_model::{Network, NetworkId};
use orc8r_store::{AlertDocument, AlertKind, AlertWrite, Store};
use serde_json::{Value, json};
use tempfile::TempDir;
use wire_rest::types::AlertSilencer;

use crate::files::{Documents, alertmanager_file, rule_file};
use crate::{Alertmanager, Pair, PairError, PairSteps, Pending, check, predefined};

/// What a tenant may write to break the files, or to see what is another's.
fn documents() -> Documents {
    let rule = |body: Value| serde_json::from_value(body).unwrap();
    let mut rules = predefined("lte");
    rules.extend([
        rule(json!({"alert": "a \"b\": c # d\n- x\u{7f}\u{85}", "expr": "up{networkID=\"n2\"} == 0", "for": "5m",
            "labels": {"networkID": "n2", "alertname": "x", "__name__": "y", "severity": "{{ $labels.bad-name }}"},
            "annotations": {"text": "{{ if gt $value 1.0 }} {{ end", "more": "{{ template \"x\" }} {{ $value }} {{"}})),
        rule(json!({"alert": "absent", "expr": "absent(up) or {\"a} or up{\"}"})),
        rule(json!({"alert": "left out", "expr": "sum by (\"a b\") (up)"})),
    ]);
    let receiver = |body: Value| check::receiver(&body).unwrap();
    let receivers = vec![
        receiver(json!({"name": "all kinds: of \"ways\"",
            "slack_configs": [{"api_url": "https://hooks.example.com/T", "channel": "#ops", "actions": [{"name": "x"}], "fields": [{}]}],
            "webhook_configs": [{"url": "http://hook.example.com/", "send_resolved": true, "http_config": {"bearer_token": "t", "basic_auth": {"username": "u", "password": "p"}}}],
            "email_configs": [{"to": "a@example.com", "from": "o@example.com", "smarthost": "mail.example.com:25", "headers": {"X-A": "b"}}],
            "pagerduty_configs": [{"service_key": "s", "routing_key": "r", "severity": "critical"}, {}],
            "pushover_configs": [{"user_key": "u", "token": "t", "priority": "1"}, {"user_key": "u"}]})),
        receiver(json!({"name": "none"})),
    ];
    let route = json!({"receiver": "gone", "match": {"networkID": "n2"}, "group_by": ["a", "a", "b-c"], "group_interval": "0s",
        "routes": [{"receiver": "all kinds: of \"ways\"", "match_re": {"severity": "crit.*"}, "group_by": ["...", "a"], "repeat_interval": "1h", "continue": true},
                   {"receiver": "none", "match": {"bad-name": "x"}}, {"match": {"a": "b"}}]});
    Documents { rules, receivers, route: serde_json::from_value(route).unwrap() }
}

fn checked(program: &str, arguments: &[&str], file: &Path) {
    let Ok(output) = Command::new(program).args(arguments).arg(file).output() else {
        println!("skipped: {program} is not installed");
        return;
    };
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{program}: {said}\n{}", fs::read_to_string(file).unwrap());
}

#[test]
fn the_files_are_what_their_readers_take_whatever_tenants_write() {
    let folder = tempfile::tempdir().unwrap();
    let documents = documents();
    let (text, left_out) = rule_file("n1", &documents.rules);
    assert_eq!(left_out.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["left out"]);
    for line in text.lines().filter(|line| line.contains("\"expr\":")) {
        let selectors = line.matches('{').count();
        assert!(line.matches("networkID=\\\"n1\\\"").count() >= selectors.min(1), "{line}");
    }
    assert!(!text.contains("\"networkID\": \"n2\"") && text.contains("{{ $labels.gatewayID }}"), "{text}");
    let file = folder.path().join("n1_rules.yml");
    fs::write(&file, &text).unwrap();
    checked("promtool", &["check", "rules"], &file);
    let networks = BTreeMap::from([
        ("n1".to_owned(), documents),
        ("n2".to_owned(), Documents::default()),
        (
            "n3".to_owned(),
            Documents {
                receivers: vec![check::receiver(&json!({"name": "none"})).unwrap()],
                ..Documents::default()
            },
        ),
    ]);
    let text = alertmanager_file(&networks);
    assert!(
        !text.contains("\"networkID\": \"n2\"")
            && text.contains("\"n1/none\"")
            && text.contains("\"n3/none\""),
        "{text}"
    );
    let file = folder.path().join("alertmanager.yml");
    fs::write(&file, &text).unwrap();
    checked("amtool", &["check-config"], &file);
}

/// Ended with the test.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn target(url: &str) -> Target {
    let tls = ClientTls::new(&TrustAnchors::usable_of_pem(&[]), None).unwrap();
    Target { url: url.to_owned(), tls, authorization: None }
}

async fn write(store: &Store, network: &str, kind: AlertKind, name: &str, body: Value) {
    let document = AlertDocument { network: network.into(), kind, name: name.into(), body: body.to_string() };
    // Once is enough.
    let _ = store.create_network(Network::new(NetworkId::parse(network).unwrap())).await;
    store.write_alert_document(document, AlertWrite::Put).await.unwrap();
}

/// A real Alertmanager on this file, whose `/-/reload` stands for Prometheus', too.
fn alertmanager(folder: &TempDir, file: &Path) -> Option<(Started, String)> {
    let (web, mesh) = (free_port(), free_port());
    let mut command = Command::new("prometheus-alertmanager");
    command
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.path={}", folder.path().join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{web}"))
        .arg(format!("--cluster.listen-address=127.0.0.1:{mesh}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match command.spawn() {
        Ok(child) => Some((Started(child), format!("http://127.0.0.1:{web}"))),
        Err(_) => {
            println!("skipped: prometheus-alertmanager is not installed");
            None
        }
    }
}

#[tokio::test]
async fn an_alertmanager_reads_the_files_and_is_read_network_by_network() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alertmanager.yml");
    fs::write(&file, alertmanager_file(&BTreeMap::new())).unwrap();
    let Some((_started, url)) = alertmanager(&folder, &file) else { return };
    let store = orc8r_store::testing::store().unwrap();
    let pair = Pair {
        rules_folder: folder.path().to_owned(),
        rules_reload: target(&format!("{url}/-/reload")),
        alertmanager_file: file.clone(),
        alertmanager_reload: target(&format!("{url}/-/reload")),
        steps: PairSteps::default(),
    };
    let known = Alertmanager::new(target(&url));
    for _ in 0..600 {
        if known.silences("n1").await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    write(&store, "n1", AlertKind::Rule, "down", json!({"alert": "down", "expr": "up == 0"})).await;
    write(&store, "n1", AlertKind::Receiver, "ops", json!({"name": "ops", "webhook_configs": [{"url": "http://127.0.0.1:1/", "http_config": {"bearer_token": "t0ken"}}]})).await;
    write(&store, "n1", AlertKind::Route, "", json!({"receiver": "ops"})).await;
    let mut pending = Pending::default();
    pair.step(&store, &mut pending).await.unwrap();
    let rules = folder.path().join("n1_rules.yml");
    assert!(fs::read_to_string(&rules).unwrap().contains("up{networkID=\\\"n1\\\"} == 0"));
    assert!(fs::read_to_string(&file).unwrap().contains("t0ken"), "what tells needs the secret");
    let alerts: Vec<Value> = ["n1", "n2"]
        .iter()
        .map(|network| json!({"labels": {"alertname": "down", "networkID": network}, "annotations": {}, "generatorURL": "http://p/"}))
        .collect();
    let body = json!(alerts).to_string();
    let posted = post(&format!("{url}/api/v2/alerts"), &body).await;
    assert_eq!(posted, 200);
    let firing = known.firing("n1").await.unwrap();
    assert_eq!(firing.len(), 1, "n1's alone: {firing:?}");
    assert_eq!((firing[0].labels["networkID"].as_str(), firing[0].receivers.name.as_str()), ("n1", "ops"));
    let silence: AlertSilencer = serde_json::from_value(json!({"comment": "c", "createdBy": "me",
        "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2990-01-01T00:00:00Z",
        "matchers": [{"name": "alertname", "value": ".*", "isRegex": true}]}))
    .unwrap();
    let id = known.silence("n1", &silence).await.unwrap();
    assert_eq!(
        (known.silences("n1").await.unwrap().len(), known.silences("n2").await.unwrap().len()),
        (1, 0)
    );
    assert!(!known.end("n2", &id).await.unwrap() && !known.end("n1", "../alerts").await.unwrap());
    assert!(known.end("n1", &id).await.unwrap());
    assert_eq!(known.silences("n1").await.unwrap()[0].status.state, "expired");

    store.delete_alert_document("n1", AlertKind::Rule, "down").await.unwrap();
    let foreign = folder.path().join("own_rules.yml");
    fs::write(&foreign, "groups: []\n").unwrap();
    pair.step(&store, &mut pending).await.unwrap();
    assert!(!rules.exists() && foreign.exists(), "what is not ours stays");
    // A reload that fails is tried again.
    let deaf = Pair { rules_reload: target("http://127.0.0.1:1/-/reload"), ..pair.clone() };
    write(&store, "n1", AlertKind::Rule, "up", json!({"alert": "up", "expr": "up == 1"})).await;
    for _ in 0..2 {
        let error = deaf.step(&store, &mut pending).await.unwrap_err();
        assert!(matches!(&error, PairError::Reload { name, .. } if name == "127.0.0.1:1"), "{error}");
    }
    pair.step(&store, &mut pending).await.unwrap();
    assert_eq!(pending, Pending::default());
}

async fn post(url: &str, body: &str) -> u16 {
    let target = target(url);
    let ask = magma_rpc::http_ask::Ask {
        method: "POST",
        url,
        tls: &target.tls,
        proxy: None,
        address: None,
        headers: &[("content-type", "application/json")],
        body: body.as_bytes(),
        limit: Duration::from_secs(60),
        answer_max: 1000,
    };
    ask.send().await.unwrap().status
}
