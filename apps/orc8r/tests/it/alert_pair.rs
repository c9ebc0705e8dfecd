//! Alerts by an existing Prometheus and Alertmanager: what is written by REST reaches both, and what fires comes back.

mod programs;

use std::time::{Duration, SystemTime};

use orc8r::{Config, PairConfig};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::edge::{DOMAIN, Edge};
use programs::{Program, Webhook};

/// How long anything may take that is waited for: three programs start, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_millis(200);
/// What Alertmanager begins with; its operator's own file is replaced.
const NOBODY: &str = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n";

/// All that takes part.
struct World {
    edge: Edge,
    webhook: Webhook,
    prometheus: Program,
    _alertmanager: Program,
    rules: tempfile::TempDir,
    /// The second of the last samples.
    measured: u64,
}

impl World {
    /// None when one of the two is not installed.
    async fn start() -> Option<Self> {
        let rules = tempfile::tempdir().unwrap();
        let alertmanager_file = rules.path().join("alertmanager.yml");
        std::fs::write(&alertmanager_file, NOBODY).unwrap();
        let alertmanager = Program::alertmanager(&alertmanager_file)?;
        let prometheus = Program::prometheus(&format!(
            "global: {{scrape_interval: 1h, evaluation_interval: 200ms}}\n\
             rule_files: ['{}/*_rules.yml']\n\
             alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{}']}}]}}]}}\n",
            rules.path().display(),
            alertmanager.address(),
        ))?;
        let data = tempfile::tempdir().unwrap();
        let mut config = Config::on_loopback(data.path(), DOMAIN);
        config.metrics.engine = Some(prometheus.url(""));
        config.metrics.remote_write = Some(prometheus.url("/api/v1/write"));
        config.alerts.pair = Some(PairConfig {
            rules_folder: rules.path().to_owned(),
            rules_reload: prometheus.url("/-/reload"),
            alertmanager_file,
            alertmanager: alertmanager.url(""),
            files: Default::default(),
        });
        let edge = Edge { running: orc8r::start(config).await.unwrap(), data };
        let webhook = Webhook::open().await;
        Some(Self { edge, webhook, prometheus, _alertmanager: alertmanager, rules, measured: 0 })
    }

    /// Two networks, of which the first has a rule, a receiver and a route.
    async fn configure(&self) {
        let dns = json!({"enable_caching": false, "local_ttl": 0});
        for id in ["n1", "n2"] {
            let network = json!({"id": id, "name": id, "description": "one", "dns": dns});
            self.edge.rest("POST", "/networks", Some(network)).await;
        }
        let rule = json!({"alert": "load is high", "expr": "load > 1", "labels": {"severity": "major"},
            "annotations": {"summary": "{{ $labels.gatewayID }} has {{ $value }}"}});
        let webhook = json!({"url": self.webhook.url(), "send_resolved": true});
        let receiver = json!({"name": "ops", "webhook_configs": [webhook]});
        let route = json!({"receiver": "ops", "group_by": ["alertname"],
            "group_wait": "1s", "group_interval": "1s", "repeat_interval": "1h"});
        for (path, body) in
            [("alert_config", rule), ("alert_receiver", receiver), ("alert_receiver/route", route)]
        {
            self.edge.rest("POST", &format!("/networks/n1/prometheus/{path}"), Some(body)).await;
        }
    }

    /// Gateway `g1` of either network measures this now, once in a second: times of pushed samples are in seconds.
    async fn measure(&mut self, load: f64) {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        if since.as_secs() == self.measured {
            return;
        }
        self.measured = since.as_secs();
        for network in ["n1", "n2"] {
            let metric = json!({"metricName": "load", "value": load, "timestamp": since.as_secs().to_string(),
                "labels": [{"name": "gatewayID", "value": "g1"}]});
            self.edge.rest("POST", &format!("/networks/{network}/metrics/push"), Some(json!([metric]))).await;
        }
    }

    /// What arrives at the webhook with this status, while the gateways go on measuring.
    async fn told(&mut self, status: &str, load: f64) -> Value {
        let arrived = async {
            loop {
                self.measure(load).await;
                if let Ok(message) = timeout(PAUSE, self.webhook.next()).await
                    && message["status"] == status
                {
                    return message;
                }
            }
        };
        timeout(PATIENCE, arrived).await.unwrap_or_else(|_| panic!("nobody is told that it is {status}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_written_by_rest_fires_in_a_real_pair_reaches_its_receiver_and_shows_in_rest() {
    let Some(mut world) = World::start().await else { return };
    world.configure().await;
    let message = world.told("firing", 2.0).await;
    assert_eq!(message["receiver"], "n1/ops", "{message}");
    let alerts = message["alerts"].as_array().unwrap();
    assert_eq!(alerts.len(), 1, "{message}");
    let (labels, annotations) = (&alerts[0]["labels"], &alerts[0]["annotations"]);
    assert_eq!(
        (&labels["alertname"], &labels["networkID"], &labels["gatewayID"], &labels["severity"]),
        (&json!("load is high"), &json!("n1"), &json!("g1"), &json!("major")),
        "{message}"
    );
    assert_eq!(annotations["summary"], "g1 has 2", "{message}");

    let shown = world.edge.rest("GET", "/networks/n1/alerts", None).await;
    let names: Vec<&Value> =
        shown.as_array().unwrap().iter().map(|alert| &alert["labels"]["alertname"]).collect();
    assert!(names.contains(&&json!("load is high")), "{shown}");
    assert!(shown[0]["receivers"]["name"] == "ops" && shown[0]["status"]["state"] == "active", "{shown}");
    let other = world.edge.rest("GET", "/networks/n2/alerts", None).await;
    assert!(!other.to_string().contains("load is high"), "n2 measures the same and has no rule: {other}");

    let message = world.told("resolved", 0.0).await;
    assert_eq!(message["alerts"][0]["labels"]["alertname"], "load is high", "{message}");

    world.edge.rest("DELETE", "/networks/n1/prometheus/alert_config?alert_name=load%20is%20high", None).await;
    let forgotten = async {
        while world.prometheus.get("/api/v1/rules").await.contains("load is high") {
            sleep(PAUSE).await;
        }
    };
    timeout(PATIENCE, forgotten).await.expect("Prometheus forgets a rule that was deleted");
    let file = std::fs::read_to_string(world.rules.path().join("n1_rules.yml")).unwrap();
    assert!(!file.contains("load is high"), "predefined rules alone stay: {file}");
}
