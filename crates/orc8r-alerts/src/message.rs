//! What is said, in the forms of those who are told.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wire_rest::types::SlackReceiver;

use crate::duration::moment;
use crate::machine::{Active, Notification, State};
use crate::receiver::{PagerDuty, Pushover};

/// The body of a webhook, version 4 of Alertmanager's form.
pub(crate) fn webhook(notification: &Notification) -> Value {
    let alerts: Vec<Value> = notification.alerts.iter().map(alert).collect();
    json!({
        "version": "4",
        "groupKey": notification.group,
        "truncatedAlerts": 0,
        "status": status(notification),
        "receiver": notification.receiver,
        "groupLabels": notification.group_labels,
        "commonLabels": common(notification, |alert| &alert.labels),
        "commonAnnotations": common(notification, |alert| &alert.annotations),
        "externalURL": "",
        "alerts": alerts,
    })
}

fn alert(alert: &Active) -> Value {
    let is_over = alert.state == State::Resolved;
    json!({
        "status": if is_over { "resolved" } else { "firing" },
        "labels": alert.labels,
        "annotations": alert.annotations,
        "startsAt": moment(alert.fired_ms),
        "endsAt": if is_over { moment(alert.resolved_ms) } else { "0001-01-01T00:00:00Z".to_owned() },
        "generatorURL": "",
    })
}

/// The body of a message to Slack.
pub(crate) fn slack(notification: &Notification, to: &SlackReceiver) -> Value {
    let is_over = status(notification) == "resolved";
    let color = to.color.clone().unwrap_or_else(|| if is_over { "good" } else { "danger" }.to_owned());
    let written = |text: &Option<String>, own: String| {
        text.clone().filter(|text| !text.is_empty() && !text.contains("{{")).unwrap_or(own)
    };
    let mut message = json!({
        "attachments": [{
            "title": written(&to.title, title(notification)),
            "text": written(&to.text, lines(notification)),
            "pretext": to.pretext.clone().unwrap_or_default(),
            "fallback": title(notification),
            "color": color,
            "mrkdwn_in": ["text"],
        }],
    });
    let optional = [
        ("channel", &to.channel),
        ("username", &to.username),
        ("icon_emoji", &to.icon_emoji),
        ("icon_url", &to.icon_url),
    ];
    for (name, value) in optional {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            message[name] = json!(value);
        }
    }
    message
}

/// An event of PagerDuty, version 2.
pub(crate) fn pagerduty(notification: &Notification, to: &PagerDuty) -> Value {
    let key = if to.routing_key.is_empty() { &to.service_key } else { &to.routing_key };
    let is_over = status(notification) == "resolved";
    let severity =
        to.severity.as_deref().filter(|severity| ["critical", "error", "warning", "info"].contains(severity));
    json!({
        "routing_key": key,
        "event_action": if is_over { "resolve" } else { "trigger" },
        "dedup_key": short_key(&notification.group),
        "payload": {
            "summary": cut(&title(notification), 1024),
            "source": "orc8r",
            "severity": severity.unwrap_or("error"),
            "custom_details": { "alerts": lines(notification) },
        },
    })
}

/// PagerDuty takes keys of 255 characters.
fn short_key(group: &str) -> String {
    if group.len() <= 255 {
        return group.to_owned();
    }
    Sha256::digest(group.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first characters of a text, as many as its reader takes.
fn cut(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

/// A form for Pushover.
pub(crate) fn pushover(notification: &Notification, to: &Pushover) -> String {
    let priority = to.priority.as_deref().unwrap_or("0");
    let fields = [
        ("token", to.token.as_str()),
        ("user", &to.user_key),
        ("priority", if ["-2", "-1", "0", "1"].contains(&priority) { priority } else { "1" }),
    ];
    let (title, text) = (title(notification), lines(notification));
    let texts = [("title", cut(&title, 250)), ("message", cut(&text, 1024))];
    let fields = fields.into_iter().chain(texts).map(|(name, value)| format!("{name}={}", encoded(value)));
    fields.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// `[FIRING:2] Gateway down (n1)`
pub(crate) fn title(notification: &Notification) -> String {
    let firing = notification.alerts.iter().filter(|alert| alert.state == State::Firing).count();
    let names: std::collections::BTreeSet<&str> = notification
        .alerts
        .iter()
        .filter_map(|alert| alert.labels.get("alertname"))
        .map(String::as_str)
        .collect();
    let names: Vec<_> = names.into_iter().take(3).collect();
    let what = if firing > 0 { format!("FIRING:{firing}") } else { "RESOLVED".to_owned() };
    let network = notification.alerts.first().and_then(|alert| alert.labels.get("networkID"));
    format!("[{what}] {} ({})", names.join(", "), network.map_or("", String::as_str))
}

/// An alert a line, with what its rule says for people.
pub(crate) fn lines(notification: &Notification) -> String {
    let line = |alert: &Active| {
        let labels =
            alert.labels.iter().filter(|(name, _)| !matches!(name.as_str(), "alertname" | "networkID"));
        let labels: Vec<_> = labels.map(|(name, value)| format!("{name}={value}")).collect();
        let texts: Vec<_> = alert.annotations.values().map(String::as_str).collect();
        let name = alert.labels.get("alertname").map_or("", String::as_str);
        let (since, over) = (moment(alert.fired_ms), alert.state == State::Resolved);
        let until = if over { format!(" until {}", moment(alert.resolved_ms)) } else { String::new() };
        format!("{name} [{}] since {since}{until} {}", labels.join(" "), texts.join("; "))
            .trim_end()
            .to_owned()
    };
    notification.alerts.iter().take(100).map(line).collect::<Vec<_>>().join("\n")
}

pub(crate) fn status(notification: &Notification) -> &'static str {
    if notification.alerts.iter().any(|alert| alert.state == State::Firing) { "firing" } else { "resolved" }
}

fn common<'a>(
    notification: &'a Notification,
    of: impl Fn(&'a Active) -> &'a BTreeMap<String, String>,
) -> BTreeMap<&'a str, &'a str> {
    let mut alerts = notification.alerts.iter();
    let Some(first) = alerts.next() else { return BTreeMap::new() };
    let mut common: BTreeMap<&str, &str> =
        of(first).iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for alert in alerts {
        common.retain(|name, value| of(alert).get(*name).is_some_and(|other| other == value));
    }
    common
}
