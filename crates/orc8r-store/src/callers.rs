//! Who calls: what each call of a gateway or of an operator asks first, and so as one read.

use crate::row::Transaction;
use crate::{Store, StoreError, certificates, devices, gateways, operators};
use orc8r_model::{AccessList, CertificateInfo, Device, GatewayId, Identity, NetworkId};

/// The holder of an accepted certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// What is known of the certificate; its dates are not looked at.
    pub certificate: CertificateInfo,
    /// The gateway that the named device stands for, with its network; `None` also for who is no device.
    pub gateway: Option<(NetworkId, GatewayId)>,
    /// What the named operator may do; nothing also for who is none.
    pub access: AccessList,
}

/// A device that stands for a gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisteredDevice {
    /// The gateway's network.
    pub network: NetworkId,
    /// The gateway's id there.
    pub gateway: String,
    /// Its record.
    pub device: Device,
}

impl Store {
    /// Who holds a certificate; `None`: it is not accepted.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn caller(&self, serial: &str) -> Result<Option<Caller>, StoreError> {
        let Some(serial) = certificates::readable(serial) else { return Ok(None) };
        self.read(move |transaction| {
            let Some(certificate) = certificates::load(transaction, &serial)? else { return Ok(None) };
            let (mut gateway, mut access) = (None, AccessList::default());
            match &certificate.identity {
                Identity::Gateway { hardware_id } => gateway = registered(transaction, hardware_id.as_str())?,
                Identity::Operator { name } => {
                    access = operators::load(transaction, name)?.unwrap_or_default()
                }
                Identity::Node { .. } => {}
            }
            Ok(Some(Caller { certificate, gateway, access }))
        })
        .await
    }

    /// The record of a device that stands for a gateway of some network: one that may have a certificate.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn registered_device(&self, hardware_id: &str) -> Result<Option<RegisteredDevice>, StoreError> {
        let hardware_id = hardware_id.to_owned();
        self.read(move |transaction| {
            let Some((network, gateway)) = gateways::locate(transaction, &hardware_id)? else {
                return Ok(None);
            };
            let device = devices::load(transaction, &hardware_id)?;
            Ok(device.map(|device| RegisteredDevice { network, gateway: gateway.key, device }))
        })
        .await
    }
}

fn registered(
    transaction: &Transaction<'_>,
    hardware_id: &str,
) -> Result<Option<(NetworkId, GatewayId)>, StoreError> {
    let found = gateways::locate(transaction, hardware_id)?;
    Ok(found.and_then(|(network, id)| GatewayId::parse(id.key).ok().map(|gateway| (network, gateway))))
}
