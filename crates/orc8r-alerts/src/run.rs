//! The loop: on the node that leads, every rule is asked, and who has to be told is told.

use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use orc8r_logs::{CloudEvent, CloudEvents};
use orc8r_metrics::promql::InstantQuery;
use orc8r_metrics::tsdb::{Batch, STALE, Scope};
use orc8r_metrics::{Labels, Metrics, Sample, Source};
use orc8r_store::{AlertDocument, AlertKind, AlertWrite, Store, StoreError};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use wire_rest::types::{AlertRoutingTree, PromAlertConfig};

use crate::check;
use crate::document::Silence;
use crate::evaluations::Evaluations;
use crate::machine::{Found, NetworkAlerts, Rule, State};
use crate::outbox::Outbox;
use crate::receiver::Receiver;
use crate::silence::{SilenceState, state_of};
use crate::view::base_route;

/// How often rules are evaluated.
const INTERVAL: Duration = Duration::from_secs(15);
/// Expired silences are shown for five days, as in Alertmanager.
const EXPIRED_KEPT_MS: i64 = 5 * 24 * 3_600_000;

/// What the loop works with.
#[derive(Clone)]
pub struct Alerts {
    /// Where documents are.
    pub store: Store,
    /// What rules ask.
    pub metrics: Metrics,
    /// What tells.
    pub outbox: Outbox,
    /// Where it is told that an alert begins and ends, among the events of its network; `None`: nowhere.
    pub events: Option<CloudEvents>,
    /// What was evaluated.
    pub evaluations: Evaluations,
}

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// Rules that were evaluated.
    pub rules: usize,
    /// Of which so many have no answer.
    pub failed: usize,
    /// Messages to receivers.
    pub told: usize,
    /// Alerts that fire now.
    pub firing: usize,
    /// Alerts that do not yet.
    pub pending: usize,
}

/// The documents of one network.
#[derive(Default)]
struct Documents {
    rules: Vec<Rule>,
    receivers: BTreeMap<String, Receiver>,
    route: Option<AlertRoutingTree>,
    silences: Vec<(String, Silence)>,
    state: Option<String>,
}

/// Evaluates rules until told to stop, whenever this node leads.
pub async fn run(alerts: Alerts, leads: impl Fn() -> bool, mut stopped: watch::Receiver<bool>) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        if !leads() {
            alerts.evaluations.rest();
            continue;
        }
        let began = Instant::now();
        let done = alerts.step(unix_ms()).await;
        alerts.evaluations.round(began.elapsed(), done.as_ref().ok());
        if let Err(error) = done {
            tracing::warn!(%error, "alert rules cannot be evaluated now");
        }
    }
}

impl Alerts {
    /// Evaluates every rule once.
    ///
    /// # Errors
    /// [`StoreError`] when the documents cannot be read or kept.
    pub async fn step(&self, now_ms: i64) -> Result<Step, StoreError> {
        let mut networks: BTreeMap<String, Documents> = BTreeMap::new();
        for document in self.store.all_alert_documents().await? {
            networks.entry(document.network.clone()).or_default().add(&self.store, document);
        }
        let mut step = Step::default();
        for (network, documents) in networks {
            match self.network(&network, documents, now_ms, &mut step).await {
                // It was deleted meanwhile, and its alerts with it.
                Err(StoreError::NotFound { .. }) => {}
                outcome => outcome?,
            }
        }
        Ok(step)
    }

    async fn network(
        &self,
        network: &str,
        documents: Documents,
        now_ms: i64,
        step: &mut Step,
    ) -> Result<(), StoreError> {
        let mut alerts: NetworkAlerts =
            documents.state.as_deref().and_then(|state| serde_json::from_str(state).ok()).unwrap_or_default();
        let shown = series_of(&alerts);
        alerts.keep_rules(&documents.rules, now_ms);
        for rule in &documents.rules {
            step.rules += 1;
            match self.ask(network, rule, now_ms).await {
                Some(found) => alerts.evaluate(network, rule, &found, now_ms),
                // What is not known is neither over nor new.
                None => step.failed += 1,
            }
        }
        self.show(network, &shown, &alerts, now_ms);
        for (_, alert) in alerts.active() {
            *(if alert.state == State::Firing { &mut step.firing } else { &mut step.pending }) += 1;
        }
        let tree = documents.route.unwrap_or_else(|| base_route(network));
        let silences: Vec<Silence> = documents.silences.iter().map(|(_, silence)| silence.clone()).collect();
        let due = alerts.due(&tree, &silences, now_ms);
        self.keep(network, &alerts, documents.state.as_deref()).await?;
        for notification in due {
            if let Some(receiver) = documents.receivers.get(&notification.receiver) {
                self.outbox.send(receiver, &notification);
                step.told += 1;
            }
        }
        for (id, silence) in documents.silences {
            let is_old = state_of(&silence, now_ms.saturating_sub(EXPIRED_KEPT_MS)) == SilenceState::Expired;
            if is_old {
                let _ = self.store.delete_alert_document(network, AlertKind::Silence, &id).await;
            }
        }
        Ok(())
    }

