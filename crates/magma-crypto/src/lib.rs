//! Keys on P-256 and P-384, certificate requests, and what a gateway reads of a certificate, in little code.
//!
//! The curves' arithmetic is that of the RustCrypto crates, since ring's brings a table of 150 kB that no packer
//! shrinks, and cannot sign with P-384 over SHA-256; hashes and random numbers are ring's. Certificates are read with
//! a strict reader of our own: a gateway needs a name, two dates and a key of them, for which a library of X.509 is
//! fifty times the code.

mod certificate;
mod curve;
mod der;
mod digest;
mod ecdsa;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod key;
mod pem;
mod request;
mod time;

pub use certificate::{Certificate, CertificateError};
pub use curve::Curve;
pub use ecdsa::{Hash, Signature, verify};
pub use key::{KeyError, PrivateKey};
pub use pem::{Block, Blocks, PemError};
pub use request::certificate_request;

/// Writes PEM with lines of 64 characters and line feeds (RFC 7468).
pub fn to_pem(label: &str, der: &[u8]) -> String {
    pem::encode(label, der)
}
