//! Signatures: their hash, their two numbers, and their form in certificates and TLS.

use ring::digest;

use crate::Curve;
use crate::der::{INTEGER, Reader, SEQUENCE, element, unsigned, without_zeros};

/// What a message is reduced to before it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
}

impl Hash {
    pub(crate) fn of(self, message: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
        };
        digest::digest(algorithm, message)
    }
}

/// The two numbers of an ECDSA signature, big-endian, each as long as the curve's field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    both: Vec<u8>,
}

impl Signature {
    pub(crate) fn new(both: Vec<u8>) -> Self {
        Self { both }
    }

    /// `r` without leading zeros.
    pub fn r(&self) -> &[u8] {
        without_zeros(&self.both[..self.both.len() / 2])
    }

    /// `s` without leading zeros.
    pub fn s(&self) -> &[u8] {
        without_zeros(&self.both[self.both.len() / 2..])
    }

    /// The signature as certificates and TLS have it (RFC 3279 §2.2.3).
    pub fn der(&self) -> Vec<u8> {
        element(SEQUENCE, &[&unsigned(self.r()), &unsigned(self.s())])
    }
}

/// Whether a signature in DER is that of the public point's owner over the message. A point that is not uncompressed
/// and on the curve, and a signature in any other encoding, verify nothing.
pub fn verify(curve: Curve, point: &[u8], hash: Hash, message: &[u8], signature: &[u8]) -> bool {
    let numbers = || {
        let mut outer = Reader::new(signature);
        let mut inner = outer.within(SEQUENCE)?;
        let r = field_number(inner.contents(INTEGER)?, curve.length())?;
        let s = field_number(inner.contents(INTEGER)?, curve.length())?;
        (inner.is_empty() && outer.is_empty()).then_some((r, s))
    };
    numbers().is_some_and(|(r, s)| curve.verify(point, hash.of(message).as_ref(), &r, &s))
}

/// A positive integer, filled up to the length of the field.
fn field_number(contents: &[u8], length: usize) -> Option<Vec<u8>> {
    let digits = match contents {
        [0, digits @ ..] if digits.first().is_some_and(|first| *first >= 0x80) => digits,
        [1..=0x7f, ..] => contents,
        _ => return None,
    };
    padded(digits, length)
}

/// The digits with as many zeros before them as there is room; none when there is too little.
pub(crate) fn padded(digits: &[u8], length: usize) -> Option<Vec<u8>> {
    let zeros = length.checked_sub(digits.len())?;
    Some([&vec![0; zeros], digits].concat())
}

#[cfg(test)]
mod tests;
