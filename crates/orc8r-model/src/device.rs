//! The physical device of a gateway, and the key with which it proves that it is that device.

use crate::HardwareId;
use std::fmt;

/// How a device answers the bootstrap challenge (`magma.orc8r.ChallengeKey.KeyType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// It sends the challenge back: whoever knows the hardware id is the gateway. For tests and trials.
    Echo,
    /// It signs with RSA PKCS#1 v1.5 over SHA-256. On the wire only; REST cannot register such a key.
    SoftwareRsaSha256,
    /// It signs with ECDSA over SHA-256.
    SoftwareEcdsaSha256,
}

impl KeyType {
    /// The name in REST bodies and in Magma's protobuf enum.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Echo => "ECHO",
            Self::SoftwareRsaSha256 => "SOFTWARE_RSA_SHA256",
            Self::SoftwareEcdsaSha256 => "SOFTWARE_ECDSA_SHA256",
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The public half of a device's challenge key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceKey {
    /// None: the device echoes.
    Echo,
    /// An RSA key as SubjectPublicKeyInfo in DER.
    SoftwareRsaSha256(Vec<u8>),
    /// An elliptic-curve key as SubjectPublicKeyInfo in DER.
    SoftwareEcdsaSha256(Vec<u8>),
}

/// Why a challenge key was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceKeyError {
    /// The type is none that can be registered.
    #[error("key type '{0}' is unknown: use ECHO or SOFTWARE_ECDSA_SHA256")]
    UnknownType(String),
    /// An ECHO device has no key.
    #[error("key type ECHO must come without a key")]
    KeyWithEcho,
    /// The key is missing.
    #[error("key type {0} needs a key: give the base64 of its public key in DER (SubjectPublicKeyInfo)")]
    Missing(KeyType),
    /// The bytes are no such key.
    #[error("the key is not an ECDSA public key in DER (SubjectPublicKeyInfo of P-256 or P-384)")]
    NotEcdsa,
    /// The key is one whose signatures are not checked here.
    #[error("keys on P-521 cannot be used to bootstrap: make the gateway's key on P-256 or P-384")]
    P521,
}

/// The heads of a SubjectPublicKeyInfo with an uncompressed point (RFC 5480 §2), and its whole length in bytes.
const ECDSA_PUBLIC_KEYS: [(&str, &[u8], usize); 2] = [
    ("P-256", b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\0\x04", 91),
    ("P-384", b"\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62\0\x04", 120),
];

/// How a SubjectPublicKeyInfo on P-521 begins, up to the curve's id.
///
/// Deviation: Magma takes such keys. Here no signature of theirs can be checked, so that a device with one would be
/// registered and never get a certificate.
const P521_HEAD: &[u8] =
    b"\x30\x81\x9b\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23";

impl DeviceKey {
    /// Reads a key as REST and token registration name it.
    ///
    /// # Errors
    /// [`DeviceKeyError`] says what does not fit; RSA keys cannot be registered (Magma has them on the wire only).
    pub fn parse(key_type: &str, key: Option<Vec<u8>>) -> Result<Self, DeviceKeyError> {
        match (key_type, key) {
            ("ECHO", None) => Ok(Self::Echo),
            ("ECHO", Some(_)) => Err(DeviceKeyError::KeyWithEcho),
            ("SOFTWARE_ECDSA_SHA256", None) => Err(DeviceKeyError::Missing(KeyType::SoftwareEcdsaSha256)),
            ("SOFTWARE_ECDSA_SHA256", Some(der)) if is_ecdsa_public_key(&der) => {
                Ok(Self::SoftwareEcdsaSha256(der))
            }
            ("SOFTWARE_ECDSA_SHA256", Some(der)) if der.starts_with(P521_HEAD) => Err(DeviceKeyError::P521),
            ("SOFTWARE_ECDSA_SHA256", Some(_)) => Err(DeviceKeyError::NotEcdsa),
            (other, _) => Err(DeviceKeyError::UnknownType(other.to_owned())),
        }
    }

    /// How the device answers.
    pub fn key_type(&self) -> KeyType {
        match self {
            Self::Echo => KeyType::Echo,
            Self::SoftwareRsaSha256(_) => KeyType::SoftwareRsaSha256,
            Self::SoftwareEcdsaSha256(_) => KeyType::SoftwareEcdsaSha256,
        }
    }

    /// SubjectPublicKeyInfo in DER; none for ECHO.
    pub fn public_key(&self) -> Option<&[u8]> {
        match self {
            Self::Echo => None,
            Self::SoftwareRsaSha256(der) | Self::SoftwareEcdsaSha256(der) => Some(der),
        }
    }
}

fn is_ecdsa_public_key(der: &[u8]) -> bool {
    ECDSA_PUBLIC_KEYS.iter().any(|(_, head, length)| der.len() == *length && der.starts_with(head))
}

/// A physical device that stands, or stood, for a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The id that it names itself by.
    pub hardware_id: HardwareId,
    /// How it proves that.
    pub key: DeviceKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ecdsa_key(curve: &str) -> Vec<u8> {
        let (_, head, length) = ECDSA_PUBLIC_KEYS.iter().find(|(name, ..)| *name == curve).unwrap();
        let mut der = head.to_vec();
        der.resize(*length, 7);
        der
    }

    #[test]
    fn a_key_fits_its_type_or_is_refused() {
        let p384 = ecdsa_key("P-384");
        let p521 = [P521_HEAD, &[0x03, 0x81, 0x86, 0, 4], &[7; 132]].concat();
        let short = p384[..100].to_vec();
        let rows = [
            ("echo has none", "ECHO", None, Ok(DeviceKey::Echo)),
            ("echo with one", "ECHO", Some(vec![1]), Err(DeviceKeyError::KeyWithEcho)),
            (
                "no key",
                "SOFTWARE_ECDSA_SHA256",
                None,
                Err(DeviceKeyError::Missing(KeyType::SoftwareEcdsaSha256)),
            ),
            ("a key", "SOFTWARE_ECDSA_SHA256", Some(p384.clone()), Ok(DeviceKey::SoftwareEcdsaSha256(p384))),
            ("P-521", "SOFTWARE_ECDSA_SHA256", Some(p521), Err(DeviceKeyError::P521)),
            ("a cut key", "SOFTWARE_ECDSA_SHA256", Some(short), Err(DeviceKeyError::NotEcdsa)),
            ("text", "SOFTWARE_ECDSA_SHA256", Some(b"MHYwEAYH".to_vec()), Err(DeviceKeyError::NotEcdsa)),
            (
                "rsa",
                "SOFTWARE_RSA_SHA256",
                None,
                Err(DeviceKeyError::UnknownType("SOFTWARE_RSA_SHA256".into())),
            ),
        ];
        for (name, key_type, key, expect) in rows {
            assert_eq!(DeviceKey::parse(key_type, key), expect, "{name}");
        }
    }

    #[test]
    fn every_curve_that_can_be_checked_is_read() {
        for (curve, head, length) in ECDSA_PUBLIC_KEYS {
            // A DER length counts what follows it, so the head must promise exactly the whole.
            let promised = if head[1] == 0x81 { usize::from(head[2]) + 3 } else { usize::from(head[1]) + 2 };
            assert_eq!(promised, length, "{curve}");
            assert!(is_ecdsa_public_key(&ecdsa_key(curve)), "{curve}");
        }
    }
}
