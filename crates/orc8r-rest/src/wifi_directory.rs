//! `/cwf/{network_id}/subscribers/{subscriber_id}/directory_record`: where a Wi-Fi subscriber is.

use crate::Api;
use crate::error::ApiError;
use crate::network_kind;
use crate::request::Ids;
use crate::routes::{Routes, Shown};
use axum::extract::State;
use orc8r_model::{NetworkId, StateId, state_type};
use serde::Deserialize;
use serde_json::{Value, json};
use wire_rest::types::{CwfNetwork, CwfSubscriberDirectoryRecord};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/cwf/{network_id}/subscribers/{subscriber_id}/directory_record", read)
}

#[derive(Deserialize)]
struct SubscriberPath {
    network_id: NetworkId,
    subscriber_id: String,
}

/// The record of Wi-Fi gateways, or else of the directory that every kind of gateway keeps, as its identifiers say.
async fn read(
    State(api): State<Api>,
    Ids(path): Ids<SubscriberPath>,
) -> Result<Shown<CwfSubscriberDirectoryRecord>, ApiError> {
    network_kind::load::<CwfNetwork>(&api, &path.network_id).await?;
    if let Some(record) = state(&api, &path, state_type::CARRIER_WIFI_DIRECTORY).await? {
        return Ok(Shown::new(of_record(&record, &record)));
    }
    match state(&api, &path, state_type::DIRECTORY_RECORD).await? {
        Some(record) => Ok(Shown::new(of_record(&record, &record["identifiers"]))),
        None => Err(ApiError::not_found(format_args!("directory record of {}", path.subscriber_id))),
    }
}

async fn state(api: &Api, path: &SubscriberPath, state_type: &str) -> Result<Option<Value>, ApiError> {
    let id = StateId { state_type: state_type.to_owned(), device_id: path.subscriber_id.clone() };
    let state = api.store.state(&path.network_id, &id).await?;
    Ok(state.and_then(|state| serde_json::from_slice(&state.value).ok()))
}

fn of_record(record: &Value, identifiers: &Value) -> Value {
    let history = record.get("location_history").filter(|history| history.is_array());
    let mut shown = json!({"location_history": history.unwrap_or(&json!([]))});
    for name in ["ipv4_addr", "mac_addr"] {
        if let Some(text) = identifiers.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()) {
            shown[name] = text.into();
        }
    }
    shown
}