    async fn ask(&self, network: &str, rule: &Rule, now_ms: i64) -> Option<Vec<Found>> {
        let query = InstantQuery { text: rule.expression.clone(), time_ms: now_ms };
        let answer = match self.metrics.instant(query, Scope::network(network)).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(network, rule = rule.name, %error, "an alert rule cannot be evaluated");
                return None;
            }
        };
        let found = answer.instant_values().into_iter().map(|(labels, value)| {
            let labels = labels.iter().filter(|(name, _)| *name != "__name__");
            let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            Found { labels, value }
        });
        Some(found.collect())
    }

    /// Keeps the alerts as metrics, as Prometheus does: `ALERTS{alertname, alertstate, …}`.
    fn show(&self, network: &str, before: &BTreeSet<Labels>, alerts: &NetworkAlerts, now_ms: i64) {
        let now = series_of(alerts);
        let mut batch = Batch::default();
        for labels in &now {
            batch.push("ALERTS", labels.iter(), Sample { value: 1.0, time_ms: now_ms });
        }
        for labels in before.difference(&now) {
            batch.push("ALERTS", labels.iter(), Sample { value: f64::from_bits(STALE), time_ms: now_ms });
        }
        let source = Source { network: network.to_owned(), gateway: String::new() };
        self.metrics.append(&source, &batch, now_ms);
        for (event_type, changed) in
            [("alert_fired", now.difference(before)), ("alert_resolved", before.difference(&now))]
        {
            changed.filter(|labels| labels.get("alertstate") == "firing").for_each(|labels| {
                self.tell(network, event_type, labels);
            });
        }
    }

    fn tell(&self, network: &str, event_type: &str, labels: &Labels) {
        let Some(events) = &self.events else { return };
        let named: BTreeMap<&str, &str> = labels.iter().filter(|(name, _)| *name != "alertstate").collect();
        let gateway = labels.get("gatewayID");
        events.tell(CloudEvent {
            network: network.to_owned(),
            stream: "alerts".to_owned(),
            event_type: event_type.to_owned(),
            tag: if gateway.is_empty() { labels.get("alertname") } else { gateway }.to_owned(),
            value: json!(named),
        });
    }

    async fn keep(
        &self,
        network: &str,
        alerts: &NetworkAlerts,
        before: Option<&str>,
    ) -> Result<(), StoreError> {
        if alerts.is_empty() {
            return match before {
                Some(_) => self.store.delete_alert_document(network, AlertKind::State, "").await,
                None => Ok(()),
            };
        }
        let body = serde_json::to_string(alerts).unwrap_or_default();
        if before == Some(&body) {
            return Ok(());
        }
        let document =
            AlertDocument { network: network.to_owned(), kind: AlertKind::State, name: String::new(), body };
        self.store.write_alert_document(document, AlertWrite::Put).await
    }
}

impl Documents {
    /// A document that cannot be read was written by a later release, and is passed over.
    fn add(&mut self, store: &Store, document: AlertDocument) {
        let AlertDocument { network, kind, name, body } = document;
        match kind {
            AlertKind::Rule => {
                let rule = serde_json::from_str::<PromAlertConfig>(&body).ok();
                self.rules.extend(rule.and_then(|rule| check::rule(&rule).ok()));
            }
            AlertKind::Receiver => {
                let Ok(mut json) = serde_json::from_str(&body) else { return };
                if let Err(error) = store.open_receiver(&network, &name, &mut json) {
                    return tracing::warn!(network, receiver = name, %error, "nobody is told: a secret stays locked");
                }
                self.receivers.extend(serde_json::from_value(json).ok().map(|receiver| (name, receiver)));
            }
            AlertKind::Route => self.route = serde_json::from_str(&body).ok(),
            AlertKind::Silence => {
                self.silences.extend(serde_json::from_str(&body).ok().map(|silence| (name, silence)));
            }
            AlertKind::State => self.state = Some(body),
        }
    }
}

/// The labels of the series `ALERTS`, without the network, which the store writes.
fn series_of(alerts: &NetworkAlerts) -> BTreeSet<Labels> {
    let series = alerts.active().map(|(_, alert)| {
        let mut labels = Labels::from_pairs(alert.labels.clone());
        labels.remove("networkID");
        labels.set("alertstate", if alert.state == State::Firing { "firing" } else { "pending" });
        labels
    });
    series.collect()
}

fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
