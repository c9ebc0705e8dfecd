//! What is looked for in an archive.

use std::sync::Arc;

use rusqlite::types::Value;

use crate::StoreError;

/// How far a page may lie from the beginning, as with existing clouds' search engine.
const WINDOW_MAX: usize = 10_000;
/// How many values one condition may list.
const VALUES_MAX: usize = 200;

/// Says of a document whether it is looked for.
pub type DocumentMatch = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Which records are looked for. An empty list lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArchiveFilter {
    /// Of this network only.
    pub network: String,
    /// Of one of these gateways.
    pub gateways: Vec<String>,
    /// Of one of these devices.
    pub hardware_ids: Vec<String>,
    /// In one of these streams; of log lines, with one of these tags.
    pub streams: Vec<String>,
    /// Events of one of these types.
    pub event_types: Vec<String>,
    /// Events with one of these tags.
    pub event_tags: Vec<String>,
    /// Not before, in milliseconds since 1970.
    pub from_ms: Option<i64>,
    /// Not after, in milliseconds since 1970.
    pub until_ms: Option<i64>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The latest time first.
    NewestFirst,
    /// The earliest time first.
    OldestFirst,
}

/// Which part of what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many are left out at the beginning.
    pub skip: usize,
    /// How many at most.
    pub limit: usize,
}

impl Page {
    /// # Errors
    /// [`StoreError::Invalid`] beyond the ten thousandth record.
    pub(super) fn check(self) -> Result<(), StoreError> {
        if self.skip.saturating_add(self.limit) > WINDOW_MAX {
            return Err(StoreError::invalid(format!(
                "from and size together may be {WINDOW_MAX} at most: narrow the time instead"
            )));
        }
        Ok(())
    }
}

impl ArchiveFilter {
    /// The conditions on the columns of records, each beginning with ` AND `, with their values.
    pub(super) fn conditions(&self) -> Result<(String, Vec<Value>), StoreError> {
        let (mut sql, mut values) = (String::new(), Vec::new());
        for (column, wanted) in
            [("stream", &self.streams), ("event_type", &self.event_types), ("event_tag", &self.event_tags)]
        {
            if !wanted.is_empty() {
                sql += &format!(" AND {column} IN ({})", places(wanted)?);
                values.extend(wanted.iter().cloned().map(Value::Text));
            }
        }
        for (comparison, limit) in [(">=", self.from_ms), ("<=", self.until_ms)] {
            if let Some(limit) = limit {
                sql += &format!(" AND time_ms {comparison} ?");
                values.push(Value::Integer(limit));
            }
        }
        Ok((sql, values))
    }

    /// The conditions on the columns of sources, or none: all of the network.
    pub(super) fn source_conditions(&self) -> Result<Option<(String, Vec<Value>)>, StoreError> {
        let (mut sql, mut values) = (String::new(), Vec::new());
        for (column, wanted) in [("gateway", &self.gateways), ("hardware_id", &self.hardware_ids)] {
            if !wanted.is_empty() {
                sql += &format!(" AND {column} IN ({})", places(wanted)?);
                values.extend(wanted.iter().cloned().map(Value::Text));
            }
        }
        Ok((!sql.is_empty()).then_some((sql, values)))
    }
}

fn places(values: &[String]) -> Result<String, StoreError> {
    if values.len() > VALUES_MAX {
        return Err(StoreError::invalid(format!("a list may have {VALUES_MAX} values at most")));
    }
    Ok(vec!["?"; values.len()].join(", "))
}
