//! Subscribers: the list, and a page each. His keys are written here, and never shown.

pub(crate) mod add;
mod body;
mod detail;
mod effective;
mod events;
mod keys;
mod list;
mod plan;
mod reported;
pub(crate) mod summaries;
mod switches;
pub(crate) mod table;
mod usage;

use crate::Console;
use crate::csv;
use crate::rest::path;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
pub(crate) use body::body;
pub(crate) use detail::links;
pub(crate) use plan::Known;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/networks/{network}/subscribers", get(list::show))
        .route("/console/networks/{network}/add-subscriber", get(add::show).post(add::add))
        .route("/console/networks/{network}/subscribers.csv", get(table::export))
        .route("/console/networks/{network}/subscribers-example.csv", get(table::example))
        .route("/console/networks/{network}/import-subscribers", get(table::show).post(table::act))
        .layer(DefaultBodyLimit::max(csv::BYTES_MAX))
        .route("/console/networks/{network}/subscribers/{subscriber}", get(detail::show))
        .route("/console/networks/{network}/subscribers/{subscriber}/effective", get(effective::show))
        .route("/console/networks/{network}/subscribers/{subscriber}/events", get(events::show))
        .route("/console/networks/{network}/subscribers/{subscriber}/state", post(switches::set_state))
        .route("/console/networks/{network}/subscribers/{subscriber}/numbers", post(switches::set_number))
        .route("/console/networks/{network}/subscribers/{subscriber}/keys", get(keys::show).post(keys::set))
}

/// A subscriber's page.
pub(crate) fn url(network: &str, subscriber: &str) -> String {
    format!("/console{}", path(&["networks", network, "subscribers", subscriber]))
}

/// The resource that he is.
pub(crate) fn resource(network: &str, subscriber: &str) -> String {
    path(&["lte", network, "subscribers", subscriber])
}
