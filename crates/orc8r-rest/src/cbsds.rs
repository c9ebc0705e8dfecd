//! `/dp/{network_id}/cbsds`, `/dp/{network_id}/logs`: citizens broadband radios, and their messages with a spectrum
//! access system (SAS).
//!
//! Nothing here speaks to a SAS. What is written is kept and shown, each radio is unregistered and has no grant, and
//! there are no messages.

use crate::Api;
use crate::error::ApiError;
use crate::networks::{from_json, to_json};
use crate::request::{Ids, JsonBody, NetworkPath, TextQuery, Texts};
use crate::routes::{Created, NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::NetworkId;
use orc8r_store::{CbsdFilter, StoreError};
use serde::Deserialize;
use serde_json::Value;
use wire_rest::types::{
    Cbsd, InstallationParam, MutableCbsd, MutableInstallationParam, PaginatedCbsds, PaginatedLogs,
};
use wire_rest::{Schema, Text};

/// Radios in one answer, whatever is asked for.
const LIMIT_MAX: u64 = 15_000;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/dp/{network_id}/cbsds", list)
        .post("/dp/{network_id}/cbsds", create)
        .get("/dp/{network_id}/cbsds/{cbsd_id}", read)
        .put("/dp/{network_id}/cbsds/{cbsd_id}", update)
        .delete("/dp/{network_id}/cbsds/{cbsd_id}", delete)
        .post("/dp/{network_id}/cbsds/{cbsd_id}/deregister", leave_spectrum)
        .post("/dp/{network_id}/cbsds/{cbsd_id}/relinquish", leave_spectrum)
        .get("/dp/{network_id}/logs", logs)
}

#[derive(Deserialize)]
struct CbsdPath {
    network_id: NetworkId,
    #[serde(deserialize_with = "crate::request::number")]
    cbsd_id: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ListQuery {
    offset: String,
    limit: String,
    serial_number: String,
}

impl TextQuery for ListQuery {
    const NAMES: &'static [&'static str] = &["offset", "limit", "serial_number"];
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct LogsQuery {
    offset: String,
    limit: String,
    begin: String,
    end: String,
    response_code: String,
}

impl TextQuery for LogsQuery {
    const NAMES: &'static [&'static str] = &[
        "offset",
        "limit",
        "begin",
        "end",
        "serial_number",
        "fcc_id",
        "type",
        "response_code",
        "from",
        "to",
    ];
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    Texts(query): Texts<ListQuery>,
) -> Result<Json<PaginatedCbsds>, ApiError> {
    let (offset, limit) = part(&query.offset, &query.limit)?;
    let serial_number = Some(query.serial_number).filter(|text| !text.is_empty());
    let filter = CbsdFilter { serial_number, offset, limit };
    let (found, total) = api.store.cbsds(&path.network_id, filter).await?;
    let cbsds = found.into_iter().map(shown).collect::<Result<_, _>>()?;
    Ok(Json(PaginatedCbsds { cbsds, total_count: i64::try_from(total).unwrap_or(i64::MAX) }))
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<MutableCbsd>,
) -> Result<Created, ApiError> {
    check(&body)?;
    let config = to_json(&body)?;
    let made = api.store.create_cbsd(&path.network_id, &body.serial_number, config).await;
    made.map_err(conflict)?;
    Ok(Created)
}

async fn read(State(api): State<Api>, Ids(path): Ids<CbsdPath>) -> Result<Json<Cbsd>, ApiError> {
    shown(api.store.cbsd(&path.network_id, path.cbsd_id).await?).map(Json)
}

async fn update(
    State(api): State<Api>,
    Ids(path): Ids<CbsdPath>,
    JsonBody(body): JsonBody<MutableCbsd>,
) -> Result<NoContent, ApiError> {
    check(&body)?;
    let config = to_json(&body)?;
    let done = api.store.update_cbsd(&path.network_id, path.cbsd_id, &body.serial_number, config).await;
    done.map_err(conflict)?;
    Ok(NoContent)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<CbsdPath>) -> Result<NoContent, ApiError> {
    api.store.delete_cbsd(&path.network_id, path.cbsd_id).await?;
    Ok(NoContent)
}

