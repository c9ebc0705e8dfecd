//! `/networks/{network_id}/rating_groups`: traffic that is charged alike.

use crate::Api;
use crate::error::ApiError;
use crate::networks::to_json;
use crate::request::{Ids, JsonBody, NetworkPath};
use crate::routes::{CreatedJson, NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::{Entity, EntityId, EntityUpdate, NetworkId, entity_type};
use orc8r_store::{Edges, EntityWrite, Page};
use serde::Deserialize;
use std::collections::BTreeMap;
use wire_rest::types::{MutableRatingGroup, RatingGroup, RatingGroupId};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/rating_groups", list)
        .post("/networks/{network_id}/rating_groups", create)
        .get("/networks/{network_id}/rating_groups/{rating_group_id}", read)
        .put("/networks/{network_id}/rating_groups/{rating_group_id}", update)
        .delete("/networks/{network_id}/rating_groups/{rating_group_id}", delete)
}

#[derive(Deserialize)]
struct GroupPath {
    network_id: NetworkId,
    #[serde(deserialize_with = "crate::request::number")]
    rating_group_id: u32,
}

fn id(group: u32) -> EntityId {
    EntityId::new(entity_type::RATING_GROUP, group.to_string())
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<BTreeMap<String, RatingGroup>>, ApiError> {
    let kind = entity_type::RATING_GROUP;
    let found = api.store.entities_with(&path.network_id, kind, Page::all(), Edges::None).await?;
    Ok(Json(found.into_iter().map(|group| (group.id.key.clone(), shown(group))).collect()))
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<RatingGroup>,
) -> Result<CreatedJson<RatingGroupId>, ApiError> {
    let config = to_json(&MutableRatingGroup { limit_type: body.limit_type })?;
    let group = Entity { config: Some(config), ..Entity::new(id(body.id)) };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Create(group)]).await?;
    Ok(CreatedJson(RatingGroupId(body.id)))
}

async fn read(State(api): State<Api>, Ids(path): Ids<GroupPath>) -> Result<Json<RatingGroup>, ApiError> {
    let found = api.store.entity_with(&path.network_id, &id(path.rating_group_id), Edges::None).await?;
    Ok(Json(shown(found)))
}

async fn update(
    State(api): State<Api>,
    Ids(path): Ids<GroupPath>,
    JsonBody(body): JsonBody<MutableRatingGroup>,
) -> Result<NoContent, ApiError> {
    let config = Some(Some(to_json(&body)?));
    let update = EntityUpdate { config, ..EntityUpdate::of(id(path.rating_group_id)) };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?;
    Ok(NoContent)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<GroupPath>) -> Result<NoContent, ApiError> {
    api.store.write_entities(&path.network_id, vec![EntityWrite::Delete(id(path.rating_group_id))]).await?;
    Ok(NoContent)
}

fn shown(group: Entity) -> RatingGroup {
    let config = group.config.and_then(|config| MutableRatingGroup::deserialize(config).ok());
    RatingGroup {
        id: group.id.key.parse().unwrap_or_default(),
        limit_type: config.unwrap_or_default().limit_type,
    }
}
