//! `/lte/{network_id}/enodebs/{enodeb_serial}/state`: what a gateway reported of an eNodeB last.

use crate::Api;
use crate::enodebs::EnodebPath;
use crate::error::ApiError;
use crate::request::Ids;
use crate::routes::{Routes, Shown};
use axum::extract::State;
use orc8r_model::{StateId, state_type};
use serde_json::{Map, Value};
use wire_rest::types::EnodebState;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/lte/{network_id}/enodebs/{enodeb_serial}/state", read)
}

/// What was reported is passed on as it is; when it was and by which gateway is ours to say.
async fn read(State(api): State<Api>, Ids(path): Ids<EnodebPath>) -> Result<Shown<EnodebState>, ApiError> {
    let none = || ApiError::not_found(format_args!("state of eNodeB {}", path.enodeb_serial));
    let id = StateId { state_type: state_type::ENODEB.to_owned(), device_id: path.enodeb_serial.clone() };
    let report = api.store.state(&path.network_id, &id).await?.ok_or_else(none)?;
    let mut state: Map<String, Value> = serde_json::from_slice(&report.value).unwrap_or_default();
    state.insert("time_reported".to_owned(), report.time_ms.into());
    let reporter = api.store.gateway_by_hardware_id(&report.reporter).await?;
    let reporter = reporter.filter(|(network, _)| *network == path.network_id);
    state.remove("reporting_gateway_id");
    state.extend(reporter.map(|(_, gateway)| ("reporting_gateway_id".to_owned(), gateway.id.key.into())));
    Ok(Shown::new(Value::Object(state)))
}