/// Takes a radio's registration or its grants back: it has none, so that is done already.
async fn leave_spectrum(State(api): State<Api>, Ids(path): Ids<CbsdPath>) -> Result<NoContent, ApiError> {
    api.store.cbsd(&path.network_id, path.cbsd_id).await?;
    Ok(NoContent)
}

/// There are none. What is asked for is looked at all the same, so that a mistake does not pass for an empty log.
async fn logs(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    Texts(query): Texts<LogsQuery>,
) -> Result<Json<PaginatedLogs>, ApiError> {
    part(&query.offset, &query.limit)?;
    for (name, text) in [("begin", &query.begin), ("end", &query.end)] {
        if !text.is_empty() && !wire_rest::problems(&DATE_TIME, &Value::from(text.as_str())).is_empty() {
            return Err(improper(name, text));
        }
    }
    if !query.response_code.is_empty() {
        query.response_code.parse::<i64>().map_err(|_| improper("response_code", &query.response_code))?;
    }
    api.store.network(&path.network_id).await?;
    Ok(Json(PaginatedLogs::default()))
}

const DATE_TIME: Schema = Schema::Text(Text { format: Some("date-time"), ..Text::ANY });

/// Where a part of a list begins, and how long it is at most.
fn part(offset: &str, limit: &str) -> Result<(u64, u64), ApiError> {
    let number = |name: &str, text: &str| text.parse::<u64>().map_err(|_| improper(name, text));
    match (offset, limit) {
        ("", "") => Ok((0, LIMIT_MAX)),
        (_, "") => Err(ApiError::bad("offset requires a limit")),
        ("", limit) => Ok((0, number("limit", limit)?.min(LIMIT_MAX))),
        (offset, limit) => Ok((number("offset", offset)?, number("limit", limit)?.min(LIMIT_MAX))),
    }
}

fn improper(name: &str, text: &str) -> ApiError {
    ApiError::bad(format!("'{text}' is not a proper value for {name}"))
}

fn check(body: &MutableCbsd) -> Result<(), ApiError> {
    if body.carrier_aggregation_enabled && !body.grant_redundancy {
        return Err(ApiError::bad(
            "grant_redundancy cannot be set to false when carrier_aggregation_enabled is enabled",
        ));
    }
    if body.capabilities.max_ibw_mhz < body.frequency_preferences.bandwidth_mhz {
        return Err(ApiError::bad("max_ibw_mhz cannot be less than bandwidth_mhz"));
    }
    Ok(())
}

/// Magma-compat: other than everywhere else, what exists already is 409 here.
fn conflict(error: StoreError) -> ApiError {
    match error {
        StoreError::AlreadyExists { .. } => ApiError::Conflict(error.to_string()),
        other => other.into(),
    }
}

fn shown(kept: orc8r_store::Cbsd) -> Result<Cbsd, ApiError> {
    let config: MutableCbsd = from_json("the configuration of a cbsd", &kept.config)?;
    let antenna_gain =
        config.installation_param.and_then(|MutableInstallationParam { antenna_gain }| antenna_gain);
    Ok(Cbsd {
        id: i64::try_from(kept.id).unwrap_or(i64::MAX),
        cbsd_id: None,
        state: "unregistered".to_owned(),
        is_active: false,
        grants: Vec::new(),
        installation_param: InstallationParam { antenna_gain, ..InstallationParam::default() },
        capabilities: config.capabilities,
        carrier_aggregation_enabled: config.carrier_aggregation_enabled,
        cbsd_category: config.cbsd_category,
        desired_state: config.desired_state,
        fcc_id: config.fcc_id,
        frequency_preferences: config.frequency_preferences,
        grant_redundancy: config.grant_redundancy,
        serial_number: config.serial_number,
        single_step_enabled: config.single_step_enabled,
        user_id: config.user_id,
    })
}
