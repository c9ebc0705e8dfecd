//! The records of physical devices: who may bootstrap, and with which key.

use crate::row::{Transaction, execute, row};
use crate::{Store, StoreError};
use orc8r_model::{Device, DeviceKey, HardwareId, KeyType};

impl Store {
    /// The record of a device, whether it stands for a gateway or not.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn device(&self, hardware_id: &str) -> Result<Option<Device>, StoreError> {
        let hardware_id = hardware_id.to_owned();
        self.read(move |transaction| load(transaction, &hardware_id)).await
    }

    /// Makes or replaces the record of a device; which gateway it stands for does not change.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn put_device(&self, device: Device) -> Result<(), StoreError> {
        self.write(move |transaction| put(transaction, &device)).await
    }

    /// Deletes the record of a device: it can no longer bootstrap.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_device(&self, hardware_id: &str) -> Result<(), StoreError> {
        let hardware_id = hardware_id.to_owned();
        self.write(move |transaction| match delete(transaction, &hardware_id)? {
            0 => Err(StoreError::not_found(format_args!("device {hardware_id}"))),
            _ => Ok(()),
        })
        .await
    }
}

pub(crate) fn load(transaction: &Transaction<'_>, hardware_id: &str) -> Result<Option<Device>, StoreError> {
    let sql = "SELECT key_type, public_key FROM devices WHERE hardware_id = ?1";
    let found: Option<(String, Option<Vec<u8>>)> =
        row(transaction, sql, [hardware_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    found.map(|(key_type, key)| read(hardware_id, &key_type, key)).transpose()
}

pub(crate) fn put(transaction: &Transaction<'_>, device: &Device) -> Result<(), StoreError> {
    let sql = "INSERT INTO devices (hardware_id, key_type, public_key) VALUES (?1, ?2, ?3) \
               ON CONFLICT (hardware_id) DO UPDATE SET key_type = excluded.key_type, public_key = excluded.public_key";
    let fields = (device.hardware_id.as_str(), device.key.key_type().as_str(), device.key.public_key());
    execute(transaction, sql, fields).map(drop)
}

pub(crate) fn delete(transaction: &Transaction<'_>, hardware_id: &str) -> Result<usize, StoreError> {
    execute(transaction, "DELETE FROM devices WHERE hardware_id = ?1", [hardware_id])
}

pub(crate) fn read(hardware_id: &str, key_type: &str, key: Option<Vec<u8>>) -> Result<Device, StoreError> {
    let corrupt = |why: &str| StoreError::corrupt(format_args!("device {hardware_id}"), why);
    let key = match (key_type, key) {
        (text, None) if text == KeyType::Echo.as_str() => DeviceKey::Echo,
        (text, Some(der)) if text == KeyType::SoftwareEcdsaSha256.as_str() => {
            DeviceKey::SoftwareEcdsaSha256(der)
        }
        (text, Some(der)) if text == KeyType::SoftwareRsaSha256.as_str() => DeviceKey::SoftwareRsaSha256(der),
        _ => return Err(corrupt("its key does not fit the key's type")),
    };
    let hardware_id = HardwareId::parse(hardware_id).map_err(|error| corrupt(&error.to_string()))?;
    Ok(Device { hardware_id, key })
}
