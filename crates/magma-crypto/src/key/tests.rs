//! Keys in their forms, against rcgen and ring, and what is no key.

use ring::agreement;
use ring::rand::SystemRandom;

use super::*;

const BOTH: [Curve; 2] = [Curve::P256, Curve::P384];

#[test]
fn written_keys_are_read_again() {
    for curve in BOTH {
        let key = PrivateKey::generate(curve).unwrap();
        let other = PrivateKey::generate(curve).unwrap();
        assert_ne!(key.point(), other.point());
        let parameters = "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n";
        for text in [
            key.sec1_pem().to_string(),
            key.pkcs8_pem().to_string(),
            key.pkcs8_pem().replace('\n', "\r\n"),
            format!("{parameters}{}", *key.sec1_pem()),
            format!("{}{}", *key.pkcs8_pem(), *other.pkcs8_pem()),
            crate::to_pem("EC PRIVATE KEY", &key.sec1(&[])),
        ] {
            let again = PrivateKey::from_pem(text.as_bytes()).unwrap();
            assert_eq!((again.curve(), again.point()), (curve, key.point()), "{text}");
        }
        assert!(!format!("{key:?}").contains("secret"), "secrets do not get into logs");
    }
}

#[test]
fn others_read_our_keys_and_we_read_theirs() {
    for (curve, algorithm) in
        [(Curve::P256, &rcgen::PKCS_ECDSA_P256_SHA256), (Curve::P384, &rcgen::PKCS_ECDSA_P384_SHA384)]
    {
        let ours = PrivateKey::generate(curve).unwrap();
        let theirs = rcgen::KeyPair::from_pem_and_sign_algo(&ours.pkcs8_pem(), algorithm).unwrap();
        assert_eq!(rcgen::PublicKeyData::der_bytes(&theirs), ours.point());
        let theirs = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let ours = PrivateKey::from_pem(theirs.serialize_pem().as_bytes()).unwrap();
        assert_eq!(ours.public_key_der(), rcgen::PublicKeyData::subject_public_key_info(&theirs));
    }
}

#[test]
fn what_is_no_key_is_told_why() {
    let key = PrivateKey::generate(Curve::P256).unwrap();
    let number = element(OCTET_STRING, &[&key.secret]);
    let sec1 = |parts: &[&[u8]]| crate::to_pem("EC PRIVATE KEY", &element(SEQUENCE, parts));
    let version = element(INTEGER, &[&[1]]);
    let curve = |oid: &[u8]| element(CONTEXT_0, &[&element(OBJECT_IDENTIFIER, &[oid])]);
    let point = |bytes: &[u8]| element(CONTEXT_1, &[&element(BIT_STRING, &[&[0], bytes])]);
    let p384 = PrivateKey::generate(Curve::P384).unwrap();
    let pkcs8 = |oid: &[u8]| {
        let algorithm = element(SEQUENCE, &[&element(OBJECT_IDENTIFIER, &[oid])]);
        let inner = element(OCTET_STRING, &[&key.sec1(&[])]);
        crate::to_pem("PRIVATE KEY", &element(SEQUENCE, &[&element(INTEGER, &[&[0]]), &algorithm, &inner]))
    };
    let other = PrivateKey::generate(Curve::P256).unwrap();
    for (row, text, error) in [
        ("nothing", String::new(), KeyError::None),
        ("a certificate", crate::to_pem("CERTIFICATE", b"x"), KeyError::None),
        ("an RSA key", crate::to_pem("RSA PRIVATE KEY", b"x"), KeyError::Rsa),
        ("an encrypted key", crate::to_pem("ENCRYPTED PRIVATE KEY", b"x"), KeyError::Encrypted),
        ("no DER", crate::to_pem("EC PRIVATE KEY", b"x"), KeyError::Damaged),
        ("no DER in PKCS#8", crate::to_pem("PRIVATE KEY", b"x"), KeyError::Damaged),
        ("no end", "-----BEGIN EC PRIVATE KEY-----\nMHY".to_owned(), KeyError::Pem),
        ("another version", sec1(&[&element(INTEGER, &[&[2]]), &number]), KeyError::Damaged),
        (
            "another curve",
            sec1(&[&version, &number, &curve(&[0x2b, 0x81, 4, 0, 0x0a])]),
            KeyError::OtherCurve,
        ),
        ("another length", sec1(&[&version, &element(OCTET_STRING, &[&[1; 40]])]), KeyError::OtherCurve),
        (
            "P-256 said to be P-384's length",
            sec1(&[
                &version,
                &element(OCTET_STRING, &[&p384.secret]),
                &curve(&Curve::P256.identifier()[2..]),
            ]),
            KeyError::Numbers,
        ),
        ("zero", sec1(&[&version, &element(OCTET_STRING, &[&[0; 32]])]), KeyError::Numbers),
        ("beyond the order", sec1(&[&version, &element(OCTET_STRING, &[&[0xff; 32]])]), KeyError::Numbers),
        ("another's point", sec1(&[&version, &number, &point(other.point())]), KeyError::Numbers),
        ("PKCS#8 of RSA", pkcs8(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]), KeyError::NotEc),
        ("PKCS#8 without a curve", pkcs8(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]), KeyError::OtherCurve),
    ] {
        assert_eq!(PrivateKey::from_pem(text.as_bytes()).err(), Some(error), "{row}");
    }
}

