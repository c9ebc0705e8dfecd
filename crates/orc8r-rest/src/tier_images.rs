//! `/networks/{network_id}/tiers/{tier_id}/images`: the images of an upgrade tier.

use crate::Api;
use crate::error::ApiError;
use crate::networks::to_json;
use crate::request::{Ids, JsonBody, TierPath};
use crate::retry::while_changed;
use crate::routes::{NoContent, Routes};
use crate::tiers;
use axum::Json;
use axum::extract::State;
use orc8r_model::{EntityUpdate, NetworkId, TierConfig, TierId};
use serde::Deserialize;
use wire_rest::types::{TierImage, TierImages};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/tiers/{tier_id}/images", list)
        .post("/networks/{network_id}/tiers/{tier_id}/images", add)
        .put("/networks/{network_id}/tiers/{tier_id}/images", replace_all)
        .delete("/networks/{network_id}/tiers/{tier_id}/images/{image_name}", remove)
}

#[derive(Deserialize)]
struct ImagePath {
    network_id: NetworkId,
    tier_id: TierId,
    image_name: String,
}

async fn list(State(api): State<Api>, Ids(path): Ids<TierPath>) -> Result<Json<TierImages>, ApiError> {
    Ok(Json(TierImages(tiers::config(&tiers::load(&api, &path).await?)?.images)))
}

async fn replace_all(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
    JsonBody(TierImages(images)): JsonBody<TierImages>,
) -> Result<NoContent, ApiError> {
    change(&api, &path, |config| {
        config.images.clone_from(&images);
        Ok(())
    })
    .await
}

/// Adds an image. Deviation: Magma lists an image twice that is added twice; here it is replaced.
async fn add(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
    JsonBody(image): JsonBody<TierImage>,
) -> Result<NoContent, ApiError> {
    change(&api, &path, |config| {
        config.images.retain(|present| present.name != image.name);
        config.images.push(image.clone());
        Ok(())
    })
    .await
}

async fn remove(State(api): State<Api>, Ids(path): Ids<ImagePath>) -> Result<NoContent, ApiError> {
    let ImagePath { network_id, tier_id, image_name } = path;
    change(&api, &TierPath { network_id, tier_id }, |config| {
        let before = config.images.len();
        config.images.retain(|present| present.name != image_name);
        if config.images.len() == before {
            return Err(ApiError::not_found(format_args!("image {image_name}")));
        }
        Ok(())
    })
    .await
}

/// Changes the version or the images of a tier.
pub(crate) async fn change(
    api: &Api,
    path: &TierPath,
    edit: impl Fn(&mut TierConfig) -> Result<(), ApiError>,
) -> Result<NoContent, ApiError> {
    while_changed(async || {
        let entity = tiers::load(api, path).await?;
        let mut config = tiers::config(&entity)?;
        edit(&mut config)?;
        let update = EntityUpdate {
            config: Some(Some(to_json(&config)?)),
            if_version: Some(entity.version),
            ..EntityUpdate::of(entity.id)
        };
        tiers::write(api, path, update).await.map(drop)
    })
    .await?;
    Ok(NoContent)
}
