//! `/networks/{network_id}/prometheus/{query,query_range,series}`, the same for tenants, and `metrics/push`.
//!
//! Answers are Prometheus' own. What a network's path asks for is restricted to that network, and what a tenant's does
//! to its networks. The paths below `metrics/api/v1` are those of Grafana's data source: they take forms as well, and
//! their errors are Prometheus', too.

use crate::Api;
use crate::access::HiddenNetworks;
use crate::clock::signed_milliseconds;
use crate::error::ApiError;
use crate::parameters::{Known, Parameters, Presence, duration, moment};
use crate::request::{Ids, JsonBody, NetworkPath};
use crate::routes::{Done, Passed, Routes, Takes};
use crate::tenants::TenantPath;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use orc8r_metrics::promql::{
    ErrorKind, InstantQuery, QueryError, RangeQuery, error_json, selector, series_json, strings_json,
};
use orc8r_metrics::tsdb::{Scope, Selector};
use orc8r_metrics::{Labels, Pushed, Reply, Sample, Source, pushed};
use serde::Deserialize;
use std::collections::BTreeSet;
use wire_rest::types::{
    PrometheusLabelset, PrometheusTargetMetadata, PrometheusTargetsMetadata, PromqlReturnObject, PushedMetric,
};

/// The step of a range for which nobody says one, in milliseconds.
const STEP_MS: i64 = 15_000;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/prometheus/query", network_query)
        .get("/networks/{network_id}/prometheus/query_range", network_range)
        .get("/networks/{network_id}/prometheus/series", network_series)
        .post("/networks/{network_id}/metrics/push", push)
        .get("/tenants/{tenant_id}/metrics/query", tenant_query)
        .get("/tenants/{tenant_id}/metrics/query_range", tenant_range)
        .get("/tenants/{tenant_id}/metrics/series", tenant_series)
        .get("/tenants/{tenant_id}/metrics/api/v1/query", grafana_query)
        .post("/tenants/{tenant_id}/metrics/api/v1/query", grafana_query)
        .get("/tenants/{tenant_id}/metrics/api/v1/query_range", grafana_range)
        .post("/tenants/{tenant_id}/metrics/api/v1/query_range", grafana_range)
        .get("/tenants/{tenant_id}/metrics/api/v1/series", grafana_series)
        .post("/tenants/{tenant_id}/metrics/api/v1/series", grafana_series)
        .get("/tenants/{tenant_id}/metrics/api/v1/labels", grafana_labels)
        .post("/tenants/{tenant_id}/metrics/api/v1/labels", grafana_labels)
        .get("/tenants/{tenant_id}/metrics/api/v1/label/{label_name}/values", grafana_label_values)
        .get("/tenants/targets_metadata", targets_metadata)
}

/// Whether a `POST` to this path, as it is registered, changes nothing: Grafana sends its queries as forms.
pub(crate) fn only_asks(pattern: &str) -> bool {
    pattern.strip_prefix("/magma/v1").unwrap_or(pattern).starts_with("/tenants/{tenant_id}/metrics/api/v1/")
}

macro_rules! known {
    ($($name:ident: $($parameter:literal $presence:ident),*;)*) => {$(
        struct $name;

        impl Known for $name {
            const NAMES: &'static [(&'static str, Presence)] = &[$(($parameter, Presence::$presence)),*];
        }
    )*};
}

known! {
    Instant: "query" Required, "time" Optional;
    Range: "query" Required, "start" Required, "end" Optional, "step" Optional;
    Series: "match" Optional, "start" Optional, "end" Optional;
    GrafanaSeries: "match[]" Optional, "start" Optional, "end" Optional;
    Values: "start" Optional, "end" Optional;
    Targets: "match_target" Optional, "metric" Optional, "limit" Optional;
}

type Queried = Result<Passed<PromqlReturnObject>, ApiError>;
type Listed = Result<Passed<Vec<PrometheusLabelset>>, ApiError>;

/// The ids in `/tenants/{tenant_id}/metrics/api/v1/label/{label_name}/values`.
#[derive(Deserialize)]
struct LabelPath {
    label_name: String,
}

async fn network_query(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    parameters: Parameters<Instant>,
) -> Queried {
    let answer = instant(&api, &parameters, network_scope(&path)).await?;
    Ok(Passed::new(answer.map_err(api_error)?.to_json()))
}

async fn network_range(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    parameters: Parameters<Range>,
) -> Queried {
    let answer = range(&api, &parameters, network_scope(&path)).await?;
    Ok(Passed::new(answer.map_err(api_error)?.to_json()))
}

async fn network_series(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    parameters: Parameters<Series>,
) -> Listed {
    let found = series(&api, &parameters, network_scope(&path)).await?.map_err(api_error)?;
    Ok(Passed::new(series_json(found.iter())))
}

