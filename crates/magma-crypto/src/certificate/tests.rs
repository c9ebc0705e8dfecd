//! Certificates of another library, whole and damaged.

use std::time::{Duration, UNIX_EPOCH};

use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue, KeyPair, date_time_ymd};
use x509_parser::prelude::FromDer;

use super::*;

fn certificate(names: &[(DnType, DnValue)], key: &KeyPair) -> Vec<u8> {
    let mut params = CertificateParams::new(["somewhere.test".to_owned()]).unwrap();
    params.distinguished_name = DistinguishedName::new();
    for (kind, name) in names {
        params.distinguished_name.push(kind.clone(), name.clone());
    }
    params.not_before = date_time_ymd(2026, 11, 21);
    params.not_after = date_time_ymd(2061, 1, 2);
    params.self_signed(key).unwrap().der().to_vec()
}

fn text(text: &str) -> DnValue {
    DnValue::Utf8String(text.to_owned())
}

#[test]
fn it_says_what_another_library_says() {
    for (algorithm, curve) in [
        (&rcgen::PKCS_ECDSA_P256_SHA256, Some(Curve::P256)),
        (&rcgen::PKCS_ECDSA_P384_SHA384, Some(Curve::P384)),
        (&rcgen::PKCS_ED25519, None),
    ] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let names = [(DnType::OrganizationName, text("Magma")), (DnType::CommonName, text("gw1"))];
        let der = certificate(&names, &key);
        let ours = Certificate::from_der(&der).unwrap();
        let (_, theirs) = x509_parser::certificate::X509Certificate::from_der(&der).unwrap();
        assert_eq!(ours.common_name(), Some("gw1"));
        assert_eq!(ours.public_key_der(), theirs.public_key().raw);
        let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        assert_eq!(seconds(ours.not_before()), theirs.validity().not_before.timestamp());
        assert_eq!(seconds(ours.not_after()), theirs.validity().not_after.timestamp());
        assert_eq!(ours.not_before(), UNIX_EPOCH + Duration::from_secs(20_778 * 86_400));
        let point = rcgen::PublicKeyData::der_bytes(&key);
        assert_eq!(ours.ec_key(), curve.map(|curve| (curve, point)));
    }
}

#[test]
fn a_name_is_the_first_common_one_that_is_text() {
    let key = KeyPair::generate().unwrap();
    let printable = DnValue::PrintableString("gw-2".try_into().unwrap());
    let ia5 = DnValue::Ia5String("gw@3".try_into().unwrap());
    let bmp = DnValue::BmpString("gw".try_into().unwrap());
    for (names, expected) in [
        (vec![], None),
        (vec![(DnType::OrganizationName, text("Magma"))], None),
        (vec![(DnType::CommonName, text("gw1")), (DnType::OrganizationName, text("x"))], Some("gw1")),
        (vec![(DnType::CommonName, printable)], Some("gw-2")),
        (vec![(DnType::CommonName, ia5)], Some("gw@3")),
        (vec![(DnType::CommonName, bmp)], None),
        (vec![(DnType::CommonName, text(""))], Some("")),
    ] {
        let der = certificate(&names, &key);
        assert_eq!(Certificate::from_der(&der).unwrap().common_name(), expected);
    }
}

#[test]
fn what_is_cut_or_followed_by_something_is_no_certificate() {
    let der = certificate(&[(DnType::CommonName, text("gw1"))], &KeyPair::generate().unwrap());
    for length in 0..der.len() {
        assert_eq!(Certificate::from_der(&der[..length]).err(), Some(CertificateError::Damaged), "{length}");
    }
    let longer = [&der[..], &[0]].concat();
    assert_eq!(Certificate::from_der(&longer).err(), Some(CertificateError::Trailing));
}

#[test]
fn damaged_certificates_break_nothing() {
    let der = certificate(&[(DnType::CommonName, text("gw1"))], &KeyPair::generate().unwrap());
    let mut read = 0;
    for at in 0..der.len() {
        for value in [0, 1, 0x30, 0x7f, 0x80, 0x81, 0x82, 0xff] {
            let mut damaged = der.clone();
            damaged[at] = value;
            if let Ok(certificate) = Certificate::from_der(&damaged) {
                certificate.common_name();
                read += 1;
            }
        }
    }
    assert!(read > 0, "extensions and signature are not looked at");
}

#[test]
fn the_first_certificate_of_a_text_is_found() {
    let (a, b) = (crate::to_pem("CERTIFICATE", b"a"), crate::to_pem("CERTIFICATE", b"b"));
    let key = crate::to_pem("PRIVATE KEY", b"k");
    for (text, expected) in [
        (format!("{a}{b}"), Ok(b"a".to_vec())),
        (format!("{key}{b}"), Ok(b"b".to_vec())),
        (key.clone(), Err(CertificateError::None)),
        (String::new(), Err(CertificateError::None)),
        (format!("{}{a}", &key[..40]), Err(CertificateError::Pem)),
    ] {
        assert_eq!(Certificate::first_in(text.as_bytes()), expected, "{text}");
    }
}
