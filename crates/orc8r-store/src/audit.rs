//! Who changed what: entries are only added, and the oldest go when there are too many.

use crate::row::{execute, row, rows, signed, unsigned};
use crate::{Store, StoreError};
use orc8r_model::NetworkId;

/// How many entries are kept.
const ENTRIES_MAX: i64 = 1_000_000;

/// One change that somebody made by REST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When, in milliseconds since 1970.
    pub time_ms: u64,
    /// Who: an operator's or a user's name.
    pub actor: String,
    /// `POST`, `PUT` or `DELETE`.
    pub method: String,
    /// The path, with its query.
    pub path: String,
    /// The network that the path names.
    pub network: Option<String>,
    /// What was answered.
    pub status: u16,
    /// What was there before: JSON with secrets masked.
    pub before: Option<String>,
    /// What was there afterwards, or what was sent: the same.
    pub after: Option<String>,
}

/// Which entries to read, the newest first.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of this operator or user.
    pub actor: Option<String>,
    /// Of this network.
    pub network: Option<String>,
    /// Of this path, as it was asked for.
    pub path: Option<String>,
    /// Not before, in milliseconds since 1970.
    pub from_ms: Option<u64>,
    /// Not after.
    pub to_ms: Option<u64>,
    /// Only those with a smaller number.
    pub before_number: Option<u64>,
}

impl Store {
    /// Adds an entry.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn add_audit_entry(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let sql = "UPDATE audit_number SET value = value + 1 RETURNING value";
            let number: Option<i64> = row(transaction, sql, (), |row| row.get(0))?;
            let number =
                number.ok_or_else(|| StoreError::corrupt("the audit log", "its number is missing"))?;
            let sql = "INSERT INTO audit_log (number, time_ms, actor, method, path, network_id, status, \
                       before_change, after_change) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            let AuditEntry { actor, method, path, network, status, before, after, .. } = entry;
            let time = signed(entry.time_ms);
            execute(transaction, sql, (number, time, actor, method, path, network, status, before, after))?;
            execute(transaction, "DELETE FROM audit_log WHERE number <= ?1", [number - ENTRIES_MAX]).map(drop)
        })
        .await
    }

    /// When the newest `count_max` changes of a network were made, and at which paths; without what was refused, and
    /// without the documents, which may be large.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn newest_changes(
        &self,
        network: &NetworkId,
        count_max: u32,
    ) -> Result<Vec<(u64, String)>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let sql = "SELECT time_ms, path FROM audit_log WHERE network_id = ?1 AND status < 400 \
                       ORDER BY number DESC LIMIT ?2";
            rows(transaction, sql, (network.as_str(), i64::from(count_max)), |row| {
                Ok((unsigned(row.get(0)?), row.get(1)?))
            })
        })
        .await
    }

    /// The newest `count_max` entries that `filter` names, each with its number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn audit_entries(
        &self,
        filter: AuditFilter,
        count_max: u32,
    ) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
        self.read(move |transaction| {
            // A plain comparison, so that an index finds the few entries of a path among many.
            let path = if filter.path.is_some() { "path = ?6" } else { "CAST(?6 AS TEXT) IS NULL" };
            let sql = &format!(
                "SELECT number, time_ms, actor, method, path, network_id, status, before_change, after_change \
                 FROM audit_log WHERE number < ?1 AND time_ms >= ?2 AND time_ms <= ?3 \
                 AND (CAST(?4 AS TEXT) IS NULL OR actor = ?4) \
                 AND (CAST(?5 AS TEXT) IS NULL OR network_id = ?5) AND {path} ORDER BY number DESC LIMIT ?7"
            );
            let parameters = (
                filter.before_number.map_or(i64::MAX, signed),
                filter.from_ms.map_or(0, signed),
                filter.to_ms.map_or(i64::MAX, signed),
                filter.actor,
                filter.network,
                filter.path,
                i64::from(count_max),
            );
            rows(transaction, sql, parameters, |row| {
                let status: i64 = row.get(6)?;
                let entry = AuditEntry {
                    time_ms: unsigned(row.get(1)?),
                    actor: row.get(2)?,
                    method: row.get(3)?,
                    path: row.get(4)?,
                    network: row.get(5)?,
                    status: u16::try_from(status).unwrap_or_default(),
                    before: row.get(7)?,
                    after: row.get(8)?,
                };
                Ok((unsigned(row.get(0)?), entry))
            })
        })
        .await
    }
}
