//! Metrics: built-in dashboards of the network and of each object in it, and an explorer for all else.

mod choose;
mod dashboards;
mod explore;
pub(crate) mod names;
mod panels;
pub(crate) mod promql;

pub(crate) use names::now_s;
pub(crate) use panels::Kind;

use crate::Console;
use crate::rest::path;
use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/networks/{network}/metrics", get(dashboards::network))
        .route("/console/networks/{network}/metrics/explore", get(explore::show))
        .route("/console/networks/{network}/metrics/choose/{kind}", get(choose::show))
        .route("/console/networks/{network}/metrics/gateways/{id}", get(dashboards::gateway))
        .route("/console/networks/{network}/metrics/enodebs/{id}", get(dashboards::enodeb))
        .route("/console/networks/{network}/metrics/subscribers/{id}", get(dashboards::subscriber))
}

/// The dashboard of an object; a network's has no id.
pub(crate) fn dashboard_url(network: &str, kind: Kind, id: &str) -> String {
    let place = match kind {
        Kind::Network => path(&["networks", network, "metrics"]),
        of => path(&["networks", network, "metrics", of.plural(), id]),
    };
    format!("/console{place}")
}

/// Where one chooses an object.
fn choose_url(network: &str, kind: Kind) -> String {
    format!("/console{}", path(&["networks", network, "metrics", "choose", kind.plural()]))
}

/// Where the explorer is.
fn explore_url(network: &str) -> String {
    format!("/console{}", path(&["networks", network, "metrics", "explore"]))
}

/// The kinds of pages about metrics; without one it is the explorer's.
fn tabs(network: &str, is_lte: bool, shown: Option<Kind>) -> Markup {
    let kinds = [
        (Kind::Network, "Network", dashboard_url(network, Kind::Network, "")),
        (Kind::Gateway, "Gateways", choose_url(network, Kind::Gateway)),
        (Kind::Enodeb, "eNodeBs", choose_url(network, Kind::Enodeb)),
        (Kind::Subscriber, "Subscribers", choose_url(network, Kind::Subscriber)),
    ];
    html! {
        nav.views aria-label="Metrics" {
            @for (kind, title, url) in kinds {
                @if is_lte || kind != Kind::Enodeb { a href=(url) aria-current=[(shown == Some(kind)).then_some("page")] { (title) } }
            }
            a href=(explore_url(network)) aria-current=[shown.is_none().then_some("page")] { "Explorer" }
        }
    }
}
