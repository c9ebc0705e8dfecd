//! `/feg/{network_id}/gateways`: gateways that connect a network with an operator's own core.

use crate::Api;
use crate::error::ApiError;
use crate::gateway_kind::{GatewayKind, create, delete, list, read, side_of, update};
use crate::gateway_parts::{GatewayPart, read_part, replace_part};
use crate::gateway_status;
use crate::networks::to_json;
use crate::request::{GatewayPath, Ids, JsonBody};
use crate::routes::{Created, Done, NoContent, Routes};
use axum::extract::State;
use orc8r_model::{Entity, EntityUpdate, entity_type, network_type};
use orc8r_store::EntityWrite;
use serde_json::Value;
use wire_rest::types::{FederationGateway, GatewayFederationConfigs, MutableFederationGateway};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/feg/{network_id}/gateways", list::<Federation>)
        .post("/feg/{network_id}/gateways", create::<Federation>)
        .get("/feg/{network_id}/gateways/{gateway_id}", read::<Federation>)
        .put("/feg/{network_id}/gateways/{gateway_id}", update::<Federation>)
        .delete("/feg/{network_id}/gateways/{gateway_id}", delete::<Federation>)
        .get("/feg/{network_id}/gateways/{gateway_id}/status", gateway_status::read)
        .get("/feg/{network_id}/gateways/{gateway_id}/federation", read_part::<GatewayFederationConfigs>)
        .post("/feg/{network_id}/gateways/{gateway_id}/federation", add_configuration)
        .put("/feg/{network_id}/gateways/{gateway_id}/federation", replace_configuration)
        .delete("/feg/{network_id}/gateways/{gateway_id}/federation", remove_configuration)
}

/// Gateways of federation networks. One without a configuration of its own has that of its network.
pub(crate) struct Federation;

impl GatewayKind for Federation {
    type Body = MutableFederationGateway;
    type Shown = FederationGateway;
    const NETWORKS: &'static [&'static str] = &[network_type::FEDERATION];
    const SIDE: &'static str = entity_type::FEDERATION_GATEWAY;
    const CONFIG: &'static str = "federation";
}

impl GatewayPart for GatewayFederationConfigs {
    const SIDE: &str = entity_type::FEDERATION_GATEWAY;
}

/// Gives a gateway a configuration of its own.
async fn add_configuration(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(body): JsonBody<GatewayFederationConfigs>,
) -> Result<Created, ApiError> {
    let side = side_of(&api, &path.network_id, entity_type::FEDERATION_GATEWAY, &path).await?;
    if has_configuration(&side) {
        return Err(ApiError::bad(format!(
            "gateway {} has a federation configuration already: replace it by PUT",
            path.gateway_id
        )));
    }
    put_configuration(&api, &path, side, Some(to_json(&body)?)).await?;
    Ok(Created)
}

/// Here the contract says 200.
async fn replace_configuration(
    api: State<Api>,
    path: Ids<GatewayPath>,
    body: JsonBody<GatewayFederationConfigs>,
) -> Result<Done, ApiError> {
    replace_part(api, path, body).await.map(|NoContent| Done)
}

/// Leaves a gateway to the configuration of its network.
async fn remove_configuration(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
) -> Result<NoContent, ApiError> {
    let side = side_of(&api, &path.network_id, entity_type::FEDERATION_GATEWAY, &path).await?;
    if !has_configuration(&side) {
        let what = format_args!("federation configuration of gateway {}", path.gateway_id);
        return Err(ApiError::not_found(what));
    }
    put_configuration(&api, &path, side, None).await?;
    Ok(NoContent)
}

fn has_configuration(side: &Entity) -> bool {
    side.config.as_ref().is_some_and(|config| !config.is_null())
}

async fn put_configuration(
    api: &Api,
    path: &GatewayPath,
    side: Entity,
    config: Option<Value>,
) -> Result<(), ApiError> {
    let update =
        EntityUpdate { config: Some(config), if_version: Some(side.version), ..EntityUpdate::of(side.id) };
    Ok(api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?)
}
