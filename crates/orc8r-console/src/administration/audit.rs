//! The audit log: who changed what, with what it was before.

use super::{page, views};
use crate::edit::diff::diff;
use crate::failure::Failure;
use crate::view::range::moment;
use crate::view::table::ListUrl;
use crate::view::when::when;
use crate::visit::Visit;
use axum::extract::Query;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

const PLACE: &str = "/console/admin/audit";

/// Entries of a page.
const SIZE: usize = 50;

/// A change.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Entry {
    number: u64,
    time_ms: i64,
    actor: String,
    method: String,
    path: String,
    status: u16,
    before: Value,
    after: Value,
}

pub(super) async fn list(
    visit: Visit,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let url = ListUrl::new(PLACE, &query);
    let entries: Vec<Entry> = visit.rest.get(&asked(&url)).await?;
    let time = |name: &str, label: &str| {
        html! { label { (label) input type="datetime-local" name=(name) value=(url.value(name)); } }
    };
    let field = |name: &str, label: &str, example: &str| {
        html! { label { (label) input name=(name) value=(url.value(name)) placeholder=(example) spellcheck="false"; } }
    };
    Ok(page(&visit, "Audit log").show(html! {
        (views("Audit log"))
        form.filter method="get" role="search" aria-label="Filter the audit log" {
            (field("actor", "Who", "user or operator"))
            (field("network_id", "Network", "id"))
            (field("path", "Path", "/magma/v1/networks/…"))
            (time("from", "From (UTC)"))
            (time("to", "To (UTC)"))
            button type="submit" { "Filter" }
        }
        @for name in ["from", "to"].into_iter().filter(|name| is_no_time(url.value(name))) {
            p.problem role="alert" { "“" (url.value(name)) "” is no time, so it narrows nothing: write it as 2026-01-31T12:00." }
        }
        @if entries.is_empty() {
            div.empty { p.lead { "No change is known that is like this." } p { a href=(url.cleared()) { "Show all" } } }
        } @else {
            div.scroll { table.list {
                thead { tr { th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "What" } th scope="col" { "Answer" } } }
                tbody { @for entry in &entries { (row(entry)) } }
            } }
        }
        @if let Some(last) = entries.last().filter(|_| entries.len() == SIZE) {
            nav.pages aria-label="Pages" { a.button href=(url.with("before", &last.number.to_string())) rel="next" { "Older" } }
        }
    }))
}

fn is_no_time(text: &str) -> bool {
    !text.is_empty() && moment(text).is_none()
}

/// What the API is asked: times are in milliseconds there, and the last minute is one of those that are wanted.
fn asked(url: &ListUrl) -> String {
    let ms = |name: &str, more: i64| {
        moment(url.value(name)).map(|seconds| (seconds * 1000 + more).to_string()).unwrap_or_default()
    };
    let (from, to) = (ms("from", 0), ms("to", 59_999));
    let times = [("from_ms", from), ("to_ms", to), ("size", SIZE.to_string())];
    let kept = ["actor", "network_id", "path", "before"].map(|name| (name, url.value(name).to_owned()));
    let query = kept.into_iter().chain(times).map(|(name, value)| (name.to_owned(), value)).collect();
    format!("/audit?{}", ListUrl::new(PLACE, &query).query())
}

fn row(entry: &Entry) -> Markup {
    html! {
        tr {
            td { (when(entry.time_ms)) }
            td { (entry.actor) }
            td {
                code { (entry.method) " " (entry.path) }
                @if entry.before != entry.after {
                    details { summary { "What changed" } (diff(&entry.before, &entry.after)) }
                }
            }
            td { (entry.status) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_asked_for_as_the_server_has_it() {
        let asked_of = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            asked(&ListUrl::new(PLACE, &pairs.collect()))
        };
        assert_eq!(asked_of(&[("x", "y")]), "/audit?size=50");
        let times = [("from", "2023-11-14T22:13"), ("to", "2023-11-14T22:14"), ("actor", "ann")];
        assert_eq!(asked_of(&times), "/audit?actor=ann&from_ms=1699999980000&size=50&to_ms=1700000099999");
        assert_eq!(asked_of(&[("from", "yesterday")]), "/audit?size=50");
        assert!(is_no_time("yesterday") && !is_no_time("") && !is_no_time("2023-11-14T22:13"));
    }
}
