//! The alerts of a network: pending, firing, resolved, and told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wire_rest::types::AlertRoutingTree;

use crate::document::Silence;
use crate::routing::{Way, ways};
use crate::silence::{SilenceState, covers, state_of};
use crate::template::expand;

/// Alerts of one network; a rule that finds more than are left is cut short.
const ALERTS_MAX: usize = 10_000;
/// A resolved alert is forgotten after so long: everybody was told by then.
const RESOLVED_KEPT_MS: i64 = 15 * 60_000;

/// A rule that is evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name; the label `alertname`.
    pub name: String,
    /// What is asked; each series of the answer is an alert.
    pub expression: String,
    /// How long it must go on, in milliseconds.
    pub for_ms: i64,
    /// More labels.
    pub labels: BTreeMap<String, String>,
    /// Texts for people.
    pub annotations: BTreeMap<String, String>,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The series' labels, without its name.
    pub labels: BTreeMap<String, String>,
    /// Its value.
    pub value: f64,
}

/// Where an alert is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It does not go on long enough yet.
    Pending,
    /// It goes on.
    Firing,
    /// It is over, and some may have to be told.
    Resolved,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Active {
    /// All its labels.
    pub labels: BTreeMap<String, String>,
    /// Texts for people.
    pub annotations: BTreeMap<String, String>,
    /// Where it is.
    pub state: State,
    /// When it began, in milliseconds since 1970.
    pub active_ms: i64,
    /// When it began to fire.
    pub fired_ms: i64,
    /// When it was over.
    pub resolved_ms: i64,
    /// When it was looked at last.
    pub updated_ms: i64,
    /// The rule that found it.
    rule: String,
}

/// What a group of alerts was told last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Group {
    /// When its first alert came.
    began_ms: i64,
    /// When somebody was told; 0: nobody yet.
    told_ms: i64,
    /// What: the fingerprints of the firing and the resolved.
    firing: Vec<String>,
    resolved: Vec<String>,
}

/// The alerts of a network, as they are kept between two steps.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkAlerts {
    alerts: BTreeMap<String, Active>,
    groups: BTreeMap<String, Group>,
}

/// What has to be told to a receiver.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// Whom.
    pub receiver: String,
    /// The same for all messages about a group.
    pub group: String,
    /// What the alerts of the group share.
    pub group_labels: BTreeMap<String, String>,
    /// The alerts, firing and resolved.
    pub alerts: Vec<Active>,
}

impl Notification {
    /// One with which a receiver is tried: an alert that says that it is none.
    pub fn trial(network: &str, receiver: &str, now_ms: i64) -> Self {
        let named = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let labels = named(&[("alertname", "Test"), ("networkID", network), ("severity", "info")]);
        let text = "Somebody tries this receiver. Nothing is wrong, and nothing has to be done.";
        Self {
            receiver: receiver.to_owned(),
            group: format!("test/{network}/{receiver}/{now_ms}"),
            group_labels: labels.clone(),
            alerts: vec![Active {
                labels,
                annotations: named(&[("description", text)]),
                state: State::Firing,
                active_ms: now_ms,
                fired_ms: now_ms,
                resolved_ms: 0,
                updated_ms: now_ms,
                rule: "Test".to_owned(),
            }],
        }
    }
}

impl NetworkAlerts {
    /// Takes what a rule found, instead of what it found before.
    pub fn evaluate(&mut self, network: &str, rule: &Rule, found: &[Found], now_ms: i64) {
        let mut seen = Vec::new();
        for one in found {
            let (labels, annotations) = texts(network, rule, one);
            let fingerprint = fingerprint(&labels);
            if !self.alerts.contains_key(&fingerprint) && self.alerts.len() >= ALERTS_MAX {
                tracing::warn!(network, rule = rule.name, "more alerts than are kept: some are left out");
                break;
            }
            let alert = self.alerts.entry(fingerprint.clone()).or_insert_with(|| Active {
                labels,
                annotations: BTreeMap::new(),
                state: State::Pending,
                active_ms: now_ms,
                fired_ms: 0,
                resolved_ms: 0,
                updated_ms: now_ms,
                rule: rule.name.clone(),
            });
            alert.goes_on(annotations, rule.for_ms, now_ms);
            seen.push(fingerprint);
        }
        for (_, alert) in
            self.alerts.iter_mut().filter(|(id, alert)| alert.rule == rule.name && !seen.contains(id))
        {
            alert.is_over(now_ms);
        }
        self.forget(now_ms);
    }

    /// What was found by rules that are there no more is over.
    pub fn keep_rules(&mut self, rules: &[Rule], now_ms: i64) {
        let is_gone = |alert: &Active| !rules.iter().any(|rule| rule.name == alert.rule);
        self.alerts.values_mut().filter(|alert| is_gone(alert)).for_each(|alert| alert.is_over(now_ms));
        self.forget(now_ms);
    }

