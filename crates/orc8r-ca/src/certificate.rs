//! What the Orchestrator reads from a certificate: serial, name and dates.

use rcgen::KeyPair;
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

/// Certificates are a few kilobytes; more is refused unread.
const SIZE_MAX: usize = 64 * 1024;

/// The facts by which a client certificate is looked up and judged. X.509 v1 and v3 alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The serial number in Magma's text form: upper-case hex without leading zeros.
    pub serial: String,
    /// The only common name of the subject; `None` when there is none, or more than one.
    pub common_name: Option<String>,
    /// First second of validity, since 1970.
    pub not_before: i64,
    /// Last second of validity, since 1970.
    pub not_after: i64,
}

/// The bytes are not one X.509 certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an X.509 certificate in PEM or DER form")]
pub struct NotACertificate;

impl CertificateFacts {
    /// Reads a certificate in DER form.
    ///
    /// # Errors
    /// When the bytes are anything but one certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, NotACertificate> {
        parse(der).map(|certificate| Self::of(&certificate))
    }

    /// Reads the first certificate of a PEM text.
    ///
    /// # Errors
    /// When there is none.
    pub fn from_pem(pem: &[u8]) -> Result<Self, NotACertificate> {
        Self::from_der(&first_der(pem)?)
    }

    pub(crate) fn of(certificate: &X509Certificate<'_>) -> Self {
        let validity = certificate.validity();
        Self {
            serial: serial_text(certificate.raw_serial()),
            common_name: only_common_name(certificate.subject()),
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
        }
    }
}

/// Parses one certificate in DER form, with nothing after it.
pub(crate) fn parse(der: &[u8]) -> Result<X509Certificate<'_>, NotACertificate> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) if der.len() <= SIZE_MAX => Ok(certificate),
        _ => Err(NotACertificate),
    }
}

/// The DER form of the first certificate of a PEM text, or of bytes that are DER already.
pub(crate) fn first_der(pem_or_der: &[u8]) -> Result<Vec<u8>, NotACertificate> {
    if parse(pem_or_der).is_ok() {
        return Ok(pem_or_der.to_vec());
    }
    Pem::iter_from_buffer(pem_or_der)
        .flatten()
        .find(|block| block.label == "CERTIFICATE" && parse(&block.contents).is_ok())
        .map(|block| block.contents)
        .ok_or(NotACertificate)
}

/// The certificates of a PEM text: each with its own text, ending in a line's end, and in DER form.
pub(crate) fn blocks(pem: &str) -> Vec<(&str, Vec<u8>)> {
    const END: &str = "-----END CERTIFICATE-----";
    let mut found = Vec::new();
    let mut rest = pem;
    while let Some(begin) = rest.find("-----BEGIN CERTIFICATE-----") {
        rest = &rest[begin..];
        let Some(end) = rest.find(END) else { break };
        let end = rest[end..].find('\n').map_or(rest.len(), |line| end + line + 1);
        let (block, after) = rest.split_at(end);
        if let Ok(der) = first_der(block.as_bytes()) {
            found.push((block, der));
        }
        rest = after;
    }
    found
}

/// Whether `issuer` is named in a certificate and has signed it.
pub(crate) fn is_issued_by(certificate: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> bool {
    certificate.issuer().as_raw() == issuer.subject().as_raw()
        && certificate.verify_signature(Some(issuer.public_key())).is_ok()
}

/// Whether the key is the certificate's.
pub(crate) fn is_key_of(certificate: &X509Certificate<'_>, key: &KeyPair) -> bool {
    certificate.public_key().subject_public_key.data == key.public_key_raw()
}

/// The common name, when exactly one is there and it is text.
pub(crate) fn only_common_name(name: &X509Name<'_>) -> Option<String> {
    let mut names = name.iter_common_name();
    match (names.next(), names.next()) {
        (Some(only), None) => only.as_str().ok().map(str::to_owned),
        _ => None,
    }
}

/// Magma's certifier keys its records by this form; a serial of zero is "0".
fn serial_text(big_endian: &[u8]) -> String {
    let hex: String = big_endian.iter().map(|byte| format!("{byte:02X}")).collect();
    match hex.trim_start_matches('0') {
        "" => "0".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_are_upper_case_hex_without_leading_zeros() {
        for (bytes, text) in [
            (&[0x00, 0xab, 0x01][..], "AB01"),
            (&[0x0a, 0xbc], "ABC"),
            (&[0x10], "10"),
            (&[0x00], "0"),
            (&[], "0"),
        ] {
            assert_eq!(serial_text(bytes), text);
        }
    }

    #[test]
    fn a_version_1_certificate_is_read() {
        let der = first_der(include_bytes!("../tests/data/admin-v1.pem")).unwrap();
        let facts = CertificateFacts::from_der(&der).unwrap();
        assert_eq!(facts.common_name.as_deref(), Some("admin_operator"));
        assert_eq!(facts.serial, "ABCDEF0123");
        assert!(facts.not_before < facts.not_after);
    }

    #[test]
    fn bytes_after_the_certificate_are_refused() {
        let mut der = first_der(include_bytes!("../tests/data/admin-v1.pem")).unwrap();
        der.push(0);
        assert_eq!(CertificateFacts::from_der(&der), Err(NotACertificate));
        assert_eq!(first_der(b"no certificate"), Err(NotACertificate));
    }
}
