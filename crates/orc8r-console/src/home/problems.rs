//! What needs attention, a line each: what, where, why, since when, and where one mends it.

use super::{Look, Own};
use crate::administration;
use crate::alerts::firing::moment_ms;
use crate::alerts::severity::Severity;
use crate::gateways;
use crate::gateways::summaries::{Kind, Reason, Summary};
use crate::navigation::Section;
use crate::view::status::{Health, status};
use crate::view::when::when;
use crate::visit::MyNetwork;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

/// A certificate of the Orchestrator, as `/about/certificates` tells of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OwnCertificate {
    pub(crate) what: String,
    /// `ok`, `soon` or `ended`.
    pub(crate) state: String,
    /// Seconds since 1970.
    pub(crate) not_after: i64,
    /// What makes it last longer.
    pub(crate) next: String,
}

impl OwnCertificate {
    pub(crate) fn health(&self) -> Health {
        match self.state.as_str() {
            "ok" => Health::Ok,
            "ended" => Health::Down,
            _ => Health::Degraded,
        }
    }
}

/// When the Orchestrator was backed up last, as `/about/backup` tells it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OwnBackup {
    /// `ok` or `due`.
    state: String,
    /// Seconds since 1970; 0: none is known.
    pub(crate) time: i64,
}

impl OwnBackup {
    pub(crate) fn health(&self) -> Health {
        if self.state == "due" { Health::Degraded } else { Health::Ok }
    }
}

/// Something that needs attention.
pub(super) enum Problem<'a> {
    Gateway(&'a MyNetwork, &'a Summary),
    /// It fires.
    Alert(&'a MyNetwork, &'a Value),
    Certificate(&'a OwnCertificate),
    Backup(&'a OwnBackup),
}

impl<'a> Problem<'a> {
    /// All that is known, the worst first, then what has been so for longest.
    pub(super) fn all(looks: &'a [(&MyNetwork, Look)], own: &'a Own) -> Vec<Self> {
        let mut all: Vec<Self> = own.certificates.iter().map(Self::Certificate).collect();
        all.extend(own.backup.iter().map(Self::Backup));
        for (network, look) in looks {
            all.extend(look.gateways.gateways.iter().map(|one| Self::Gateway(network, one)));
            all.extend(look.alerts.iter().flatten().map(|one| Self::Alert(network, one)));
        }
        all.sort_by(|one, other| one.rank().cmp(&other.rank()));
        all
    }

    fn rank(&self) -> (Health, i64, &str) {
        match self {
            Self::Gateway(network, gateway) => (gateway.state, since(gateway), &network.id),
            Self::Alert(network, alert) => (severity_of(alert).health(), since_ms(alert), &network.id),
            Self::Backup(own) => (own.health(), own.time.saturating_mul(1000), ""),
            Self::Certificate(own) => (own.health(), own.not_after.saturating_mul(1000), ""),
        }
    }

    /// Its line.
    pub(super) fn show(&self) -> Markup {
        match self {
            Self::Gateway(network, gateway) => of_gateway(network, gateway),
            Self::Alert(network, alert) => of_alert(network, alert),
            Self::Certificate(own) => of_certificate(own),
            Self::Backup(own) => of_backup(own),
        }
    }
}

/// Since when the worst is so, in milliseconds since 1970; 0: it is not known.
fn since(gateway: &Summary) -> i64 {
    gateway.problems.first().map_or(0, |problem| problem.since)
}

fn severity_of(alert: &Value) -> Severity {
    Severity::of(alert["labels"]["severity"].as_str().unwrap_or_default())
}

fn since_ms(alert: &Value) -> i64 {
    moment_ms(alert["startsAt"].as_str().unwrap_or_default())
}

fn of_gateway(network: &MyNetwork, gateway: &Summary) -> Markup {
    html! {
        (status(gateway.state, ""))
        div {
            a href=(gateway.url(&network.id)) { (gateway.title()) }
            " " span.quiet { "gateway in " (network.title()) }
            @for problem in &gateway.problems {
                p.reason { (problem.reason) @if let Some((url, word)) = mended_at(network, gateway, problem) { " · " a href=(url) { (word) } } }
            }
        }
        div.age { (age(gateway)) }
    }
}

/// How old the worst is.
fn age(gateway: &Summary) -> Markup {
    let Some(worst) = gateway.problems.first() else { return html! {} };
    let (word, moment) = match worst.kind {
        Kind::Silent => ("last check-in ", worst.since),
        Kind::Certificate => ("certificate ends ", gateway.cert_expiration_time.saturating_mul(1000)),
        _ => ("since ", worst.since),
    };
    html! { @if moment > 0 { span.quiet { (word) (when(moment)) } } }
}

/// The page where one does something about it, if it is not that of the gateway.
fn mended_at(network: &MyNetwork, gateway: &Summary, problem: &Reason) -> Option<(String, &'static str)> {
    match problem.kind {
        Kind::Upgrade => Some((Section::Tiers.url(&network.id), "upgrade tiers")),
        Kind::Configuration => Some((gateway.url(&network.id) + "/configuration", "its configuration")),
        _ => None,
    }
}

fn of_alert(network: &MyNetwork, alert: &Value) -> Markup {
    let text = |of: &str, name: &str| alert[of][name].as_str().filter(|text| !text.is_empty());
    let severity = text("labels", "severity").unwrap_or_default();
    let said = ["summary", "description"].into_iter().find_map(|name| text("annotations", name));
    html! {
        (severity_of(alert).show(severity))
        div {
            a href=(Section::Alerts.url(&network.id)) { (text("labels", "alertname").unwrap_or("An alert without a name")) }
            " " span.quiet { "alert in " (network.title()) }
            p.reason {
                @if let Some(gateway) = text("labels", "gatewayID") { "gateway " a href=(gateways::url(&network.id, gateway)) { (gateway) } " " }
                (said.unwrap_or_default())
            }
        }
        div.age { span.quiet { "since " } (when(since_ms(alert))) }
    }
}

fn of_certificate(own: &OwnCertificate) -> Markup {
    let how = if own.health() == Health::Down { "has ended" } else { "ends soon" };
    html! {
        (status(own.health(), ""))
        div {
            a href=(administration::SYSTEM) { "Certificate: " (own.what) }
            " " span.quiet { "of this Orchestrator" }
            p.reason { "it " (how) ": " (own.next) }
        }
        div.age { span.quiet { "ends " } (when(own.not_after.saturating_mul(1000))) }
    }
}

fn of_backup(own: &OwnBackup) -> Markup {
    html! {
        (status(own.health(), ""))
        div {
            a href=(administration::SYSTEM) { "Backup" }
            " " span.quiet { "of this Orchestrator" }
            p.reason { @if own.time > 0 { "the last one is old" } @else { "none is known" } ": " code { "orc8r backup FILE" } ", every day, kept elsewhere" }
        }
        div.age { @if own.time > 0 { span.quiet { "made " (when(own.time.saturating_mul(1000))) } } }
    }
}
