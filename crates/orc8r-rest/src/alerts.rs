//! `/networks/{network_id}/prometheus/alert_config`, the alerts that fire, and silences.

use crate::Api;
use crate::clock::signed_milliseconds;
use crate::error::ApiError;
use crate::parameters::{Known, Parameters, Presence};
use crate::predefined_alerts::is_as_it_began;
use crate::request::{Ids, JsonBody, NetworkPath, require_same};
use crate::routes::{Created, Done, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_alerts::{
    NetworkAlerts, Silence, SilenceState, base_route, check, firing, matchers_match, matches_filter,
    shown_silence, silence_from, state_of,
};
use orc8r_metrics::promql;
use orc8r_metrics::tsdb::Selector;
use orc8r_model::NetworkId;
use orc8r_store::{AlertDocument, AlertKind, AlertWrite, StoreError};
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use wire_rest::types::{
    AlertBulkUploadResponse, AlertRoutingTree, AlertSilencer, GettableAlertSilencer, PromAlertConfig,
    PromAlertConfigList, PromFiringAlert,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/prometheus/alert_config", list_rules)
        .post("/networks/{network_id}/prometheus/alert_config", create_rule)
        .delete("/networks/{network_id}/prometheus/alert_config", delete_rule)
        .put("/networks/{network_id}/prometheus/alert_config/bulk", put_rules)
        .put("/networks/{network_id}/prometheus/alert_config/{alert_name}", replace_rule)
        .get("/networks/{network_id}/alerts", list_firing)
        .get("/networks/{network_id}/alerts/silence", list_silences)
        .post("/networks/{network_id}/alerts/silence", create_silence)
        .delete("/networks/{network_id}/alerts/silence", end_silence)
}

struct OneRule;

impl Known for OneRule {
    const NAMES: &'static [(&'static str, Presence)] = &[("alert_name", Presence::Optional)];
}

struct ThisRule;

impl Known for ThisRule {
    const NAMES: &'static [(&'static str, Presence)] = &[("alert_name", Presence::Required)];
}

struct Silences;

impl Known for Silences {
    const NAMES: &'static [(&'static str, Presence)] = &[
        ("active", Presence::Optional),
        ("pending", Presence::Optional),
        ("expired", Presence::Optional),
        ("filter", Presence::Optional),
    ];
}

struct ThisSilence;

impl Known for ThisSilence {
    const NAMES: &'static [(&'static str, Presence)] = &[("silence_id", Presence::Required)];
}

/// The ids in `/networks/{network_id}/prometheus/alert_config/{alert_name}`.
#[derive(Deserialize)]
struct RulePath {
    network_id: NetworkId,
    alert_name: String,
}

async fn list_rules(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    parameters: Parameters<OneRule>,
) -> Result<Json<PromAlertConfigList>, ApiError> {
    let wanted = parameters.get("alert_name");
    let rules = documents::<PromAlertConfig>(&api, &path.network_id, AlertKind::Rule).await?;
    let rules: Vec<_> = rules
        .into_iter()
        .filter(|(name, _)| wanted.is_none_or(|wanted| wanted == name))
        .map(|(_, rule)| rule)
        .collect();
    match wanted {
        Some(name) if rules.is_empty() => Err(ApiError::not_found(format_args!("rule {name}"))),
        _ => Ok(Json(PromAlertConfigList(rules))),
    }
}

/// A rule that the network began with, and that nobody has changed, gives way: a client of Magma's does not expect any.
async fn create_rule(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(rule): JsonBody<PromAlertConfig>,
) -> Result<Created, ApiError> {
    let gives_way = is_as_it_began(&api, &path.network_id, &rule.alert).await?;
    let write = if gives_way { AlertWrite::Put } else { AlertWrite::Create };
    write_rule(&api, &path.network_id, &rule, write).await?;
    Ok(Created)
}

