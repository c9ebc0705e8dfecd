//! The answers of gateways, honest and not.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};

use super::*;

const CHALLENGE: &[u8] = &[42; 512];
const OTHER_CHALLENGE: &[u8] = &[43; 512];

/// A signature that a P-384 gateway key made over `CHALLENGE` with SHA-256 (openssl), which ring cannot make.
const P384_SPKI: &[u8] = include_bytes!("../../tests/data/p384-spki.der");
const P384_R: &[u8] = include_bytes!("../../tests/data/p384-r.bin");
const P384_S: &[u8] = include_bytes!("../../tests/data/p384-s.bin");

fn spki(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    const BIT_STRING: u8 = 0x03;
    der::sequence(&[algorithm, &der::element(BIT_STRING, &[&[0], key].concat())])
}

struct P256 {
    spki: Vec<u8>,
    key: EcdsaKeyPair,
}

impl P256 {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        let algorithm = [
            0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
            0xce, 0x3d, 0x03, 0x01, 0x07,
        ];
        Self { spki: spki(&algorithm, key.public_key().as_ref()), key }
    }

    fn sign(&self) -> (Vec<u8>, Vec<u8>) {
        let signature = self.key.sign(&SystemRandom::new(), CHALLENGE).unwrap();
        let (r, s) = signature.as_ref().split_at(32);
        (r.to_vec(), s.to_vec())
    }
}

#[test]
fn echo_repeats_the_challenge_exactly() {
    let verify = |answer| verify_answer(RegisteredKey::Echo, CHALLENGE, ChallengeAnswer::Echo(answer));
    assert_eq!(verify(CHALLENGE), Ok(()));
    assert_eq!(verify(OTHER_CHALLENGE), Err(AnswerError::Wrong));
    assert_eq!(verify(&CHALLENGE[1..]), Err(AnswerError::Wrong));
    assert_eq!(verify(&[]), Err(AnswerError::Wrong));
}

#[test]
fn p256_signatures_are_taken_padded_and_minimal() {
    let key = P256::new();
    for _ in 0..50 {
        let (r, s) = key.sign();
        let minimal = (der::without_leading_zeros(&r), der::without_leading_zeros(&s));
        let padded = [&[0; 4], &r[..]].concat();
        for (r, s) in [(&r[..], &s[..]), minimal, (&padded[..], &s[..])] {
            let answer = ChallengeAnswer::Ecdsa { r, s };
            let registered = RegisteredKey::SoftwareEcdsaSha256(&key.spki);
            assert_eq!(verify_answer(registered, CHALLENGE, answer), Ok(()));
            assert_eq!(verify_answer(registered, OTHER_CHALLENGE, answer), Err(AnswerError::Wrong));
        }
    }
}

#[test]
fn p384_signs_with_sha256() {
    let registered = RegisteredKey::SoftwareEcdsaSha256(P384_SPKI);
    let answer = ChallengeAnswer::Ecdsa { r: P384_R, s: P384_S };
    assert_eq!(verify_answer(registered, CHALLENGE, answer), Ok(()));
    assert_eq!(verify_answer(registered, OTHER_CHALLENGE, answer), Err(AnswerError::Wrong));
    let swapped = ChallengeAnswer::Ecdsa { r: P384_S, s: P384_R };
    assert_eq!(verify_answer(registered, CHALLENGE, swapped), Err(AnswerError::Wrong));
}

#[test]
fn another_gateways_key_does_not_fit() {
    let (r, s) = P256::new().sign();
    let other = P256::new();
    let registered = RegisteredKey::SoftwareEcdsaSha256(&other.spki);
    let answer = ChallengeAnswer::Ecdsa { r: &r, s: &s };
    assert_eq!(verify_answer(registered, CHALLENGE, answer), Err(AnswerError::Wrong));
}

#[test]
fn absurd_numbers_are_wrong_and_nothing_worse() {
    let key = P256::new();
    let (r, s) = key.sign();
    let huge = vec![0xff; 100_000];
    for (r, s) in [(&[][..], &[][..]), (&[0], &[0]), (&huge, &s), (&r, &huge), (&[1], &[1])] {
        let answer = ChallengeAnswer::Ecdsa { r, s };
        let registered = RegisteredKey::SoftwareEcdsaSha256(&key.spki);
        assert_eq!(verify_answer(registered, CHALLENGE, answer), Err(AnswerError::Wrong));
    }
}

#[test]
fn rsa_signatures_are_pkcs1_over_sha256() {
    let key = crate::private_key::from_pem(include_bytes!("../../tests/data/rsa-pkcs8.pem")).unwrap();
    let signer = RsaKeyPair::from_pkcs8(key.serialized_der()).unwrap();
    let mut signature = vec![0; signer.public().modulus_len()];
    signer.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), CHALLENGE, &mut signature).unwrap();
    let algorithm =
        [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let spki = spki(&algorithm, key.public_key_raw());
    let registered = RegisteredKey::SoftwareRsaSha256(&spki);
    let answer = ChallengeAnswer::Rsa(&signature);
    assert_eq!(verify_answer(registered, CHALLENGE, answer), Ok(()));
    assert_eq!(verify_answer(registered, OTHER_CHALLENGE, answer), Err(AnswerError::Wrong));
    let ecdsa = RegisteredKey::SoftwareEcdsaSha256(&spki);
    assert!(matches!(
        verify_answer(ecdsa, CHALLENGE, ChallengeAnswer::Ecdsa { r: &[1], s: &[1] }),
        Err(AnswerError::RegisteredKey(_))
    ));
}

#[test]
fn the_registered_kind_decides_not_the_answer() {
    let key = P256::new();
    let (r, s) = key.sign();
    let echo = ChallengeAnswer::Echo(CHALLENGE);
    let ecdsa = ChallengeAnswer::Ecdsa { r: &r, s: &s };
    for (row, registered, answer, expected) in [
        ("echo for a key", RegisteredKey::SoftwareEcdsaSha256(&key.spki), echo, "SOFTWARE_ECDSA_SHA256"),
        ("echo for an RSA key", RegisteredKey::SoftwareRsaSha256(&key.spki), echo, "SOFTWARE_RSA_SHA256"),
        ("a signature for echo", RegisteredKey::Echo, ecdsa, "ECHO"),
    ] {
        let outcome = verify_answer(registered, CHALLENGE, answer);
        assert_eq!(outcome, Err(AnswerError::OtherKind(expected)), "{row}");
    }
}

#[test]
fn an_unusable_registered_key_is_named() {
    let answer = ChallengeAnswer::Ecdsa { r: &[1], s: &[1] };
    for key in [&[][..], b"text", &P384_SPKI[..40]] {
        let outcome = verify_answer(RegisteredKey::SoftwareEcdsaSha256(key), CHALLENGE, answer);
        assert!(matches!(outcome, Err(AnswerError::RegisteredKey(_))), "{outcome:?}");
    }
}
