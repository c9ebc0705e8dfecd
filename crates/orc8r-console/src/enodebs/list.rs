//! The eNodeBs of a network: filtered, ordered and paged by what stands in the URL.

use crate::edit;
use crate::enodebs::summaries::{Enodeb, Enodebs, find};
use crate::failure::Failure;
use crate::gateways;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::path;
use crate::view::status::{Health, status, yes_or_no};
use crate::view::table::ListUrl;
use crate::view::when::when_or;
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Rows of a page.
const PAGE_SIZE: usize = 50;

pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let here = Section::Enodebs.url(&id);
    let url = ListUrl::new(here.clone(), &query);
    let found = find(&visit, &id, &url.query()).await?;
    let mut page = Page::new(&visit, Section::Enodebs, "eNodeBs")
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id));
    let results = page.live("results", &results(&id, &url, &found));
    Ok(page.show(html! {
        @if network.may_write {
            p { a.button.main href=(edit::add(&path(&["lte", &id, "enodebs"]), &here)) { "Add an eNodeB" } }
        }
        (filter(&url))
        (results)
    }))
}

/// What the list is narrowed by; it works as a form, and as one types where there is a script.
fn filter(url: &ListUrl) -> Markup {
    html! {
        form.filter method="get" role="search" aria-label="Filter eNodeBs" hx-get="" hx-target="#results" hx-select="#results"
            hx-swap="outerHTML" hx-push-url="true" hx-trigger="input delay:200ms, change, submit" {
            label { "Find" input type="search" name="q" value=(url.value("q")) placeholder="serial, name or IP address"; }
            label { "State"
                select name="state" {
                    option value="" { "any" }
                    @for health in Health::ALL {
                        option value=(health.name()) selected[url.value("state") == health.name()] { (health.word()) }
                    }
                }
            }
            label { "Kind"
                select name="config_type" {
                    option value="" { "any" }
                    @for (kind, word) in [("MANAGED", "managed"), ("UNMANAGED", "unmanaged")] {
                        option value=(kind) selected[url.value("config_type") == kind] { (word) }
                    }
                }
            }
            label { "Gateway" input name="gateway" value=(url.value("gateway")) placeholder="id" autocomplete="off" spellcheck="false"; }
            input type="hidden" name="sort" value=(url.value("sort"));
            noscript { button type="submit" { "Filter" } }
        }
    }
}

fn results(network: &str, url: &ListUrl, found: &Enodebs) -> Markup {
    if found.found_count == 0 {
        return nothing(url, found.total_count);
    }
    let page = url.value("page").parse().unwrap_or(1);
    html! {
        div.scroll {
            table.list {
                thead { tr {
                    (url.heading("State", "state"))
                    (url.heading("eNodeB", "name"))
                    (url.heading("Serial", "serial"))
                    (url.heading("Session", "session"))
                    (url.heading("IP address", "ip"))
                    (url.heading("Subscribers", "subscribers"))
                    th scope="col" { "MME" }
                    th scope="col" { "Transmits" }
                    (url.heading("Reported", "reported"))
                    (url.heading("Gateway", "gateway"))
                } }
                tbody { @for enodeb in &found.enodebs { (row(network, enodeb)) } }
            }
        }
        (url.pages(page, PAGE_SIZE, found.found_count))
    }
}

fn row(network: &str, enodeb: &Enodeb) -> Markup {
    html! {
        tr {
            td { (status(enodeb.state, &enodeb.reasons.join("; "))) }
            td { a.row href=(enodeb.url(network)) { (enodeb.title()) } br; span.quiet { (enodeb.kind()) } }
            td { code { (enodeb.serial) } }
            td { (or_not_told(&enodeb.session_state)) }
            td { @if enodeb.ip_address.is_empty() { span.quiet { "not told" } } @else { code { (enodeb.ip_address) } } }
            td.number { @if let Some(count) = enodeb.ues_connected { (count) } @else { span.quiet { "not told" } } }
            td { (yes_or_no(enodeb.mme_connected, "connected", "not connected")) }
            td { (yes_or_no(enodeb.rf_tx_on, "on", "off")) }
            td { (when_or(enodeb.time_reported, "not reported")) }
            td {
                @if enodeb.gateway().is_empty() { span.quiet { "none" } }
                @else { a href=(gateways::url(network, enodeb.gateway())) { (enodeb.gateway()) } }
            }
        }
    }
}

fn or_not_told(text: &str) -> Markup {
    html! { @if text.is_empty() { span.quiet { "not told" } } @else { (text) } }
}

fn nothing(url: &ListUrl, total: usize) -> Markup {
    html! {
        div.empty {
            @if total == 0 {
                p.lead { "This network has no eNodeBs yet." }
                p { "Add one by its serial number, and assign it to the gateway that is to serve it." }
            } @else {
                p.lead { "None of the " (total) " eNodeBs is like this." }
                p { a href=(url.cleared()) { "Show all of them" } }
            }
        }
    }
}
