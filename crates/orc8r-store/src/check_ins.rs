//! When gateways checked in last: for the metrics that say so.

use crate::row::{rows, unsigned};
use crate::{Store, StoreError};

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
}
