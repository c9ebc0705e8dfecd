//! The first page: what needs attention now, and how each network is.

use crate::Console;
use crate::alerts::firing::moment_ms;
use crate::alerts::severity::Severity;
use crate::failure::Failure;
use crate::gateways;
use crate::gateways::summaries::{Summaries, Summary};
use crate::navigation::{Section, kind_of};
use crate::page::Page;
use crate::rest::{Rest, path};
use crate::view::status::{Health, status};
use crate::view::when::when;
use crate::visit::{MyNetwork, Visit};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde_json::Value;
use std::sync::Arc;
use tokio::task::JoinSet;

/// So many problems are shown; behind each network's number are the others.
const PROBLEMS_MAX: usize = 50;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/console/", get(show))
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    // All networks are asked at the same time.
    let mut asked = JoinSet::new();
    for (at, network) in visit.me.networks.iter().enumerate() {
        let (rest, id) = (visit.rest.clone(), network.id.clone());
        asked.spawn(async move { (at, Look::of(&rest, &id).await) });
    }
    let mut found = Vec::new();
    while let Some(one) = asked.join_next().await {
        let (at, look) = one.map_err(|error| Failure::bad(error.to_string()))?;
        found.push((at, look?));
    }
    found.sort_by_key(|(at, _)| *at);
    let looks: Vec<_> = visit.me.networks.iter().zip(found.into_iter().map(|(_, look)| look)).collect();
    let mut page = Page::new(&visit, Section::Home, "Overview");
    let attention = page.live("attention", &attention(&looks));
    let networks = page.live("networks", &networks(&looks));
    Ok(page.show(html! { (attention) (networks) }))
}

/// How a network is.
struct Look {
    /// The gateways that need attention, and how many are how.
    gateways: Summaries,
    /// The alerts that fire and that nobody has silenced; `None`: it is not known.
    alerts: Option<Vec<Value>>,
}

impl Look {
    async fn of(rest: &Rest, network: &str) -> Result<Self, Failure> {
        let query = format!("?state=down,degraded,pending&sort=state&page_size={PROBLEMS_MAX}");
        let gateways = path(&["networks", network, "gateway_summaries"]) + &query;
        let alerts = path(&["networks", network, "alerts"]);
        let (gateways, alerts) = tokio::join!(rest.find(&gateways), rest.get::<Vec<Value>>(&alerts));
        let mut alerts = alerts.ok();
        alerts.iter_mut().for_each(|all| all.retain(|alert| alert["status"]["state"] != "suppressed"));
        Ok(Self { gateways: gateways?.unwrap_or_default(), alerts })
    }
}

/// Something that needs attention: a gateway, or an alert that fires.
enum Problem<'a> {
    Gateway(&'a Summary),
    Alert(&'a Value),
}

impl Problem<'_> {
    /// How bad it is, then what has been so for longest.
    fn rank(&self) -> (Health, i64) {
        match self {
            Self::Gateway(gateway) => (gateway.state, gateway.checkin_time),
            Self::Alert(alert) => (severity_of(alert).health(), since_ms(alert)),
        }
    }
}

fn severity_of(alert: &Value) -> Severity {
    Severity::of(alert["labels"]["severity"].as_str().unwrap_or_default())
}

fn since_ms(alert: &Value) -> i64 {
    moment_ms(alert["startsAt"].as_str().unwrap_or_default())
}

fn attention(looks: &[(&MyNetwork, Look)]) -> Markup {
    let mut problems: Vec<(&MyNetwork, Problem<'_>)> = Vec::new();
    for (network, look) in looks {
        problems.extend(look.gateways.gateways.iter().map(|one| (*network, Problem::Gateway(one))));
        problems.extend(look.alerts.iter().flatten().map(|one| (*network, Problem::Alert(one))));
    }
    problems.sort_by_key(|(network, problem)| (problem.rank(), network.id.clone()));
    let gateways: usize = looks.iter().map(|(_, look)| look.gateways.total_count).sum();
    let alerts: usize = looks.iter().filter_map(|(_, look)| look.alerts.as_ref()).map(Vec::len).sum();
    let all = alerts + looks.iter().map(|(_, look)| look.gateways.found_count).sum::<usize>();
    let unknown: Vec<&str> =
        looks.iter().filter(|(_, look)| look.alerts.is_none()).map(|(network, _)| network.title()).collect();
    html! {
        section aria-labelledby="attention-title" {
            h2 id="attention-title" { "Needs attention" @if all > 0 { " " span.count { (all) } } }
            @if problems.is_empty() {
                (nothing(looks.len(), gateways))
            } @else {
                ul.problems {
                    @for (network, problem) in problems.iter().take(PROBLEMS_MAX) {
                        li { @match problem { Problem::Gateway(gateway) => (of_gateway(network, gateway)), Problem::Alert(alert) => (of_alert(network, alert)) } }
                    }
                }
                @if all > PROBLEMS_MAX {
                    p.quiet { (all - PROBLEMS_MAX) " more: follow a number of the networks below." }
                }
            }
            @if !unknown.is_empty() { p.quiet { "Whether alerts fire is not known of " (unknown.join(", ")) "." } }
        }
    }
}

/// One line: what, where, why, since when.
fn of_gateway(network: &MyNetwork, gateway: &Summary) -> Markup {
    html! {
        (status(gateway.state, ""))
        div {
            a href=(gateway.url(&network.id)) { (gateway.title()) }
            " " span.quiet { "gateway in " (network.title()) }
            p.reason { (gateway.reasons.join("; ")) }
        }
        div.age {
            @if gateway.checkin_time > 0 { span.quiet { "last check-in " } (when(gateway.checkin_time)) }
        }
    }
}

/// The same of an alert.
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

fn nothing(networks: usize, gateways: usize) -> Markup {
    html! {
        div.empty {
            @if networks == 0 {
                p.lead { "There is no network yet that you may see." }
                p { "Make one through the REST API, or ask an owner of your organisation to give you one." }
            } @else if gateways == 0 {
                p.lead { "No gateway has been added yet." }
                p { "Choose a network below and add its first gateway." }
            } @else {
                p.lead { (status(Health::Ok, "")) " " @if gateways == 1 { "The gateway is checking in." } @else { "All " (gateways) " gateways are checking in." } }
            }
        }
    }
}

fn networks(looks: &[(&MyNetwork, Look)]) -> Markup {
    html! {
        section aria-labelledby="networks-title" {
            h2 id="networks-title" { "Networks" }
            div.cards {
                @for (network, look) in looks {
                    @let found = &look.gateways;
                    article.card {
                        h3 { a href=(Section::Network.url(&network.id)) { (network.title()) } }
                        p.quiet { (kind_of(&network.kind)) " · " code { (network.id) } }
                        ul.states {
                            @for health in Health::ALL {
                                @let count = found.states.get(health.name()).copied().unwrap_or_default();
                                @if count > 0 {
                                    li { a href={ (Section::Gateways.url(&network.id)) "?state=" (health.name()) } {
                                        (status(health, "")) " " strong { (count) }
                                    } }
                                }
                            }
                            @if found.total_count == 0 { li.quiet { "No gateways" } }
                        }
                        @let firing = look.alerts.as_ref().map(Vec::len).unwrap_or_default();
                        @if firing > 0 { p { a href=(Section::Alerts.url(&network.id)) { (firing) @if firing == 1 { " alert fires" } @else { " alerts fire" } } } }
                    }
                }
            }
        }
    }
}
