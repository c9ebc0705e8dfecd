//! The certificates that are accepted; one that is not here, or no longer, is not.

use crate::row::{Row, Transaction, execute, row, rows};
use crate::{Store, StoreError};
use orc8r_model::{CertificateInfo, HardwareId, Identity};

const GATEWAY: &str = "gateway";
const OPERATOR: &str = "operator";
const NODE: &str = "node";

impl Store {
    /// Accepts a certificate from now on. `serial` is upper-case hexadecimal without leading zeros.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`].
    pub async fn add_certificate(&self, serial: &str, info: CertificateInfo) -> Result<(), StoreError> {
        let serial = normal(serial);
        self.write_concurrently(move |transaction| add(transaction, &serial, &info)).await
    }

    /// What is known of a certificate; `None`: it is not accepted. Its dates are not looked at.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn certificate(&self, serial: &str) -> Result<Option<CertificateInfo>, StoreError> {
        let Some(serial) = readable(serial) else { return Ok(None) };
        self.read(move |transaction| load(transaction, &serial)).await
    }

    /// Every accepted certificate with its serial, in the order of the serials.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn certificates(&self) -> Result<Vec<(String, CertificateInfo)>, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT serial, identity_type, identity_name, not_before, not_after FROM certificates ORDER BY serial";
            rows(transaction, sql, (), read_row)?.into_iter().map(CertificateRow::read).collect()
        })
        .await
    }

    /// When the newest certificate of each operator and each node ends, in seconds since 1970.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn operators_and_nodes(&self) -> Result<Vec<(Identity, i64)>, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT identity_type, identity_name, MAX(not_after) FROM certificates \
                       WHERE identity_type IN ('operator', 'node') GROUP BY identity_type, identity_name \
                       ORDER BY identity_type, identity_name";
            rows(transaction, sql, (), |row| {
                let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
                let identity =
                    if kind == NODE { Identity::Node { name } } else { Identity::Operator { name } };
                Ok((identity, row.get(2)?))
            })
        })
        .await
    }

    /// Accepts a certificate no longer, and remembers that it was revoked.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn revoke_certificate(&self, serial: &str) -> Result<(), StoreError> {
        let serial = normal(serial);
        self.write(move |transaction| {
            match execute(transaction, "DELETE FROM certificates WHERE serial = ?1", [&serial])? {
                0 => Err(StoreError::not_found(format_args!("certificate {serial}"))),
                _ => {
                    let sql = "INSERT INTO revoked_certificates (serial) VALUES (?1) ON CONFLICT DO NOTHING";
                    execute(transaction, sql, [&serial]).map(drop)
                }
            }
        })
        .await
    }

    /// Whether a certificate was accepted once and then revoked.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn was_revoked(&self, serial: &str) -> Result<bool, StoreError> {
        let serial = normal(serial);
        self.read(move |transaction| {
            let sql = "SELECT serial FROM revoked_certificates WHERE serial = ?1";
            let found: Option<String> = row(transaction, sql, [&serial], |row| row.get(0))?;
            Ok(found.is_some())
        })
        .await
    }

    /// Forgets the gateways' certificates that ended before `ended_before` (seconds since 1970); returns how many.
    ///
    /// Those of operators stay: they are few, and a clock that was ahead for an hour must not lock everybody out. A
    /// gateway comes back by itself with a new one, an operator does not.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn purge_expired_certificates(&self, ended_before: i64) -> Result<usize, StoreError> {
        self.write(move |transaction| {
            let sql = "DELETE FROM certificates WHERE identity_type = ?1 AND not_after < ?2";
            execute(transaction, sql, (GATEWAY, ended_before))
        })
        .await
    }
}

/// A serial as it is kept; `None` for what is none.
pub(crate) fn readable(serial: &str) -> Option<String> {
    let serial = normal(serial);
    serial.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(serial)
}

/// What is known of the certificate with this serial.
pub(crate) fn load(
    transaction: &Transaction<'_>,
    serial: &str,
) -> Result<Option<CertificateInfo>, StoreError> {
    let sql = "SELECT serial, identity_type, identity_name, not_before, not_after FROM certificates WHERE serial = ?1";
    let found = row(transaction, sql, [serial], read_row)?;
    found.map(|found| found.read().map(|(_, info)| info)).transpose()
}

/// When the newest certificate of a device ends, in seconds since 1970; 0 without one.
pub(crate) fn newest_end(transaction: &Transaction<'_>, hardware_id: &str) -> Result<i64, StoreError> {
    let sql = "SELECT MAX(not_after) FROM certificates WHERE identity_type = ?1 AND identity_name = ?2";
    let newest: Option<Option<i64>> = row(transaction, sql, (GATEWAY, hardware_id), |row| row.get(0))?;
    Ok(newest.flatten().unwrap_or_default())
}

fn normal(serial: &str) -> String {
    serial.trim_start_matches('0').to_ascii_uppercase()
}

fn add(transaction: &Transaction<'_>, serial: &str, info: &CertificateInfo) -> Result<(), StoreError> {
    let identity_type = match info.identity {
        Identity::Gateway { .. } => GATEWAY,
        Identity::Operator { .. } => OPERATOR,
        Identity::Node { .. } => NODE,
    };
    let sql = "INSERT INTO certificates (serial, identity_type, identity_name, not_before, not_after) \
               VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    let fields = (serial, identity_type, info.identity.common_name(), info.not_before, info.not_after);
    match execute(transaction, sql, fields)? {
        0 => Err(StoreError::AlreadyExists { what: format!("certificate {serial}") }),
        _ => Ok(()),
    }
}

struct CertificateRow {
    serial: String,
    identity_type: String,
    identity_name: String,
    not_before: i64,
    not_after: i64,
}

fn read_row(row: &Row<'_>) -> Result<CertificateRow, StoreError> {
    Ok(CertificateRow {
        serial: row.get(0)?,
        identity_type: row.get(1)?,
        identity_name: row.get(2)?,
        not_before: row.get(3)?,
        not_after: row.get(4)?,
    })
}

impl CertificateRow {
    fn read(self) -> Result<(String, CertificateInfo), StoreError> {
        let corrupt = |why: String| StoreError::corrupt(format_args!("certificate {}", self.serial), why);
        let identity = match self.identity_type.as_str() {
            GATEWAY => {
                let hardware_id =
                    HardwareId::parse(self.identity_name).map_err(|error| corrupt(error.to_string()))?;
                Identity::Gateway { hardware_id }
            }
            OPERATOR => Identity::Operator { name: self.identity_name },
            NODE => Identity::Node { name: self.identity_name },
            other => return Err(corrupt(format!("identity type {other}"))),
        };
        Ok((
            self.serial,
            CertificateInfo { identity, not_before: self.not_before, not_after: self.not_after },
        ))
    }
}
