//! `/networks/{network_id}/tiers/{tier_id}/{name,version}`: single fields of an upgrade tier.

use crate::Api;
use crate::error::ApiError;
use crate::request::{Ids, JsonBody, TierPath};
use crate::{tier_images, tiers};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use orc8r_model::EntityUpdate;
use orc8r_model::body::{TierName, TierVersion};

pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/networks/{network_id}/tiers/{tier_id}/name", get(read_name).put(replace_name))
        .route("/networks/{network_id}/tiers/{tier_id}/version", get(read_version).put(replace_version))
}

async fn read_name(State(api): State<Api>, Ids(path): Ids<TierPath>) -> Result<Json<TierName>, ApiError> {
    Ok(Json(TierName(tiers::load(&api, &path).await?.name)))
}

async fn replace_name(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
    JsonBody(TierName(name)): JsonBody<TierName>,
) -> Result<StatusCode, ApiError> {
    tiers::write(&api, &path, EntityUpdate { name: Some(name), ..EntityUpdate::of(path.entity()) }).await
}

async fn read_version(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
) -> Result<Json<TierVersion>, ApiError> {
    Ok(Json(TierVersion(tiers::config(&tiers::load(&api, &path).await?)?.version)))
}

async fn replace_version(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
    JsonBody(TierVersion(version)): JsonBody<TierVersion>,
) -> Result<StatusCode, ApiError> {
    tier_images::change(&api, &path, |config| {
        config.version.clone_from(&version);
        Ok(())
    })
    .await
}
