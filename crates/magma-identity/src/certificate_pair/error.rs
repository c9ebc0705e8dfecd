//! Why a certificate and key cannot be used, told so that an operator knows whether to do anything.

use std::io;
use std::path::PathBuf;

/// Why a certificate and key cannot be used or stored.
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
    /// The text is not a certificate with an EC key.
    #[error("{place} is not a usable certificate: {reason}; the gateway needs a new one")]
    NotACertificate {
        /// The file, or "the certificate from the cloud".
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The text is not an EC private key.
    #[error("{place} is not a usable EC private key: {reason}; the gateway needs a new key and certificate")]
    NotAKey {
        /// The file.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// Key and certificate do not belong together.
    #[error("{cert} does not belong to the key {key}; the gateway needs a new certificate")]
    Mismatched {
        /// Where the certificate is.
        cert: String,
        /// Where the key is.
        key: String,
    },
    /// The pair could not be written.
    #[error("cannot write {}: {source}; check free space and permissions of its folder", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
