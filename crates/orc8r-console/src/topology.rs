//! What is connected to what: each gateway with its eNodeBs, and how many subscribers these serve.

use crate::Console;
use crate::enodebs::summaries::{Enodeb, find};
use crate::failure::Failure;
use crate::gateways;
use crate::gateways::summaries::{Summaries, Summary};
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::path;
use crate::view::status::{Health, status};
use crate::view::table::ListUrl;
use crate::visit::Visit;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Gateways of a page.
const PAGE_SIZE: usize = 20;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/console/networks/{network}/topology", get(show))
}

/// A page of gateways, and the eNodeBs that belong to them.
struct Found {
    gateways: Vec<Summary>,
    /// How many gateways the filter lets through.
    count: usize,
    total: usize,
    enodebs: BTreeMap<String, Vec<Enodeb>>,
    /// eNodeBs of no gateway; they are on the first page.
    loose: Vec<Enodeb>,
}

async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let url = ListUrl::new(Section::Topology.url(&id), &query);
    let found = look(&visit, &id, &url).await?;
    let mut page = Page::new(&visit, Section::Topology, "Topology")
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id));
    let results = page.live("results", &results(&id, &url, &found));
    Ok(page.show(html! { (filter(&url)) (results) }))
}

async fn look(visit: &Visit, network: &str, url: &ListUrl) -> Result<Found, Failure> {
    let place = path(&["networks", network, "gateway_summaries"]);
    let query = url.query();
    let asked = format!("{place}?{query}&page_size={PAGE_SIZE}&sort=name&with=subscribers");
    let found: Summaries = visit.rest.get(&asked.replace("?&", "?")).await?;
    let mut ids: Vec<&str> = found.gateways.iter().map(|gateway| gateway.id.as_str()).collect();
    let is_whole = url.value("q").is_empty() && url.value("state").is_empty();
    if is_whole && page_of(url) == 1 {
        ids.push("-");
    }
    let mut enodebs: BTreeMap<String, Vec<Enodeb>> = BTreeMap::new();
    let mut loose = Vec::new();
    let asked = format!("sort=serial&page_size=500&gateway={}", ids.join(","));
    let all = if ids.is_empty() { Vec::new() } else { find(visit, network, &asked).await?.enodebs };
    for enodeb in all {
        let gateways = [enodeb.gateway(), enodeb.attached_gateway_id.as_str()];
        let here = gateways.into_iter().find(|id| ids.contains(id)).map(str::to_owned);
        match here {
            Some(gateway) => enodebs.entry(gateway).or_default().push(enodeb),
            None => loose.push(enodeb),
        }
    }
    let (count, total) = (found.found_count, found.total_count);
    Ok(Found { gateways: found.gateways, count, total, enodebs, loose })
}

fn page_of(url: &ListUrl) -> usize {
    url.value("page").parse().unwrap_or(1)
}

fn filter(url: &ListUrl) -> Markup {
    html! {
        form.filter method="get" role="search" aria-label="Filter gateways" hx-get="" hx-target="#results" hx-select="#results"
            hx-swap="outerHTML" hx-push-url="true" hx-trigger="input delay:200ms, change, submit" {
            label { "Find a gateway" input type="search" name="q" value=(url.value("q")) placeholder="id, name or hardware id"; }
            label { "State"
                select name="state" {
                    option value="" { "any" }
                    @for health in [Health::Down, Health::Degraded, Health::Pending, Health::Ok] {
                        option value=(health.name()) selected[url.value("state") == health.name()] { (health.word()) }
                    }
                }
            }
            noscript { button type="submit" { "Filter" } }
        }
    }
}

fn results(network: &str, url: &ListUrl, found: &Found) -> Markup {
    html! {
        @if found.count == 0 {
            div.empty {
                @if found.total == 0 { p.lead { "This network has no gateways yet." } }
                @else {
                    p.lead { "None of the " (found.total) " gateways is like this." }
                    p { a href=(url.cleared()) { "Show all of them" } }
                }
            }
        }
        ul.tree {
            @for gateway in &found.gateways { (branch(network, gateway, found.enodebs.get(&gateway.id))) }
            @if !found.loose.is_empty() {
                li {
                    strong { "No gateway" } " " span.reason { "these eNodeBs are assigned to none" }
                    ul { @for enodeb in &found.loose { (leaf(network, enodeb, "")) } }
                }
            }
        }
        @if found.count > 0 { (url.pages(page_of(url), PAGE_SIZE, found.count)) }
    }
}

fn branch(network: &str, gateway: &Summary, enodebs: Option<&Vec<Enodeb>>) -> Markup {
    let enodebs = enodebs.map(Vec::as_slice).unwrap_or_default();
    html! {
        li {
            (served(gateway.subscribers, "with a session", "with sessions"))
            (status(gateway.state, "")) " " a.row href=(gateway.url(network)) { (gateway.title()) } " " code.quiet { (gateway.id) }
            @if !gateway.reasons.is_empty() { " " span.reason { (gateway.reasons.join("; ")) } }
            @if enodebs.is_empty() { p.quiet { "No eNodeBs" } }
            @else { ul { @for enodeb in enodebs { (leaf(network, enodeb, &gateway.id)) } } }
        }
    }
}

fn leaf(network: &str, enodeb: &Enodeb, below: &str) -> Markup {
    let other = Some(enodeb.gateway()).filter(|gateway| !gateway.is_empty() && *gateway != below);
    html! {
        li {
            (served(enodeb.ues_connected, "connected", "connected"))
            (status(enodeb.state, "")) " " a.row href=(enodeb.url(network)) { (enodeb.title()) } " " code.quiet { (enodeb.serial) }
            @if !enodeb.reasons.is_empty() { " " span.reason { (enodeb.reasons.join("; ")) } }
            @if let Some(other) = other { " " span.reason { "reported by " a href=(gateways::url(network, other)) { (other) } } }
        }
    }
}

/// How many subscribers; that nobody has told is not none.
fn served(count: Option<u64>, one: &str, many: &str) -> Markup {
    html! {
        span.served {
            @match count {
                Some(1) => { strong { "1" } " subscriber " (one) },
                Some(count) => { strong { (count) } " subscribers " (many) },
                None => "subscribers not told",
            }
        }
    }
}
