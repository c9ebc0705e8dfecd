//! What fires now, the worst first: since when, what it is about, and whether anybody is told.

use super::severity::{Severity, severity};
use super::{Tab, page, tabs, url, url_with};
use crate::failure::Failure;
use crate::metrics::{Kind, dashboard_url};
use crate::rest::path;
use crate::view::status::{Health, status, worded};
use crate::view::when::when;
use crate::visit::Visit;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// So many are shown.
const SHOWN_MAX: usize = 500;

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let alerts: Value = visit.rest.get(&path(&["networks", &id, "alerts"])).await?;
    let mut alerts: Vec<Alert> = alerts.as_array().into_iter().flatten().map(Alert::of).collect();
    alerts.sort_by_key(|alert| (Severity::of(alert.label("severity")), -alert.since_ms));
    let mut page = page(&visit, network, "Alerts");
    let list = page.live("firing", &list(&id, &alerts, network.may_write));
    Ok(page.show(html! { (tabs(&id, Tab::Firing)) (list) }))
}

/// An alert that fires.
struct Alert {
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    since_ms: i64,
    is_silenced: bool,
    receiver: String,
}

impl Alert {
    fn of(json: &Value) -> Self {
        let texts = |field: &str| {
            let fields = json[field].as_object().into_iter().flatten();
            fields.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
        };
        Self {
            labels: texts("labels"),
            annotations: texts("annotations"),
            since_ms: moment_ms(json["startsAt"].as_str().unwrap_or_default()),
            is_silenced: json["status"]["state"] == "suppressed",
            receiver: json["receivers"]["name"].as_str().unwrap_or_default().to_owned(),
        }
    }

    fn label(&self, name: &str) -> &str {
        self.labels.get(name).map(String::as_str).unwrap_or_default()
    }
}

fn list(network: &str, alerts: &[Alert], may_write: bool) -> Markup {
    if alerts.is_empty() {
        return html! {
            div.empty {
                p.lead { (status(Health::Ok, "")) " No alert fires." }
                p { "What is looked at is in the " a href=(url(network, "rules")) { "rules" } "; what fired before is in the " a href=(url(network, "history")) { "history" } "." }
            }
        };
    }
    html! {
        div.scroll { table.list {
            thead { tr { @for title in ["Severity", "Alert", "About", "Since", "Told"] { th scope="col" { (title) } } @if may_write { th scope="col" { span.visually-hidden { "Silence" } } } } }
            tbody { @for alert in alerts.iter().take(SHOWN_MAX) { (row(network, alert, may_write)) } }
        } }
        @if alerts.len() > SHOWN_MAX { p.quiet { "The worst " (SHOWN_MAX) " of " (alerts.len()) " are shown." } }
    }
}

fn row(network: &str, alert: &Alert, may_write: bool) -> Markup {
    let name = alert.label("alertname");
    let is_base = alert.receiver.is_empty() || alert.receiver.ends_with("_tenant_base_route");
    html! {
        tr {
            td { (severity(alert.label("severity"))) }
            td {
                a.row href=(url_with(network, "rules/edit", "name", name)) { (name) }
                @for text in alert.annotations.values() { p { (text) } }
            }
            td { (about(network, &alert.labels)) }
            td { (when(alert.since_ms)) }
            td {
                @if alert.is_silenced { (worded(Health::Disabled, "Silenced")) }
                @else if is_base { span.quiet { "nobody: no route leads to a receiver" } }
                @else { (alert.receiver) }
            }
            @if may_write {
                td { @if !alert.is_silenced { a.button href=(silence_url(network, &alert.labels)) { "Silence" span.visually-hidden { " " (name) } } } }
            }
        }
    }
}

/// What an alert is about: a link to its object, and its other labels.
pub(super) fn about(network: &str, labels: &BTreeMap<String, String>) -> Markup {
    let text = |name: &str| labels.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let known = ["__name__", "alertname", "alertstate", "severity", "networkID", "gatewayID", "IMSI"];
    let others: Vec<_> = labels.iter().filter(|(name, _)| !known.contains(&name.as_str())).collect();
    html! {
        @if let Some(gateway) = text("gatewayID") {
            "gateway " a href={ "/console" (path(&["networks", network, "gateways", gateway])) } { (gateway) } " "
        }
        @if let Some(imsi) = text("IMSI") { a href=(dashboard_url(network, Kind::Subscriber, imsi)) { (imsi) } " " }
        @if !others.is_empty() { span.quiet { @for (name, value) in others { (name) "=" (value) " " } } }
        @if text("gatewayID").is_none() && text("IMSI").is_none() && labels.iter().all(|(name, _)| known.contains(&name.as_str())) { "the network" }
    }
}

/// Where one silences alerts with these labels.
fn silence_url(network: &str, labels: &BTreeMap<String, String>) -> String {
    let lines: Vec<_> = labels
        .iter()
        .filter(|(name, _)| *name != "networkID")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    url_with(network, "silences/add", "matchers", &lines.join("\n"))
}

/// A moment of the API in milliseconds since 1970; 0: it is none.
pub(crate) fn moment_ms(text: &str) -> i64 {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok();
    moment
        .and_then(|moment| i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok())
        .unwrap_or_default()
        .max(0)
}
