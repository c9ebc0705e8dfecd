//! `/feg/{network_id}/cluster_status` and `…/gateways/{gateway_id}/health_status`: who is active, and who is fit to be.

use crate::Api;
use crate::clock::unix_milliseconds;
use crate::error::ApiError;
use crate::network_kind;
use crate::request::{GatewayPath, Ids, NetworkPath};
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use orc8r_model::ServiceHealth;
use wire_rest::types::{
    FederationGatewayHealthStatus, FederationNetworkClusterStatus, FegNetwork, ServiceStatusHealth,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/feg/{network_id}/cluster_status", cluster_status)
        .get("/feg/{network_id}/gateways/{gateway_id}/health_status", health_status)
}

/// Deviation: until a gateway has reported this is 404; in Magma it is 500.
async fn cluster_status(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<FederationNetworkClusterStatus>, ApiError> {
    network_kind::load::<FegNetwork>(&api, &path.network_id).await?;
    let active = api.store.active_federation_gateway(&path.network_id).await?;
    let none = || {
        ApiError::NotFound(format!("no gateway of network {} has reported its health yet", path.network_id))
    };
    Ok(Json(FederationNetworkClusterStatus { active_gateway: active.ok_or_else(none)? }))
}

async fn health_status(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
) -> Result<Json<FederationGatewayHealthStatus>, ApiError> {
    network_kind::load::<FegNetwork>(&api, &path.network_id).await?;
    let found = api.store.federation_health(&path.network_id, &path.gateway_id, unix_milliseconds()).await?;
    let found =
        found.ok_or_else(|| ApiError::not_found(format_args!("health of gateway {}", path.gateway_id)))?;
    let services = found.report.services.iter().map(|(name, health)| (name.clone(), service_status(health)));
    Ok(Json(FederationGatewayHealthStatus {
        status: health_text(found.verdict.healthy),
        description: found.verdict.description,
        service_status: services.collect(),
    }))
}

fn service_status(health: &ServiceHealth) -> ServiceStatusHealth {
    let state = if health.available { "AVAILABLE" } else { "UNAVAILABLE" };
    ServiceStatusHealth {
        service_state: Some(state.to_owned()),
        health_status: Some(health_text(health.healthy)),
    }
}

fn health_text(healthy: bool) -> String {
    if healthy { "HEALTHY" } else { "UNHEALTHY" }.to_owned()
}