async fn replace_rule(
    State(api): State<Api>,
    Ids(path): Ids<RulePath>,
    JsonBody(rule): JsonBody<PromAlertConfig>,
) -> Result<Done, ApiError> {
    require_same("alert", &rule.alert, &path.alert_name)?;
    write_rule(&api, &path.network_id, &rule, AlertWrite::Replace).await?;
    Ok(Done)
}

async fn delete_rule(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    parameters: Parameters<ThisRule>,
) -> Result<Done, ApiError> {
    let name = parameters.required("alert_name")?;
    api.store.delete_alert_document(path.network_id.as_str(), AlertKind::Rule, name).await?;
    Ok(Done)
}

/// Each rule on its own: a wrong one does not keep the others away.
async fn put_rules(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(rules): JsonBody<PromAlertConfigList>,
) -> Result<Json<AlertBulkUploadResponse>, ApiError> {
    Ok(Json(put_each(&api, &path.network_id, rules.0).await))
}

/// Writes rules, whether they are there or not.
pub(crate) async fn put_each(
    api: &Api,
    network: &NetworkId,
    rules: Vec<PromAlertConfig>,
) -> AlertBulkUploadResponse {
    let (mut errors, mut statuses) = (BTreeMap::new(), BTreeMap::new());
    for rule in rules {
        let status = match write_rule(api, network, &rule, AlertWrite::Create).await {
            Err(ApiError::Store(StoreError::AlreadyExists { .. })) => {
                write_rule(api, network, &rule, AlertWrite::Put).await.map(|()| "updated")
            }
            created => created.map(|()| "created"),
        };
        match status {
            Ok(status) => drop(statuses.insert(rule.alert, status.to_owned())),
            Err(error) => drop(errors.insert(rule.alert, error.to_string())),
        }
    }
    AlertBulkUploadResponse { errors, statuses }
}

async fn write_rule(
    api: &Api,
    network: &NetworkId,
    rule: &PromAlertConfig,
    write: AlertWrite,
) -> Result<(), ApiError> {
    check::rule(rule).map_err(ApiError::bad)?;
    put(api, network, AlertKind::Rule, (&rule.alert, rule), write).await
}

