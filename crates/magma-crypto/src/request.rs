//! The request to sign a certificate (PKCS#10, RFC 2986).

use crate::der::{BIT_STRING, CONTEXT_0, INTEGER, SEQUENCE, SET, UTF8_STRING, element};
use crate::{Hash, PrivateKey};

/// A request in DER whose subject is this common name and nothing else, without attributes, signed with SHA-256. The
/// name has to be shorter than 32 kB.
pub fn certificate_request(key: &PrivateKey, common_name: &str) -> Vec<u8> {
    let text = element(UTF8_STRING, &[common_name.as_bytes()]);
    let attribute = element(SEQUENCE, &[b"\x06\x03\x55\x04\x03", &text]);
    let subject = element(SEQUENCE, &[&element(SET, &[&attribute])]);
    let version = element(INTEGER, &[&[0]]);
    let body = element(SEQUENCE, &[&version, &subject, &key.public_key_der(), &element(CONTEXT_0, &[])]);
    let signature = element(BIT_STRING, &[&[0], &key.sign(Hash::Sha256, &body).der()]);
    // ecdsa-with-SHA256, 1.2.840.10045.4.3.2.
    let algorithm = element(SEQUENCE, &[b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"]);
    element(SEQUENCE, &[&body, &algorithm, &signature])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Curve;
    use x509_parser::certification_request::X509CertificationRequest;
    use x509_parser::prelude::FromDer;

    #[test]
    fn another_library_reads_what_was_asked_for() {
        for curve in [Curve::P256, Curve::P384] {
            let key = PrivateKey::generate(curve).unwrap();
            let der = certificate_request(&key, "1b4e28ba-2fa1-11d2-883f-0016d3cca427");
            let (rest, request) = X509CertificationRequest::from_der(&der).unwrap();
            assert!(rest.is_empty());
            let info = &request.certification_request_info;
            assert_eq!(info.subject.to_string(), "CN=1b4e28ba-2fa1-11d2-883f-0016d3cca427");
            assert_eq!(info.subject_pki.raw, key.public_key_der());
            assert!(info.attributes().is_empty(), "{:?}", info.attributes());
            rcgen::CertificateSigningRequestParams::from_der(&der.into())
                .expect("rcgen checks the signature");
        }
    }
}
