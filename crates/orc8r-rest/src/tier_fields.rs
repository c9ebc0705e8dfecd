//! `/networks/{network_id}/tiers/{tier_id}/{name,version}`: single fields of an upgrade tier.

use crate::Api;
use crate::error::ApiError;
use crate::request::{Ids, JsonBody, TierPath};
use crate::routes::{NoContent, Routes};
use crate::{tier_images, tiers};
use axum::Json;
use axum::extract::State;
use orc8r_model::EntityUpdate;
use wire_rest::types::{TierName, TierVersion};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/tiers/{tier_id}/name", read_name)
        .put("/networks/{network_id}/tiers/{tier_id}/name", replace_name)
        .get("/networks/{network_id}/tiers/{tier_id}/version", read_version)
        .put("/networks/{network_id}/tiers/{tier_id}/version", replace_version)
}

async fn read_name(State(api): State<Api>, Ids(path): Ids<TierPath>) -> Result<Json<TierName>, ApiError> {
    Ok(Json(TierName(tiers::load(&api, &path).await?.name)))
}

async fn replace_name(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
    JsonBody(TierName(name)): JsonBody<TierName>,
) -> Result<NoContent, ApiError> {
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
) -> Result<NoContent, ApiError> {
    tier_images::change(&api, &path, |config| {
        config.version.clone_from(&version);
        Ok(())
    })
    .await
}
