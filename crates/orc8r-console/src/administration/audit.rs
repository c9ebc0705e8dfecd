//! The audit log: who changed what, with what it was before.

use super::{page, views};
use crate::edit::diff::diff;
use crate::failure::Failure;
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
    let asked =
        format!("/audit?{}", url.with("size", &SIZE.to_string()).split_once('?').unwrap_or_default().1);
    let entries: Vec<Entry> = visit.rest.get(&asked).await?;
    let field = |name: &str, label: &str, example: &str| {
        html! { label { (label) input name=(name) value=(url.value(name)) placeholder=(example) spellcheck="false"; } }
    };
    Ok(page(&visit, "Audit log").show(html! {
        (views("Audit log"))
        form.filter method="get" role="search" aria-label="Filter the audit log" {
            (field("actor", "Who", "user or operator"))
            (field("network_id", "Network", "id"))
            (field("path", "Path", "/magma/v1/networks/…"))
            button type="submit" { "Filter" }
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
