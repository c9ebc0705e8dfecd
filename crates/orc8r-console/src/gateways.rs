//! Gateways: the list, and a page each.

mod add;
mod adoption;
mod detail;
mod list;
pub(crate) mod summaries;

use crate::Console;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/networks/{network}/gateways", get(list::show))
        .route("/console/networks/{network}/add-gateway", get(add::show).post(add::add))
        .route("/console/networks/{network}/gateways/{gateway}", get(detail::show))
}
