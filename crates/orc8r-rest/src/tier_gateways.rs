//! `/networks/{network_id}/tiers/{tier_id}/gateways`: which gateways are in an upgrade tier.

use crate::Api;
use crate::error::ApiError;
use crate::request::{Ids, JsonBody, TierPath};
use crate::tiers::{self, gateway_ids};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use orc8r_model::body::GatewayIdText;
use orc8r_model::{EdgeChange, EntityId, EntityUpdate, GatewayId, NetworkId, TierId, entity_type};
use serde::Deserialize;

pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/networks/{network_id}/tiers/{tier_id}/gateways", get(list).post(add).put(replace_all))
        .route("/networks/{network_id}/tiers/{tier_id}/gateways/{gateway_id}", delete(remove))
}

#[derive(Deserialize)]
struct TierGatewayPath {
    network_id: NetworkId,
    tier_id: TierId,
    gateway_id: GatewayId,
}

async fn list(State(api): State<Api>, Ids(path): Ids<TierPath>) -> Result<Json<Vec<String>>, ApiError> {
    let tier = tiers::load(&api, &path).await?;
    Ok(Json(tier.children_of_type(entity_type::MAGMAD_GATEWAY).map(str::to_owned).collect()))
}

/// Puts a gateway into the tier; it leaves the tier that it was in.
async fn add(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
    JsonBody(GatewayIdText(gateway)): JsonBody<GatewayIdText>,
) -> Result<StatusCode, ApiError> {
    let children = EdgeChange::add(EntityId::new(entity_type::MAGMAD_GATEWAY, gateway));
    change(&api, &path, children).await
}

async fn replace_all(
    State(api): State<Api>,
    Ids(path): Ids<TierPath>,
    JsonBody(gateways): JsonBody<Vec<GatewayId>>,
) -> Result<StatusCode, ApiError> {
    change(&api, &path, EdgeChange::Set(gateway_ids(gateways))).await
}

async fn remove(State(api): State<Api>, Ids(path): Ids<TierGatewayPath>) -> Result<StatusCode, ApiError> {
    let TierGatewayPath { network_id, tier_id, gateway_id } = path;
    let path = TierPath { network_id, tier_id };
    let gateway = EntityId::gateway(&gateway_id);
    if !tiers::load(&api, &path).await?.children.contains(&gateway) {
        return Err(ApiError::not_found(format_args!("gateway {gateway_id} in tier {}", path.tier_id)));
    }
    change(&api, &path, EdgeChange::remove(gateway)).await
}

async fn change(api: &Api, path: &TierPath, children: EdgeChange) -> Result<StatusCode, ApiError> {
    tiers::write(api, path, EntityUpdate { children, ..EntityUpdate::of(path.entity()) }).await
}
