//! `/lte/{network_id}/policy_qos_profiles`: how well policy rules treat traffic.

use crate::Api;
use crate::error::ApiError;
use crate::networks::{from_json, to_json};
use crate::request::{Ids, JsonBody, NetworkPath, require_same};
use crate::routes::{Created, NoContent, Routes, Shown};
use axum::Json;
use axum::extract::State;
use orc8r_model::{Entity, EntityId, EntityUpdate, NetworkId, entity_type};
use orc8r_store::{Edges, EntityWrite, Page};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use wire_rest::types::PolicyQosProfile;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/lte/{network_id}/policy_qos_profiles", list)
        .post("/lte/{network_id}/policy_qos_profiles", create)
        .get("/lte/{network_id}/policy_qos_profiles/{profile_id}", read)
        .put("/lte/{network_id}/policy_qos_profiles/{profile_id}", update)
        .delete("/lte/{network_id}/policy_qos_profiles/{profile_id}", delete)
}

#[derive(Deserialize)]
struct ProfilePath {
    network_id: NetworkId,
    profile_id: String,
}

fn id(profile: &str) -> EntityId {
    EntityId::new(entity_type::POLICY_QOS_PROFILE, profile)
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Shown<BTreeMap<String, PolicyQosProfile>>, ApiError> {
    let kind = entity_type::POLICY_QOS_PROFILE;
    let found = api.store.entities_with(&path.network_id, kind, Page::all(), Edges::None).await?;
    let shown = found.into_iter().map(|profile| (profile.id.key, profile.config.unwrap_or_default()));
    Ok(Shown::new(Value::Object(shown.collect::<Map<_, _>>())))
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<PolicyQosProfile>,
) -> Result<Created, ApiError> {
    let profile = Entity { config: Some(to_json(&body)?), ..Entity::new(id(&body.id)) };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Create(profile)]).await?;
    Ok(Created)
}

async fn read(
    State(api): State<Api>,
    Ids(path): Ids<ProfilePath>,
) -> Result<Json<PolicyQosProfile>, ApiError> {
    let found = api.store.entity_with(&path.network_id, &id(&path.profile_id), Edges::None).await?;
    from_json(entity_type::POLICY_QOS_PROFILE, &found.config.unwrap_or_default()).map(Json)
}

async fn update(
    State(api): State<Api>,
    Ids(path): Ids<ProfilePath>,
    JsonBody(body): JsonBody<PolicyQosProfile>,
) -> Result<NoContent, ApiError> {
    require_same("id", &body.id, &path.profile_id)?;
    let update = EntityUpdate { config: Some(Some(to_json(&body)?)), ..EntityUpdate::of(id(&body.id)) };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?;
    Ok(NoContent)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<ProfilePath>) -> Result<NoContent, ApiError> {
    api.store.write_entities(&path.network_id, vec![EntityWrite::Delete(id(&path.profile_id))]).await?;
    Ok(NoContent)
}
