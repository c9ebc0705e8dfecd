//! The gateways of a network: filtered, ordered and paged by what stands in the URL.

use crate::failure::Failure;
use crate::gateways::summaries::{Summaries, Summary};
use crate::gateways::{add, bulk, federation, spreadsheet};
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::path;
use crate::view::status::{Health, status};
use crate::view::table::ListUrl;
use crate::view::when::{when, when_or};
use crate::visit::{MyNetwork, Visit};
use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Rows of a page.
const PAGE_SIZE: usize = 50;

pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let url = ListUrl::new(Section::Gateways.url(&id), &query);
    let asked = format!("{}?{}", path(&["networks", &id, "gateway_summaries"]), url.query());
    let found: Summaries = visit.rest.get(&asked).await?;
    let tiers: Vec<String> = match network.may_write {
        true => visit.rest.find(&path(&["networks", &id, "tiers"])).await?.unwrap_or_default(),
        false => Vec::new(),
    };
    let federation = federation::find(&visit, network).await?;
    let mut page = Page::new(&visit, Section::Gateways, "Gateways")
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id));
    let results = page.live("results", &results(network, &url, &found, &tiers));
    let health = federation.map(|federation| page.live("federation", &federation::show(&id, &federation)));
    Ok(page.show(html! {
        div.buttons {
            @if network.may_write {
                a.button.main href=(add::url(&id)) { "Add a gateway" }
                a.button href=(spreadsheet::url(&id)) { "Import CSV" }
            }
        }
        @if let Some(health) = health { (health) }
        (filter(&url, &found))
        @if network.may_write {
            form method="post" action=(bulk::url(&id)) { (results) }
        } @else {
            (results)
        }
    }))
}

/// What the list is narrowed by; it works as a form, and as one types where there is a script.
fn filter(url: &ListUrl, found: &Summaries) -> Markup {
    let choice = |name: &str, label: &str, values: &[String]| {
        html! {
            label { (label)
                select name=(name) {
                    option value="" { "any" }
                    @for value in values { option value=(value) selected[value == url.value(name)] { (value) } }
                }
            }
        }
    };
    html! {
        form.filter method="get" role="search" aria-label="Filter gateways" hx-get="" hx-target="#results" hx-select="#results"
            hx-swap="outerHTML" hx-push-url="true" hx-trigger="input delay:200ms, change, submit" {
            label { "Find" input type="search" name="q" value=(url.value("q")) placeholder="id, name or hardware id"; }
            label { "State"
                select name="state" {
                    option value="" { "any" }
                    @for health in [Health::Down, Health::Degraded, Health::Pending, Health::Ok] {
                        option value=(health.name()) selected[url.value("state") == health.name()] { (health.word()) }
                    }
                }
            }
            (choice("tier", "Tier", &found.tiers))
            (choice("version", "Version", &found.versions))
            input type="hidden" name="sort" value=(url.value("sort"));
            noscript { button type="submit" { "Filter" } }
        }
    }
}

fn results(network: &MyNetwork, url: &ListUrl, found: &Summaries, tiers: &[String]) -> Markup {
    if found.found_count == 0 {
        return nothing(url, found.total_count);
    }
    let page = url.value("page").parse().unwrap_or(1);
    html! {
        div.scroll {
            table.list {
                thead { tr {
                    @if network.may_write {
                        th.tick { input type="checkbox" data-tick-all="gateway" data-keep aria-label="All of this page" hidden; }
                    }
                    (url.heading("State", "state"))
                    (url.heading("Gateway", "name"))
                    (url.heading("Id", "id"))
                    (url.heading("Last check-in", "checkin"))
                    (url.heading("Version", "version"))
                    (url.heading("Tier", "tier"))
                    (url.heading("Certificate ends", "certificate"))
                } }
                tbody { @for gateway in &found.gateways { (row(network, gateway)) } }
            }
        }
        (url.pages(page, PAGE_SIZE, found.found_count))
        p { a href={ (spreadsheet::export_url(&network.id)) (query_of(url)) } { "Download as CSV" } " " span.quiet { "(" (found.found_count) ")" } }
        @if network.may_write {
            (bulk::controls(tiers, found.found_count, found.gateways.len(), &|name| url.value(name).to_owned()))
        }
    }
}

/// The filter, for another URL.
fn query_of(url: &ListUrl) -> String {
    let query = url.query();
    if query.is_empty() { query } else { format!("?{query}") }
}

fn row(network: &MyNetwork, gateway: &Summary) -> Markup {
    html! {
        tr {
            @if network.may_write {
                td.tick { input type="checkbox" name="gateway" value=(gateway.id) data-keep aria-label={ "Choose " (gateway.title()) }; }
            }
            td { (status(gateway.state, &gateway.reasons.join("; "))) }
            td { a.row href=(gateway.url(&network.id)) { (gateway.title()) } }
            td { code { (gateway.id) } @if !gateway.hardware_id.is_empty() { br; code.quiet { (gateway.hardware_id) } } }
            td { (when(gateway.checkin_time)) }
            td { @if gateway.version.is_empty() { span.quiet { "not told" } } @else { (gateway.version) } }
            td { (gateway.tier) }
            td { (when_or(gateway.cert_expiration_time.saturating_mul(1000), "none yet")) }
        }
    }
}

fn nothing(url: &ListUrl, total: usize) -> Markup {
    html! {
        div.empty {
            @if total == 0 {
                p.lead { "This network has no gateways yet." }
                p { "Add one, and run the command that its page shows on the machine that is to be the gateway." }
            } @else {
                p.lead { "None of the " (total) " gateways is like this." }
                p { a href=(url.cleared()) { "Show all of them" } }
            }
        }
    }
}
