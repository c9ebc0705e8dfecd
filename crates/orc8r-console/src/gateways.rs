//! Gateways: the list, and a page each.

pub(crate) mod add;
mod adoption;
mod bulk;
mod creation;
mod detail;
mod federation;
mod list;
mod spreadsheet;
pub(crate) mod summaries;

use crate::Console;
use crate::csv;
use crate::rest::path;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::sync::Arc;

/// The page of a gateway.
pub(crate) fn url(network: &str, gateway: &str) -> String {
    format!("/console{}", path(&["networks", network, "gateways", gateway]))
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    let tables = Router::new()
        .route("/console/networks/{network}/import-gateways", get(spreadsheet::show).post(spreadsheet::act))
        .route("/console/networks/{network}/many-gateways", post(bulk::act))
        .layer(DefaultBodyLimit::max(csv::BYTES_MAX));
    Router::new()
        .merge(tables)
        .route("/console/networks/{network}/gateways.csv", get(spreadsheet::export))
        .route("/console/networks/{network}/gateways", get(list::show))
        .route("/console/networks/{network}/add-gateway", get(add::show).post(add::add))
        .merge(detail::routes())
}
