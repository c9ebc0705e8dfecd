//! `/networks/{network_id}/prometheus/alert_receiver`: who is told of alerts, and of which.

use crate::Api;
use crate::alerts::{documents, one, put};
use crate::error::ApiError;
use crate::parameters::{Known, Parameters, Presence};
use crate::request::{Ids, JsonBody, KeptJson, NetworkPath, require_same};
use crate::routes::{Created, Done, Passed, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_alerts::{base_route, check, masked, unmasked};
use orc8r_model::NetworkId;
use orc8r_store::{AlertKind, AlertWrite};
use serde::Deserialize;
use serde_json::Value;
use wire_rest::types::{AlertReceiverConfig, AlertRoutingTree};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/prometheus/alert_receiver", list)
        .post("/networks/{network_id}/prometheus/alert_receiver", create)
        .delete("/networks/{network_id}/prometheus/alert_receiver", delete)
        .put("/networks/{network_id}/prometheus/alert_receiver/{receiver}", replace)
        .get("/networks/{network_id}/prometheus/alert_receiver/route", read_route)
        .post("/networks/{network_id}/prometheus/alert_receiver/route", replace_route)
}

struct ThisReceiver;

impl Known for ThisReceiver {
    const NAMES: &'static [(&'static str, Presence)] = &[("receiver", Presence::Required)];
}

/// The ids in `/networks/{network_id}/prometheus/alert_receiver/{receiver}`.
#[derive(Deserialize)]
pub(crate) struct ReceiverPath {
    pub(crate) network_id: NetworkId,
    pub(crate) receiver: String,
}

/// Secrets are masked.
async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Passed<Vec<AlertReceiverConfig>>, ApiError> {
    let receivers = documents::<Value>(&api, &path.network_id, AlertKind::Receiver).await?;
    let shown = receivers.into_iter().map(|(_, receiver)| masked(receiver)).collect();
    Ok(Passed::new(Value::Array(shown).to_string()))
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    body: KeptJson<AlertReceiverConfig>,
) -> Result<Created, ApiError> {
    write(&api, &path.network_id, body.json, AlertWrite::Create).await?;
    Ok(Created)
}

async fn replace(
    State(api): State<Api>,
    Ids(path): Ids<ReceiverPath>,
    body: KeptJson<AlertReceiverConfig>,
) -> Result<Done, ApiError> {
    require_same("name", body.json["name"].as_str().unwrap_or_default(), &path.receiver)?;
    write(&api, &path.network_id, body.json, AlertWrite::Replace).await?;
    Ok(Done)
}

async fn write(api: &Api, network: &NetworkId, json: Value, write: AlertWrite) -> Result<(), ApiError> {
    let name = json["name"].as_str().unwrap_or_default().to_owned();
    let mut before = one::<Value>(api, network, AlertKind::Receiver, &name).await?;
    if let Some(before) = &mut before {
        api.store.open_receiver(network.as_str(), &name, before)?;
    }
    let json = unmasked(json, before.as_ref()).map_err(ApiError::bad)?;
    check::receiver(&json).map_err(ApiError::bad)?;
    put(api, network, AlertKind::Receiver, (&name, &json), write).await
}

async fn delete(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    parameters: Parameters<ThisReceiver>,
) -> Result<Done, ApiError> {
    let name = parameters.required("receiver")?;
    let tree = one::<AlertRoutingTree>(&api, &path.network_id, AlertKind::Route, "").await?;
    if tree.is_some_and(|tree| check::uses(&tree, name)) {
        return Err(ApiError::bad(format!("receiver {name} is named by a route: change the route first")));
    }
    api.store.delete_alert_document(path.network_id.as_str(), AlertKind::Receiver, name).await?;
    Ok(Done)
}

async fn read_route(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<AlertRoutingTree>, ApiError> {
    let tree = one(&api, &path.network_id, AlertKind::Route, "").await?;
    Ok(Json(tree.unwrap_or_else(|| base_route(path.network_id.as_str()))))
}

async fn replace_route(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(tree): JsonBody<AlertRoutingTree>,
) -> Result<Done, ApiError> {
    let receivers = api.store.alert_documents(path.network_id.as_str(), AlertKind::Receiver).await?;
    let receivers: Vec<String> = receivers.into_iter().map(|(name, _)| name).collect();
    let base = base_route(path.network_id.as_str()).receiver;
    check::route(&tree, &receivers, &base).map_err(ApiError::bad)?;
    put(&api, &path.network_id, AlertKind::Route, ("", &tree), AlertWrite::Put).await?;
    Ok(Done)
}
