//! Citizens broadband radios (CBSDs): the list, and a page each.

mod detail;
mod grants;
mod leave;
mod list;

use crate::Console;
use crate::rest::path;
use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/networks/{network}/cbsds", get(list::show))
        .route("/console/networks/{network}/cbsds/{cbsd}", get(detail::show))
        .route("/console/networks/{network}/cbsds/{cbsd}/{leaving}", get(leave::show).post(leave::act))
}

/// The page of a radio.
pub(crate) fn url(network: &str, id: &str) -> String {
    format!("/console{}", path(&["networks", network, "cbsds", id]))
}

/// All radios of a network, in the API.
pub(crate) fn collection(network: &str) -> String {
    path(&["dp", network, "cbsds"])
}

/// A radio in the API.
fn resource(network: &str, id: &str) -> String {
    path(&["dp", network, "cbsds", id])
}

/// So that nobody waits for what does not come.
fn nobody_asks() -> Markup {
    html! {
        p.quiet {
            "This Orchestrator does not speak to a spectrum access system (SAS): citizens broadband radios (CBSDs) are "
            "kept and shown, but none is registered, and none gets a grant."
        }
    }
}
