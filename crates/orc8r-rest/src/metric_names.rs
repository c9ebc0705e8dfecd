//! `/networks/{network_id}/prometheus/metric_names`: the metrics that a network has lately sent, with what they mean. Ours: a page
//! that lets one choose would otherwise have every series told.

use crate::Api;
use crate::clock::signed_milliseconds;
use crate::error::ApiError;
use crate::metrics::{api_error, network_scope};
use crate::request::{Ids, NetworkPath};
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use orc8r_metrics::Description;
use serde::Serialize;
use std::collections::BTreeMap;
use wire_rest::{Definition, Field, HasSchema, Integer, Schema, Text};

/// An engine elsewhere is asked for names of the last hour, in milliseconds.
const LATELY_MS: i64 = 3_600_000;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/networks/{network_id}/prometheus/metric_names", list)
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
        let description = meaning(&known, &name);
        let kind = description.map(|description| description.kind).filter(|kind| *kind != "unknown");
        let help = description.map(|description| description.help.clone());
        MetricName { name, kind: kind.unwrap_or_default(), help: help.unwrap_or_default(), series }
    });
    Ok(Json(names.collect()))
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

const COUNT: Integer =
    Integer { min: 0, max: u64::MAX as i128, multiple_of: None, format: "uint64", allowed: &[] };

const fn field(name: &'static str, schema: Schema, required: bool) -> Field {
    Field { name, required, empty_is_absent: false, schema }
}
