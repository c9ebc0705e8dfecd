//! What can be wrong with the certificate folder.

use std::io;
use std::path::PathBuf;

use crate::authority::AuthorityError;
use crate::certificate::NotACertificate;

/// Why the certificate folder cannot be used; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file is there and cannot be read.
    #[error("cannot read {path}: {error}; make it readable for the user that runs orc8r")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file cannot be written; the one that was there before is untouched.
    #[error(
        "cannot write {path}: {error}; check free space and the permissions of its folder (the previous file is unharmed)"
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Half of a certificate and key pair is there.
    #[error(
        "{present} is there but {missing} is not: put it beside, or move {present} away to have both made anew"
    )]
    HalfOfAPair {
        /// The file that is there.
        present: PathBuf,
        /// The file that is not.
        missing: PathBuf,
    },
    /// A certificate file holds no certificate.
    #[error("{path}: {error}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: NotACertificate,
    },
    /// A private key file holds no key that can be used.
    #[error(
        "{path} holds no private key that can be used: it must be one PEM block of an unencrypted RSA (2048 to 4096 bits), P-256, P-384 or Ed25519 key"
    )]
    PrivateKey {
        /// The file.
        path: PathBuf,
    },
    /// A key is not the key of the certificate beside it.
    #[error("{key} is not the key of {certificate}: restore the two files from the same backup")]
    Mismatched {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// A certificate is not valid at the moment.
    #[error(
        "{path} is not valid now (it is valid from {not_before} to {not_after}, in seconds since 1970): check this machine's clock, or replace the certificate"
    )]
    NotValidNow {
        /// The certificate's file.
        path: PathBuf,
        /// Seconds since 1970.
        not_before: i64,
        /// Seconds since 1970.
        not_after: i64,
    },
    /// The server's certificate has to be made, but the root's key is not here.
    #[error(
        "{root} has no key here, so no server certificate can be made: put controller.crt and controller.key, issued by it, beside it"
    )]
    NoRootKey {
        /// The root certificate's file.
        root: PathBuf,
    },
    /// The server's certificate is somebody else's to renew.
    #[error(
        "{path} was not issued by the root here, so it is renewed where it comes from: replace it and its key, and they are taken up while serving"
    )]
    NotOurs {
        /// The certificate's file.
        path: PathBuf,
    },
    /// The server's certificate does not say for which domain it is.
    #[error("{path} names no domain (such as *.magma.test): it was not made here")]
    NoDomain {
        /// The certificate's file.
        path: PathBuf,
    },
    /// The authority's certificate cannot be used to sign.
    #[error("{path}: {error}")]
    Authority {
        /// The certificate's file.
        path: PathBuf,
        /// What is wrong.
        error: AuthorityError,
    },
    /// The secret that protects challenges has the wrong length.
    #[error("{path} is damaged (it must be 32 bytes): remove it to have a new one made")]
    ChallengeSecret {
        /// The file.
        path: PathBuf,
    },
    /// The system gave no random numbers.
    #[error("the system's source of random numbers failed")]
    Random,
}
