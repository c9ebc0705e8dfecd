//! How every operation asks and changes the database, and numbers and JSON between Rust and SQL, which has neither
//! unsigned numbers nor a portable JSON type.
//!
//! SQL is written once, for SQLite and PostgreSQL: parameters are `?1`, `?2`, …; a conflict is `ON CONFLICT … DO`.

use crate::StoreError;
use crate::value::Parameters;
use serde_json::Value;
use std::fmt::Display;

pub(crate) use crate::transaction::{Row, Transaction};

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
    parameters: impl Parameters,
    read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    transaction.query(sql, &parameters, read)
}

/// The first row of a query, if there is one.
pub(crate) fn row<T>(
    transaction: &Transaction<'_>,
    sql: &str,
    parameters: impl Parameters,
    read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    Ok(transaction.query(sql, &parameters, read)?.into_iter().next())
}

/// Changes rows; returns how many.
pub(crate) fn execute(
    transaction: &Transaction<'_>,
    sql: &str,
    parameters: impl Parameters,
) -> Result<usize, StoreError> {
    transaction.execute(sql, &parameters)
}

/// The number of this change to the configuration graph; higher than that of every earlier one, for ever.
pub(crate) fn next_revision(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    let next =
        row(transaction, "UPDATE revision SET value = value + 1 RETURNING value", (), |row| row.get(0))?;
    next.ok_or_else(|| StoreError::corrupt("the revision", "it is missing"))
}
