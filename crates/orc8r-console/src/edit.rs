//! Changing anything that the REST API has: pages that are made of the contract's schemas.
//!
//! A resource is shown as a form or as JSON, what would change is shown before it is saved, and what somebody else changed
//! meanwhile is not overwritten. Its history is the audit log's, and each state in it can be brought back.

mod beginnings;
mod change;
pub(crate) mod diff;
mod history;
mod new;
mod operations;
mod remove;
mod secrets;
mod sheet;
pub(crate) mod words;

pub(crate) use secrets::hidden;

use crate::Console;
use crate::rest::escaped;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/change", get(change::show).post(change::act))
        .route("/console/new", get(new::show).post(new::act))
        .route("/console/remove", get(remove::show).post(remove::act))
        .route("/console/history", get(history::show))
}

/// The page where a resource is changed: a path of the API, such as `/lte/n1/apns/internet`. It leads back to a page of
/// the console.
pub(crate) fn change(resource: &str, back: &str) -> String {
    url("change", resource, back)
}

/// The page where one is added to a collection, such as `/lte/n1/apns`.
pub(crate) fn add(collection: &str, back: &str) -> String {
    url("new", collection, back)
}

/// The page where a resource is deleted.
pub(crate) fn delete(resource: &str, back: &str) -> String {
    url("remove", resource, back)
}

/// What a resource was, and who changed it.
pub(crate) fn history(resource: &str, back: &str) -> String {
    url("history", resource, back)
}

fn url(page: &str, resource: &str, back: &str) -> String {
    format!("/console/{page}?resource={}&back={}", escaped(resource), escaped(back))
}

/// What each of these pages is about.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct About {
    /// A path of the API.
    resource: String,
    /// A page of the console.
    back: String,
    /// Whether JSON is edited instead of a form.
    json: String,
}
