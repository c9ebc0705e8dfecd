//! The key's file in its forms, and its signatures held against another library.

use std::os::unix::fs::PermissionsExt;

use ring::signature::{ECDSA_P384_SHA256_ASN1, UnparsedPublicKey};

use super::*;

/// An ASN.1 signature from minimal integers (RFC 3279 §2.2.3).
fn asn1(signature: &EcdsaSignature) -> Vec<u8> {
    let integer = |bytes: &[u8]| {
        let sign = if bytes[0] >= 0x80 { &[0][..] } else { &[] };
        [&[2, u8::try_from(sign.len() + bytes.len()).unwrap()], sign, bytes].concat()
    };
    let body = [integer(&signature.r), integer(&signature.s)].concat();
    [&[0x30, u8::try_from(body.len()).unwrap()], &body[..]].concat()
}

/// Verifies with a library that did not make the signature.
fn verify(key: &ChallengeKey, challenge: &[u8], signature: &EcdsaSignature) -> bool {
    let der = key.public_key_der();
    let point = &der[der.len() - 97..];
    UnparsedPublicKey::new(&ECDSA_P384_SHA256_ASN1, point).verify(challenge, &asn1(signature)).is_ok()
}

#[test]
fn a_signature_is_right_and_its_integers_minimal() {
    // Signatures are deterministic: those of this key over 67 and 286 begin with a zero that has to go.
    let key = ChallengeKey { key: PrivateKey::from_secret(Curve::P384, &[7; 48]).unwrap() };
    for (number, lengths) in [(0_u32, (48, 48)), (1, (48, 48)), (67, (47, 48)), (286, (48, 47))] {
        let challenge = number.to_be_bytes();
        let signature = key.sign(&challenge);
        assert_eq!((signature.r.len(), signature.s.len()), lengths, "{number}");
        assert!(signature.r[0] != 0 && signature.s[0] != 0);
        assert!(verify(&key, &challenge, &signature));
        assert!(!verify(&key, b"another challenge", &signature));
    }
}

#[test]
fn fresh_keys_sign_challenges_of_any_length() {
    for length in [0, 1, 512] {
        let key = ChallengeKey::generate().unwrap();
        let challenge = vec![0xa5; length];
        assert!(verify(&key, &challenge, &key.sign(&challenge)));
        assert!(!verify(&ChallengeKey::generate().unwrap(), &challenge, &key.sign(&challenge)));
    }
}

#[test]
fn the_public_key_is_what_clouds_have_registered() {
    let text = ChallengeKey::generate().unwrap().public_key_base64();
    assert_eq!(text.len(), 160);
    assert!(text.starts_with("MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE"), "{text}");
}

#[test]
fn a_new_key_is_sec1_pem_that_only_its_owner_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("certs/gw_challenge.key");
    assert!(matches!(ChallengeKey::load(&path), Err(IdentityError::Missing { .. })));
    assert!(!path.exists(), "loading creates nothing");
    let key = ChallengeKey::load_or_create(&path).unwrap();
    let pem = fs::read_to_string(&path).unwrap();
    assert!(
        pem.starts_with("-----BEGIN EC PRIVATE KEY-----\n")
            && pem.ends_with("-----END EC PRIVATE KEY-----\n")
    );
    assert_eq!(pem.len(), 288);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    for again in [ChallengeKey::load(&path).unwrap(), ChallengeKey::load_or_create(&path).unwrap()] {
        assert_eq!(again.public_key_base64(), key.public_key_base64());
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), pem);
}

#[test]
fn pkcs8_and_a_leading_parameters_block_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let key = random().unwrap();
    let expected = ChallengeKey { key: key.clone() }.public_key_base64();
    let parameters = "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n";
    for text in [
        key.pkcs8_pem().to_string(),
        key.pkcs8_pem().replace('\n', "\r\n"),
        format!("{parameters}{}", *key.sec1_pem()),
    ] {
        fs::write(&path, text).unwrap();
        assert_eq!(ChallengeKey::load(&path).unwrap().public_key_base64(), expected);
    }
}

#[test]
fn other_keys_and_rubbish_are_named_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gw_challenge.key");
    let block = |label: &str, contents: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(contents))
    };
    for (text, part) in [
        (String::new(), "no private key in it"),
        ("nothing of the kind".to_owned(), "no private key in it"),
        (block("RSA PRIVATE KEY", b"x"), "an RSA key"),
        (block("ENCRYPTED PRIVATE KEY", b"x"), "encrypted"),
        (block("EC PRIVATE KEY", b"x"), "another kind"),
        (crate::GatewayKey::generate().unwrap().pem(), "another kind or curve"),
        ("-----BEGIN EC PRIVATE KEY-----\nMHY".to_owned(), "damaged"),
    ] {
        fs::write(&path, &text).unwrap();
        let error = ChallengeKey::load_or_create(&path).unwrap_err().to_string();
        assert!(error.contains("gw_challenge.key") && error.contains(part), "{error}");
        assert!(error.contains("registered again"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn processes_that_start_together_have_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let keys: std::collections::BTreeSet<_> = std::thread::scope(|scope| {
        let create = || ChallengeKey::load_or_create(&path).unwrap().public_key_base64();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(keys.len(), 1);
}
