//! `/networks/{network_id}/gateways/{gateway_id}/status`: what a gateway reported last.

use crate::Api;
use crate::error::ApiError;
use crate::request::{GatewayPath, Ids};
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use orc8r_model::body::gateway_status;
use serde_json::Value;

pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/networks/{network_id}/gateways/{gateway_id}/status", get(read))
}

async fn read(State(api): State<Api>, Ids(path): Ids<GatewayPath>) -> Result<Json<Value>, ApiError> {
    let record = api.store.gateway_record(&path.network_id, &path.gateway_id).await?;
    let none = || ApiError::not_found(format_args!("status of gateway {}", path.gateway_id));
    let report = record.status.ok_or_else(none)?;
    Ok(Json(gateway_status(&report, record.certificate_end)))
}
