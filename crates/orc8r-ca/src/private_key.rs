//! Reading private keys in every PEM form that an operator's existing files have.
//!
//! ring reads PKCS#8 alone; `openssl genrsa` and `openssl ecparam -genkey` have long written PKCS#1 (RFC 8017)
//! and SEC1 (RFC 5915), which differ from PKCS#8 only in their envelope.

use rcgen::KeyPair;
use x509_parser::pem::Pem;

use crate::der;

/// `rsaEncryption` with NULL parameters (RFC 8017 appendix A.1).
const RSA_ALGORITHM: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// `id-ecPublicKey` on `secp256r1` (RFC 5480).
const P256_ALGORITHM: &[u8] = &[
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07,
];

/// `id-ecPublicKey` on `secp384r1` (RFC 5480).
const P384_ALGORITHM: &[u8] = &[
    0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00,
    0x22,
];

/// The first private key of a PEM text; `None` when there is none, or none that can sign certificates.
pub(crate) fn from_pem(pem: &[u8]) -> Option<KeyPair> {
    Pem::iter_from_buffer(pem).flatten().find_map(|block| match block.label.as_str() {
        "PRIVATE KEY" => key_pair(&block.contents),
        "RSA PRIVATE KEY" => key_pair(&pkcs8(RSA_ALGORITHM, &block.contents)),
        "EC PRIVATE KEY" => [P256_ALGORITHM, P384_ALGORITHM]
            .iter()
            .find_map(|algorithm| key_pair(&pkcs8(algorithm, &block.contents))),
        _ => None,
    })
}

fn key_pair(pkcs8: &[u8]) -> Option<KeyPair> {
    KeyPair::try_from(pkcs8).ok()
}

/// RFC 5208 section 5, version 0.
fn pkcs8(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    const OCTET_STRING: u8 = 0x04;
    der::sequence(&[&der::unsigned_integer(&[0]), algorithm, &der::element(OCTET_STRING, key)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_key_that_operators_have_is_read() {
        for (form, pem) in [
            ("RSA in PKCS#8", include_str!("../tests/data/rsa-pkcs8.pem")),
            ("RSA in PKCS#1", include_str!("../tests/data/rsa-pkcs1.pem")),
            ("P-256 in PKCS#8", include_str!("../tests/data/p256-pkcs8.pem")),
            ("P-256 in SEC1 after its parameters", include_str!("../tests/data/p256-sec1.pem")),
            ("P-384 in SEC1", include_str!("../tests/data/p384-sec1.pem")),
        ] {
            assert!(from_pem(pem.as_bytes()).is_some(), "{form}");
        }
    }

    #[test]
    fn the_same_key_in_two_envelopes_is_the_same_key() {
        let pkcs1 = from_pem(include_bytes!("../tests/data/rsa-pkcs1.pem")).unwrap();
        let pkcs8 = from_pem(include_bytes!("../tests/data/rsa-pkcs8.pem")).unwrap();
        assert_eq!(pkcs1.public_key_raw(), pkcs8.public_key_raw());
    }

    #[test]
    fn what_is_no_private_key_is_refused() {
        for text in ["", "not PEM", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert!(from_pem(text.as_bytes()).is_none(), "{text}");
        }
    }
}
