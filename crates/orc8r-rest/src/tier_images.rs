//! `/networks/{network_id}/tiers/{tier_id}/images`: the images of an upgrade tier.

use crate::Api;
use crate::error::ApiError;
use crate::networks::to_json;
use crate::request::{Ids, JsonBody, TierPath};
use crate::retry::while_changed;
use crate::tiers;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use orc8r_model::body::{TierConfig, TierImage};
use orc8r_model::{EntityUpdate, NetworkId, TierId};
use serde::Deserialize;

pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/networks/{network_id}/tiers/{tier_id}/images", get(list).post(add).put(replace_all))
        .route("/networks/{network_id}/tiers/{tier_id}/images/{image_name}", delete(remove))
}

#[derive(Deserialize)]
struct ImagePath {
    network_id: NetworkId,
    tier_id: TierId,
    image_name: String,
}

async fn list(State(api): State<Api>, Ids(path): Ids<TierPath>) -> Result<Json<Vec<TierImage>>, ApiError> {
    Ok(Json(tiers::config(&tiers::load(&api, &path).await?)?.images))
}

async fn replace_all(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
    JsonBody(images): JsonBody<Vec<TierImage>>,
) -> Result<StatusCode, ApiError> {
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
) -> Result<StatusCode, ApiError> {
    change(&api, &path, |config| {
        config.images.retain(|present| present.name != image.name);
        config.images.push(image.clone());
        Ok(())
    })
    .await
}

async fn remove(State(api): State<Api>, Ids(path): Ids<ImagePath>) -> Result<StatusCode, ApiError> {
    let ImagePath { network_id, tier_id, image_name } = path;
    change(&api, &TierPath { network_id, tier_id }, |config| {
        let before = config.images.len();
        config.images.retain(|present| present.name.as_deref() != Some(&image_name));
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
) -> Result<StatusCode, ApiError> {
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
    Ok(StatusCode::NO_CONTENT)
}
