//! `/networks/{network_id}/logs/…`: what gateways' services wrote into their logs.

use crate::Api;
use crate::error::ApiError;
use crate::request::{Ids, NetworkPath, TextQuery, Texts};
use crate::routes::{Routes, Shown};
use axum::extract::State;
use orc8r_logs::{LogQuery, page};
use serde::Deserialize;
use serde_json::Value;
use wire_rest::types::{ElasticHit, ElasticHitCount};

/// How many are answered when nobody says.
const SIZE: usize = 10;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/logs/search", search)
        .get("/networks/{network_id}/logs/count", count)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Search {
    simple_query: String,
    fields: String,
    filters: String,
    size: String,
    from: String,
    start: String,
    end: String,
}

impl TextQuery for Search {
    const NAMES: &'static [&'static str] =
        &["simple_query", "fields", "filters", "size", "from", "start", "end"];
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Count {
    simple_query: String,
    fields: String,
    filters: String,
    start: String,
    end: String,
}

impl TextQuery for Count {
    const NAMES: &'static [&'static str] = &["simple_query", "fields", "filters", "start", "end"];
}

async fn search(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    Texts(query): Texts<Search>,
) -> Result<Shown<Vec<ElasticHit>>, ApiError> {
    let Search { simple_query, fields, filters, size, from, start, end } = query;
    let page = page(&from, &size, SIZE)?;
    let network = path.network_id.to_string();
    let query = LogQuery { network, simple_query, fields, filters, start, end };
    Ok(Shown::new(Value::Array(api.archives.logs(&query, page).await?)))
}

async fn count(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    Texts(query): Texts<Count>,
) -> Result<Shown<ElasticHitCount>, ApiError> {
    let Count { simple_query, fields, filters, start, end } = query;
    let network = path.network_id.to_string();
    let query = LogQuery { network, simple_query, fields, filters, start, end };
    Ok(Shown::new(Value::from(api.archives.count_logs(&query).await?)))
}