async fn tenant_query(
    State(api): State<Api>,
    OfTenant(scope): OfTenant,
    parameters: Parameters<Instant>,
) -> Queried {
    let answer = instant(&api, &parameters, scope).await?;
    Ok(Passed::new(answer.map_err(api_error)?.to_json()))
}

async fn tenant_range(
    State(api): State<Api>,
    OfTenant(scope): OfTenant,
    parameters: Parameters<Range>,
) -> Queried {
    let answer = range(&api, &parameters, scope).await?;
    Ok(Passed::new(answer.map_err(api_error)?.to_json()))
}

async fn tenant_series(
    State(api): State<Api>,
    OfTenant(scope): OfTenant,
    parameters: Parameters<Series>,
) -> Listed {
    let found = series(&api, &parameters, scope).await?.map_err(api_error)?;
    Ok(Passed::new(series_json(found.iter())))
}

async fn grafana_query(
    State(api): State<Api>,
    OfTenant(scope): OfTenant,
    parameters: Parameters<Instant>,
) -> Queried {
    Ok(prometheus(instant(&api, &parameters, scope).await?.map(|answer| answer.to_json())))
}

async fn grafana_range(
    State(api): State<Api>,
    OfTenant(scope): OfTenant,
    parameters: Parameters<Range>,
) -> Queried {
    Ok(prometheus(range(&api, &parameters, scope).await?.map(|answer| answer.to_json())))
}

/// Magma-compat: the contract says that this answers a list; Grafana's data source reads what Prometheus answers.
async fn grafana_series(
    State(api): State<Api>,
    OfTenant(scope): OfTenant,
    parameters: Parameters<GrafanaSeries>,
) -> Result<Passed<serde_json::Value>, ApiError> {
    let found = series(&api, &parameters, scope).await?;
    Ok(prometheus(found.map(|found| success(&series_json(found.iter())))))
}

async fn grafana_labels(
    State(api): State<Api>,
    OfTenant(scope): OfTenant,
    parameters: Parameters<GrafanaSeries>,
) -> Result<Passed<serde_json::Value>, ApiError> {
    let names = match wanted(&parameters)? {
        Ok((selectors, times)) => api.metrics.label_names(selectors, times, scope).await,
        Err(error) => Err(error),
    };
    let names = names.map(|names| success(&strings_json(names.iter().map(String::as_str))));
    Ok(prometheus(names))
}

async fn grafana_label_values(
    State(api): State<Api>,
    Ids(path): Ids<LabelPath>,
    OfTenant(scope): OfTenant,
    parameters: Parameters<Values>,
) -> Result<Passed<serde_json::Value>, ApiError> {
    let values = match wanted(&parameters)? {
        Ok((selectors, times)) => api.metrics.label_values(&path.label_name, selectors, times, scope).await,
        Err(error) => Err(error),
    };
    let values = values.map(|values| success(&strings_json(values.iter().map(String::as_str))));
    Ok(prometheus(values))
}

async fn push(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(metrics): JsonBody<Vec<PushedMetric>>,
) -> Result<Done, ApiError> {
    let now_ms = signed_milliseconds();
    let samples = metrics.into_iter().map(|metric| {
        let time_ms = metric.timestamp.as_deref().filter(|text| !text.is_empty());
        let time_ms = time_ms.map_or(Ok(now_ms), |text| moment("timestamp", text))?;
        let labels = metric.labels.into_iter().map(|label| (label.name, label.value)).collect();
        Ok(Pushed { name: metric.metric_name, labels, sample: Sample { value: metric.value, time_ms } })
    });
    let samples = samples.collect::<Result<Vec<_>, ApiError>>()?;
    let batch = pushed(&samples).map_err(ApiError::bad)?;
    let source = Source { network: path.network_id.to_string(), gateway: String::new() };
    let intake = api.metrics.append(&source, &batch, now_ms);
    if intake.accepted < batch.len() {
        return Err(ApiError::bad(format!(
            "{} of {} samples were not taken: {} are too old, too new or contradict what is known, for {} there are too many series",
            batch.len() - intake.accepted,
            batch.len(),
            intake.out_of_bounds,
            intake.no_room
        )));
    }
    Ok(Done)
}

