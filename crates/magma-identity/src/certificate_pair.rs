//! The gateway's certificate and its key, which only make sense together.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::GatewayKey;

/// A certificate and the key that belongs to it.
#[derive(Clone)]
pub struct CertificatePair {
    cert_pem: Vec<u8>,
    key_pem: Vec<u8>,
    common_name: String,
    not_before: SystemTime,
    not_after: SystemTime,
}

/// Why a certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// One of the files is not there: the gateway has not bootstrapped yet.
    #[error("{} does not exist: this gateway has no certificate yet", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}; check its permissions", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text is not a certificate.
    #[error("{place} is not a certificate in PEM: {reason}; a new one will be requested")]
    NotACertificate {
        /// The file, or "the certificate from the cloud".
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The text is not a key.
    #[error("{place} is not an EC private key in PEM: {reason}; a new one will be made")]
    NotAKey {
        /// The file.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// Key and certificate do not belong together.
    #[error("{cert} was not made for the key {key}; a new pair will be requested")]
    Mismatched {
        /// Where the certificate is.
        cert: String,
        /// Where the key is.
        key: String,
    },
    /// The pair could not be written; the old one is still in place.
    #[error("cannot write {}: {source}; check free space and permissions of its folder", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl CertificatePair {
    /// Reads the pair from disk.
    pub fn load(cert: &Path, key: &Path) -> Result<Self, PairError> {
        let _ = (cert, key);
        unimplemented!("being written")
    }

    /// Puts a certificate that the cloud signed together with the key that it was requested for.
    pub fn new(cert_der: &[u8], key: &GatewayKey) -> Result<Self, PairError> {
        let _ = (cert_der, key);
        unimplemented!("being written")
    }

    /// Writes both files as one.
    pub fn store(&self, cert: &Path, key: &Path) -> Result<(), PairError> {
        let _ = (cert, key);
        unimplemented!("being written")
    }

    /// The certificate is not valid before this time.
    pub fn not_before(&self) -> SystemTime {
        self.not_before
    }

    /// The certificate is not valid after this time.
    pub fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// The common name in the certificate's subject; a gateway's hardware id.
    pub fn common_name(&self) -> &str {
        &self.common_name
    }

    /// The certificate as PEM.
    pub fn cert_pem(&self) -> &[u8] {
        &self.cert_pem
    }

    /// The key as PEM.
    pub fn key_pem(&self) -> &[u8] {
        &self.key_pem
    }
}
