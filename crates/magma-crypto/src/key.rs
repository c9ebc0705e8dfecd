//! A private key: made, read in the two forms in which gateways have them, written, and used.

use std::fmt;

use ::ecdsa::elliptic_curve::zeroize::Zeroizing;
use ring::rand::{SecureRandom, SystemRandom};

use crate::certificate::ec_algorithm;
use crate::der::{
    BIT_STRING, CONTEXT_0, CONTEXT_1, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, element,
    whole_bytes, without_zeros,
};
use crate::ecdsa::padded;
use crate::{Blocks, Curve, Hash, Signature};

/// Why a text is no private key that can be used here; `Display` is the end of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A block has no end, or what is in it is no base64.
    #[error("its PEM is damaged")]
    Pem,
    /// No block is that of a private key.
    #[error("there is no private key in it")]
    None,
    /// An RSA key.
    #[error("it is an RSA key")]
    Rsa,
    /// A password is needed to read it.
    #[error("it is encrypted with a password")]
    Encrypted,
    /// The contents of the block are not DER, or not those of a key.
    #[error("its contents are damaged")]
    Damaged,
    /// A key, but not an elliptic-curve one.
    #[error("it is not an EC key")]
    NotEc,
    /// A key on another curve.
    #[error("it is on neither P-256 nor P-384")]
    OtherCurve,
    /// The secret number is not one of the curve, or the public point beside it not its own.
    #[error("its numbers do not fit its curve")]
    Numbers,
}

/// A key on P-256 or P-384. Its secret number is wiped from memory when it is dropped.
#[derive(Clone)]
pub struct PrivateKey {
    curve: Curve,
    secret: Zeroizing<Vec<u8>>,
    point: Vec<u8>,
}

impl PrivateKey {
    /// Makes a key; none when the operating system gives no random numbers.
    pub fn generate(curve: Curve) -> Option<Self> {
        let mut secret = Zeroizing::new(vec![0; curve.length()]);
        // All but one in 2^32 numbers are a key on P-256, and all but one in 2^190 on P-384.
        for _ in 0..8 {
            SystemRandom::new().fill(&mut secret).ok()?;
            if let Some(point) = curve.public(&secret) {
                return Some(Self { curve, secret, point });
            }
        }
        None
    }

    /// The key of this secret number, big-endian.
    ///
    /// # Errors
    /// [`KeyError::Numbers`] when there is none.
    pub fn from_secret(curve: Curve, number: &[u8]) -> Result<Self, KeyError> {
        let secret = padded(without_zeros(number), curve.length()).ok_or(KeyError::Numbers)?;
        let secret = Zeroizing::new(secret);
        let point = curve.public(&secret).ok_or(KeyError::Numbers)?;
        Ok(Self { curve, secret, point })
    }

    /// Reads the first private key of a PEM text: `EC PRIVATE KEY` (RFC 5915), as OpenSSL's traditional format and
    /// Magma's agents write it, or `PRIVATE KEY` (RFC 5208).
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pem(text: &[u8]) -> Result<Self, KeyError> {
        for block in Blocks::new(text) {
            let block = block.map_err(|_| KeyError::Pem)?;
            let contents = Zeroizing::new(block.contents);
            match block.label {
                "EC PRIVATE KEY" => return Self::from_sec1(&contents, None),
                "PRIVATE KEY" => return Self::from_pkcs8(&contents),
                "RSA PRIVATE KEY" => return Err(KeyError::Rsa),
                "ENCRYPTED PRIVATE KEY" => return Err(KeyError::Encrypted),
                _ => {}
            }
        }
        Err(KeyError::None)
    }

    /// RFC 5915 §3. The curve stands beside the key, or in it, or follows from the length of its number.
    fn from_sec1(der: &[u8], curve: Option<Curve>) -> Result<Self, KeyError> {
        let (number, named, point) = sec1_parts(der).ok_or(KeyError::Damaged)?;
        let named = named.map(|oid| Curve::of_identifier(oid).ok_or(KeyError::OtherCurve)).transpose()?;
        let by_length = || match number.len() {
            32 => Ok(Curve::P256),
            48 => Ok(Curve::P384),
            _ => Err(KeyError::OtherCurve),
        };
        let key = Self::from_secret(curve.or(named).map_or_else(by_length, Ok)?, number)?;
        let agrees = named.is_none_or(|named| named == key.curve);
        // A compressed point says nothing that the number does not.
        let own = point.is_none_or(|point| point == key.point || point.first() != Some(&4));
        if agrees && own { Ok(key) } else { Err(KeyError::Numbers) }
    }

