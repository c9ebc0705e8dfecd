//! `/networks/{network_id}/prometheus/query_overview`: what a person is shown of a query over a range, however many series it
//! finds. Ours: the answer in Prometheus' own words has all of them, of which a chart shows a few.

use crate::Api;
use crate::error::ApiError;
use crate::metrics::{api_error, network_scope, range_query};
use crate::parameters::{Known, Parameters, Presence};
use crate::request::{Ids, NetworkPath};
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use orc8r_metrics::Labels;
use orc8r_metrics::promql::Most;
use serde::Serialize;
use std::collections::BTreeMap;
use wire_rest::{Definition, Field, HasSchema, Integer, List, Number, Schema, Text};

/// Lines, unless the request says how many.
const LINES: usize = 12;
/// Latest values, unless the request says how many.
const ROWS: usize = 100;
/// Nobody is told more of either.
const MOST: usize = 1000;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/networks/{network_id}/prometheus/query_overview", overview)
}

struct Asked;

impl Known for Asked {
    const NAMES: &'static [(&'static str, Presence)] = &[
        ("query", Presence::Required),
        ("start", Presence::Required),
        ("end", Presence::Optional),
        ("step", Presence::Optional),
        ("lines", Presence::Optional),
        ("rows", Presence::Optional),
    ];
}

/// What is shown of a query.
#[derive(Serialize)]
struct QueryOverview {
    /// So many series have a value.
    found: usize,
    /// So many have one at the end.
    current: usize,
    /// The series that are highest at the end, in the order of their labels.
    lines: Vec<QueryLine>,
    /// The highest values at the end, the highest first.
    latest: Vec<LatestValue>,
}

#[derive(Serialize)]
struct QueryLine {
    metric: BTreeMap<String, String>,
    /// One for each step, from the start on; null where there is none.
    values: Vec<Option<f64>>,
}

#[derive(Serialize)]
struct LatestValue {
    metric: BTreeMap<String, String>,
    value: f64,
}

async fn overview(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    parameters: Parameters<Asked>,
) -> Result<Json<QueryOverview>, ApiError> {
    let most = Most { lines: count(&parameters, "lines", LINES)?, rows: count(&parameters, "rows", ROWS)? };
    let found = api.metrics.overview(range_query(&parameters)?, network_scope(&path), most).await;
    let found = found.map_err(api_error)?;
    let lines = found.lines.into_iter();
    let latest = found.latest.into_iter();
    Ok(Json(QueryOverview {
        found: found.found,
        current: found.current,
        lines: lines.map(|(labels, values)| QueryLine { metric: pairs(&labels), values }).collect(),
        latest: latest.map(|(labels, value)| LatestValue { metric: pairs(&labels), value }).collect(),
    }))
}

fn pairs(labels: &Labels) -> BTreeMap<String, String> {
    labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn count(parameters: &Parameters<Asked>, name: &str, usual: usize) -> Result<usize, ApiError> {
    let Some(text) = parameters.get(name) else { return Ok(usual) };
    let count = text.parse().ok().filter(|count| *count <= MOST);
    count.ok_or_else(|| {
        ApiError::bad(format!("the parameter {name} is {text:?}, and must be a number up to {MOST}"))
    })
}

impl HasSchema for QueryOverview {
    const SCHEMA: &'static Schema = &Schema::Named(&OVERVIEW);
}

static OVERVIEW: Definition = Definition {
    name: "query_overview",
    schema: Schema::Object(&[
        field("found", Schema::Integer(COUNT)),
        field("current", Schema::Integer(COUNT)),
        field("lines", Schema::List(list(&Schema::Named(&LINE)))),
        field("latest", Schema::List(list(&Schema::Named(&LATEST)))),
    ]),
};

static LINE: Definition = Definition {
    name: "query_line",
    schema: Schema::Object(&[
        field("metric", Schema::Map(&Schema::Text(Text::ANY))),
        field("values", Schema::List(list(&Schema::Anything))),
    ]),
};

static LATEST: Definition = Definition {
    name: "latest_value",
    schema: Schema::Object(&[
        field("metric", Schema::Map(&Schema::Text(Text::ANY))),
        field("value", Schema::Number(Number { min: None, max: None })),
    ]),
};

const COUNT: Integer =
    Integer { min: 0, max: u64::MAX as i128, multiple_of: None, format: "uint64", allowed: &[] };

const fn list(item: &'static Schema) -> List {
    List { item, min_items: None, max_items: None, unique: false }
}

const fn field(name: &'static str, schema: Schema) -> Field {
    Field { name, required: true, empty_is_absent: false, schema }
}
