//! What gateways told: events, and the lines of their logs; searched by what stands in the URL, newest first, live.

mod events;
mod export;
mod histogram;
mod logs;

use crate::Console;
use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{Refusal, escaped, path};
use crate::view::range::Range;
use crate::view::table::ListUrl;
use crate::visit::{MyNetwork, Visit};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use histogram::Histogram;
use maud::{Markup, html};
use serde_json::Value;
use std::sync::Arc;

/// Rows of a page.
const PAGE_SIZE: usize = 50;

/// The API shows no more of one question.
const ROWS_MAX: usize = 10_000;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/networks/{network}/events", get(events::show))
        .route("/console/networks/{network}/events/export", get(events::export))
        .route("/console/networks/{network}/logs", get(logs::show))
        .route("/console/networks/{network}/logs/export", get(logs::export))
}

/// What is asked: where, with which query, and in which time.
struct Question {
    /// The resource that answers records.
    search: String,
    /// The one that counts them.
    count: String,
    /// The query, but for time and page.
    query: Vec<(&'static str, String)>,
    range: Range,
    /// Whether it ends now: then what comes belongs to it.
    is_open: bool,
}

impl Question {
    fn new(search: String, count: String, query: Vec<(&'static str, String)>, url: &ListUrl) -> Self {
        let range = Range::of(url);
        let is_open = range.query().starts_with("range=");
        Self { search, count, query, range, is_open }
    }

    /// The whole URL of a resource, with what is asked and more.
    fn url(&self, resource: &str, more: &[(&str, String)]) -> String {
        let asked = self.query.iter().map(|(name, value)| (*name, value));
        let pairs = asked.chain(more.iter().map(|(name, value)| (*name, value)));
        let pairs: Vec<_> = pairs
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        format!("{resource}?{}", pairs.join("&"))
    }

    fn time(&self) -> [(&'static str, String); 2] {
        let end = if self.is_open { String::new() } else { self.range.to_s.to_string() };
        [("start", self.range.from_s.to_string()), ("end", end)]
    }

    /// Some of the records, newest first.
    async fn records(&self, visit: &Visit, skip: usize, size: usize) -> Result<Vec<Value>, Refusal> {
        let page = [("from", skip.to_string()), ("size", size.to_string())];
        visit.rest.get(&self.url(&self.search, &[&self.time()[..], &page[..]].concat())).await
    }
}

/// What was found for a page: the records, and how many there are when.
struct Found {
    number: usize,
    records: Result<Vec<Value>, Refusal>,
    histogram: Result<Histogram, Refusal>,
}

impl Found {
    async fn of(visit: &Visit, question: &Question, url: &ListUrl) -> Self {
        let last = ROWS_MAX / PAGE_SIZE;
        let number = url.value("page").parse::<usize>().unwrap_or(1).clamp(1, last);
        let (records, histogram) = tokio::join!(
            question.records(visit, (number - 1) * PAGE_SIZE, PAGE_SIZE),
            Histogram::of(visit, question)
        );
        Self { number, records, histogram }
    }

    /// The part of the page that is live: when how many, the table, and the way to others.
    fn show(&self, url: &ListUrl, table: impl FnOnce(&[Value]) -> Markup, nothing: &Markup) -> Markup {
        let records = match &self.records {
            Ok(records) => records,
            Err(refusal) => {
                return html! { p.problem role="alert" { "This cannot be searched: " (refusal.message) } };
            }
        };
        let count = self.histogram.as_ref().map(Histogram::total).ok();
        let known = self.number.saturating_sub(1) * PAGE_SIZE + records.len();
        let count = count.unwrap_or(known).max(known);
        html! {
            @match &self.histogram {
                Ok(histogram) => (histogram.show()),
                Err(refusal) => p.quiet { "How many there are is not known: " (refusal.message) },
            }
            @if records.is_empty() { (nothing) } @else {
                (table(records))
                (url.pages(self.number, PAGE_SIZE, count.min(ROWS_MAX)))
                @if count > ROWS_MAX { p.quiet { "The newest " (ROWS_MAX) " of " (count) " can be shown and exported: narrow the time for older ones." } }
            }
        }
    }
}

/// A page with its filter, its time, and what was found.
fn page(
    visit: &Visit,
    network: &MyNetwork,
    (section, title): (Section, &str),
    (question, url): (&Question, &ListUrl),
    filter: &Markup,
    results: &Markup,
) -> Response {
    let mut page = Page::new(visit, section, title)
        .of_network(&network.id)
        .below(network.title(), Section::Network.url(&network.id));
    let results = page.live("results", results);
    let kept = url.without(&["page"]);
    page.show(html! {
        (filter)
        (question.range.chooser(url))
        (results)
        form.buttons method="get" action={ (url.cleared()) "/export" } {
            span.quiet { "Export the newest " (ROWS_MAX) " of these as" }
            (kept.hidden())
            button type="submit" name="format" value="csv" { "CSV" }
            button type="submit" name="format" value="ndjson" { "JSON lines" }
        }
    })
}

/// The form that narrows a list: its fields, as a name, a label and what one might write.
fn filter(url: &ListUrl, label: &str, fields: &[(&str, &str, &str)]) -> Markup {
    let names: Vec<&str> = fields.iter().map(|(name, ..)| *name).chain(["page"]).collect();
    html! {
        form.filter method="get" role="search" aria-label=(label) hx-get="" hx-target="#results" hx-select="#results"
            hx-swap="outerHTML" hx-push-url="true" hx-trigger="input delay:400ms, change, submit" {
            @for (name, label, example) in fields {
                label { (label) input type="search" name=(name) value=(url.value(name)) placeholder=(example) autocomplete="off" spellcheck="false"; }
            }
            (url.without(&names).hidden())
            button type="submit" { "Filter" }
            a.button href=(url.cleared()) { "Clear" }
        }
    }
}

/// The hardware id of the gateway that a URL names; empty: it has none.
async fn hardware_id(visit: &Visit, network: &str, gateway: &str) -> Result<String, Failure> {
    let device: Option<Value> = visit.rest.find(&path(&["networks", network, "gateways", gateway])).await?;
    let device = device.unwrap_or_default();
    Ok(device["device"]["hardware_id"].as_str().unwrap_or_default().to_owned())
}

/// A moment as it was told, which the script shows as how long ago.
fn moment(text: &str) -> Markup {
    html! { @if text.is_empty() { span.quiet { "not told" } } @else { time datetime=(text) { (text) } } }
}

/// All of a record, to be opened.
fn json(record: &Value) -> Markup {
    html! {
        details data-keep { summary { "JSON" } pre.json tabindex="0" { (serde_json::to_string_pretty(record).unwrap_or_default()) } }
    }
}
