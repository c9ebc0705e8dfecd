//! Who is calling: established from the TLS session and the store, never from what the caller says.

use std::time::SystemTime;

use magma_rpc::server::PeerCertificate;
use magma_rpc::{Request, Status};
use orc8r_ca::CertificateFacts;
use orc8r_model::{AccessList, GatewayId, HardwareId, Identity, NetworkId};
use orc8r_store::{Caller, Store};

use crate::clock::unix_seconds;
use crate::failure::store_failure;

/// The caller of an RPC or of a REST operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// It presented no certificate.
    Anonymous,
    /// A gateway that belongs to a network.
    Gateway(GatewayPrincipal),
    /// It has a gateway's certificate, but no gateway of any network has its hardware id (any more).
    Unregistered {
        /// The id that its certificate names.
        hardware_id: HardwareId,
    },
    /// A person or program that administers.
    Operator {
        /// The name under which its certificate was issued or imported.
        name: String,
        /// What it may do now.
        access: AccessList,
    },
    /// Another node of this Orchestrator.
    Node {
        /// Its id.
        name: String,
    },
}

/// A gateway that belongs to a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayPrincipal {
    /// The id that its certificate names.
    pub hardware_id: HardwareId,
    /// Its network.
    pub network: NetworkId,
    /// Its id in the network.
    pub gateway: GatewayId,
}

/// Finds out who holds a certificate.
#[derive(Clone)]
pub struct Identification {
    store: Store,
}

impl Identification {
    /// Looks certificates up in `store`.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The principal behind a certificate that the TLS handshake has verified.
    ///
    /// # Errors
    /// `PermissionDenied` for one that is unknown (never issued, or revoked) or not valid now; `Unavailable` when
    /// the store fails.
    pub async fn identify(
        &self,
        certificate: Option<&PeerCertificate>,
        now: SystemTime,
    ) -> Result<Principal, Status> {
        let Some(PeerCertificate(der)) = certificate else { return Ok(Principal::Anonymous) };
        let facts = CertificateFacts::from_der(der).map_err(|_| unknown_certificate())?;
        let known = self.store.caller(&facts.serial).await.map_err(store_failure)?;
        let Caller { certificate, gateway, access } = known.ok_or_else(unknown_certificate)?;
        let now = unix_seconds(now);
        if now < certificate.not_before || now > certificate.not_after {
            return Err(Status::permission_denied("Expired Client Certificate"));
        }
        Ok(match (certificate.identity, gateway) {
            (Identity::Operator { name }, _) => Principal::Operator { name, access },
            (Identity::Node { name }, _) => Principal::Node { name },
            (Identity::Gateway { hardware_id }, Some((network, gateway))) => {
                Principal::Gateway(GatewayPrincipal { hardware_id, network, gateway })
            }
            (Identity::Gateway { hardware_id }, None) => Principal::Unregistered { hardware_id },
        })
    }
}

fn unknown_certificate() -> Status {
    Status::permission_denied("Unknown Client Certificate")
}

/// The gateway that the gate has let through to a handler.
pub(crate) fn calling_gateway<T>(request: &Request<T>) -> Result<GatewayPrincipal, Status> {
    match request.extensions().get() {
        Some(Principal::Gateway(gateway)) => Ok(gateway.clone()),
        _ => Err(Status::permission_denied("Invalid Certificate Owner")),
    }
}

/// What the operator whom the gate has let through to a handler may do.
pub(crate) fn calling_operator<T>(request: &Request<T>) -> Result<AccessList, Status> {
    match request.extensions().get() {
        Some(Principal::Operator { access, .. }) => Ok(access.clone()),
        _ => Err(Status::permission_denied("this RPC is for operators")),
    }
}
