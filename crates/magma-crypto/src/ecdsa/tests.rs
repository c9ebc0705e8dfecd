//! Signatures against the RFC's examples, against ring, and damaged ones.

use ring::rand::SystemRandom;
use ring::signature as theirs;

use super::*;
use crate::PrivateKey;

fn bytes(hex: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

/// RFC 6979, A.2.5 and A.2.6, with SHA-256.
#[test]
fn signatures_are_those_of_the_rfc() {
    let p256 = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
    let p384 = "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8\
                96D5724E4C70A825F872C9EA60D2EDF5";
    for (curve, secret, message, r, s) in [
        (
            Curve::P256,
            p256,
            "sample",
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
            "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
        ),
        (
            Curve::P384,
            p384,
            "sample",
            "21B13D1E013C7FA1392D03C5F99AF8B30C570C6F98D4EA8E354B63A21D3DAA33\
             BDE1E888E63355D92FA2B3C36D8FB2CD",
            "F3AA443FB107745BF4BD77CB3891674632068A10CA67E3D45DB2266FA7D1FEEB\
             EFDC63ECCD1AC42EC0CB8668A4FA0AB0",
        ),
    ] {
        let key = PrivateKey::from_secret(curve, &bytes(secret)).unwrap();
        let signature = key.sign(Hash::Sha256, message.as_bytes());
        assert_eq!(signature.r(), bytes(r), "{curve:?}");
        assert_eq!(signature.s(), bytes(s), "{curve:?}");
    }
}

#[test]
fn ring_verifies_what_is_signed_here() {
    let algorithms: [(_, _, &dyn theirs::VerificationAlgorithm); 4] = [
        (Curve::P256, Hash::Sha256, &theirs::ECDSA_P256_SHA256_ASN1),
        (Curve::P256, Hash::Sha384, &theirs::ECDSA_P256_SHA384_ASN1),
        (Curve::P384, Hash::Sha256, &theirs::ECDSA_P384_SHA256_ASN1),
        (Curve::P384, Hash::Sha384, &theirs::ECDSA_P384_SHA384_ASN1),
    ];
    for (curve, hash, algorithm) in algorithms {
        let key = PrivateKey::generate(curve).unwrap();
        let public = theirs::UnparsedPublicKey::new(algorithm, key.point());
        for number in 0..4_u32 {
            let message = number.to_be_bytes();
            let signature = key.sign(hash, &message);
            public.verify(&message, &signature.der()).unwrap();
            assert!(verify(curve, key.point(), hash, &message, &signature.der()));
            assert!(!verify(curve, key.point(), hash, b"another", &signature.der()));
        }
    }
}

#[test]
fn what_ring_signs_is_verified_here() {
    let random = SystemRandom::new();
    for (curve, hash, algorithm) in [
        (Curve::P256, Hash::Sha256, &theirs::ECDSA_P256_SHA256_ASN1_SIGNING),
        (Curve::P384, Hash::Sha384, &theirs::ECDSA_P384_SHA384_ASN1_SIGNING),
    ] {
        let pkcs8 = theirs::EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = theirs::EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        let point = theirs::KeyPair::public_key(&key).as_ref();
        for number in 0..4_u32 {
            let message = number.to_be_bytes();
            let signature = key.sign(&random, &message).unwrap();
            assert!(verify(curve, point, hash, &message, signature.as_ref()), "{curve:?}");
            assert!(!verify(curve, point, hash, b"another", signature.as_ref()), "{curve:?}");
            let at = usize::try_from(number).unwrap() * signature.as_ref().len() / 4;
            for at in [at, at + 5] {
                let mut damaged = signature.as_ref().to_vec();
                damaged[at] ^= 1;
                assert!(!verify(curve, point, hash, &message, &damaged), "{curve:?}, byte {at}");
            }
        }
    }
}

#[test]
fn other_encodings_verify_nothing() {
    let key = PrivateKey::generate(Curve::P256).unwrap();
    let good = key.sign(Hash::Sha256, b"x");
    let (r, s) = (unsigned(good.r()), unsigned(good.s()));
    let order = bytes("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let check = |der: &[u8]| verify(Curve::P256, key.point(), Hash::Sha256, b"x", der);
    assert!(check(&good.der()));
    for (row, der) in [
        ("empty", vec![]),
        ("one number", element(SEQUENCE, &[&r])),
        ("three numbers", element(SEQUENCE, &[&r, &s, &s])),
        ("something behind", [good.der(), vec![0]].concat()),
        ("a zero in front", element(SEQUENCE, &[&element(INTEGER, &[&[0, 0], good.r()]), &s])),
        ("negative", element(SEQUENCE, &[&element(INTEGER, &[&[0x80; 32]]), &s])),
        ("zero", element(SEQUENCE, &[&unsigned(&[]), &s])),
        ("zero and zero", element(SEQUENCE, &[&unsigned(&[]), &unsigned(&[])])),
        ("the order", element(SEQUENCE, &[&unsigned(&order), &s])),
        ("too long", element(SEQUENCE, &[&unsigned(&[1; 33]), &s])),
        ("the numbers alone", [good.r(), good.s()].concat()),
    ] {
        assert!(!check(&der), "{row}");
    }
    let mut elsewhere = key.point().to_vec();
    elsewhere[64] ^= 1;
    let compressed = [&[2 | (key.point()[64] & 1)], &key.point()[1..33]].concat();
    for point in [&elsewhere[..], &compressed, &[0], &[], &key.point()[1..], &[4; 65]] {
        assert!(!verify(Curve::P256, point, Hash::Sha256, b"x", &good.der()), "{point:x?}");
        assert!(!verify(Curve::P384, point, Hash::Sha256, b"x", &good.der()), "{point:x?}");
    }
}
