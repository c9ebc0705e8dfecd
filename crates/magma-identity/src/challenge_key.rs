//! The challenge key: the P-384 key with which a gateway proves to the bootstrapper who it is.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use magma_config::atomic_file;
use p384::ecdsa::signature::hazmat::PrehashSigner;
use p384::ecdsa::{Signature, SigningKey};
use p384::pkcs8::der::pem::LineEnding;
use p384::pkcs8::{DecodePrivateKey, EncodePublicKey};
use p384::{PublicKey, SecretKey};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};

use crate::IdentityError;
use crate::private_key::PrivateKey;

const WHAT: &str = "the challenge key in";

/// A key in PEM has some hundred bytes.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// A gateway's long-term key.
pub struct ChallengeKey {
    signing: SigningKey,
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
        Ok(Self { signing: random_secret()?.into() })
    }

    /// Reads the key from PEM: SEC1 (`EC PRIVATE KEY`) or PKCS#8 (`PRIVATE KEY`).
    ///
    /// # Errors
    /// [`IdentityError::Missing`], [`IdentityError::Unreadable`], [`IdentityError::Malformed`].
    pub fn load(path: &Path) -> Result<Self, IdentityError> {
        let text = read(path)?;
        let secret = parse(&text).map_err(|reason| IdentityError::Malformed {
            what: "a P-384 private key in PEM",
            path: path.to_owned(),
            reason: format!(
                "{reason}; put the gateway's key back, or remove the file for a new key, with which the gateway \
                 must be registered again"
            ),
        })?;
        Ok(Self { signing: secret.into() })
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
        let pem = random_secret()?
            .to_sec1_pem(LineEnding::LF)
            .map_err(|_| IdentityError::Generation("the key could not be encoded"))?;
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
        let der = PublicKey::from(self.signing.verifying_key()).to_public_key_der();
        der.expect("invariant: a P-384 point always has an encoding").into_vec()
    }

    /// Signs a challenge: ECDSA on P-384 over SHA-256 (Magma's bootstrapper, SOFTWARE_ECDSA_SHA256). The signature is
    /// deterministic (RFC 6979).
    pub fn sign(&self, challenge: &[u8]) -> EcdsaSignature {
        let hash = Sha256::digest(challenge);
        let signature: Signature =
            self.signing.sign_prehash(&hash).expect("invariant: signing with a valid key cannot fail");
        let (r, s) = signature.split_bytes();
        EcdsaSignature { r: minimal(&r), s: minimal(&s) }
    }
}

impl fmt::Debug for ChallengeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChallengeKey").field("public", &self.public_key_base64()).finish_non_exhaustive()
    }
}

fn random_secret() -> Result<SecretKey, IdentityError> {
    let mut bytes = [0_u8; 48];
    // All but one in 2^190 numbers are a key.
    for _ in 0..8 {
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| IdentityError::Generation("the system gave no random numbers"))?;
        if let Ok(secret) = SecretKey::from_slice(&bytes) {
            return Ok(secret);
        }
    }
    Err(IdentityError::Generation("the system's random numbers are not random"))
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

fn parse(text: &[u8]) -> Result<SecretKey, &'static str> {
    let other = "it is a key of another kind or curve";
    match PrivateKey::find(text)? {
        PrivateKey::Sec1(der) => SecretKey::from_sec1_der(&der).map_err(|_| other),
        PrivateKey::Pkcs8(der) => SecretKey::from_pkcs8_der(&der).map_err(|_| other),
    }
}

/// Without leading zeros, as Go's `big.Int` and Python's `int.to_bytes` give it.
fn minimal(integer: &[u8]) -> Vec<u8> {
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    integer[zeros..].to_vec()
}

#[cfg(test)]
mod tests;
