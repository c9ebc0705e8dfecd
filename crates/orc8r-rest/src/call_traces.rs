//! `/networks/{network_id}/tracing`: packet captures that operators order from gateways.

use crate::error::ApiError;
use crate::gateway_commands::device_of;
use crate::request::{GatewayPath, Ids, JsonBody, NetworkPath};
use crate::routes::{Answers, NoContent, Operation, Routes};
use crate::{Api, CommandError};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use orc8r_model::{GatewayId, NetworkId};
use orc8r_store::CallTraceRecord;
use serde::Deserialize;
use std::collections::BTreeMap;
use wire_rest::HasSchema;
use wire_rest::types::{CallTrace, CallTraceConfig, CallTraceState, MutableCallTrace};

/// The longest id of a trace in bytes: gateways take no longer one.
const TRACE_ID_BYTES_MAX: usize = 256;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/tracing", list)
        .post("/networks/{network_id}/tracing", create)
        .get("/networks/{network_id}/tracing/{trace_id}", read)
        .put("/networks/{network_id}/tracing/{trace_id}", update)
        .delete("/networks/{network_id}/tracing/{trace_id}", delete)
        .get("/networks/{network_id}/tracing/{trace_id}/download", download)
}

/// The ids in `/networks/{network_id}/tracing/{trace_id}…`.
#[derive(Deserialize)]
struct TracePath {
    network_id: NetworkId,
    trace_id: String,
}

/// 201 with the id of what was made.
struct CreatedWithId(String);

impl IntoResponse for CreatedWithId {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl Answers for CreatedWithId {
    fn describe(operation: &mut Operation) {
        operation.success = StatusCode::CREATED;
        operation.answer = Some(String::SCHEMA);
    }
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<BTreeMap<String, CallTrace>>, ApiError> {
    let traces = api.store.call_traces(&path.network_id).await?;
    Ok(Json(traces.into_iter().map(|trace| (trace.id.clone(), shown(trace))).collect()))
}

/// The trace is kept before the gateway begins, since a short one may be over before the gateway's answer is here.
async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(config): JsonBody<CallTraceConfig>,
) -> Result<CreatedWithId, ApiError> {
    check_id(&config.trace_id)?;
    let gateway = config.gateway_id.as_deref().unwrap_or_default();
    let gateway_id = GatewayId::parse(gateway)?;
    let of_gateway = GatewayPath { network_id: path.network_id.clone(), gateway_id };
    let device = device_of(&api, &of_gateway).await?;
    let json = serde_json::to_value(&config).map_err(|_| ApiError::Defect)?;
    api.store.create_call_trace(&path.network_id, &config.trace_id, gateway, json).await?;
    let id = config.trace_id.clone();
    let started = match api.commands.start_call_trace(device, config).await {
        Ok(true) => return Ok(CreatedWithId(id)),
        Ok(false) => Err(CommandError::Refused {
            code: "success: false".to_owned(),
            message: "the call trace did not begin: another one may be active; see the log of ctraced"
                .to_owned(),
        }),
        Err(error) => Err(error),
    };
    api.store.delete_call_trace(&path.network_id, &id).await?;
    started.map_err(|error| failed(of_gateway, error))
}

async fn read(State(api): State<Api>, Ids(path): Ids<TracePath>) -> Result<Json<CallTrace>, ApiError> {
    Ok(Json(shown(api.store.call_trace(&path.network_id, &path.trace_id).await?)))
}

/// All that can be changed is that it ends.
async fn update(
    State(api): State<Api>,
    Ids(path): Ids<TracePath>,
    JsonBody(body): JsonBody<MutableCallTrace>,
) -> Result<NoContent, ApiError> {
    let TracePath { network_id, trace_id } = path;
    let trace = api.store.call_trace(&network_id, &trace_id).await?;
    if trace.ended || !body.requested_end {
        return Err(ApiError::bad(
            "the end of this call trace was requested before, or is not requested now",
        ));
    }
    let of_gateway =
        GatewayPath { network_id: network_id.clone(), gateway_id: GatewayId::parse(trace.gateway.clone())? };
    let device = device_of(&api, &of_gateway).await?;
    let ended = api.commands.end_call_trace(device, trace_id.clone()).await;
    match ended.map_err(|error| failed(of_gateway, error))? {
        Some(capture) => {
            let capture = (!capture.is_empty()).then_some(capture);
            api.store.end_call_trace(&network_id, &trace.gateway, &trace_id, capture).await?;
        }
        // It had ended by itself: what it captured has been reported, or never will be.
        None => api.store.end_call_trace(&network_id, &trace.gateway, &trace_id, None).await?,
    }
    Ok(NoContent)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<TracePath>) -> Result<NoContent, ApiError> {
    api.store.delete_call_trace(&path.network_id, &path.trace_id).await?;
    Ok(NoContent)
}

async fn download(State(api): State<Api>, Ids(path): Ids<TracePath>) -> Result<Response, ApiError> {
    let capture = api.store.call_trace_capture(&path.network_id, &path.trace_id).await?;
    let name: String =
        path.trace_id.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '_' }).collect();
    let attachment = HeaderValue::try_from(format!("attachment; filename={name}.pcapng"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pcapng")),
        (header::CONTENT_DISPOSITION, attachment.map_err(|_| ApiError::Defect)?),
    ];
    Ok((headers, capture).into_response())
}

/// Ids become part of paths, and of files' names.
fn check_id(id: &str) -> Result<(), ApiError> {
    let fits = (1..=TRACE_ID_BYTES_MAX).contains(&id.len())
        && !id.chars().any(|sign| sign.is_control() || matches!(sign, '/' | '\\' | '"'));
    if fits {
        return Ok(());
    }
    Err(ApiError::bad(format!(
        "trace_id must have 1 to {TRACE_ID_BYTES_MAX} bytes, without control characters, slashes and quotation marks"
    )))
}

fn failed(of_gateway: GatewayPath, error: CommandError) -> ApiError {
    ApiError::Command { network: of_gateway.network_id, gateway: of_gateway.gateway_id, error }
}

fn shown(trace: CallTraceRecord) -> CallTrace {
    let state = CallTraceState {
        call_trace_available: Some(trace.bytes.is_some()),
        call_trace_ending: Some(trace.ended),
    };
    CallTrace { config: serde_json::from_value(trace.config).unwrap_or_default(), state: Some(state) }
}
