//! `/lte/{network_id}/gateway_pools`: gateways that share the work of an MME.

use crate::Api;
use crate::error::ApiError;
use crate::networks::{from_json, to_json};
use crate::request::{Ids, JsonBody, NetworkPath, require_same};
use crate::routes::{Created, NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::{EdgeChange, Entity, EntityId, EntityUpdate, NetworkId, entity_type};
use orc8r_store::{Edges, EntityWrite, Page};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use wire_rest::types::{
    CellularGatewayPool, CellularGatewayPoolConfigs, CellularGatewayPoolRecord, MutableCellularGatewayPool,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/lte/{network_id}/gateway_pools", list)
        .post("/lte/{network_id}/gateway_pools", create)
        .get("/lte/{network_id}/gateway_pools/{gateway_pool_id}", read)
        .put("/lte/{network_id}/gateway_pools/{gateway_pool_id}", update)
        .delete("/lte/{network_id}/gateway_pools/{gateway_pool_id}", delete)
}

#[derive(Deserialize)]
struct PoolPath {
    network_id: NetworkId,
    gateway_pool_id: String,
}

impl PoolPath {
    fn id(&self) -> EntityId {
        pool(&self.gateway_pool_id)
    }
}

fn pool(id: &str) -> EntityId {
    EntityId::new(entity_type::CELLULAR_GATEWAY_POOL, id)
}

/// What becomes of the pools that the LTE side of a gateway is in when its records become these.
pub(crate) fn pool_edges(side: &Entity, records: &[CellularGatewayPoolRecord]) -> EdgeChange {
    let wanted: BTreeSet<EntityId> = records.iter().map(|record| pool(&record.gateway_pool_id)).collect();
    let is_pool = |id: &&EntityId| id.entity_type == entity_type::CELLULAR_GATEWAY_POOL;
    let present: BTreeSet<EntityId> = side.parents.iter().filter(is_pool).cloned().collect();
    EdgeChange::Change { add: &wanted - &present, remove: &present - &wanted }
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<BTreeMap<String, CellularGatewayPool>>, ApiError> {
    let pools = api
        .store
        .entities_with(&path.network_id, entity_type::CELLULAR_GATEWAY_POOL, Page::all(), Edges::Downwards)
        .await?;
    pools.into_iter().map(|pool| Ok((pool.id.key.clone(), shown(pool)?))).collect::<Result<_, _>>().map(Json)
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<MutableCellularGatewayPool>,
) -> Result<Created, ApiError> {
    let entity = Entity {
        name: body.gateway_pool_name.unwrap_or_default(),
        config: Some(to_json(&body.config)?),
        ..Entity::new(pool(&body.gateway_pool_id))
    };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Create(entity)]).await?;
    Ok(Created)
}

async fn read(
    State(api): State<Api>,
    Ids(path): Ids<PoolPath>,
) -> Result<Json<CellularGatewayPool>, ApiError> {
    let pool = api.store.entity_with(&path.network_id, &path.id(), Edges::Downwards).await?;
    shown(pool).map(Json)
}

/// Replaces a pool's name and configuration; its gateways stay in it.
async fn update(
    State(api): State<Api>,
    Ids(path): Ids<PoolPath>,
    JsonBody(body): JsonBody<MutableCellularGatewayPool>,
) -> Result<Created, ApiError> {
    require_same("gateway_pool_id", &body.gateway_pool_id, &path.gateway_pool_id)?;
    let update = EntityUpdate {
        name: Some(body.gateway_pool_name.unwrap_or_default()),
        config: Some(Some(to_json(&body.config)?)),
        ..EntityUpdate::of(path.id())
    };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?;
    Ok(Created)
}

/// Deletes a pool that no gateway is in; otherwise the gateways would go on naming it.
async fn delete(State(api): State<Api>, Ids(path): Ids<PoolPath>) -> Result<NoContent, ApiError> {
    let pool = api.store.entity_with(&path.network_id, &path.id(), Edges::Downwards).await?;
    let gateways: Vec<&str> = pool.children_of_type(entity_type::CELLULAR_GATEWAY).collect();
    if !gateways.is_empty() {
        return Err(ApiError::bad(format!(
            "gateway pool {} still has gateways ({}): take them out first",
            pool.id.key,
            gateways.join(", ")
        )));
    }
    api.store.write_entities(&path.network_id, vec![EntityWrite::Delete(pool.id)]).await?;
    Ok(NoContent)
}

fn shown(pool: Entity) -> Result<CellularGatewayPool, ApiError> {
    let gateway_ids = pool.children_of_type(entity_type::CELLULAR_GATEWAY).map(str::to_owned).collect();
    let config = pool.config.as_ref().map(|config| from_json("the configuration of a gateway pool", config));
    let config: Option<CellularGatewayPoolConfigs> = config.transpose()?;
    Ok(CellularGatewayPool {
        gateway_pool_id: pool.id.key,
        gateway_pool_name: Some(pool.name).filter(|name| !name.is_empty()),
        config: config.unwrap_or_default(),
        gateway_ids,
    })
}
