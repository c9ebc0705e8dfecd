//! `/channels`: release channels, which belong to no network.

use crate::Api;
use crate::error::ApiError;
use crate::networks::{from_json, to_json};
use crate::request::{ChannelPath, Ids, JsonBody, require_same};
use crate::routes::{Created, NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::{ChannelConfig, Entity, EntityId, EntityUpdate, NetworkId, entity_type};
use orc8r_store::EntityWrite;
use serde_json::Value;
use wire_rest::types::ReleaseChannel;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/channels", list)
        .post("/channels", create)
        .get("/channels/{channel_id}", read)
        .put("/channels/{channel_id}", update)
        .delete("/channels/{channel_id}", delete)
}

async fn list(State(api): State<Api>) -> Result<Json<Vec<String>>, ApiError> {
    let channels =
        api.store.entity_keys(&NetworkId::internal(), entity_type::UPGRADE_RELEASE_CHANNEL).await?;
    Ok(Json(channels))
}

async fn create(
    State(api): State<Api>,
    JsonBody(body): JsonBody<ReleaseChannel>,
) -> Result<Created, ApiError> {
    let config = Some(config(body.supported_versions)?);
    let channel = Entity { name: body.name.unwrap_or_default(), config, ..Entity::new(entity(body.id)) };
    write(&api, EntityWrite::Create(channel)).await?;
    Ok(Created)
}

async fn read(State(api): State<Api>, Ids(path): Ids<ChannelPath>) -> Result<Json<ReleaseChannel>, ApiError> {
    let channel = api.store.entity(&NetworkId::internal(), &entity(path.channel_id)).await?;
    let config: Option<ChannelConfig> =
        channel.config.as_ref().map(|config| from_json("a release channel", config)).transpose()?;
    Ok(Json(ReleaseChannel {
        id: channel.id.key,
        name: Some(channel.name).filter(|name| !name.is_empty()),
        supported_versions: config.unwrap_or_default().supported_versions,
    }))
}

async fn update(
    State(api): State<Api>,
    Ids(path): Ids<ChannelPath>,
    JsonBody(body): JsonBody<ReleaseChannel>,
) -> Result<NoContent, ApiError> {
    require_same("id", &body.id, &path.channel_id)?;
    let config = Some(Some(config(body.supported_versions)?));
    let update = EntityUpdate {
        name: Some(body.name.unwrap_or_default()),
        config,
        ..EntityUpdate::of(entity(body.id))
    };
    write(&api, EntityWrite::Update(update)).await
}

async fn delete(State(api): State<Api>, Ids(path): Ids<ChannelPath>) -> Result<NoContent, ApiError> {
    write(&api, EntityWrite::Delete(entity(path.channel_id))).await
}

fn entity(id: impl Into<String>) -> EntityId {
    EntityId::new(entity_type::UPGRADE_RELEASE_CHANNEL, id)
}

fn config(supported_versions: Vec<String>) -> Result<Value, ApiError> {
    to_json(&ChannelConfig { supported_versions })
}

async fn write(api: &Api, write: EntityWrite) -> Result<NoContent, ApiError> {
    api.store.write_entities(&NetworkId::internal(), vec![write]).await?;
    Ok(NoContent)
}
