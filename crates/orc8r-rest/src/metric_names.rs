//! `/networks/{network_id}/prometheus/metric_names`: the metrics that a network has lately sent, with what they mean, and of one of
//! them the values of its labels. Ours: a page that lets one choose would otherwise have every series told.

use crate::Api;
use crate::clock::signed_milliseconds;
use crate::error::ApiError;
use crate::metrics::{api_error, network_scope};
use crate::parameters::{Known, Parameters, Presence};
use crate::request::{Ids, NetworkPath};
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use orc8r_metrics::Description;
use orc8r_metrics::tsdb::{Matcher, Selector};
use orc8r_model::NetworkId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wire_rest::{Definition, Field, HasSchema, Integer, List, Schema, Text};

/// An engine elsewhere is asked for names of the last hour, in milliseconds.
const LATELY_MS: i64 = 3_600_000;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/prometheus/metric_names", list)
        .get("/networks/{network_id}/prometheus/metric_names/{metric}", read)
}

/// Nobody is told more values of a label.
const VALUES_MAX: usize = 1000;

/// The ids in `/networks/{network_id}/prometheus/metric_names/{metric}`.
#[derive(Deserialize)]
struct MetricPath {
    network_id: NetworkId,
    metric: String,
}

struct Times;

impl Known for Times {
    const NAMES: &'static [(&'static str, Presence)] =
        &[("start", Presence::Optional), ("end", Presence::Optional)];
}

/// A metric.
#[derive(Serialize)]
struct MetricName {
    name: String,
    /// `counter`, `gauge`, `histogram` or `summary`; empty: nobody said it.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What it means, in the words of who measures it.
    help: String,
    /// How many series it has; absent with an engine elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<usize>,
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<Vec<MetricName>>, ApiError> {
    let now_ms = signed_milliseconds();
    let names =
        api.metrics.names((now_ms - LATELY_MS, now_ms), network_scope(&path)).await.map_err(api_error)?;
    let known = api.metrics.descriptions();
    let names = names.into_iter().map(|(name, series)| {
        let (kind, help) = meaning_of(&known, &name);
        MetricName { name, kind, help, series }
    });
    Ok(Json(names.collect()))
}

/// One metric, with the first values of each of its labels, of samples between two moments.
#[derive(Serialize)]
struct MetricLabels {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    help: String,
    labels: BTreeMap<String, Vec<String>>,
}

async fn read(
    State(api): State<Api>,
    Ids(MetricPath { network_id, metric }): Ids<MetricPath>,
    times: Parameters<Times>,
) -> Result<Json<MetricLabels>, ApiError> {
    let times = (times.moment("start")?.unwrap_or(i64::MIN), times.moment("end")?.unwrap_or(i64::MAX));
    let named = Selector(vec![Matcher::equal("__name__", &metric)]);
    let scope = network_scope(&NetworkPath { network_id });
    let found = api.metrics.all_label_values(vec![named], times, scope).await.map_err(api_error)?;
    let labels = found.into_iter().filter(|(label, _)| !matches!(label.as_str(), "__name__" | "networkID"));
    let labels = labels.map(|(label, values)| (label, values.into_iter().take(VALUES_MAX).collect()));
    let known = api.metrics.descriptions();
    let (kind, help) = meaning_of(&known, &metric);
    Ok(Json(MetricLabels { labels: labels.collect(), kind, help, name: metric }))
}

/// The kind and the help of a metric; empty where nobody said them.
fn meaning_of(known: &BTreeMap<String, Description>, name: &str) -> (&'static str, String) {
    let Some(description) = meaning(known, name) else { return ("", String::new()) };
    let kind = if description.kind == "unknown" { "" } else { description.kind };
    (kind, description.help.clone())
}

/// The parts of a histogram or a summary are explained by the whole.
fn meaning<'a>(known: &'a BTreeMap<String, Description>, name: &str) -> Option<&'a Description> {
    let whole = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end));
    known.get(name).or_else(|| known.get(whole?))
}

impl HasSchema for MetricName {
    const SCHEMA: &'static Schema = &Schema::Named(&METRIC_NAME);
}

static METRIC_NAME: Definition = Definition {
    name: "metric_name",
    schema: Schema::Object(&[
        field("name", Schema::Text(Text::ANY), true),
        field("type", Schema::Text(Text::ANY), true),
        field("help", Schema::Text(Text::ANY), true),
        field("series", Schema::Integer(COUNT), false),
    ]),
};

impl HasSchema for MetricLabels {
    const SCHEMA: &'static Schema = &Schema::Named(&METRIC_LABELS);
}

static METRIC_LABELS: Definition = Definition {
    name: "metric_labels",
    schema: Schema::Object(&[
        field("name", Schema::Text(Text::ANY), true),
        field("type", Schema::Text(Text::ANY), true),
        field("help", Schema::Text(Text::ANY), true),
        field("labels", Schema::Map(&Schema::List(VALUES)), true),
    ]),
};

const VALUES: List = List { item: &Schema::Text(Text::ANY), min_items: None, max_items: None, unique: true };

const COUNT: Integer =
    Integer { min: 0, max: u64::MAX as i128, multiple_of: None, format: "uint64", allowed: &[] };

const fn field(name: &'static str, schema: Schema, required: bool) -> Field {
    Field { name, required, empty_is_absent: false, schema }
}
