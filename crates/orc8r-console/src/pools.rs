//! Gateway pools: gateways that share the work of an MME, and what part each of them takes.

mod change;
mod list;
mod members;

use crate::Console;
use crate::rest::path;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/networks/{network}/pools", get(list::show))
        .route("/console/networks/{network}/pools/{pool}", get(list::show_one).post(change::act))
}

/// The page of a pool.
pub(crate) fn url(network: &str, pool: &str) -> String {
    format!("/console{}", path(&["networks", network, "pools", pool]))
}
