//! Certificate requests, honest and not.

use std::time::UNIX_EPOCH;

use rcgen::{DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P384_SHA384};

use super::*;
use crate::{authority, private_key};

const HARDWARE_ID: &str = "22ffea10-7fc4-4427-975a-b9e4ce8f6f4d";
const GATEWAY: ClientSubject<'_> = ClientSubject::Gateway { hardware_id: HARDWARE_ID };
const HOUR: Duration = Duration::from_secs(3600);

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_750_000_000)
}

fn certifier() -> Authority {
    let made = authority::create("certifier.magma.test", now()).unwrap();
    let key = private_key::from_pem(made.key_pem.as_bytes()).unwrap();
    Authority::new(made.certificate_pem.into_bytes(), key).unwrap()
}

fn csr_named(names: &[(DnType, &str)], key: &KeyPair) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in names {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params.serialize_request(key).unwrap().der().to_vec()
}

fn csr(common_name: &str) -> Vec<u8> {
    csr_named(&[(DnType::CommonName, common_name)], &KeyPair::generate().unwrap())
}

#[test]
fn a_gateway_gets_a_client_certificate_for_its_hardware_id() {
    let certifier = certifier();
    let issued = sign(&certifier, &csr(HARDWARE_ID), GATEWAY, Some(96 * HOUR), now()).unwrap();
    let parsed = certificate::parse(&issued.der).unwrap();
    assert!(certifier.has_issued(&parsed));
    assert_eq!(parsed.subject().to_string(), format!("CN={HARDWARE_ID}"));
    let usage = parsed.key_usage().unwrap().unwrap().value;
    assert!(usage.digital_signature() && usage.key_encipherment() && !usage.key_cert_sign());
    let extended = parsed.extended_key_usage().unwrap().unwrap().value;
    assert!(extended.client_auth && !extended.server_auth && !extended.any);
    assert!(!parsed.is_ca());
    assert_eq!(issued.facts.not_before, 1_750_000_000 - 3600);
    assert_eq!(issued.facts.not_after, 1_750_000_000 + 96 * 3600);
    assert!(issued.facts.serial.len() > 20, "128 random bits: {}", issued.facts.serial);
}

#[test]
fn every_certificate_has_its_own_serial() {
    let certifier = certifier();
    let request = csr(HARDWARE_ID);
    let [one, two] = [(); 2].map(|()| sign(&certifier, &request, GATEWAY, None, now()).unwrap());
    assert_ne!(one.facts.serial, two.facts.serial);
}

#[test]
fn lifetimes_are_capped_at_97_hours_for_gateways_and_at_the_authoritys_end() {
    let certifier = certifier();
    let near_the_end = certifier.not_after() - HOUR;
    let seconds = |moment: SystemTime| moment.duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let operator = ClientSubject::Operator { name: "ann" };
    for (row, subject, common_name, asked, at, expected) in [
        ("nothing asked", GATEWAY, HARDWARE_ID, None, now(), now() + 97 * HOUR),
        ("zero asked", GATEWAY, HARDWARE_ID, Some(Duration::ZERO), now(), now() + 97 * HOUR),
        ("too much asked", GATEWAY, HARDWARE_ID, Some(1000 * HOUR), now(), now() + 97 * HOUR),
        ("less asked", GATEWAY, HARDWARE_ID, Some(HOUR), now(), now() + HOUR),
        ("the authority ends first", GATEWAY, HARDWARE_ID, None, near_the_end, certifier.not_after()),
        ("an operator", operator, "ann", None, now(), now() + LEAF_LIFETIME),
    ] {
        let issued = sign(&certifier, &csr(common_name), subject, asked, at).unwrap();
        assert_eq!(issued.facts.not_after, seconds(expected), "{row}");
    }
}

#[test]
fn the_identity_is_the_callers_whatever_the_request_names() {
    let certifier = certifier();
    let key = KeyPair::generate().unwrap();
    for (row, names, expected) in [
        ("nobody", vec![], Ok(())),
        ("an empty name", vec![(DnType::CommonName, "")], Ok(())),
        ("an organisation only", vec![(DnType::OrganizationName, "admin_operator")], Ok(())),
        ("the gateway itself", vec![(DnType::CommonName, HARDWARE_ID)], Ok(())),
        ("the administrator", vec![(DnType::CommonName, "admin_operator")], Err("admin_operator")),
        ("another gateway", vec![(DnType::CommonName, "other")], Err("other")),
    ] {
        let outcome = sign(&certifier, &csr_named(&names, &key), GATEWAY, None, now());
        match expected {
            Ok(()) => assert_eq!(outcome.unwrap().facts.common_name.as_deref(), Some(HARDWARE_ID), "{row}"),
            Err(found) => assert_eq!(
                outcome.unwrap_err(),
                SigningError::OtherName { expected: HARDWARE_ID.into(), found: found.into() },
                "{row}"
            ),
        }
    }
}

#[test]
fn requests_with_p384_and_rsa_keys_are_signed() {
    let certifier = certifier();
    let name = [(DnType::CommonName, HARDWARE_ID)];
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let rsa = private_key::from_pem(include_bytes!("../../tests/data/rsa-pkcs8.pem")).unwrap();
    for key in [&p384, &rsa] {
        let issued = sign(&certifier, &csr_named(&name, key), GATEWAY, None, now()).unwrap();
        let parsed = certificate::parse(&issued.der).unwrap();
        assert_eq!(parsed.public_key().subject_public_key.data, key.public_key_raw());
    }
}

#[test]
fn a_request_that_proves_nothing_is_refused() {
    let certifier = certifier();
    let mut forged = csr(HARDWARE_ID);
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let mut trailing = csr(HARDWARE_ID);
    trailing.push(0);
    for (row, request, expected) in [
        ("a wrong signature", forged, SigningError::NotSelfSigned),
        ("bytes after it", trailing, SigningError::NotARequest),
        ("nothing", vec![], SigningError::NotARequest),
        ("text", b"not a request".to_vec(), SigningError::NotARequest),
    ] {
        assert_eq!(sign(&certifier, &request, GATEWAY, None, now()).unwrap_err(), expected, "{row}");
    }
}

#[test]
fn an_expired_authority_signs_nothing() {
    let certifier = certifier();
    let after = certifier.not_after() + HOUR;
    let outcome = sign(&certifier, &csr(HARDWARE_ID), GATEWAY, None, after);
    assert_eq!(outcome.unwrap_err(), SigningError::AuthorityExpired);
}
