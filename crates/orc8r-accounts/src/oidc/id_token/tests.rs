//! Tokens that are taken, and all the ways in which one is not.

use super::*;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;

const NOW: i64 = 1_800_000_000;

struct Provider {
    key: EcdsaKeyPair,
    id: &'static str,
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

impl Provider {
    fn new(id: &'static str) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        Self { key, id }
    }

    fn jwk(&self) -> Value {
        let point = self.key.public_key().as_ref();
        let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
        json!({"kty": "EC", "crv": "P-256", "kid": self.id, "use": "sig", "x": part(1..33), "y": part(33..65)})
    }

    fn keys(&self) -> KeySet {
        KeySet::parse(json!({"keys": [self.jwk()]}).to_string().as_bytes()).unwrap()
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encoded(header), encoded(claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn claims() -> Value {
    json!({"iss": "https://id.test", "aud": "orc8r", "sub": "s1", "nonce": "n", "exp": NOW + 60, "iat": NOW})
}

fn expected() -> Expected<'static> {
    Expected { issuer: "https://id.test", client_id: "orc8r", nonce: "n", now: NOW, leeway: 60 }
}

#[test]
fn each_claim_counts() {
    let provider = Provider::new("k1");
    let keys = provider.keys();
    let header = json!({"alg": "ES256", "kid": "k1"});
    let rows = [
        ("as it is", json!({}), None),
        ("for several, made for us", json!({"aud": ["x", "orc8r"], "azp": "orc8r"}), None),
        ("a list of one", json!({"aud": ["orc8r"]}), None),
        ("it just ended", json!({"exp": NOW - 59}), None),
        ("its clock is ahead", json!({"iat": NOW + 60, "nbf": NOW + 60}), None),
        ("another issuer", json!({"iss": "https://id.test/"}), Some("iss")),
        ("no issuer", json!({"iss": null}), Some("iss")),
        ("for somebody else", json!({"aud": "other"}), Some("aud")),
        ("for nobody", json!({"aud": []}), Some("aud")),
        ("for several, made for whom", json!({"aud": ["x", "orc8r"]}), Some("azp")),
        ("made for somebody else", json!({"azp": "x"}), Some("azp")),
        ("made for a number", json!({"azp": 1}), Some("azp")),
        ("of another sign-in", json!({"nonce": "m"}), Some("nonce")),
        ("of no sign-in", json!({"nonce": null}), Some("nonce")),
        ("it ended", json!({"exp": NOW - 60}), Some("exp")),
        ("it never ends", json!({"exp": null}), Some("exp")),
        ("its end is a text", json!({"exp": "9999999999"}), Some("exp")),
        ("of the future", json!({"iat": NOW + 61}), Some("iat")),
        ("of no time", json!({"iat": null}), Some("iat")),
        ("not yet", json!({"nbf": NOW + 61}), Some("nbf")),
        ("of nobody", json!({"sub": ""}), Some("sub")),
    ];
    for (row, change, problem) in rows {
        let mut claims = claims();
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let outcome = verify(&provider.sign(&header, &claims), &keys, expected());
        assert_eq!(outcome.err(), problem.map(TokenProblem::Claim), "{row}");
    }
}

#[test]
fn nothing_but_the_providers_signature_is_taken() {
    let (provider, other) = (Provider::new("k1"), Provider::new("k1"));
    let keys = provider.keys();
    let header = |alg: &str| json!({"alg": alg, "kid": "k1"});
    let good = provider.sign(&header("ES256"), &claims());
    assert!(verify(&good, &keys, expected()).is_ok());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (head, _) = signed.split_once('.').unwrap();
    let mut changed = claims();
    changed["sub"] = json!("s2");
    // HS256 with the published key as its secret: a verifier that trusts the header takes it.
    let public = provider.jwk().to_string();
    let mac_key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, public.as_bytes());
    let unsigned = format!("{}.{}", encoded(&header("HS256")), encoded(&claims()));
    let tag = URL_SAFE_NO_PAD.encode(ring::hmac::sign(&mac_key, unsigned.as_bytes()));
    let rows = [
        ("another claim", format!("{head}.{}.{signature}", encoded(&changed)), TokenProblem::Signature),
        ("another's key with this name", other.sign(&header("ES256"), &claims()), TokenProblem::Signature),
        ("no signature", format!("{signed}."), TokenProblem::Signature),
        ("none", format!("{}.{}.", encoded(&header("none")), encoded(&claims())), TokenProblem::Algorithm),
        ("a keyed hash", format!("{unsigned}.{tag}"), TokenProblem::Algorithm),
        ("RS256 by a key that is none", provider.sign(&header("RS256"), &claims()), TokenProblem::UnknownKey),
        (
            "a key that is not known",
            provider.sign(&json!({"alg": "ES256", "kid": "k2"}), &claims()),
            TokenProblem::UnknownKey,
        ),
        (
            "what must be understood",
            provider.sign(&json!({"alg": "ES256", "kid": "k1", "crit": ["x"]}), &claims()),
            TokenProblem::Algorithm,
        ),
        ("no header", provider.sign(&json!("ES256"), &claims()), TokenProblem::Unreadable),
        ("not three parts", head.to_owned(), TokenProblem::Unreadable),
        ("nothing", String::new(), TokenProblem::Unreadable),
        ("no base64", good.replace('.', ".!"), TokenProblem::Unreadable),
        ("too long", format!("{good}{}", "A".repeat(LENGTH_MAX)), TokenProblem::Unreadable),
    ];
    for (row, token, problem) in rows {
        assert_eq!(verify(&token, &keys, expected()).err(), Some(problem), "{row}");
    }
    let unnamed = provider.sign(&json!({"alg": "ES256"}), &claims());
    assert!(verify(&unnamed, &keys, expected()).is_ok(), "a token that names no key is tried with all");
}

/// The signature of RFC 7515, appendix A.2, by its RSA key.
#[test]
fn rs256_is_what_the_standard_says() {
    let n = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    let keys =
        KeySet::parse(json!({"keys": [{"kty": "RSA", "n": n, "e": "AQAB"}]}).to_string().as_bytes()).unwrap();
    let signed = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let outcome = verify(&format!("{signed}.{signature}"), &keys, expected());
    assert_eq!(outcome.err(), Some(TokenProblem::Claim("iss")), "its signature is right, its issuer is joe");
    let spoilt = signature.replacen('c', "d", 1);
    let outcome = verify(&format!("{signed}.{spoilt}"), &keys, expected());
    assert_eq!(outcome.err(), Some(TokenProblem::Signature));
}

#[test]
fn keys_for_other_uses_are_passed_over() {
    let jwk = Provider::new("k1").jwk();
    let with = |name: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk[name] = value;
        KeySet::parse(json!({"keys": [jwk]}).to_string().as_bytes()).is_ok()
    };
    assert!(with("alg", json!("ES256")));
    for (name, value) in [
        ("use", json!("enc")),
        ("alg", json!("ES384")),
        ("alg", json!("HS256")),
        ("kty", json!("oct")),
        ("crv", json!("P-384")),
        ("x", json!("AA")),
    ] {
        assert!(!with(name, value.clone()), "{name} {value}");
    }
    for text in ["", "{}", "[]", r#"{"keys": {}}"#, r#"{"keys": []}"#, r#"{"keys": [1, null]}"#] {
        assert!(KeySet::parse(text.as_bytes()).is_err(), "{text}");
    }
}
