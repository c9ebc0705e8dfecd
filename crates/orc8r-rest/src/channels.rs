//! `/channels`: release channels, which belong to no network.

use crate::Api;
use crate::error::ApiError;
use crate::networks::{from_json, to_json};
use crate::request::{ChannelPath, Ids, JsonBody};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use orc8r_model::body::{ChannelConfig, ReleaseChannel};
use orc8r_model::{Entity, EntityId, EntityUpdate, NetworkId, entity_type};
use orc8r_store::EntityWrite;
use serde_json::Value;

pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/channels", get(list).post(create))
        .route("/channels/{channel_id}", get(read).put(update).delete(delete))
}

async fn list(State(api): State<Api>) -> Result<Json<Vec<String>>, ApiError> {
    let channels =
        api.store.entity_keys(&NetworkId::internal(), entity_type::UPGRADE_RELEASE_CHANNEL).await?;
    Ok(Json(channels))
}

async fn create(
    State(api): State<Api>,
    JsonBody(body): JsonBody<ReleaseChannel>,
) -> Result<StatusCode, ApiError> {
    let config = Some(config(body.supported_versions)?);
    let channel = Entity { name: body.name, config, ..Entity::new(entity(body.id)) };
    write(&api, EntityWrite::Create(channel)).await?;
    Ok(StatusCode::CREATED)
}

async fn read(State(api): State<Api>, Ids(path): Ids<ChannelPath>) -> Result<Json<ReleaseChannel>, ApiError> {
    let channel = api.store.entity(&NetworkId::internal(), &entity(path.channel_id)).await?;
    let config: Option<ChannelConfig> =
        channel.config.as_ref().map(|config| from_json("a release channel", config)).transpose()?;
    Ok(Json(ReleaseChannel {
        id: channel.id.key,
        name: channel.name,
        supported_versions: Some(config.unwrap_or_default().supported_versions),
    }))
}

async fn update(
    State(api): State<Api>,
    Ids(path): Ids<ChannelPath>,
    JsonBody(body): JsonBody<ReleaseChannel>,
) -> Result<StatusCode, ApiError> {
    if body.id != path.channel_id.as_str() {
        return Err(ApiError::bad(format!(
            "id in body '{}' is not that of the path '{}'",
            body.id, path.channel_id
        )));
    }
    let config = Some(Some(config(body.supported_versions)?));
    let update = EntityUpdate { name: Some(body.name), config, ..EntityUpdate::of(entity(body.id)) };
    write(&api, EntityWrite::Update(update)).await
}

async fn delete(State(api): State<Api>, Ids(path): Ids<ChannelPath>) -> Result<StatusCode, ApiError> {
    write(&api, EntityWrite::Delete(entity(path.channel_id))).await
}

fn entity(id: impl Into<String>) -> EntityId {
    EntityId::new(entity_type::UPGRADE_RELEASE_CHANNEL, id)
}

fn config(supported_versions: Option<Vec<String>>) -> Result<Value, ApiError> {
    to_json(&ChannelConfig { supported_versions: supported_versions.unwrap_or_default() })
}

async fn write(api: &Api, write: EntityWrite) -> Result<StatusCode, ApiError> {
    api.store.write_entities(&NetworkId::internal(), vec![write]).await?;
    Ok(StatusCode::NO_CONTENT)
}
