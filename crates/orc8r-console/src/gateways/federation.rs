//! How the gateways of a federation network are, by their own reports: which is active, and which of its services work.

use crate::failure::Failure;
use crate::gateways;
use crate::rest::path;
use crate::view::status::{Health, status};
use crate::visit::{MyNetwork, Visit};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;

/// As `/feg/{network_id}/health_summary` tells it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Federation {
    active_gateway: String,
    gateways: BTreeMap<String, Report>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Report {
    healthy: bool,
    description: String,
    services: BTreeMap<String, Service>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Service {
    available: bool,
    healthy: bool,
    message: String,
}

/// What is told of a network; `None`: it is of another kind.
pub(super) async fn find(visit: &Visit, network: &MyNetwork) -> Result<Option<Federation>, Failure> {
    match network.kind.as_str() {
        "feg" => Ok(visit.rest.find(&path(&["feg", &network.id, "health_summary"])).await?),
        _ => Ok(None),
    }
}

pub(super) fn show(network: &str, federation: &Federation) -> Markup {
    html! {
        section aria-labelledby="federation-title" {
            h2 id="federation-title" { "Health, by their own reports" }
            @if federation.gateways.is_empty() {
                div.empty { p { "No gateway of this network has reported its health yet." } }
            } @else {
                div.scroll { table.list {
                    thead { tr {
                        th scope="col" { "Health" } th scope="col" { "Gateway" } th scope="col" { "Part" } th scope="col" { "Services" }
                    } }
                    tbody { @for (id, report) in &federation.gateways { tr {
                        td { (status(if report.healthy { Health::Ok } else { Health::Down }, &report.description)) }
                        td { a href=(gateways::url(network, id)) { (id) } }
                        td { @if *id == federation.active_gateway { strong { "active" } } @else { "stands by" } }
                        td { ul.plain { @for (name, service) in &report.services { li { (service_line(name, service)) } } } }
                    } } }
                } }
            }
        }
    }
}

fn service_line(name: &str, service: &Service) -> Markup {
    let (health, reason) = match (service.available, service.healthy) {
        (false, _) => (Health::Down, "it does not answer"),
        (true, false) => (Health::Degraded, "it says that it does not work"),
        (true, true) => (Health::Ok, ""),
    };
    let reason = if service.message.is_empty() { reason } else { &service.message };
    html! { (status(health, "")) " " (spelled(name)) @if health != Health::Ok { " " span.reason { (reason) } } }
}

/// `S6A_PROXY` as people write it.
fn spelled(name: &str) -> String {
    match name {
        "S6A_PROXY" => "S6a".to_owned(),
        "SESSION_PROXY" => "Gx and Gy".to_owned(),
        "SWX_PROXY" => "SWx".to_owned(),
        other => other.to_owned(),
    }
}
