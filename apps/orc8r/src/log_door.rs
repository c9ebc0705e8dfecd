//! The door for gateways' log forwarders: who they are is asked of the same table as on every other door.

use std::path::Path;

use magma_rpc::Code;
use magma_rpc::server::PeerCertificate;
use orc8r_logs::{Admission, ArchiveLimits, Archives, Intake, Limits, Refused};
use orc8r_southbound::{Clock, Identification, Principal};
use orc8r_store::{Source, StoreError};

/// The part of the data folder where events and logs are.
pub(crate) const FOLDER: &str = "archive";

/// Knows gateways by their certificates.
pub(crate) struct GatewayAdmission {
    identification: Identification,
    clock: Clock,
}

impl GatewayAdmission {
    pub(crate) fn new(identification: Identification, clock: Clock) -> Self {
        Self { identification, clock }
    }
}

impl Admission for GatewayAdmission {
    async fn gateway(&self, certificate: Option<&PeerCertificate>) -> Result<Source, Refused> {
        match self.identification.identify(certificate, self.clock.now()).await {
            Ok(Principal::Gateway(gateway)) => Ok(Source {
                network: gateway.network.to_string(),
                gateway: gateway.gateway.to_string(),
                hardware_id: gateway.hardware_id.to_string(),
            }),
            Ok(Principal::Unregistered { hardware_id }) => {
                Err(Refused::Denied(format!("Unregistered Gateway {hardware_id}")))
            }
            Ok(Principal::Operator { .. } | Principal::Node { .. } | Principal::Anonymous) => {
                Err(Refused::Denied("its certificate is not a gateway's".to_owned()))
            }
            Err(status) if status.code() == Code::PermissionDenied => {
                Err(Refused::Denied(status.message().to_owned()))
            }
            Err(status) => Err(Refused::NotNow(status.message().to_owned())),
        }
    }
}

/// Opens the archives in the data folder, and what fills them.
pub(crate) fn open(data_dir: &Path, limits: ArchiveLimits) -> Result<(Archives, Intake), StoreError> {
    let archives = Archives::open(&data_dir.join(FOLDER), limits)?;
    let intake = Intake::new(archives.clone(), Limits::default());
    Ok((archives, intake))
}
