//! A page of gateways with what is kept about their devices: as many queries for a thousand as for one.

use crate::gateways::GatewayRecord;
use crate::row::{Row, Transaction, rows};
use crate::{Edges, Page, Store, StoreError, devices, entities, states};
use orc8r_model::{Entity, NetworkId, entity_type};
use std::collections::BTreeMap;

/// The devices of the gateways of network ?1 with keys from ?2 to ?3, by hardware id.
pub(crate) const DEVICES: &str = "SELECT devices.hardware_id, key_type, public_key FROM entities CROSS JOIN devices \
     WHERE network_id = ?1 AND type = 'magmad_gateway' AND entity_key >= ?2 AND entity_key <= ?3 \
     AND devices.hardware_id = entities.physical_id";

/// What those devices reported last.
pub(crate) const STATUSES: &str = "SELECT states.type, states.device_id, states.value, states.version, states.reporter, \
     states.time_ms FROM entities CROSS JOIN states WHERE entities.network_id = ?1 \
     AND entities.type = 'magmad_gateway' AND entity_key >= ?2 AND entity_key <= ?3 \
     AND states.network_id = ?1 AND states.type = 'gw_state' AND states.device_id = entities.physical_id";

/// When the newest certificate of each of those devices ends.
pub(crate) const CERTIFICATES: &str = "SELECT identity_name, MAX(not_after) FROM entities CROSS JOIN certificates \
     WHERE network_id = ?1 AND type = 'magmad_gateway' AND entity_key >= ?2 AND entity_key <= ?3 \
     AND identity_type = 'gateway' AND identity_name = entities.physical_id GROUP BY identity_name";

impl Store {
    /// A page of a network's gateways, and how many there are in all.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network.
    pub async fn gateway_records(
        &self,
        network: &NetworkId,
        page: Page,
    ) -> Result<(Vec<GatewayRecord>, u64), StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let gateways = entity_type::MAGMAD_GATEWAY;
            let total = entities::count(transaction, &network, gateways)?;
            let found = entities::load_page(transaction, &network, gateways, &page, Edges::Both)?;
            Ok((records(transaction, &network, found)?, total))
        })
        .await
    }
}

fn records(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    found: Vec<Entity>,
) -> Result<Vec<GatewayRecord>, StoreError> {
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return Ok(Vec::new()) };
    let range = (network.as_str(), &first.id.key, &last.id.key);
    let mut devices = map(rows(transaction, DEVICES, range, |row| {
        let hardware_id: String = row.get(0)?;
        let device = devices::read(&hardware_id, row.get::<String>(1)?.as_str(), row.get(2)?)?;
        Ok((hardware_id, device))
    })?);
    let statuses = rows(transaction, STATUSES, range, states::read_row)?;
    let mut statuses = map(statuses.into_iter().map(|state| (state.id.device_id.clone(), state)));
    let mut ends = map(rows(transaction, CERTIFICATES, range, read_end)?);
    let record = |entity: Entity| {
        let hardware_id = entity.physical_id.clone().unwrap_or_default();
        GatewayRecord {
            entity,
            device: devices.remove(&hardware_id),
            status: statuses.remove(&hardware_id),
            certificate_end: ends.remove(&hardware_id).unwrap_or_default(),
        }
    };
    Ok(found.into_iter().map(record).collect())
}

fn read_end(row: &Row<'_>) -> Result<(String, i64), StoreError> {
    Ok((row.get(0)?, row.get(1)?))
}

fn map<T>(pairs: impl IntoIterator<Item = (String, T)>) -> BTreeMap<String, T> {
    pairs.into_iter().collect()
}
