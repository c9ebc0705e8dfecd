//! `/networks/{network_id}/tiers`: whole upgrade tiers.

use crate::Api;
use crate::error::ApiError;
use crate::networks::{from_json, to_json};
use crate::request::{Ids, JsonBody, NetworkPath, TierPath, require_same};
use crate::routes::{Created, NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::{EdgeChange, Entity, EntityId, EntityUpdate, TierConfig, entity_type};
use orc8r_store::EntityWrite;
use std::collections::BTreeSet;
use wire_rest::types::Tier;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/tiers", list)
        .post("/networks/{network_id}/tiers", create)
        .get("/networks/{network_id}/tiers/{tier_id}", read)
        .put("/networks/{network_id}/tiers/{tier_id}", update)
        .delete("/networks/{network_id}/tiers/{tier_id}", delete)
}

async fn list(State(api): State<Api>, Ids(path): Ids<NetworkPath>) -> Result<Json<Vec<String>>, ApiError> {
    Ok(Json(api.store.entity_keys(&path.network_id, entity_type::UPGRADE_TIER).await?))
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<Tier>,
) -> Result<Created, ApiError> {
    let tier = Entity {
        config: Some(to_json(&TierConfig { version: body.version, images: body.images })?),
        children: gateway_ids(body.gateways),
        name: body.name.unwrap_or_default(),
        ..Entity::new(EntityId::tier(body.id))
    };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Create(tier)]).await?;
    Ok(Created)
}

async fn read(State(api): State<Api>, Ids(path): Ids<TierPath>) -> Result<Json<Tier>, ApiError> {
    let entity = load(&api, &path).await?;
    let TierConfig { version, images } = config(&entity)?;
    Ok(Json(Tier {
        version,
        images,
        gateways: entity.children_of_type(entity_type::MAGMAD_GATEWAY).map(str::to_owned).collect(),
        id: entity.id.key,
        name: Some(entity.name).filter(|name| !name.is_empty()),
    }))
}

async fn update(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
    JsonBody(body): JsonBody<Tier>,
) -> Result<NoContent, ApiError> {
    require_same("id", &body.id, &path.tier_id)?;
    let config = TierConfig { version: body.version, images: body.images };
    let update = EntityUpdate {
        name: Some(body.name.unwrap_or_default()),
        config: Some(Some(to_json(&config)?)),
        children: EdgeChange::Set(gateway_ids(body.gateways)),
        ..EntityUpdate::of(path.entity())
    };
    write(&api, &path, update).await
}

async fn delete(State(api): State<Api>, Ids(path): Ids<TierPath>) -> Result<NoContent, ApiError> {
    api.store.write_entities(&path.network_id, vec![EntityWrite::Delete(path.entity())]).await?;
    Ok(NoContent)
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
pub(crate) async fn write(api: &Api, path: &TierPath, update: EntityUpdate) -> Result<NoContent, ApiError> {
    api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?;
    Ok(NoContent)
}
