//! When gateways checked in last: for the metrics that say so.

use crate::row::{rows, unsigned};
use crate::{Store, StoreError};
use serde_json::Value;

/// A gateway and when it checked in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckIn {
    /// Its network.
    pub network: String,
    /// Its id in the network.
    pub gateway: String,
    /// When it reported its status last, in milliseconds since 1970; none: never.
    pub time_ms: Option<u64>,
}

impl Store {
    /// Every gateway of every network, without reading what it reported.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn check_ins(&self) -> Result<Vec<CheckIn>, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT entities.network_id, entities.entity_key, states.time_ms FROM entities \
                       LEFT JOIN states ON states.network_id = entities.network_id AND states.type = 'gw_state' \
                       AND states.device_id = entities.physical_id \
                       WHERE entities.type = 'magmad_gateway' ORDER BY entities.network_id, entities.entity_key";
            rows(transaction, sql, (), |row| {
                let time: Option<i64> = row.get(2)?;
                Ok(CheckIn { network: row.get(0)?, gateway: row.get(1)?, time_ms: time.map(unsigned) })
            })
        })
        .await
    }

    /// When the configuration was made that each gateway says it has, in seconds since 1970: network, gateway, time.
    /// Gateways that do not say so are left out.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn configuration_times(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT entities.network_id, entities.entity_key, states.value FROM entities \
                       JOIN states ON states.network_id = entities.network_id AND states.type = 'gw_state' \
                       AND states.device_id = entities.physical_id \
                       WHERE entities.type = 'magmad_gateway' ORDER BY entities.network_id, entities.entity_key";
            let found = rows(transaction, sql, (), |row| {
                let value: Vec<u8> = row.get(2)?;
                let value: Value = serde_json::from_slice(&value).unwrap_or_default();
                let time = value["platform_info"]["config_info"]["mconfig_created_at"].as_u64();
                let time = time.filter(|time| *time > 0);
                time.map(|time| Ok((row.get(0)?, row.get(1)?, time))).transpose()
            })?;
            Ok(found.into_iter().flatten().collect())
        })
        .await
    }
}
