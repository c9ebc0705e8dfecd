//! `/about`: which release this is.

use crate::Api;
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use wire_rest::types::VersionInfo;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/about/version", version)
}

async fn version(State(api): State<Api>) -> Json<VersionInfo> {
    Json(api.versions)
}
