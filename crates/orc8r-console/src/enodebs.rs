//! eNodeBs: the list, and a page each.

mod assign;
mod detail;
mod list;
mod reboot;
pub(crate) mod summaries;

use crate::Console;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/networks/{network}/enodebs", get(list::show))
        .route("/console/networks/{network}/enodebs/{serial}", get(detail::show))
        .route("/console/networks/{network}/enodebs/{serial}/reboot", get(reboot::show).post(reboot::act))
        .route("/console/networks/{network}/enodebs/{serial}/gateway", get(assign::show).post(assign::act))
}
