//! Events by their names and times.

use orc8r_store::{ArchiveFilter, ArchivePage, Found, Order};
use serde_json::{Map, Value, json};

use super::{SearchError, instant, listed};
use crate::Archives;
use crate::intake::timestamp;

/// Which events are asked for: texts as they stand in a query, lists with commas, and empty where all are meant.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// Of this network.
    pub network: String,
    /// In one of these streams.
    pub streams: String,
    /// Of one of these types.
    pub events: String,
    /// With one of these tags.
    pub tags: String,
    /// Of one of these devices.
    pub hardware_ids: String,
    /// Not before.
    pub start: String,
    /// Not after.
    pub end: String,
}

/// An event as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundEvent {
    /// Its stream.
    pub stream: String,
    /// Its type.
    pub event_type: String,
    /// The device that told it.
    pub hardware_id: String,
    /// What it is about, for example a subscriber.
    pub tag: String,
    /// When it was.
    pub timestamp: String,
    /// What happened: always an object.
    pub value: Value,
}

impl Archives {
    /// One page of events, newest first.
    ///
    /// Deviation: the newest Magma gives the oldest first, so that a page without a time shows what nobody asks for; the
    /// web UI and the releases before want the newest.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn events(
        &self,
        query: &EventQuery,
        page: ArchivePage,
    ) -> Result<Vec<FoundEvent>, SearchError> {
        let found = self.events.search(filter(query)?, None, Order::NewestFirst, page).await?;
        Ok(found.into_iter().map(shown).collect())
    }

    /// How many events there are.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn count_events(&self, query: &EventQuery) -> Result<u64, SearchError> {
        Ok(self.events.count(filter(query)?, None).await?)
    }
}

fn filter(query: &EventQuery) -> Result<ArchiveFilter, SearchError> {
    Ok(ArchiveFilter {
        network: query.network.clone(),
        gateways: Vec::new(),
        hardware_ids: listed(&query.hardware_ids),
        streams: listed(&query.streams),
        event_types: listed(&query.events),
        event_tags: listed(&query.tags),
        from_ms: instant::milliseconds("start", &query.start)?,
        until_ms: instant::milliseconds("end", &query.end)?,
    })
}

fn shown(found: Found) -> FoundEvent {
    let document: Map<String, Value> = serde_json::from_str(&found.record.document).unwrap_or_default();
    let value = match document.get("value") {
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(value @ Value::Object(_)) => value,
            // Magma fails then, and shows no other event either.
            _ => json!({ "value": text }),
        },
        Some(value @ Value::Object(_)) => value.clone(),
        Some(value) => json!({ "value": value }),
        None => json!({}),
    };
    FoundEvent {
        stream: found.record.stream,
        event_type: found.record.event_type,
        hardware_id: found.source.hardware_id,
        tag: found.record.event_tag,
        timestamp: timestamp(found.record.time_ms),
        value,
    }
}