    /// What has to be told now; it counts as told.
    pub fn due(&mut self, tree: &AlertRoutingTree, silences: &[Silence], now_ms: i64) -> Vec<Notification> {
        let mut grouped: BTreeMap<String, (Way, Vec<(String, Active)>)> = BTreeMap::new();
        for (id, alert) in self.alerts.iter().filter(|(_, alert)| alert.state != State::Pending) {
            if is_silenced(alert, silences, now_ms) {
                continue;
            }
            for way in ways(tree, &alert.labels) {
                let (_, alerts) = grouped.entry(way.group.clone()).or_insert_with(|| (way, Vec::new()));
                alerts.push((id.clone(), alert.clone()));
            }
        }
        self.groups.retain(|name, _| grouped.contains_key(name));
        let mut due = Vec::new();
        for (name, (way, alerts)) in grouped {
            let group =
                self.groups.entry(name).or_insert_with(|| Group { began_ms: now_ms, ..Group::default() });
            if let Some(alerts) = group.tell(&way, alerts, now_ms) {
                let Way { receiver, group, group_labels, .. } = way;
                due.push(Notification { receiver, group, group_labels, alerts });
            }
        }
        due
    }

    /// The alerts that are pending or firing, with their fingerprints.
    pub fn active(&self) -> impl Iterator<Item = (&str, &Active)> {
        let active = self.alerts.iter().filter(|(_, alert)| alert.state != State::Resolved);
        active.map(|(fingerprint, alert)| (fingerprint.as_str(), alert))
    }

    /// Whether there is nothing to be kept.
    pub fn is_empty(&self) -> bool {
        self.alerts.is_empty() && self.groups.is_empty()
    }

    fn forget(&mut self, now_ms: i64) {
        self.alerts.retain(|_, alert| {
            alert.state != State::Resolved || now_ms.saturating_sub(alert.resolved_ms) < RESOLVED_KEPT_MS
        });
    }
}

impl Active {
    fn goes_on(&mut self, annotations: BTreeMap<String, String>, for_ms: i64, now_ms: i64) {
        if self.state == State::Resolved {
            self.state = State::Pending;
            (self.active_ms, self.fired_ms, self.resolved_ms) = (now_ms, 0, 0);
        }
        self.annotations = annotations;
        self.updated_ms = now_ms;
        if self.state == State::Pending && now_ms.saturating_sub(self.active_ms) >= for_ms {
            self.state = State::Firing;
            self.fired_ms = now_ms;
        }
    }

    fn is_over(&mut self, now_ms: i64) {
        match self.state {
            State::Firing => {
                self.state = State::Resolved;
                (self.resolved_ms, self.updated_ms) = (now_ms, now_ms);
            }
            // Nobody was told: it is forgotten at once.
            State::Pending => {
                self.state = State::Resolved;
                self.resolved_ms = i64::MIN;
            }
            State::Resolved => {}
        }
    }
}

impl Group {
    /// The alerts to tell, if it is time and there is something new, or the same long enough ago.
    fn tell(&mut self, way: &Way, alerts: Vec<(String, Active)>, now_ms: i64) -> Option<Vec<Active>> {
        let ids = |state: State| -> Vec<String> {
            alerts.iter().filter(|(_, alert)| alert.state == state).map(|(id, _)| id.clone()).collect()
        };
        let (firing, resolved) = (ids(State::Firing), ids(State::Resolved));
        if self.told_ms == 0 && firing.is_empty() {
            // It was over before anybody was told.
            return None;
        }
        let waits = if self.told_ms == 0 {
            now_ms.saturating_sub(self.began_ms) < way.timing.group_wait_ms
        } else {
            now_ms.saturating_sub(self.told_ms) < way.timing.group_interval_ms
        };
        let has_new = firing.iter().any(|id| !self.firing.contains(id))
            || resolved.iter().any(|id| self.firing.contains(id) && !self.resolved.contains(id));
        let is_long_ago = now_ms.saturating_sub(self.told_ms) >= way.timing.repeat_interval_ms;
        if waits || !(has_new || is_long_ago && !firing.is_empty()) {
            return None;
        }
        let was_told: Vec<String> = std::mem::take(&mut self.firing);
        let known = std::mem::take(&mut self.resolved);
        let is_told = |(id, alert): &(String, Active)| {
            alert.state == State::Firing || was_told.contains(id) || known.contains(id)
        };
        let told = alerts.into_iter().filter(is_told).map(|(_, alert)| alert).collect();
        (self.told_ms, self.firing, self.resolved) = (now_ms, firing, resolved);
        Some(told)
    }
}

/// Whether nobody is to be told.
pub(crate) fn is_silenced(alert: &Active, silences: &[Silence], now_ms: i64) -> bool {
    silences
        .iter()
        .any(|silence| state_of(silence, now_ms) == SilenceState::Active && covers(silence, &alert.labels))
}

type Texts = (BTreeMap<String, String>, BTreeMap<String, String>);

/// The labels and annotations of what a rule found; `alertname` and `networkID` are not the rule's to say.
fn texts(network: &str, rule: &Rule, found: &Found) -> Texts {
    let fill = |texts: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let filled =
            texts.iter().map(|(name, text)| (name.clone(), expand(text, &found.labels, found.value)));
        filled.collect()
    };
    let mut labels = found.labels.clone();
    labels.extend(fill(&rule.labels));
    labels.insert("alertname".to_owned(), rule.name.clone());
    labels.insert("networkID".to_owned(), network.to_owned());
    labels.retain(|_, value| !value.is_empty());
    (labels, fill(&rule.annotations))
}

/// What stands for the labels of an alert.
fn fingerprint(labels: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    for (name, value) in labels {
        hash.update(name.as_bytes());
        hash.update([0xff]);
        hash.update(value.as_bytes());
        hash.update([0xff]);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
