//! Finds an EC private key in PEM text, in either of the two forms in which gateways have them.

use x509_parser::der_parser::ber::BerObjectContent;
use x509_parser::der_parser::der::{DerObject, parse_der};
use x509_parser::pem::Pem;

/// A private key as DER.
pub(crate) enum PrivateKey {
    /// `EC PRIVATE KEY` (RFC 5915), as OpenSSL's traditional format and Magma's agents write it.
    Sec1(Vec<u8>),
    /// `PRIVATE KEY` (RFC 5208).
    Pkcs8(Vec<u8>),
}

impl PrivateKey {
    /// The first private key in the text; otherwise what is wrong, as the end of a sentence.
    pub(crate) fn find(text: &[u8]) -> Result<Self, &'static str> {
        for block in Pem::iter_from_buffer(text) {
            let Pem { label, contents } = block.map_err(|_| "its PEM is damaged")?;
            match label.as_str() {
                "EC PRIVATE KEY" => return Ok(Self::Sec1(contents)),
                "PRIVATE KEY" => return Ok(Self::Pkcs8(contents)),
                "RSA PRIVATE KEY" => return Err("it is an RSA key"),
                "ENCRYPTED PRIVATE KEY" => return Err("it is encrypted with a password"),
                _ => {}
            }
        }
        Err("there is no private key in it")
    }

    /// The secret number of an EC key, big-endian; its length depends on the curve.
    pub(crate) fn secret_number(&self) -> Result<Vec<u8>, &'static str> {
        match self {
            Self::Sec1(der) => octets_at(der, 1).ok_or("its contents are damaged"),
            // RFC 5208 §5: version, algorithm, then the octets of an ECPrivateKey.
            Self::Pkcs8(der) => {
                let inner = octets_at(der, 2).ok_or("its contents are damaged")?;
                octets_at(&inner, 1).ok_or("it is not an EC key")
            }
        }
    }
}

/// The octet string that is the element of this index in a DER sequence.
fn octets_at(der: &[u8], index: usize) -> Option<Vec<u8>> {
    let (_, object): (_, DerObject<'_>) = parse_der(der).ok()?;
    match &object.as_sequence().ok()?.get(index)?.content {
        BerObjectContent::OctetString(octets) => Some(octets.to_vec()),
        _ => None,
    }
}