    /// RFC 5208 §5: version, algorithm, and the octets of an ECPrivateKey.
    fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let parts = || {
            let mut key = Reader::new(der).within(SEQUENCE)?;
            key.contents(INTEGER)?;
            Some((key.within(SEQUENCE)?, key.contents(OCTET_STRING)?))
        };
        let (algorithm, inner) = parts().ok_or(KeyError::Damaged)?;
        let curve = ec_algorithm(algorithm).ok_or(KeyError::NotEc)?;
        Self::from_sec1(inner, Some(curve.ok_or(KeyError::OtherCurve)?))
    }

    /// The key as `EC PRIVATE KEY` PEM.
    pub fn sec1_pem(&self) -> Zeroizing<String> {
        let der = self.sec1(&element(CONTEXT_0, &[self.curve.identifier()]));
        Zeroizing::new(crate::to_pem("EC PRIVATE KEY", &der))
    }

    /// The key as `PRIVATE KEY` PEM.
    pub fn pkcs8_pem(&self) -> Zeroizing<String> {
        let inner = Zeroizing::new(element(OCTET_STRING, &[&self.sec1(&[])]));
        let version = element(INTEGER, &[&[0]]);
        let der = Zeroizing::new(element(SEQUENCE, &[&version, &algorithm(self.curve), &inner]));
        Zeroizing::new(crate::to_pem("PRIVATE KEY", &der))
    }

    fn sec1(&self, curve: &[u8]) -> Zeroizing<Vec<u8>> {
        let number = Zeroizing::new(element(OCTET_STRING, &[&self.secret]));
        let point = element(CONTEXT_1, &[&element(BIT_STRING, &[&[0], &self.point])]);
        let version = element(INTEGER, &[&[1]]);
        Zeroizing::new(element(SEQUENCE, &[&version, &number, curve, &point]))
    }

    /// The curve.
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The public half as an uncompressed point.
    pub fn point(&self) -> &[u8] {
        &self.point
    }

    /// The public half as SubjectPublicKeyInfo in DER (RFC 5480).
    pub fn public_key_der(&self) -> Vec<u8> {
        let point = element(BIT_STRING, &[&[0], &self.point]);
        element(SEQUENCE, &[&algorithm(self.curve), &point])
    }

    /// Signs; the signature is deterministic (RFC 6979).
    pub fn sign(&self, hash: Hash, message: &[u8]) -> Signature {
        let both = self.curve.sign(&self.secret, hash.of(message).as_ref());
        Signature::new(both.expect("invariant: the secret number was one of the curve when the key was made"))
    }

    /// The secret that this key and the owner of a public point share (ECDH); none when it is no point of the curve.
    pub fn agree(&self, point: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let uncompressed = point.len() == 2 * self.curve.length() + 1;
        let shared = if uncompressed { self.curve.agree(&self.secret, point) } else { None };
        shared.map(Zeroizing::new)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("curve", &self.curve).finish_non_exhaustive()
    }
}

/// An AlgorithmIdentifier of a key on this curve.
fn algorithm(curve: Curve) -> Vec<u8> {
    element(SEQUENCE, &[b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", curve.identifier()])
}

/// Number, curve and public point of an ECPrivateKey, the latter two where they are given.
#[expect(clippy::type_complexity, reason = "three parts, named right above")]
fn sec1_parts(der: &[u8]) -> Option<(&[u8], Option<&[u8]>, Option<&[u8]>)> {
    let mut key = Reader::new(der).within(SEQUENCE)?;
    key.contents(INTEGER).filter(|version| *version == [1])?;
    let number = key.contents(OCTET_STRING)?;
    let curve = match key.optional(CONTEXT_0) {
        Some(curve) => Some(Reader::new(curve.contents).contents(OBJECT_IDENTIFIER)?),
        None => None,
    };
    let point = match key.optional(CONTEXT_1) {
        Some(point) => Some(whole_bytes(Reader::new(point.contents).contents(BIT_STRING)?)?),
        None => None,
    };
    Some((number, curve, point))
}

#[cfg(test)]
mod tests;
