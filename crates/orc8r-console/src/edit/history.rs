//! What a resource was, and who changed it: from the audit log.

use crate::edit::About;
use crate::edit::change::bring_back;
use crate::edit::diff::diff;
use crate::edit::operations::{Place, body};
use crate::edit::secrets::hidden;
use crate::edit::sheet;
use crate::failure::Failure;
use crate::rest::{escaped, path};
use crate::session::local;
use crate::view::when::when;
use crate::visit::Visit;
use axum::extract::Query;
use axum::http::Method;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

/// So many changes are shown.
const CHANGES_MAX: usize = 50;

/// An entry of the audit log.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Entry {
    time_ms: i64,
    actor: String,
    method: String,
    before: Value,
    after: Value,
}

pub(super) async fn show(visit: Visit, Query(about): Query<About>) -> Result<Response, Failure> {
    let (place, operation) = Place::find(&Method::PUT, &about.resource)?;
    let schema = body(operation)?;
    let back = local(&about.back);
    let page = sheet::page(&visit, &place, format!("History of {}", place.title()), back)?;
    let log = place.network.as_deref().map_or("/audit".to_owned(), |id| path(&["networks", id, "audit"]));
    let asked = format!("{log}?size={CHANGES_MAX}&path={}", escaped(&format!("/magma/v1{}", place.path)));
    let entries: Vec<Entry> = visit.rest.get(&asked).await?;
    let now = hidden(&sheet::fit(schema, visit.rest.find(&place.path).await?.unwrap_or_default()));
    let may_write = sheet::may_write(&visit, &place)?;
    let change = |entry: &Entry| -> Markup {
        let then = sheet::fit(schema, entry.before.clone());
        html! {
            article.card {
                h2 { (done_by(&entry.method)) " " (when(entry.time_ms)) }
                p.quiet { "by " (entry.actor) }
                (diff(&sheet::fit(schema, entry.before.clone()), &sheet::fit(schema, entry.after.clone())))
                @if may_write && then.is_object() && then != now {
                    (bring_back(&place.path, back, &now, &then))
                }
            }
        }
    };
    Ok(page.show(html! {
        @if entries.is_empty() {
            div.empty {
                p.lead { "No change is known." }
                p { "What was changed through the API or the console is kept here; what was there before that has no entry." }
            }
        }
        div.history { @for entry in &entries { (change(entry)) } }
        @if entries.len() == CHANGES_MAX { p.quiet { "Older changes stand in the audit log." } }
    }))
}

fn done_by(method: &str) -> &'static str {
    match method {
        "POST" => "Added",
        "DELETE" => "Deleted",
        _ => "Changed",
    }
}
