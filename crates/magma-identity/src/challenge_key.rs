//! The challenge key: the P-384 key with which a gateway proves to the bootstrapper who it is.

use std::path::Path;

use crate::IdentityError;

/// A gateway's long-term key.
pub struct ChallengeKey {
    signing: p384::ecdsa::SigningKey,
}

/// An ECDSA signature as the bootstrapper wants it: two unsigned big-endian integers without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcdsaSignature {
    /// The `r` of the signature.
    pub r: Vec<u8>,
    /// The `s` of the signature.
    pub s: Vec<u8>,
}

impl ChallengeKey {
    /// Reads the key from PEM: SEC1 (`EC PRIVATE KEY`) or PKCS#8 (`PRIVATE KEY`).
    pub fn load(path: &Path) -> Result<Self, IdentityError> {
        let _ = path;
        unimplemented!("being written")
    }

    /// Reads the key, and makes one when there is no file.
    pub fn load_or_create(path: &Path) -> Result<Self, IdentityError> {
        let _ = path;
        unimplemented!("being written")
    }

    /// The public half as base64 of its SubjectPublicKeyInfo in DER: what is registered in the cloud.
    pub fn public_key_base64(&self) -> String {
        let _ = &self.signing;
        unimplemented!("being written")
    }

    /// Signs a challenge: ECDSA on P-384 over SHA-256.
    pub fn sign(&self, challenge: &[u8]) -> EcdsaSignature {
        let _ = challenge;
        unimplemented!("being written")
    }
}
