//! `/networks/{network_id}/tiers/{tier_id}/gateways`: which gateways are in an upgrade tier.

use crate::Api;
use crate::error::ApiError;
use crate::request::{Ids, JsonBody, TierPath};
use crate::routes::{NoContent, Routes};
use crate::tiers::{self, gateway_ids};
use axum::Json;
use axum::extract::State;
use orc8r_model::{EdgeChange, EntityId, EntityUpdate, GatewayId, NetworkId, TierId, entity_type};
use serde::Deserialize;
use wire_rest::types::{self, TierGateways};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/tiers/{tier_id}/gateways", list)
        .post("/networks/{network_id}/tiers/{tier_id}/gateways", add)
        .put("/networks/{network_id}/tiers/{tier_id}/gateways", replace_all)
        .delete("/networks/{network_id}/tiers/{tier_id}/gateways/{gateway_id}", remove)
}

#[derive(Deserialize)]
struct TierGatewayPath {
    network_id: NetworkId,
    tier_id: TierId,
    gateway_id: GatewayId,
}

async fn list(State(api): State<Api>, Ids(path): Ids<TierPath>) -> Result<Json<TierGateways>, ApiError> {
    let tier = tiers::load(&api, &path).await?;
    Ok(Json(TierGateways(tier.children_of_type(entity_type::MAGMAD_GATEWAY).map(str::to_owned).collect())))
}

/// Puts a gateway into the tier; it leaves the tier that it was in.
async fn add(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
    JsonBody(types::GatewayId(gateway)): JsonBody<types::GatewayId>,
) -> Result<NoContent, ApiError> {
    let children = EdgeChange::add(EntityId::new(entity_type::MAGMAD_GATEWAY, gateway));
    change(&api, &path, children).await
}

async fn replace_all(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
    JsonBody(TierGateways(gateways)): JsonBody<TierGateways>,
) -> Result<NoContent, ApiError> {
    change(&api, &path, EdgeChange::Set(gateway_ids(gateways))).await
}

async fn remove(State(api): State<Api>, Ids(path): Ids<TierGatewayPath>) -> Result<NoContent, ApiError> {
    let TierGatewayPath { network_id, tier_id, gateway_id } = path;
    let path = TierPath { network_id, tier_id };
    let gateway = EntityId::gateway(&gateway_id);
    if !tiers::load(&api, &path).await?.children.contains(&gateway) {
        return Err(ApiError::not_found(format_args!("gateway {gateway_id} in tier {}", path.tier_id)));
    }
    change(&api, &path, EdgeChange::remove(gateway)).await
}

async fn change(api: &Api, path: &TierPath, children: EdgeChange) -> Result<NoContent, ApiError> {
    tiers::write(api, path, EntityUpdate { children, ..EntityUpdate::of(path.entity()) }).await
}
