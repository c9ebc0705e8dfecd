//! The web console: pages for the person who runs the network.
//!
//! Pages are made here, whole, and read without a script. What changes on a page that is open is sent to it ([`live`]).
//! Everything that is shown or changed goes through the REST API, in this process, as the person who is signed in
//! ([`rest`]); so the console can do nothing that the API would not let him do. No page asks another machine for anything
//! ([`assets`]).

mod account;
mod administration;
mod alerts;
mod assets;
mod cbsds;
mod compress;
#[allow(dead_code, reason = "the pages that use all of it follow")]
mod csv;
mod edit;
mod elsewhere;
mod enodebs;
mod failure;
mod form;
mod gateways;
mod home;
mod live;
mod map;
mod metrics;
mod navigation;
mod networks;
mod origin;
mod page;
mod pools;
mod records;
mod rest;
mod said;
mod search;
mod session;
mod setup;
mod subscribers;
mod tiers;
mod tiles;
mod topology;
mod traces;
mod traffic;
mod view;
mod visit;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use axum::{Router, middleware};
use failure::Failure;
use std::sync::Arc;
pub use tiles::Tiles;
use tower_service::Service as _;

/// What the console is made of.
#[derive(Clone)]
pub struct Console {
    /// The REST API with everything that it serves besides, such as the sign-in at an organisation.
    pub rest: Router,
    /// Whether people may sign in at their organisation.
    pub signs_in_elsewhere: bool,
    /// Where the map's tiles come from; `None`: it shows coastlines of its own.
    pub tiles: Option<Tiles>,
}

/// The console, and behind it the REST API for everything that is no page.
pub fn router(console: Console) -> Router {
    let rest = console.rest.clone();
    let console = Arc::new(console);
    let pages = Router::new()
        .merge(home::routes())
        .merge(networks::routes())
        .merge(gateways::routes())
        .merge(enodebs::routes())
        .merge(cbsds::routes())
        .merge(pools::routes())
        .merge(tiers::routes())
        .merge(map::routes())
        .merge(topology::routes())
        .merge(edit::routes())
        .merge(administration::routes())
        .merge(account::routes())
        .merge(metrics::routes())
        .merge(alerts::routes())
        .merge(subscribers::routes())
        .merge(traffic::routes())
        .merge(records::routes())
        .merge(traces::routes())
        .merge(search::routes())
        .with_state(console.clone());
    let live = live::routes(pages.clone());
    let others = Router::new()
        .merge(session::routes())
        .merge(elsewhere::routes())
        .merge(setup::routes())
        .merge(assets::routes())
        .merge(live);
    pages
        .merge(others.with_state(console))
        .route("/console", get(async || Redirect::permanent("/console/")))
        .route("/console/{*page}", any(async || Failure::not_found("There is no such page.")))
        .layer(middleware::from_fn(compress::pages))
        .layer(middleware::from_fn(origin::check))
        .route("/", get(first))
        .fallback(move |request: Request| {
            let mut rest = rest.clone();
            async move { rest.call(request).await.unwrap_or_else(|never| match never {}) }
        })
}

/// What is at `/`: a browser goes to the console; a probe gets the word that Magma's edge answers.
async fn first(headers: HeaderMap) -> Response {
    let accepts = headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match accepts.contains("text/html") {
        true => Redirect::to("/console/").into_response(),
        false => "hello".into_response(),
    }
}
