//! The subscribers of a network: found, filtered and paged by what stands in the URL.

use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::path;
use crate::subscribers::summaries::{Session, Summaries, Summary, health};
use crate::subscribers::{table, url};
use crate::view::status::worded;
use crate::view::table::ListUrl;
use crate::view::when::when_or;
use crate::visit::{MyNetwork, Visit};
use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Rows of a page.
const PAGE_SIZE: usize = 50;
/// Sessions that are shown of somebody who has many.
const SESSIONS_MAX: usize = 3;

/// What the URL narrows the list to besides the search: a name there, and in words.
const NARROWED_BY: [(&str, &str); 4] = [
    ("policy", "with the policy"),
    ("base_name", "with the base name"),
    ("apn", "with the APN"),
    ("sub_profile", "with the data plan"),
];

pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let mut page = Page::new(&visit, Section::Subscribers, "Subscribers")
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id));
    if !network.is_lte() {
        return Ok(page
            .show(html! { div.empty { p.lead { "This kind of network has no subscribers of its own." } } }));
    }
    let url = ListUrl::new(Section::Subscribers.url(&id), &query);
    let asked = format!("{}?{}", path(&["lte", &id, "subscriber_summaries"]), url.query());
    let found: Summaries = visit.rest.get(&asked).await?;
    let results = page.live("results", &results(network, &url, &found));
    Ok(page.show(html! {
        (buttons(network, &url))
        (filter(&url))
        (results)
    }))
}

fn buttons(network: &MyNetwork, url: &ListUrl) -> Markup {
    let to = |page: &str| format!("/console{}", path(&["networks", &network.id, page]));
    html! {
        p.buttons {
            @if network.may_write {
                a.button.main href=(to("add-subscriber")) { "Add a subscriber" }
                a.button href=(table::url(&network.id)) { "Add or change many…" }
            }
            a.button href=(table::export_url(&network.id, url)) { "Download these as CSV" }
        }
    }
}

/// What the list is narrowed by; it works as a form, and as one types where there is a script.
fn filter(url: &ListUrl) -> Markup {
    html! {
        form.filter method="get" role="search" aria-label="Filter subscribers" hx-get=(url.cleared()) hx-target="#results" hx-select="#results"
            hx-swap="outerHTML" hx-push-url="true" hx-trigger="input delay:200ms, change, submit" {
            label { "Find" input type="search" name="q" value=(url.value("q")) placeholder="IMSI, MSISDN, IP or name"
                title="The beginning of an IMSI, of a telephone number, of an address, or of a word of a name"; }
            label { "State"
                select name="state" {
                    option value="" { "any" }
                    @for (value, word) in [("ACTIVE", "active"), ("INACTIVE", "inactive")] {
                        option value=(value) selected[url.value("state") == value] { (word) }
                    }
                }
            }
            @for (name, _) in NARROWED_BY {
                @if !url.value(name).is_empty() { input type="hidden" name=(name) value=(url.value(name)); }
            }
            noscript { button type="submit" { "Filter" } }
        }
        @for (name, words) in NARROWED_BY {
            @if !url.value(name).is_empty() {
                p { "Only those " (words) " " code { (url.value(name)) } ". " a href=(url.with(name, "")) { "All of them" } }
            }
        }
    }
}

fn results(network: &MyNetwork, url: &ListUrl, found: &Summaries) -> Markup {
    if found.subscribers.is_empty() {
        return nothing(network, url, found);
    }
    let page = url.value("page").parse().unwrap_or(1);
    html! {
        @if found.is_cut {
            p.quiet role="status" { "More than " (found.found_count) " fit: these are some of them. Type more to see fewer." }
        }
        div.scroll {
            table.list {
                thead { tr {
                    th scope="col" { "Subscriber" } th scope="col" { "IMSI" } th scope="col" { "State" }
                    th scope="col" { "Data plan" } th scope="col" { "APNs" } th scope="col" { "Sessions now" }
                    th scope="col" { "Last reported" }
                } }
                tbody { @for subscriber in &found.subscribers { (row(&network.id, subscriber)) } }
            }
        }
        (url.pages(page, PAGE_SIZE, found.found_count))
    }
}

fn row(network: &str, subscriber: &Summary) -> Markup {
    let title =
        if subscriber.name.is_empty() { subscriber.id.trim_start_matches("IMSI") } else { &subscriber.name };
    html! {
        tr {
            td { a.row href=(url(network, &subscriber.id)) { (title) } @if !subscriber.msisdn.is_empty() { br; span.quiet { "+" (subscriber.msisdn.trim_start_matches('+')) } } }
            td { code { (subscriber.id.trim_start_matches("IMSI")) } }
            td { (worded(health(&subscriber.state), word(&subscriber.state))) }
            td { (subscriber.sub_profile) }
            td { @if subscriber.active_apns.is_empty() { span.quiet { "none" } } @else { (subscriber.active_apns.join(", ")) } }
            td { (sessions(subscriber)) }
            td { (when_or(subscriber.reported_time, "not reported")) }
        }
    }
}

/// The word for whether somebody may use the network.
pub(crate) fn word(state: &str) -> &str {
    match state {
        "ACTIVE" => "Active",
        "INACTIVE" => "Inactive",
        "" => "Unknown",
        other => other,
    }
}

fn sessions(subscriber: &Summary) -> Markup {
    let shown = |session: &Session| html! { code { (if session.ip.is_empty() { "no IP" } else { &session.ip }) } " " span.quiet { (session.apn) } };
    html! {
        @if subscriber.sessions.is_empty() {
            span.quiet { @if subscriber.reported_time > 0 { "none" } @else { "not told" } }
        } @else {
            @for (at, session) in subscriber.sessions.iter().take(SESSIONS_MAX).enumerate() { @if at > 0 { br; } (shown(session)) }
            @if subscriber.sessions.len() > SESSIONS_MAX { br; span.quiet { (subscriber.sessions.len() - SESSIONS_MAX) " more" } }
        }
        @for (apn, ip) in &subscriber.static_ips {
            @if !subscriber.sessions.iter().any(|session| session.ip == *ip) { br; span.quiet { "static " code { (ip) } " " (apn) } }
        }
    }
}

fn nothing(network: &MyNetwork, url: &ListUrl, found: &Summaries) -> Markup {
    html! {
        div.empty {
            @if found.total_count == 0 {
                p.lead { "This network has no subscribers yet." }
                @if network.may_write { p { "Add one, or many at once from a table." } }
            } @else if found.found_count > 0 {
                p.lead { "There is no such page: " (found.found_count) " fit." }
                p { a href=(url.with("page", "")) { "To the first page" } }
            } @else {
                p.lead { "None of the " (found.total_count) " subscribers is like this." }
                p { "A search finds beginnings: of an IMSI (with IMSI before it or without), of a telephone number, of an address, or of a word of a name." }
                p { a href=(url.cleared()) { "Show all of them" } }
            }
        }
    }
}