/// Go and old agents leave leading zeros away, or write too many.
#[test]
fn a_number_of_another_length_is_the_same_number() {
    for (number, same) in [(&[7][..], true), (&[&[0; 40][..], &[7]].concat(), true), (&[1; 33], false)] {
        let key = PrivateKey::from_secret(Curve::P256, number);
        let expected = PrivateKey::from_secret(Curve::P256, &[&[0; 31][..], &[7]].concat()).unwrap();
        assert_eq!(key.is_ok_and(|key| key.point() == expected.point()), same);
    }
}

#[test]
fn damaged_keys_break_nothing() {
    let der = PrivateKey::generate(Curve::P256).unwrap().sec1(&[]);
    for length in 0..der.len() {
        assert!(PrivateKey::from_sec1(&der[..length], None).is_err(), "{length}");
        assert!(PrivateKey::from_pkcs8(&der[..length]).is_err(), "{length}");
    }
    for at in 0..der.len() {
        for bit in 0..8 {
            let mut damaged = der.to_vec();
            damaged[at] ^= 1 << bit;
            // Whatever it says, it returns; a changed number or point is noticed.
            let read = PrivateKey::from_sec1(&damaged, None);
            assert!(read.is_err() || damaged[39..] != der[39..] || at < 7, "{at}");
        }
    }
}

#[test]
fn both_sides_of_an_exchange_find_the_same() {
    for (curve, algorithm) in [(Curve::P256, &agreement::ECDH_P256), (Curve::P384, &agreement::ECDH_P384)] {
        let ours = PrivateKey::generate(curve).unwrap();
        let theirs = agreement::EphemeralPrivateKey::generate(algorithm, &SystemRandom::new()).unwrap();
        let public = theirs.compute_public_key().unwrap();
        let found = ours.agree(public.as_ref()).unwrap();
        let peer = agreement::UnparsedPublicKey::new(algorithm, ours.point());
        agreement::agree_ephemeral(theirs, &peer, |shared| assert_eq!(shared, &found[..])).unwrap();
        let mut elsewhere = public.as_ref().to_vec();
        *elsewhere.last_mut().unwrap() ^= 1;
        for point in [&elsewhere[..], &[], &[0], &public.as_ref()[1..], &vec![4; public.as_ref().len()]] {
            assert!(ours.agree(point).is_none(), "{point:x?}");
        }
    }
}
