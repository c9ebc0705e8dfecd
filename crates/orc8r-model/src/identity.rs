//! Whom a client certificate names.

use crate::HardwareId;
use std::fmt;

/// The owner of a client certificate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// A gateway, by the hardware id that answered the bootstrap challenge.
    Gateway {
        /// Also the common name of the certificate.
        hardware_id: HardwareId,
    },
    /// A person or program that administers.
    Operator {
        /// Also the common name of the certificate.
        name: String,
    },
    /// A node of this Orchestrator, toward the others.
    Node {
        /// Its id, also the common name of the certificate.
        name: String,
    },
}

impl Identity {
    /// The common name that a certificate of this identity carries.
    pub fn common_name(&self) -> &str {
        match self {
            Self::Gateway { hardware_id } => hardware_id.as_str(),
            Self::Operator { name } | Self::Node { name } => name,
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway { hardware_id } => write!(f, "gateway {hardware_id}"),
            Self::Operator { name } => write!(f, "operator {name}"),
            Self::Node { name } => write!(f, "node {name}"),
        }
    }
}

/// What the certifier remembers of a certificate; a certificate that it does not remember is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateInfo {
    /// Whom it names.
    pub identity: Identity,
    /// Valid from, in seconds since 1970.
    pub not_before: i64,
    /// Valid until, in seconds since 1970.
    pub not_after: i64,
}