async fn list_firing(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<Vec<PromFiringAlert>>, ApiError> {
    let network = &path.network_id;
    if let Some(alertmanager) = &api.alertmanager {
        return Ok(Json(alertmanager.firing(network.as_str()).await?));
    }
    let alerts = one::<NetworkAlerts>(&api, network, AlertKind::State, "").await?.unwrap_or_default();
    let tree = one::<AlertRoutingTree>(&api, network, AlertKind::Route, "").await?;
    let tree = tree.unwrap_or_else(|| base_route(network.as_str()));
    let silences = documents::<Silence>(&api, network, AlertKind::Silence).await?;
    Ok(Json(firing(&alerts, &tree, &silences, signed_milliseconds())))
}

async fn list_silences(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    parameters: Parameters<Silences>,
) -> Result<Json<Vec<GettableAlertSilencer>>, ApiError> {
    let filter = parameters.get("filter").map(|text| promql::selector(&braced(text))).transpose();
    let filter = filter.map_err(|error| ApiError::bad(format!("filter: {error}")))?;
    if let Some(alertmanager) = &api.alertmanager {
        let silences = alertmanager.silences(path.network_id.as_str()).await?;
        return Ok(Json(wanted_of(silences, &parameters, filter.as_ref())?));
    }
    let now_ms = signed_milliseconds();
    let mut shown = Vec::new();
    for (id, silence) in documents::<Silence>(&api, &path.network_id, AlertKind::Silence).await? {
        let flag = match state_of(&silence, now_ms) {
            SilenceState::Active => "active",
            SilenceState::Pending => "pending",
            SilenceState::Expired => "expired",
        };
        let is_wanted = parameters.flag(flag)?.unwrap_or(true);
        if is_wanted && filter.as_ref().is_none_or(|filter| matches_filter(&silence, filter)) {
            shown.push(shown_silence(&id, &silence, now_ms));
        }
    }
    Ok(Json(shown))
}

/// Those of an Alertmanager's silences that are asked for.
fn wanted_of(
    silences: Vec<GettableAlertSilencer>,
    parameters: &Parameters<Silences>,
    filter: Option<&Selector>,
) -> Result<Vec<GettableAlertSilencer>, ApiError> {
    let mut wanted = Vec::new();
    for silence in silences {
        let is_wanted = match silence.status.state.as_str() {
            state @ ("active" | "pending" | "expired") => parameters.flag(state)?.unwrap_or(true),
            _ => true,
        };
        if is_wanted && filter.is_none_or(|filter| matchers_match(&silence.matchers, filter)) {
            wanted.push(silence);
        }
    }
    Ok(wanted)
}

async fn create_silence(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<AlertSilencer>,
) -> Result<Json<String>, ApiError> {
    let silence = silence_from(body.clone(), signed_milliseconds()).map_err(ApiError::bad)?;
    if let Some(alertmanager) = &api.alertmanager {
        return Ok(Json(alertmanager.silence(path.network_id.as_str(), &body).await?));
    }
    let id = (api.registration.new_token)().trim_start_matches("reg_").to_owned();
    put(&api, &path.network_id, AlertKind::Silence, (&id, &silence), AlertWrite::Create).await?;
    Ok(Json(id))
}

/// It ends now, and is shown for some days.
async fn end_silence(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    parameters: Parameters<ThisSilence>,
) -> Result<Json<String>, ApiError> {
    let id = parameters.required("silence_id")?;
    if let Some(alertmanager) = &api.alertmanager {
        return match alertmanager.end(path.network_id.as_str(), id).await? {
            true => Ok(Json(id.to_owned())),
            false => Err(ApiError::not_found(format_args!("silence {id}"))),
        };
    }
    let silence = one::<Silence>(&api, &path.network_id, AlertKind::Silence, id).await?;
    let mut silence = silence.ok_or_else(|| ApiError::not_found(format_args!("silence {id}")))?;
    let now_ms = signed_milliseconds();
    silence.ends_ms = silence.ends_ms.min(now_ms);
    silence.starts_ms = silence.starts_ms.min(silence.ends_ms);
    silence.updated_ms = now_ms;
    put(&api, &path.network_id, AlertKind::Silence, (id, &silence), AlertWrite::Put).await?;
    Ok(Json(id.to_owned()))
}

/// The documents of a kind, by name. One that cannot be read was written by a later release, and is passed over.
pub(crate) async fn documents<T: DeserializeOwned>(
    api: &Api,
    network: &NetworkId,
    kind: AlertKind,
) -> Result<Vec<(String, T)>, ApiError> {
    let documents = api.store.alert_documents(network.as_str(), kind).await?.into_iter();
    Ok(documents.filter_map(|(name, body)| Some((name, serde_json::from_str(&body).ok()?))).collect())
}

pub(crate) async fn one<T: DeserializeOwned>(
    api: &Api,
    network: &NetworkId,
    kind: AlertKind,
    name: &str,
) -> Result<Option<T>, ApiError> {
    let body = api.store.alert_document(network.as_str(), kind, name).await?;
    Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
}

pub(crate) async fn put<T: Serialize>(
    api: &Api,
    network: &NetworkId,
    kind: AlertKind,
    (name, document): (&str, &T),
    write: AlertWrite,
) -> Result<(), ApiError> {
    let body = serde_json::to_string(document).map_err(|error| ApiError::bad(error.to_string()))?;
    let document = AlertDocument { network: network.to_string(), kind, name: name.to_owned(), body };
    Ok(api.store.write_alert_document(document, write).await?)
}

/// Alertmanager takes the matchers of a filter with and without braces.
fn braced(text: &str) -> String {
    if text.trim_start().starts_with('{') { text.to_owned() } else { format!("{{{text}}}") }
}
