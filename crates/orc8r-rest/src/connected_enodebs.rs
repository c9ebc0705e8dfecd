//! `/lte/{network_id}/gateways/{gateway_id}/connected_enodeb_serials`: which eNodeBs are connected to a gateway.

use crate::Api;
use crate::error::ApiError;
use crate::gateway_kind::side_of;
use crate::request::{GatewayPath, Ids, JsonBody};
use crate::retry::while_changed;
use crate::routes::{NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::{EdgeChange, EntityId, EntityUpdate, entity_type};
use orc8r_store::EntityWrite;
use std::collections::BTreeSet;
use wire_rest::types::EnodebSerials;

const PATH: &str = "/lte/{network_id}/gateways/{gateway_id}/connected_enodeb_serials";

pub(crate) fn routes() -> Routes {
    Routes::new().get(PATH, read).put(PATH, replace).post(PATH, add).delete(PATH, remove)
}

fn enodeb(serial: &str) -> EntityId {
    EntityId::new(entity_type::CELLULAR_ENODEB, serial)
}

fn side(path: &GatewayPath) -> EntityId {
    EntityId::new(entity_type::CELLULAR_GATEWAY, path.gateway_id.as_str())
}

async fn read(State(api): State<Api>, Ids(path): Ids<GatewayPath>) -> Result<Json<EnodebSerials>, ApiError> {
    let side = side_of(&api, &path.network_id, entity_type::CELLULAR_GATEWAY, &path).await?;
    let serials = side.children_of_type(entity_type::CELLULAR_ENODEB).map(str::to_owned).collect();
    Ok(Json(EnodebSerials(serials)))
}

/// Connects exactly these.
///
/// Deviation: in Magma the gateway loses its APN resources by this.
async fn replace(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(EnodebSerials(serials)): JsonBody<EnodebSerials>,
) -> Result<NoContent, ApiError> {
    let wanted: BTreeSet<EntityId> = serials.iter().map(|serial| enodeb(serial)).collect();
    while_changed(async || {
        let side = side_of(&api, &path.network_id, entity_type::CELLULAR_GATEWAY, &path).await?;
        let present: BTreeSet<EntityId> =
            side.children_of_type(entity_type::CELLULAR_ENODEB).map(enodeb).collect();
        let children = EdgeChange::Change { add: &wanted - &present, remove: &present - &wanted };
        let update = EntityUpdate { children, if_version: Some(side.version), ..EntityUpdate::of(side.id) };
        Ok(api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?)
    })
    .await?;
    Ok(NoContent)
}

async fn add(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(serial): JsonBody<String>,
) -> Result<NoContent, ApiError> {
    change(&api, &path, EdgeChange::add(enodeb(&serial))).await
}

/// Disconnects one; that it is not connected is no error.
async fn remove(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(serial): JsonBody<String>,
) -> Result<NoContent, ApiError> {
    change(&api, &path, EdgeChange::remove(enodeb(&serial))).await
}

async fn change(api: &Api, path: &GatewayPath, children: EdgeChange) -> Result<NoContent, ApiError> {
    let update = EntityUpdate { children, ..EntityUpdate::of(side(path)) };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?;
    Ok(NoContent)
}
