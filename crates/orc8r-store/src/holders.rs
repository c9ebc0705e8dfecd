//! Whether those who hold streams open still may: many at a time, since a stream lives for days and its right may not.

use crate::row::{Transaction, row};
use crate::{Store, StoreError};
use orc8r_model::{GatewayId, HardwareId, NetworkId};

/// A gateway, with the certificate by which it opened a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamHolder {
    /// The certificate's, in upper-case hexadecimal without leading zeros.
    pub serial: String,
    /// The device that the certificate names.
    pub hardware_id: HardwareId,
    /// Its network.
    pub network: NetworkId,
    /// The gateway that it stands for there.
    pub gateway: GatewayId,
}

impl Store {
    /// Of these, those whose certificate was revoked or has ended at `now` (seconds since 1970), or whose device stands
    /// for that gateway no longer; by their places in `holders`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; nobody lost anything then.
    pub async fn lost_holders(&self, holders: Vec<StreamHolder>, now: i64) -> Result<Vec<usize>, StoreError> {
        self.read(move |transaction| {
            let mut lost = Vec::new();
            for (place, holder) in holders.iter().enumerate() {
                if !holds(transaction, holder, now)? {
                    lost.push(place);
                }
            }
            Ok(lost)
        })
        .await
    }
}

fn holds(transaction: &Transaction<'_>, holder: &StreamHolder, now: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM certificates, entities WHERE certificates.serial = ?1 \
               AND certificates.identity_type = 'gateway' AND certificates.identity_name = ?2 \
               AND certificates.not_after >= ?3 AND entities.network_id = ?4 \
               AND entities.type = 'magmad_gateway' AND entities.entity_key = ?5 AND entities.physical_id = ?2";
    let StreamHolder { serial, hardware_id, network, gateway } = holder;
    let place = (serial, hardware_id.as_str(), now, network.as_str(), gateway.as_str());
    Ok(row(transaction, sql, place, |_| Ok(()))?.is_some())
}
