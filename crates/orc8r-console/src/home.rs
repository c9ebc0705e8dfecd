//! The first page: what needs attention now, and how each network is.

mod problems;

pub(crate) use problems::{OwnBackup, OwnCertificate};

use crate::Console;
use crate::failure::Failure;
use crate::gateways::summaries::Summaries;
use crate::navigation::{Section, kind_of};
use crate::networks;
use crate::page::Page;
use crate::rest::{Rest, path};
use crate::view::status::{Health, status};
use crate::visit::{Me, MyNetwork, Visit};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use problems::Problem;
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
    let own = Own::of(&visit).await;
    let mut page = Page::new(&visit, Section::Home, "Overview");
    let attention = page.live("attention", &attention(&visit.me, &looks, &own));
    let networks = page.live("networks", &at_a_glance(&looks));
    Ok(page.show(html! { (attention) (networks) }))
}

/// What of the Orchestrator itself somebody has to see to, for who may.
#[derive(Default)]
struct Own {
    certificates: Vec<OwnCertificate>,
    backup: Option<OwnBackup>,
}

impl Own {
    async fn of(visit: &Visit) -> Self {
        if !visit.me.administers {
            return Self::default();
        }
        let certificates = visit.rest.get::<Vec<OwnCertificate>>("/about/certificates");
        let (certificates, backup) = tokio::join!(certificates, visit.rest.get::<OwnBackup>("/about/backup"));
        let mut certificates = certificates.unwrap_or_default();
        certificates.retain(|certificate| certificate.health() != Health::Ok);
        Self { certificates, backup: backup.ok().filter(|backup| backup.health() != Health::Ok) }
    }
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

fn attention(me: &Me, looks: &[(&MyNetwork, Look)], own: &Own) -> Markup {
    let problems = Problem::all(looks, own);
    let gateways: usize = looks.iter().map(|(_, look)| look.gateways.total_count).sum();
    let alerts: usize = looks.iter().filter_map(|(_, look)| look.alerts.as_ref()).map(Vec::len).sum();
    let all = own.certificates.len()
        + usize::from(own.backup.is_some())
        + alerts
        + looks.iter().map(|(_, look)| look.gateways.found_count).sum::<usize>();
    let unknown: Vec<&str> =
        looks.iter().filter(|(_, look)| look.alerts.is_none()).map(|(network, _)| network.title()).collect();
    html! {
        section aria-labelledby="attention-title" {
            h2 id="attention-title" { "Needs attention" @if all > 0 { " " span.count { (all) } } }
            @if problems.is_empty() {
                (nothing(me, gateways))
            } @else {
                ul.problems {
                    @for problem in problems.iter().take(PROBLEMS_MAX) { li { (problem.show()) } }
                }
                @if all > PROBLEMS_MAX {
                    p.quiet { (all - PROBLEMS_MAX) " more: follow a number of the networks below." }
                }
            }
            @if !unknown.is_empty() { p.quiet { "Whether alerts fire is not known of " (unknown.join(", ")) "." } }
        }
    }
}

fn nothing(me: &Me, gateways: usize) -> Markup {
    html! {
        div.empty {
            @if me.networks.is_empty() && me.administers {
                p.lead { "There is no network yet." }
                p { a.button.main href=(networks::ADD) { "Add a network" } }
            } @else if me.networks.is_empty() {
                p.lead { "There is no network yet that you may see." }
                p { "Ask who administers this Orchestrator to add one, or an owner of your organisation to give you one." }
            } @else if gateways == 0 {
                p.lead { "No gateway has been added yet." }
                p { "Choose a network below and add its first gateway." }
            } @else {
                p.lead { (status(Health::Ok, "")) " " @if gateways == 1 { "The gateway is checking in." } @else { "All " (gateways) " gateways are checking in." } }
            }
        }
    }
}

fn at_a_glance(looks: &[(&MyNetwork, Look)]) -> Markup {
    if looks.is_empty() {
        return html! {};
    }
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
