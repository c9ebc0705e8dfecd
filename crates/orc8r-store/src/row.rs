//! Numbers and JSON between Rust and SQL, which has neither unsigned numbers nor a portable JSON type.

use crate::StoreError;
use rusqlite::{OptionalExtension, Params, Row, Transaction};
use serde_json::Value;
use std::fmt::Display;

/// A count or a time as SQL keeps it.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A count or a time as SQL kept it.
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

/// The JSON `text` of `what`.
pub(crate) fn json(what: impl Display, text: &str) -> Result<Value, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(what, error))
}

/// All rows of a query.
pub(crate) fn rows<T>(
    transaction: &Transaction<'_>,
    sql: &str,
    parameters: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    Ok(transaction.prepare_cached(sql)?.query_map(parameters, read)?.collect::<Result<_, _>>()?)
}

/// The only row of a query, if there is one.
pub(crate) fn row<T>(
    transaction: &Transaction<'_>,
    sql: &str,
    parameters: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    Ok(transaction.prepare_cached(sql)?.query_row(parameters, read).optional()?)
}

/// Changes rows; returns how many.
pub(crate) fn execute(
    transaction: &Transaction<'_>,
    sql: &str,
    parameters: impl Params,
) -> Result<usize, StoreError> {
    Ok(transaction.prepare_cached(sql)?.execute(parameters)?)
}

/// The number of this change to the configuration graph; higher than that of every earlier one, for ever.
pub(crate) fn next_revision(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    let next =
        row(transaction, "UPDATE revision SET value = value + 1 RETURNING value", (), |row| row.get(0))?;
    next.ok_or_else(|| StoreError::corrupt("the revision", "it is missing"))
}
