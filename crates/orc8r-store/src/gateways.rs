//! Gateways as the services look at them: by device, and with what the device reported.

use crate::row::{Transaction, row};
use crate::{Store, StoreError, certificates, devices, entities, states};
use orc8r_model::{
    Device, Entity, EntityId, GatewayId, NetworkId, StateId, StoredState, entity_type, state_type,
};

/// A gateway with what is kept about its device.
#[derive(Debug, Clone, PartialEq)]
pub struct GatewayRecord {
    /// The `magmad_gateway` entity.
    pub entity: Entity,
    /// The device that stands for it.
    pub device: Option<Device>,
    /// What the device reported last.
    pub status: Option<StoredState>,
    /// When the device's newest certificate ends, in seconds since 1970; 0 without one.
    pub certificate_end: i64,
}

impl Store {
    /// The gateway that a device stands for, with its network; `None`: the device is not registered.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn gateway_by_hardware_id(
        &self,
        hardware_id: &str,
    ) -> Result<Option<(NetworkId, Entity)>, StoreError> {
        let hardware_id = hardware_id.to_owned();
        self.read(move |transaction| {
            let Some((network, id)) = locate(transaction, &hardware_id)? else { return Ok(None) };
            let entity = entities::load(transaction, &network, &id)?;
            Ok(Some((network, entity)))
        })
        .await
    }

    /// One gateway with what is kept about its device.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn gateway_record(
        &self,
        network: &NetworkId,
        id: &GatewayId,
    ) -> Result<GatewayRecord, StoreError> {
        let (network, id) = (network.clone(), EntityId::gateway(id));
        self.read(move |transaction| {
            let entity = entities::load(transaction, &network, &id)?;
            record(transaction, &network, entity)
        })
        .await
    }
}

/// Where the gateway is that a device stands for.
pub(crate) fn locate(
    transaction: &Transaction<'_>,
    hardware_id: &str,
) -> Result<Option<(NetworkId, EntityId)>, StoreError> {
    let sql = "SELECT network_id, entity_key FROM entities WHERE physical_id = ?1 AND type = ?2";
    let found: Option<(String, String)> =
        row(transaction, sql, (hardware_id, entity_type::MAGMAD_GATEWAY), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let Some((network, key)) = found else { return Ok(None) };
    let network =
        NetworkId::parse(network).map_err(|error| StoreError::corrupt("a gateway's network", error))?;
    Ok(Some((network, EntityId::new(entity_type::MAGMAD_GATEWAY, key))))
}

fn record(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    entity: Entity,
) -> Result<GatewayRecord, StoreError> {
    let Some(hardware_id) = entity.physical_id.clone() else {
        return Ok(GatewayRecord { entity, device: None, status: None, certificate_end: 0 });
    };
    let id = StateId { state_type: state_type::GATEWAY_STATUS.to_owned(), device_id: hardware_id.clone() };
    Ok(GatewayRecord {
        entity,
        device: devices::load(transaction, &hardware_id)?,
        status: states::load(transaction, network, &id)?,
        certificate_end: certificates::newest_end(transaction, &hardware_id)?,
    })
}
