//! The services of a gateway: which it has or should have, how they are, their logs, and starting them anew.

use super::configuration::Applied;
use super::overview::quoted;
use super::{Detail, Tab, may_not};
use crate::failure::Failure;
use crate::rest::escaped;
use crate::view::matrix::{Series, at};
use crate::view::status::{Health, status};
use crate::view::unit::Unit;
use crate::view::when::when;
use crate::visit::Visit;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// Entries of a configuration that are of no service.
const NO_SERVICES: [&str; 1] = ["shared_mconfig"];

/// A service that began after so few seconds is worth a word.
const YOUNG_SECONDS: f64 = 600.0;

/// What is known of a service.
#[derive(Debug, Clone, Default, PartialEq)]
struct Service {
    /// Whether its configuration is sent, or it is switched on.
    is_configured: bool,
    /// Seconds since 1970.
    began: Option<f64>,
    /// Bytes.
    memory: Option<f64>,
    /// Ends that nobody had asked for, in the last hour.
    crashes: f64,
}

impl Service {
    fn health(&self, is_here: bool, now: f64) -> (Health, String) {
        match self.began {
            _ if !is_here => (Health::Unknown, "the gateway does not check in".to_owned()),
            _ if self.crashes >= 1.0 => {
                (Health::Degraded, format!("ended unexpectedly {:.0} times within an hour", self.crashes))
            }
            Some(began) if now - began < YOUNG_SECONDS => (Health::Ok, "began only now".to_owned()),
            Some(_) => (Health::Ok, String::new()),
            None => (Health::Unknown, "it tells nothing of itself".to_owned()),
        }
    }
}

pub(super) async fn show(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    let services = services(&detail).await?;
    let mut page = detail.page(Tab::Services);
    let table = page.live("services", &table(&detail, &services));
    let here = detail.url(Tab::Services);
    Ok(page.show(html! {
        (detail.tabs(Tab::Services))
        @if detail.network.may_write {
            div.buttons {
                a.button href={ (here) "/log" } { "Log of the whole gateway" }
                a.button href={ (here) "/restart" } { "Restart all" }
            }
        } @else { (may_not("restarting services and following their logs is for who may.")) }
        (table)
    }))
}

/// The services of a gateway by name, of all who know some: its configuration, and what it measures.
async fn services(detail: &Detail) -> Result<BTreeMap<String, Service>, Failure> {
    let of = |metric: &str| format!("{metric}{{gatewayID=\"{}\"}}", quoted(&detail.id));
    let (began, memory) = (of("process_start_time_seconds"), of("process_resident_memory_bytes"));
    let crashes = format!("increase({}[1h])", of("unexpected_service_restarts"));
    let now = now_s();
    let (rest, network) = (&detail.visit.rest, detail.network.id.as_str());
    let (is_applied, began, memory, crashes) = tokio::join!(
        Applied::load(detail),
        at(rest, network, &began, now),
        at(rest, network, &memory, now),
        at(rest, network, &crashes, now),
    );
    let configured = is_applied?.services;
    let dynamic = detail.whole["magmad"]["dynamic_services"].as_array();
    let dynamic = dynamic.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    // Where metrics cannot be had, services are shown all the same: nothing is known of them then.
    Ok(together(
        configured.into_iter().chain(dynamic),
        &began.unwrap_or_default(),
        &memory.unwrap_or_default(),
        &crashes.unwrap_or_default(),
    ))
}

fn together(
    configured: impl Iterator<Item = String>,
    began: &[Series],
    memory: &[Series],
    crashes: &[Series],
) -> BTreeMap<String, Service> {
    let mut services: BTreeMap<String, Service> = BTreeMap::new();
    for name in configured.filter(|name| !NO_SERVICES.contains(&name.as_str())) {
        services.entry(name).or_default().is_configured = true;
    }
    let value = |series: &Series| series.known().next_back();
    let named = |series: &Series| series.labels.get("service").or(series.labels.get("service_name")).cloned();
    for series in began {
        let Some(name) = named(series) else { continue };
        services.entry(name).or_default().began = value(series);
    }
    for series in memory {
        let Some(name) = named(series) else { continue };
        services.entry(name).or_default().memory = value(series);
    }
    for series in crashes {
        // Its label `service` is the one that counts: magmad.
        let Some(name) = series.labels.get("service_name").cloned() else { continue };
        services.entry(name).or_default().crashes = value(series).unwrap_or_default();
    }
    services
}

fn table(detail: &Detail, services: &BTreeMap<String, Service>) -> Markup {
    let is_here = matches!(detail.summary.state, Health::Ok | Health::Degraded);
    let now = now_s() as f64;
    let here = detail.url(Tab::Services);
    if services.is_empty() {
        return html! {
            div.empty {
                p.lead { "Nothing is known of its services." }
                p { "They are known once the gateway has a device and has sent its metrics." }
            }
        };
    }
    html! {
        div.scroll { table.list {
            thead { tr {
                th scope="col" { "Service" } th scope="col" { "State" } th scope="col" { "Runs since" }
                th.number scope="col" { "Memory" } th scope="col" { "Configured" } th scope="col" { "Do" }
            } }
            tbody { @for (name, service) in services {
                @let (health, reason) = service.health(is_here, now);
                tr {
                    td { code { (name) } }
                    td { (status(health, &reason)) }
                    td { @if let Some(began) = service.began { (when((began * 1000.0) as i64)) } @else { span.quiet { "not told" } } }
                    td.number { @if let Some(memory) = service.memory { (Unit::Bytes.show(memory)) } @else { "–" } }
                    td { @if service.is_configured { "yes" } @else { span.quiet { "by itself" } } }
                    td.links {
                        @if detail.network.may_write {
                            a href={ (here) "/log?service=" (escaped(name)) } { "Log" span.visually-hidden { " of " (name) } }
                            " · "
                            a href={ (here) "/restart?service=" (escaped(name)) } { "Restart" span.visually-hidden { " " (name) } }
                        }
                    }
                }
            } }
        } }
    }
}

fn now_s() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(now).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(labels: &[(&str, &str)], value: f64) -> Series {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Series { labels: labels.collect(), values: vec![Some(value)] }
    }

    #[test]
    fn services_are_known_from_many_sides() {
        let configured = ["mme", "shared_mconfig"].map(str::to_owned);
        let began = [series(&[("service", "mme")], 100.0), series(&[("service", "redis")], 9_900.0)];
        let crashes = [series(&[("service", "magmad"), ("service_name", "mme")], 2.0)];
        let services = together(configured.into_iter(), &began, &[], &crashes);
        assert_eq!(services.keys().collect::<Vec<_>>(), ["mme", "redis"]);
        let health = |name: &str, is_here: bool| services[name].health(is_here, 10_000.0);
        assert_eq!(
            health("mme", true),
            (Health::Degraded, "ended unexpectedly 2 times within an hour".to_owned())
        );
        assert_eq!(health("redis", true), (Health::Ok, "began only now".to_owned()));
        assert_eq!(health("redis", false).0, Health::Unknown);
        assert_eq!(Service::default().health(true, 0.0).0, Health::Unknown, "unknown is not OK");
    }
}
