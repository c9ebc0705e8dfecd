//! Citizens broadband radios (CBSDs): kept as they were written; nothing here asks a spectrum access system for them.

use crate::row::{Row, Transaction, execute, json, row, rows, signed, unsigned};
use crate::{Store, StoreError, networks};
use orc8r_model::NetworkId;
use serde_json::Value;

/// A radio that shares spectrum with others.
#[derive(Debug, Clone, PartialEq)]
pub struct Cbsd {
    /// Its number; none is used twice.
    pub id: u64,
    /// The JSON of `mutable_cbsd` of the REST contract.
    pub config: Value,
}

/// Which radios of a network, in the order of their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CbsdFilter {
    /// Only the one with this serial number.
    pub serial_number: Option<String>,
    /// So many are left out.
    pub offset: u64,
    /// At most so many.
    pub limit: u64,
}

/// Radios of network ?1, of which ?2 is the serial number unless it is empty.
const CHOSEN: &str = "FROM cbsds WHERE network_id = ?1 AND (?2 = '' OR serial_number = ?2)";

impl Store {
    /// Makes a radio and gives it its number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network, [`StoreError::AlreadyExists`] for a serial number that a radio of
    /// any network has.
    pub async fn create_cbsd(
        &self,
        network: &NetworkId,
        serial_number: &str,
        config: Value,
    ) -> Result<u64, StoreError> {
        let (network, serial_number) = (network.clone(), serial_number.to_owned());
        self.write(move |transaction| {
            networks::require(transaction, &network)?;
            require_free(transaction, &serial_number, 0)?;
            let id = next_id(transaction)?;
            let sql = "INSERT INTO cbsds (id, network_id, serial_number, config) VALUES (?1, ?2, ?3, ?4)";
            execute(transaction, sql, (id, network.as_str(), serial_number, config.to_string()))?;
            Ok(unsigned(id))
        })
        .await
    }

    /// Replaces a radio's configuration.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::AlreadyExists`] for the serial number of another radio.
    pub async fn update_cbsd(
        &self,
        network: &NetworkId,
        id: u64,
        serial_number: &str,
        config: Value,
    ) -> Result<(), StoreError> {
        let (network, serial_number) = (network.clone(), serial_number.to_owned());
        self.write(move |transaction| {
            require_free(transaction, &serial_number, id)?;
            let sql = "UPDATE cbsds SET serial_number = ?3, config = ?4 WHERE id = ?1 AND network_id = ?2";
            let fields = (signed(id), network.as_str(), serial_number, config.to_string());
            found(execute(transaction, sql, fields)?, id)
        })
        .await
    }

    /// Deletes a radio.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_cbsd(&self, network: &NetworkId, id: u64) -> Result<(), StoreError> {
        let network = network.clone();
        self.write(move |transaction| {
            let sql = "DELETE FROM cbsds WHERE id = ?1 AND network_id = ?2";
            found(execute(transaction, sql, (signed(id), network.as_str()))?, id)
        })
        .await
    }

    /// One radio.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn cbsd(&self, network: &NetworkId, id: u64) -> Result<Cbsd, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let sql = "SELECT id, config FROM cbsds WHERE id = ?1 AND network_id = ?2";
            let found = row(transaction, sql, (signed(id), network.as_str()), read_row)?;
            found.ok_or_else(|| StoreError::not_found(named(id)))
        })
        .await
    }

    /// The radios of a network that a filter lets through, and how many there are but for its offset and limit.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network.
    pub async fn cbsds(
        &self,
        network: &NetworkId,
        filter: CbsdFilter,
    ) -> Result<(Vec<Cbsd>, u64), StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            networks::require(transaction, &network)?;
            let serial_number = filter.serial_number.as_deref().unwrap_or_default();
            let sql = format!("SELECT COUNT(*) {CHOSEN}");
            let total: Option<i64> =
                row(transaction, &sql, (network.as_str(), serial_number), |row| row.get(0))?;
            let sql = format!("SELECT id, config {CHOSEN} ORDER BY id LIMIT ?3 OFFSET ?4");
            let chosen = (network.as_str(), serial_number, signed(filter.limit), signed(filter.offset));
            Ok((rows(transaction, &sql, chosen, read_row)?, unsigned(total.unwrap_or_default())))
        })
        .await
    }
}

fn named(id: u64) -> String {
    format!("cbsd {id}")
}

fn found(changed: usize, id: u64) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::not_found(named(id))) } else { Ok(()) }
}

/// A serial number is a radio's, over all networks.
fn require_free(
    transaction: &Transaction<'_>,
    serial_number: &str,
    wanted_by: u64,
) -> Result<(), StoreError> {
    let sql = "SELECT id FROM cbsds WHERE serial_number = ?1 AND id <> ?2";
    match row(transaction, sql, (serial_number, signed(wanted_by)), |row| row.get::<i64>(0))? {
        Some(_) => {
            Err(StoreError::AlreadyExists { what: format!("cbsd with serial number {serial_number}") })
        }
        None => Ok(()),
    }
}

fn next_id(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    let next = row(transaction, "UPDATE cbsd_ids SET last = last + 1 RETURNING last", (), |row| row.get(0))?;
    next.ok_or_else(|| StoreError::corrupt("the last number of a cbsd", "it is missing"))
}

fn read_row(row: &Row<'_>) -> Result<Cbsd, StoreError> {
    let (id, text): (i64, String) = (row.get(0)?, row.get(1)?);
    let id = unsigned(id);
    Ok(Cbsd { config: json(format_args!("the config of {}", named(id)), &text)?, id })
}
