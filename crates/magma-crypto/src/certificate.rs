//! What a gateway reads of a certificate: whose it is, from when to when, and its public key.
//!
//! Nothing here says that a certificate is to be trusted: that is the TLS library's matter.

use std::time::SystemTime;

use crate::der::{
    BIT_STRING, CONTEXT_0, IA5_STRING, INTEGER, OBJECT_IDENTIFIER, PRINTABLE_STRING, Reader, SEQUENCE, SET,
    UTF8_STRING, whole_bytes,
};
use crate::{Blocks, Curve, time};

/// Why something is no certificate; `Display` is the end of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// A block has no end, or what is in it is no base64.
    #[error("its PEM is damaged")]
    Pem,
    /// No block is that of a certificate.
    #[error("there is no certificate in it")]
    None,
    /// Not the DER of an X.509 certificate.
    #[error("its contents are not those of a certificate")]
    Damaged,
    /// Something follows the certificate.
    #[error("there is something behind it")]
    Trailing,
}

/// A certificate, X.509 of any version (RFC 5280 §4.1), looked at where it lies.
#[derive(Clone, Copy, Debug)]
pub struct Certificate<'a> {
    subject: &'a [u8],
    not_before: SystemTime,
    not_after: SystemTime,
    public_key: &'a [u8],
    ec_key: Option<(Curve, &'a [u8])>,
}

impl<'a> Certificate<'a> {
    /// The DER of the first certificate in a PEM text.
    ///
    /// # Errors
    /// [`CertificateError::Pem`] and [`CertificateError::None`].
    pub fn first_in(text: &[u8]) -> Result<Vec<u8>, CertificateError> {
        for block in Blocks::new(text) {
            let block = block.map_err(|_| CertificateError::Pem)?;
            if block.label == "CERTIFICATE" {
                return Ok(block.contents);
            }
        }
        Err(CertificateError::None)
    }

    /// Reads a certificate; its signature and its extensions are not looked at.
    ///
    /// # Errors
    /// [`CertificateError::Damaged`] and [`CertificateError::Trailing`].
    pub fn from_der(der: &'a [u8]) -> Result<Self, CertificateError> {
        let mut all = Reader::new(der);
        let outer = all.within(SEQUENCE).ok_or(CertificateError::Damaged)?;
        if !all.is_empty() {
            return Err(CertificateError::Trailing);
        }
        Self::read(outer).ok_or(CertificateError::Damaged)
    }

    fn read(mut outer: Reader<'a>) -> Option<Self> {
        let mut body = outer.within(SEQUENCE)?;
        outer.element(SEQUENCE)?;
        outer.element(BIT_STRING)?;
        body.optional(CONTEXT_0);
        body.element(INTEGER)?;
        let [_algorithm, _issuer] = [body.element(SEQUENCE)?, body.element(SEQUENCE)?];
        let mut validity = body.within(SEQUENCE)?;
        let (not_before, not_after) = (time::read(validity.next()?)?, time::read(validity.next()?)?);
        let subject = body.contents(SEQUENCE)?;
        let public_key = body.element(SEQUENCE)?;
        let mut key = Reader::new(public_key.contents);
        let (algorithm, bits) = (key.within(SEQUENCE)?, key.contents(BIT_STRING)?);
        let curve = ec_algorithm(algorithm).flatten();
        let ec_key = match curve {
            Some(curve) => Some((curve, whole_bytes(bits)?)),
            None => None,
        };
        let complete = outer.is_empty() && validity.is_empty() && key.is_empty();
        complete.then_some(Self { subject, not_before, not_after, public_key: public_key.whole, ec_key })
    }

    /// The first common name of the subject, if it is text.
    pub fn common_name(&self) -> Option<&'a str> {
        let mut names = Reader::new(self.subject);
        while let Some(mut set) = names.within(SET) {
            while let Some(mut attribute) = set.within(SEQUENCE) {
                // id-at-commonName, 2.5.4.3.
                if attribute.contents(OBJECT_IDENTIFIER)? == [0x55, 4, 3] {
                    let text = attribute.next()?;
                    let readable = [UTF8_STRING, PRINTABLE_STRING, IA5_STRING].contains(&text.tag);
                    return str::from_utf8(text.contents).ok().filter(|_| readable);
                }
            }
        }
        None
    }

    /// Not valid before this time.
    pub fn not_before(&self) -> SystemTime {
        self.not_before
    }

    /// Not valid after this time.
    pub fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// The SubjectPublicKeyInfo in DER.
    pub fn public_key_der(&self) -> &'a [u8] {
        self.public_key
    }

    /// Curve and uncompressed point of the public key; none when it is of another kind or on another curve.
    pub fn ec_key(&self) -> Option<(Curve, &'a [u8])> {
        self.ec_key
    }
}

/// The curve of an AlgorithmIdentifier's contents: none at all when it is not that of an EC key, and inside none when
/// the curve is another one.
pub(crate) fn ec_algorithm(mut algorithm: Reader<'_>) -> Option<Option<Curve>> {
    // id-ecPublicKey, 1.2.840.10045.2.1.
    algorithm.contents(OBJECT_IDENTIFIER).filter(|oid| *oid == [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1])?;
    Some(algorithm.contents(OBJECT_IDENTIFIER).and_then(Curve::of_identifier))
}

#[cfg(test)]
mod tests;
