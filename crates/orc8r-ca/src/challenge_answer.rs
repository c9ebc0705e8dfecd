//! Whether the answer to a challenge proves that the gateway holds the key that is registered for it.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use x509_parser::der_parser::Oid;
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_PKCS1_RSAENCRYPTION,
};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::der;

/// The longest coordinate of the curves that are supported: P-384's.
const COORDINATE_LENGTH_MAX: usize = 48;

/// What is registered for a gateway. Public keys are `SubjectPublicKeyInfo` in DER form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisteredKey<'a> {
    /// No key: whoever knows the hardware id may answer. For laboratories.
    Echo,
    /// PKCS#1 v1.5 with SHA-256.
    SoftwareRsaSha256(&'a [u8]),
    /// ECDSA on P-256 or P-384, both with SHA-256.
    SoftwareEcdsaSha256(&'a [u8]),
}

/// What a gateway answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeAnswer<'a> {
    /// The challenge, repeated.
    Echo(&'a [u8]),
    /// A PKCS#1 v1.5 signature over the challenge.
    Rsa(&'a [u8]),
    /// An ECDSA signature over the challenge: unsigned big-endian numbers of any length, not DER.
    Ecdsa {
        /// The first half.
        r: &'a [u8],
        /// The second half.
        s: &'a [u8],
    },
}

/// Why an answer proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The gateway answered in another way than its key requires.
    #[error("the answer is of another kind than the key that is registered for this gateway ({0})")]
    OtherKind(&'static str),
    /// The registered key itself is unusable.
    #[error(
        "the key that is registered for this gateway is not a usable public key ({0}): register the gateway's key again"
    )]
    RegisteredKey(&'static str),
    /// The answer was not made with the registered key.
    #[error(
        "the answer does not fit the key that is registered for this gateway: register the key that the gateway shows"
    )]
    Wrong,
}

/// Checks an answer against the key that is registered.
///
/// # Errors
/// When the answer is of another kind, or was not made with that key from exactly this challenge.
pub fn verify_answer(
    registered: RegisteredKey<'_>,
    challenge: &[u8],
    answer: ChallengeAnswer<'_>,
) -> Result<(), AnswerError> {
    match (registered, answer) {
        (RegisteredKey::Echo, ChallengeAnswer::Echo(repeated)) if repeated == challenge => Ok(()),
        (RegisteredKey::Echo, ChallengeAnswer::Echo(_)) => Err(AnswerError::Wrong),
        (RegisteredKey::SoftwareRsaSha256(key), ChallengeAnswer::Rsa(signature)) => {
            verify_rsa(key, challenge, signature)
        }
        (RegisteredKey::SoftwareEcdsaSha256(key), ChallengeAnswer::Ecdsa { r, s }) => {
            verify_ecdsa(key, challenge, r, s)
        }
        (RegisteredKey::Echo, _) => Err(AnswerError::OtherKind("ECHO")),
        (RegisteredKey::SoftwareRsaSha256(_), _) => Err(AnswerError::OtherKind("SOFTWARE_RSA_SHA256")),
        (RegisteredKey::SoftwareEcdsaSha256(_), _) => Err(AnswerError::OtherKind("SOFTWARE_ECDSA_SHA256")),
    }
}

fn verify_rsa(spki: &[u8], challenge: &[u8], signature: &[u8]) -> Result<(), AnswerError> {
    let key = parse(spki)?;
    if key.algorithm.algorithm != OID_PKCS1_RSAENCRYPTION {
        return Err(AnswerError::RegisteredKey("not an RSA key"));
    }
    verify_signature(&RSA_PKCS1_2048_8192_SHA256, &key, challenge, signature)
}

fn verify_ecdsa(spki: &[u8], challenge: &[u8], r: &[u8], s: &[u8]) -> Result<(), AnswerError> {
    let key = parse(spki)?;
    let algorithm = ecdsa_with_sha256(&key)?;
    let (r, s) = (der::without_leading_zeros(r), der::without_leading_zeros(s));
    if r.len().max(s.len()) > COORDINATE_LENGTH_MAX {
        return Err(AnswerError::Wrong);
    }
    let signature = der::sequence(&[&der::unsigned_integer(r), &der::unsigned_integer(s)]);
    verify_signature(algorithm, &key, challenge, &signature)
}

fn ecdsa_with_sha256(
    key: &SubjectPublicKeyInfo<'_>,
) -> Result<&'static dyn VerificationAlgorithm, AnswerError> {
    let curve: Option<Oid<'_>> = key.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
    match curve {
        _ if key.algorithm.algorithm != OID_KEY_TYPE_EC_PUBLIC_KEY => {
            Err(AnswerError::RegisteredKey("not an elliptic-curve key"))
        }
        Some(curve) if curve == OID_EC_P256 => Ok(&ECDSA_P256_SHA256_ASN1),
        Some(curve) if curve == OID_NIST_EC_P384 => Ok(&ECDSA_P384_SHA256_ASN1),
        _ => Err(AnswerError::RegisteredKey("its curve is neither P-256 nor P-384")),
    }
}

fn parse(spki: &[u8]) -> Result<SubjectPublicKeyInfo<'_>, AnswerError> {
    match SubjectPublicKeyInfo::from_der(spki) {
        Ok(([], key)) => Ok(key),
        _ => Err(AnswerError::RegisteredKey("not a public key in DER form")),
    }
}

fn verify_signature(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &SubjectPublicKeyInfo<'_>,
    challenge: &[u8],
    signature: &[u8],
) -> Result<(), AnswerError> {
    UnparsedPublicKey::new(algorithm, &key.subject_public_key.data)
        .verify(challenge, signature)
        .map_err(|_| AnswerError::Wrong)
}

#[cfg(test)]
mod tests;
