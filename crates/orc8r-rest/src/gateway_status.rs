//! `/networks/{network_id}/gateways/{gateway_id}/status`: what a gateway reported last.

use crate::Api;
use crate::error::ApiError;
use crate::request::{GatewayPath, Ids};
use crate::routes::{Routes, Shown};
use axum::extract::State;
use orc8r_model::gateway_status;
use wire_rest::types::GatewayStatus;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/networks/{network_id}/gateways/{gateway_id}/status", read)
}

/// What a gateway of any kind reported last.
pub(crate) async fn read(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
) -> Result<Shown<GatewayStatus>, ApiError> {
    let record = api.store.gateway_record(&path.network_id, &path.gateway_id).await?;
    let none = || ApiError::not_found(format_args!("status of gateway {}", path.gateway_id));
    let report = record.status.ok_or_else(none)?;
    Ok(Shown::new(gateway_status(&report, record.certificate_end)))
}
