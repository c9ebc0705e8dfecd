//! `/networks/{network_id}/gateways/{gateway_id}/command/…`: what an operator asks a connected gateway to do.

use crate::error::ApiError;
use crate::request::{GatewayPath, Ids, JsonBody, OptionalJsonBody};
use crate::routes::{Done, Routes};
use crate::{Api, CommandError};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use orc8r_model::{EntityId, HardwareId};
use std::convert::Infallible;
use tokio_stream::StreamExt;
use wire_rest::types::{
    GenericCommandParams, GenericCommandResponse, PingRequest, PingResponse, TailLogsRequest,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/networks/{network_id}/gateways/{gateway_id}/command/reboot", reboot)
        .post("/networks/{network_id}/gateways/{gateway_id}/command/restart_services", restart_services)
        .post("/networks/{network_id}/gateways/{gateway_id}/command/ping", ping)
        .post("/networks/{network_id}/gateways/{gateway_id}/command/generic", generic)
        .post("/networks/{network_id}/gateways/{gateway_id}/command/tail_logs", tail_logs)
}

async fn reboot(State(api): State<Api>, Ids(path): Ids<GatewayPath>) -> Result<Done, ApiError> {
    let gateway = device_of(&api, &path).await?;
    api.commands.reboot(gateway).await.map_err(failed_on(&path))?;
    Ok(Done)
}

async fn restart_services(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    OptionalJsonBody(services): OptionalJsonBody<Vec<String>>,
) -> Result<Done, ApiError> {
    let gateway = device_of(&api, &path).await?;
    api.commands.restart_services(gateway, services).await.map_err(failed_on(&path))?;
    Ok(Done)
}

async fn ping(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(request): JsonBody<PingRequest>,
) -> Result<Json<PingResponse>, ApiError> {
    let gateway = device_of(&api, &path).await?;
    Ok(Json(api.commands.ping(gateway, request).await.map_err(failed_on(&path))?))
}

async fn generic(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(request): JsonBody<GenericCommandParams>,
) -> Result<Json<GenericCommandResponse>, ApiError> {
    let gateway = device_of(&api, &path).await?;
    Ok(Json(api.commands.generic(gateway, request).await.map_err(failed_on(&path))?))
}

/// Streams a log as text, a line at a time, until the gateway ends it or the requester goes.
async fn tail_logs(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    OptionalJsonBody(request): OptionalJsonBody<TailLogsRequest>,
) -> Result<Response, ApiError> {
    let gateway = device_of(&api, &path).await?;
    let lines = api
        .commands
        .tail_logs(gateway, request.service.unwrap_or_default())
        .await
        .map_err(failed_on(&path))?;
    let text = lines.map(|line| Ok::<_, Infallible>(Bytes::from(line.unwrap_or_else(last_line) + "\n")));
    let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=UTF-8"))];
    Ok((content_type, Body::from_stream(text)).into_response())
}

/// The status was sent long ago, so a log that breaks off says why in its last line.
fn last_line(error: CommandError) -> String {
    format!("# the log breaks off: {error}")
}

/// Names the gateway: the log has nothing else to tell it by.
pub(crate) fn failed_on(path: &GatewayPath) -> impl FnOnce(CommandError) -> ApiError + '_ {
    |error| ApiError::Command { network: path.network_id.clone(), gateway: path.gateway_id.clone(), error }
}

/// The device that stands for the gateway.
pub(crate) async fn device_of(api: &Api, path: &GatewayPath) -> Result<HardwareId, ApiError> {
    let entity = api.store.entity(&path.network_id, &EntityId::gateway(&path.gateway_id)).await?;
    let gateway = &path.gateway_id;
    let none =
        || ApiError::NotFound(format!("gateway {gateway} has no device yet: register one, then try again"));
    Ok(HardwareId::parse(entity.physical_id.ok_or_else(none)?)?)
}
