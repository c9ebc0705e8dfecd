//! `/events/{network_id}…`: what gateways and the Orchestrator told.

use crate::Api;
use crate::error::ApiError;
use crate::request::{Ids, NetworkPath, TextQuery, Texts};
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use orc8r_logs::{EventQuery, FoundEvent, page};
use orc8r_model::NetworkId;
use orc8r_store::ArchivePage;
use serde::Deserialize;
use wire_rest::types::Event;

/// How many are answered when nobody says.
const SIZE: usize = 50;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/events/{network_id}", list)
        .get("/events/{network_id}/about/count", count)
        .get("/events/{network_id}/{stream_name}", list_of_stream)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct List {
    streams: String,
    events: String,
    tags: String,
    hw_ids: String,
    from: String,
    size: String,
    start: String,
    end: String,
}

impl TextQuery for List {
    const NAMES: &'static [&'static str] =
        &["streams", "events", "tags", "hw_ids", "from", "size", "start", "end"];
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Count {
    streams: String,
    events: String,
    tags: String,
    hw_ids: String,
    start: String,
    end: String,
}

impl TextQuery for Count {
    const NAMES: &'static [&'static str] = &["streams", "events", "tags", "hw_ids", "start", "end"];
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OfStream {
    event_type: String,
    hardware_id: String,
    tag: String,
}

impl TextQuery for OfStream {
    const NAMES: &'static [&'static str] = &["event_type", "hardware_id", "tag"];
}

/// The ids in `/events/{network_id}/{stream_name}`.
#[derive(Deserialize)]
struct StreamPath {
    network_id: NetworkId,
    stream_name: String,
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    Texts(query): Texts<List>,
) -> Result<Json<Vec<Event>>, ApiError> {
    let List { streams, events, tags, hw_ids, from, size, start, end } = query;
    let mut page = page(&from, &size, SIZE)?;
    if page.limit == 0 {
        page.limit = SIZE;
    }
    let network = path.network_id.to_string();
    let query = EventQuery { network, streams, events, tags, hardware_ids: hw_ids, start, end };
    Ok(Json(api.archives.events(&query, page).await?.into_iter().map(event).collect()))
}

async fn count(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    Texts(query): Texts<Count>,
) -> Result<Json<i64>, ApiError> {
    let Count { streams, events, tags, hw_ids, start, end } = query;
    let network = path.network_id.to_string();
    let query = EventQuery { network, streams, events, tags, hardware_ids: hw_ids, start, end };
    Ok(Json(i64::try_from(api.archives.count_events(&query).await?).unwrap_or(i64::MAX)))
}

async fn list_of_stream(
    State(api): State<Api>,
    Ids(path): Ids<StreamPath>,
    Texts(query): Texts<OfStream>,
) -> Result<Json<Vec<Event>>, ApiError> {
    let query = EventQuery {
        network: path.network_id.to_string(),
        streams: path.stream_name,
        events: query.event_type,
        tags: query.tag,
        hardware_ids: query.hardware_id,
        ..EventQuery::default()
    };
    let page = ArchivePage { skip: 0, limit: SIZE };
    Ok(Json(api.archives.events(&query, page).await?.into_iter().map(event).collect()))
}

fn event(found: FoundEvent) -> Event {
    Event {
        stream_name: found.stream,
        event_type: found.event_type,
        hardware_id: found.hardware_id,
        tag: found.tag,
        timestamp: found.timestamp,
        value: found.value,
    }
}
