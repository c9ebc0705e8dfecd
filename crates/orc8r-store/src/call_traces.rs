//! Call traces that operators ordered, and what gateways captured for them.

use crate::row::{Row, Transaction, execute, json, row, rows, signed, unsigned};
use crate::{Store, StoreError, networks};
use orc8r_model::NetworkId;
use serde_json::Value;

/// How many traces one network may have.
const TRACES_MAX: u64 = 1000;
/// With more captured octets than this a network gets no further trace, and with more than that no further capture.
const BYTES_FOR_NEW_MAX: u64 = 256 << 20;
const BYTES_MAX: u64 = 512 << 20;

/// A trace as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallTraceRecord {
    /// Its id, which the operator chose.
    pub id: String,
    /// The gateway that captures.
    pub gateway: String,
    /// What was ordered, in the JSON of the REST model.
    pub config: Value,
    /// Whether it is over.
    pub ended: bool,
    /// Octets of the capture, once there is one.
    pub bytes: Option<u64>,
}

impl Store {
    /// Every trace of a network, in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn call_traces(&self, network: &NetworkId) -> Result<Vec<CallTraceRecord>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let sql = "SELECT trace_id, gateway_id, config, ended, bytes FROM call_traces \
                       WHERE network_id = ?1 ORDER BY trace_id";
            rows(transaction, sql, [network.as_str()], read)
        })
        .await
    }

    /// One trace.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn call_trace(&self, network: &NetworkId, id: &str) -> Result<CallTraceRecord, StoreError> {
        let (network, id) = (network.clone(), id.to_owned());
        self.read(move |transaction| load(transaction, &network, &id)).await
    }

    /// Keeps that a trace was ordered.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`]; [`StoreError::NotFound`] without that network; [`StoreError::Invalid`] when the
    /// network has too many or too large ones.
    pub async fn create_call_trace(
        &self,
        network: &NetworkId,
        id: &str,
        gateway: &str,
        config: Value,
    ) -> Result<(), StoreError> {
        let (network, id, gateway) = (network.clone(), id.to_owned(), gateway.to_owned());
        self.write(move |transaction| {
            networks::require(transaction, &network)?;
            if load(transaction, &network, &id).is_ok() {
                return Err(StoreError::AlreadyExists { what: named(&id) });
            }
            let (count, bytes) = size(transaction, &network)?;
            if count >= TRACES_MAX || bytes >= BYTES_FOR_NEW_MAX {
                let mebibytes = bytes >> 20;
                return Err(StoreError::invalid(format!(
                    "network {network} has {count} call traces of {mebibytes} MiB: delete some before the next"
                )));
            }
            let sql = "INSERT INTO call_traces (network_id, trace_id, gateway_id, config, ended, bytes) \
                       VALUES (?1, ?2, ?3, ?4, 0, NULL)";
            execute(transaction, sql, (network.as_str(), &id, &gateway, config.to_string())).map(drop)
        })
        .await
    }

    /// Keeps that a trace of this gateway is over, with what it captured, if it did.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the gateway has no such trace; [`StoreError::Invalid`] when the network has too
    /// many octets of captures.
    pub async fn end_call_trace(
        &self,
        network: &NetworkId,
        gateway: &str,
        id: &str,
        capture: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let (network, gateway, id) = (network.clone(), gateway.to_owned(), id.to_owned());
        self.write(move |transaction| {
            let trace = load(transaction, &network, &id)?;
            if trace.gateway != gateway {
                return Err(StoreError::not_found(named(&id)));
            }
            let place = (network.as_str(), &id);
            let Some(capture) = &capture else {
                let sql = "UPDATE call_traces SET ended = 1 WHERE network_id = ?1 AND trace_id = ?2";
                return execute(transaction, sql, place).map(drop);
            };
            let bytes = capture.len() as u64;
            if size(transaction, &network)?.1 - trace.bytes.unwrap_or(0) + bytes > BYTES_MAX {
                let reason = format!("network {network} has too many octets of call traces: delete some");
                return Err(StoreError::invalid(reason));
            }
            let sql = "UPDATE call_traces SET ended = 1, bytes = ?3 WHERE network_id = ?1 AND trace_id = ?2";
            execute(transaction, sql, (network.as_str(), &id, signed(bytes)))?;
            let sql = "INSERT INTO call_trace_captures (network_id, trace_id, capture) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (network_id, trace_id) DO UPDATE SET capture = excluded.capture";
            execute(transaction, sql, (network.as_str(), &id, capture)).map(drop)
        })
        .await
    }

    /// What was captured.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such trace, or nothing captured.
    pub async fn call_trace_capture(&self, network: &NetworkId, id: &str) -> Result<Vec<u8>, StoreError> {
        let (network, id) = (network.clone(), id.to_owned());
        self.read(move |transaction| {
            let sql = "SELECT capture FROM call_trace_captures WHERE network_id = ?1 AND trace_id = ?2";
            let found = row(transaction, sql, (network.as_str(), &id), |row| row.get(0))?;
            found.ok_or_else(|| StoreError::not_found(format!("capture of {}", named(&id))))
        })
        .await
    }

    /// Forgets a trace with what was captured.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_call_trace(&self, network: &NetworkId, id: &str) -> Result<(), StoreError> {
        let (network, id) = (network.clone(), id.to_owned());
        self.write(move |transaction| {
            let sql = "DELETE FROM call_traces WHERE network_id = ?1 AND trace_id = ?2";
            match execute(transaction, sql, (network.as_str(), &id))? {
                0 => Err(StoreError::not_found(named(&id))),
                _ => Ok(()),
            }
        })
        .await
    }
}

fn named(id: &str) -> String {
    format!("call trace {id}")
}

fn load(transaction: &Transaction<'_>, network: &NetworkId, id: &str) -> Result<CallTraceRecord, StoreError> {
    let sql = "SELECT trace_id, gateway_id, config, ended, bytes FROM call_traces \
               WHERE network_id = ?1 AND trace_id = ?2";
    let found = row(transaction, sql, (network.as_str(), id), read)?;
    found.ok_or_else(|| StoreError::not_found(named(id)))
}

/// How many traces a network has, and octets of captures.
fn size(transaction: &Transaction<'_>, network: &NetworkId) -> Result<(u64, u64), StoreError> {
    let sql =
        "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM call_traces WHERE network_id = ?1";
    let found =
        row(transaction, sql, [network.as_str()], |row| Ok((unsigned(row.get(0)?), unsigned(row.get(1)?))))?;
    Ok(found.unwrap_or_default())
}

fn read(row: &Row<'_>) -> Result<CallTraceRecord, StoreError> {
    let (id, config): (String, String) = (row.get(0)?, row.get(2)?);
    let ended: i64 = row.get(3)?;
    let bytes: Option<i64> = row.get(4)?;
    Ok(CallTraceRecord {
        config: json(named(&id), &config)?,
        id,
        gateway: row.get(1)?,
        ended: ended != 0,
        bytes: bytes.map(unsigned),
    })
}
