//! The challenge key: the P-384 key with which a gateway proves to the bootstrapper who it is.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use magma_config::atomic_file;
use magma_crypto::{Curve, Hash, KeyError, PrivateKey};

use crate::IdentityError;

const WHAT: &str = "the challenge key in";

/// A key in PEM has some hundred bytes.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// A gateway's long-term key.
pub struct ChallengeKey {
    key: PrivateKey,
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
    /// Makes a key.
    ///
    /// # Errors
    /// [`IdentityError::Generation`] when the operating system has no random numbers.
    pub fn generate() -> Result<Self, IdentityError> {
        Ok(Self { key: random()? })
    }

    /// Reads the key from PEM: SEC1 (`EC PRIVATE KEY`) or PKCS#8 (`PRIVATE KEY`).
    ///
    /// # Errors
    /// [`IdentityError::Missing`], [`IdentityError::Unreadable`], [`IdentityError::Malformed`].
    pub fn load(path: &Path) -> Result<Self, IdentityError> {
        let text = read(path)?;
        let key = parse(&text).map_err(|reason| IdentityError::Malformed {
            what: "a P-384 private key in PEM",
            path: path.to_owned(),
            reason: format!(
                "{reason}; put the gateway's key back, or remove the file for a new key, with which the gateway \
                 must be registered again"
            ),
        })?;
        Ok(Self { key })
    }

    /// Reads the key, and makes one when there is no file, as SEC1 PEM that only its owner can read. When several
    /// processes do so at once, all of them get the same key.
    ///
    /// # Errors
    /// Those of [`ChallengeKey::load`] except `Missing`, [`IdentityError::Unwritable`] and
    /// [`IdentityError::Generation`]. A file that holds something else is never overwritten.
    pub fn load_or_create(path: &Path) -> Result<Self, IdentityError> {
        match Self::load(path) {
            Err(IdentityError::Missing { .. }) => {}
            result => return result,
        }
        let pem = random()?.sec1_pem();
        let folder = path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder)
            .and_then(|()| atomic_file::create(path, pem.as_bytes(), 0o600))
            .map_err(|source| IdentityError::Unwritable { what: WHAT, path: path.to_owned(), source })?;
        Self::load(path)
    }

    /// The public half as base64 of its SubjectPublicKeyInfo in DER: what is registered in the cloud.
    pub fn public_key_base64(&self) -> String {
        STANDARD.encode(self.public_key_der())
    }

    /// The public half as SubjectPublicKeyInfo in DER (RFC 5480).
    pub fn public_key_der(&self) -> Vec<u8> {
        self.key.public_key_der()
    }

    /// Signs a challenge: ECDSA on P-384 over SHA-256 (Magma's bootstrapper, SOFTWARE_ECDSA_SHA256). The signature is
    /// deterministic (RFC 6979).
    pub fn sign(&self, challenge: &[u8]) -> EcdsaSignature {
        let signature = self.key.sign(Hash::Sha256, challenge);
        // Without leading zeros, as Go's `big.Int` and Python's `int.to_bytes` give them.
        EcdsaSignature { r: signature.r().to_vec(), s: signature.s().to_vec() }
    }
}

impl fmt::Debug for ChallengeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChallengeKey").field("public", &self.public_key_base64()).finish_non_exhaustive()
    }
}

fn random() -> Result<PrivateKey, IdentityError> {
    PrivateKey::generate(Curve::P384).ok_or(IdentityError::Generation("the system gave no random numbers"))
}

fn read(path: &Path) -> Result<Vec<u8>, IdentityError> {
    let mut bytes = Vec::new();
    let result: io::Result<_> =
        File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes));
    match result {
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(IdentityError::Missing { what: WHAT, path: path.to_owned() })
        }
        Err(source) => Err(IdentityError::Unreadable { what: WHAT, path: path.to_owned(), source }),
    }
}

fn parse(text: &[u8]) -> Result<PrivateKey, String> {
    let other = "it is a key of another kind or curve";
    match PrivateKey::from_pem(text) {
        Ok(key) if key.curve() == Curve::P384 => Ok(key),
        Ok(_) => Err(other.to_owned()),
        Err(why @ (KeyError::Pem | KeyError::None | KeyError::Rsa | KeyError::Encrypted)) => {
            Err(why.to_string())
        }
        Err(why) => Err(format!("{why}; {other}")),
    }
}

#[cfg(test)]
mod tests;
