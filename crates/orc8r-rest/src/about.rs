//! `/about`: which release this is.

use crate::{Api, Versions};
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};

pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/about/version", get(version))
}

async fn version(State(api): State<Api>) -> Json<Versions> {
    Json(api.versions)
}