async fn targets_metadata(
    State(api): State<Api>,
    parameters: Parameters<Targets>,
) -> Result<axum::Json<Vec<PrometheusTargetsMetadata>>, ApiError> {
    let limit = parameters.get("limit").map_or(Ok(usize::MAX), str::parse);
    let limit = limit.map_err(|_| ApiError::bad("the parameter limit is no number"))?;
    let wanted = parameters.get("metric");
    let described = api.metrics.descriptions().into_iter();
    let described = described.filter(|(name, _)| wanted.is_none_or(|wanted| wanted == name)).take(limit);
    let described = described.map(|(metric, description)| PrometheusTargetsMetadata {
        target: PrometheusTargetMetadata { instance: "orc8r".to_owned(), job: "gateways".to_owned() },
        metric,
        r#type: description.kind.to_owned(),
        help: description.help,
        unit: String::new(),
    });
    Ok(axum::Json(described.collect()))
}

async fn instant(
    api: &Api,
    parameters: &Parameters<Instant>,
    scope: Scope,
) -> Result<Result<Reply, QueryError>, ApiError> {
    let text = parameters.required("query")?.to_owned();
    let time_ms = parameters.moment("time")?.unwrap_or_else(signed_milliseconds);
    Ok(api.metrics.instant(InstantQuery { text, time_ms }, scope).await)
}

async fn range(
    api: &Api,
    parameters: &Parameters<Range>,
    scope: Scope,
) -> Result<Result<Reply, QueryError>, ApiError> {
    Ok(api.metrics.range(range_query(parameters)?, scope).await)
}

/// The query that these parameters are.
pub(crate) fn range_query<K: Known>(parameters: &Parameters<K>) -> Result<RangeQuery, ApiError> {
    let text = parameters.required("query")?.to_owned();
    let start_ms = moment("start", parameters.required("start")?)?;
    let end_ms = parameters.moment("end")?.unwrap_or_else(signed_milliseconds);
    let step_ms = parameters.get("step").map_or(Ok(STEP_MS), |text| duration("step", text))?;
    Ok(RangeQuery { text, start_ms, end_ms, step_ms })
}

async fn series<K: Known>(
    api: &Api,
    parameters: &Parameters<K>,
    scope: Scope,
) -> Result<Result<BTreeSet<Labels>, QueryError>, ApiError> {
    match wanted(parameters)? {
        Ok((selectors, times)) => Ok(api.metrics.series(selectors, times, scope).await),
        Err(error) => Ok(Err(error)),
    }
}

/// Which series, between which moments.
type Wanted = (Vec<Selector>, (i64, i64));

fn wanted<K: Known>(parameters: &Parameters<K>) -> Result<Result<Wanted, QueryError>, ApiError> {
    let mut selectors = Vec::new();
    for text in parameters.all("match").chain(parameters.all("match[]")) {
        match selectors_of(text) {
            Ok(more) => selectors.extend(more),
            Err(error) => return Ok(Err(error)),
        }
    }
    if selectors.is_empty() {
        selectors.push(Selector::default());
    }
    let start_ms = parameters.moment("start")?.unwrap_or(i64::MIN);
    let end_ms = parameters.moment("end")?.unwrap_or(i64::MAX);
    Ok(Ok((selectors, (start_ms, end_ms))))
}

/// One selector, or several with spaces between them, as the contract has it.
fn selectors_of(text: &str) -> Result<Vec<Selector>, QueryError> {
    match selector(text) {
        Ok(one) => Ok(vec![one]),
        Err(error) if text.split_whitespace().count() < 2 => Err(error),
        Err(_) => text.split_whitespace().map(selector).collect(),
    }
}

pub(crate) fn network_scope(path: &NetworkPath) -> Scope {
    Scope::network(path.network_id.as_str())
}

/// The networks of the tenant that the path names, without those that whoever asks may not read; who owns none sees nothing.
struct OfTenant(Scope);

impl FromRequestParts<Api> for OfTenant {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let Ids(path) = Ids::<TenantPath>::from_request_parts(parts, api).await?;
        let HiddenNetworks(hidden) = parts.extensions.get().cloned().unwrap_or_default();
        let owned = api.store.tenant(path.tenant_id).await?.networks.into_iter();
        let owned = owned.map(|network| network.to_string()).filter(|network| !hidden.contains(network));
        Ok(Self(Scope::Networks(owned.collect())))
    }
}

impl Takes for OfTenant {}

pub(crate) fn api_error(error: QueryError) -> ApiError {
    match error.kind {
        ErrorKind::BadData | ErrorKind::Execution => ApiError::bad(error.message),
        ErrorKind::Timeout | ErrorKind::Unavailable => ApiError::Unavailable(error.message),
        ErrorKind::Internal => ApiError::Metrics(error),
    }
}

/// Prometheus' answer, whether good or bad.
fn prometheus<T>(answer: Result<String, QueryError>) -> Passed<T> {
    match answer {
        Ok(json) => Passed::new(json),
        Err(error) => Passed::with_status(error_json(&error), error.kind.status()),
    }
}

fn success(data: &str) -> String {
    format!("{{\"status\":\"success\",\"data\":{data}}}")
}
