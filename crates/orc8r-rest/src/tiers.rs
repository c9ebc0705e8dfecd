//! `/networks/{network_id}/tiers`: whole upgrade tiers.

use crate::Api;
use crate::error::ApiError;
use crate::networks::{from_json, to_json};
use crate::request::{Ids, JsonBody, NetworkPath, TierPath};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use orc8r_model::body::{Tier, TierConfig};
use orc8r_model::{EdgeChange, Entity, EntityId, EntityUpdate, entity_type};
use orc8r_store::EntityWrite;
use std::collections::BTreeSet;

pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/networks/{network_id}/tiers", get(list).post(create))
        .route("/networks/{network_id}/tiers/{tier_id}", get(read).put(update).delete(delete))
}

async fn list(State(api): State<Api>, Ids(path): Ids<NetworkPath>) -> Result<Json<Vec<String>>, ApiError> {
    Ok(Json(api.store.entity_keys(&path.network_id, entity_type::UPGRADE_TIER).await?))
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<Tier>,
) -> Result<StatusCode, ApiError> {
    let tier = Entity {
        config: Some(to_json(&TierConfig {
            version: body.version,
            images: body.images.unwrap_or_default(),
        })?),
        children: gateway_ids(body.gateways.unwrap_or_default()),
        name: body.name,
        ..Entity::new(EntityId::tier(body.id))
    };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Create(tier)]).await?;
    Ok(StatusCode::CREATED)
}

async fn read(State(api): State<Api>, Ids(path): Ids<TierPath>) -> Result<Json<Tier>, ApiError> {
    let entity = load(&api, &path).await?;
    let TierConfig { version, images } = config(&entity)?;
    Ok(Json(Tier {
        version,
        images: Some(images),
        gateways: Some(entity.children_of_type(entity_type::MAGMAD_GATEWAY).map(str::to_owned).collect()),
        id: entity.id.key,
        name: entity.name,
    }))
}

async fn update(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
    JsonBody(body): JsonBody<Tier>,
) -> Result<StatusCode, ApiError> {
    if body.id != path.tier_id.as_str() {
        return Err(ApiError::bad(format!(
            "id in body '{}' is not that of the path '{}'",
            body.id, path.tier_id
        )));
    }
    let config = TierConfig { version: body.version, images: body.images.unwrap_or_default() };
    let update = EntityUpdate {
        name: Some(body.name),
        config: Some(Some(to_json(&config)?)),
        children: EdgeChange::Set(gateway_ids(body.gateways.unwrap_or_default())),
        ..EntityUpdate::of(path.entity())
    };
    write(&api, &path, update).await
}

async fn delete(State(api): State<Api>, Ids(path): Ids<TierPath>) -> Result<StatusCode, ApiError> {
    api.store.write_entities(&path.network_id, vec![EntityWrite::Delete(path.entity())]).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl TierPath {
    /// The tier's entity.
    pub(crate) fn entity(&self) -> EntityId {
        EntityId::tier(self.tier_id.as_str())
    }
}

/// The entities of gateways.
pub(crate) fn gateway_ids(keys: impl IntoIterator<Item = impl Into<String>>) -> BTreeSet<EntityId> {
    keys.into_iter().map(|key| EntityId::new(entity_type::MAGMAD_GATEWAY, key)).collect()
}

/// The entity that a path names.
pub(crate) async fn load(api: &Api, path: &TierPath) -> Result<Entity, ApiError> {
    Ok(api.store.entity(&path.network_id, &path.entity()).await?)
}

/// What a tier keeps besides its name and its gateways.
pub(crate) fn config(entity: &Entity) -> Result<TierConfig, ApiError> {
    let config = entity.config.as_ref().map(|config| from_json("a tier", config)).transpose()?;
    Ok(config.unwrap_or_default())
}

/// Changes a tier.
pub(crate) async fn write(api: &Api, path: &TierPath, update: EntityUpdate) -> Result<StatusCode, ApiError> {
    api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?;
    Ok(StatusCode::NO_CONTENT)
}
