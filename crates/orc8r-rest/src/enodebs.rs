//! `/lte/{network_id}/enodebs`: the base stations of a network.

use crate::Api;
use crate::error::ApiError;
use crate::networks::{from_json, to_json};
use crate::page::PageRequest;
use crate::request::{Ids, JsonBody, NetworkPath, require_same};
use crate::routes::{Created, NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::{Entity, EntityId, EntityUpdate, NetworkId, entity_type};
use orc8r_store::EntityWrite;
use serde::Deserialize;
use serde_json::Value;
use wire_rest::types::{Enodeb, EnodebConfig, PaginatedEnodebs};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/lte/{network_id}/enodebs", list)
        .post("/lte/{network_id}/enodebs", create)
        .get("/lte/{network_id}/enodebs/{enodeb_serial}", read)
        .put("/lte/{network_id}/enodebs/{enodeb_serial}", update)
        .delete("/lte/{network_id}/enodebs/{enodeb_serial}", delete)
}

/// The ids in `/lte/{network_id}/enodebs/{enodeb_serial}…`.
#[derive(Deserialize)]
pub(crate) struct EnodebPath {
    pub(crate) network_id: NetworkId,
    pub(crate) enodeb_serial: String,
}

impl EnodebPath {
    pub(crate) fn id(&self) -> EntityId {
        EntityId::new(entity_type::CELLULAR_ENODEB, self.enodeb_serial.as_str())
    }
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    page: PageRequest,
) -> Result<Json<PaginatedEnodebs>, ApiError> {
    let network = &path.network_id;
    let total_count = api.store.count_entities(network, entity_type::CELLULAR_ENODEB).await?;
    let found = api.store.entities_of_type(network, entity_type::CELLULAR_ENODEB, page.to_read()).await?;
    let (found, page_token) = page.cut(found, |entity| &entity.id.key);
    let enodebs = found.into_iter().map(|entity| Ok((entity.id.key.clone(), shown(entity)?)));
    let enodebs = enodebs.collect::<Result<_, ApiError>>()?;
    Ok(Json(PaginatedEnodebs { page_token, enodebs, total_count }))
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<Enodeb>,
) -> Result<Created, ApiError> {
    let entity = Entity {
        config: Some(config(&body)?),
        name: body.name,
        description: body.description.unwrap_or_default(),
        ..Entity::new(EntityId::new(entity_type::CELLULAR_ENODEB, body.serial))
    };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Create(entity)]).await?;
    Ok(Created)
}

async fn read(State(api): State<Api>, Ids(path): Ids<EnodebPath>) -> Result<Json<Enodeb>, ApiError> {
    shown(api.store.entity(&path.network_id, &path.id()).await?).map(Json)
}

/// Replaces an eNodeB; it stays connected to its gateway.
async fn update(
    State(api): State<Api>,
    Ids(path): Ids<EnodebPath>,
    JsonBody(body): JsonBody<Enodeb>,
) -> Result<NoContent, ApiError> {
    require_same("serial", &body.serial, &path.enodeb_serial)?;
    let update = EntityUpdate {
        config: Some(Some(config(&body)?)),
        name: Some(body.name),
        description: Some(body.description.unwrap_or_default()),
        ..EntityUpdate::of(path.id())
    };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?;
    Ok(NoContent)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<EnodebPath>) -> Result<NoContent, ApiError> {
    api.store.write_entities(&path.network_id, vec![EntityWrite::Delete(path.id())]).await?;
    Ok(NoContent)
}

/// What is kept: `enodeb_config`, or, from those who do not know it yet, `config` as a managed one.
fn config(body: &Enodeb) -> Result<Value, ApiError> {
    let managed = || EnodebConfig {
        config_type: "MANAGED".to_owned(),
        managed_config: Some(body.config.clone()),
        unmanaged_config: None,
    };
    let config = body.enodeb_config.clone().unwrap_or_else(managed);
    let (wanted, there) = match config.config_type.as_str() {
        "UNMANAGED" => ("unmanaged_config", config.unmanaged_config.is_some()),
        _ => ("managed_config", config.managed_config.is_some()),
    };
    if there {
        return to_json(&config);
    }
    let kind = &config.config_type;
    Err(ApiError::bad(format!("enodeb_config.{wanted} in body is required for an eNodeB that is {kind}")))
}

/// Magma-compat: `config` repeats the managed configuration, and is an empty one for an eNodeB that something else
/// manages.
fn shown(entity: Entity) -> Result<Enodeb, ApiError> {
    let config = entity.config.as_ref().map(|config| from_json("the configuration of an eNodeB", config));
    let config: Option<EnodebConfig> = config.transpose()?;
    let is_gateway = |id: &&EntityId| id.entity_type == entity_type::CELLULAR_GATEWAY;
    Ok(Enodeb {
        attached_gateway_id: entity.parents.iter().find(is_gateway).map(|id| id.key.clone()),
        serial: entity.id.key,
        name: entity.name,
        description: Some(entity.description).filter(|text| !text.is_empty()),
        config: config.as_ref().and_then(|config| config.managed_config.clone()).unwrap_or_default(),
        enodeb_config: config,
    })
}
