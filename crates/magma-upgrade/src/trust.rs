//! Whose manifests this gateway follows: Ed25519 public keys (RFC 8032) that its operator put there.
//!
//! A signature covers [`CONTEXT`] and then the manifest as it is, byte by byte, so the version in it too: an old artefact
//! cannot be passed off as a new one, and a signature made for something else is none here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};

/// What stands before a manifest when it is signed.
pub const CONTEXT: &[u8] = b"magma upgrade manifest 1\n";

/// The length of a raw Ed25519 public key.
const KEY_BYTES: usize = 32;
/// What stands before the raw key in a SubjectPublicKeyInfo for Ed25519 (RFC 8410 §4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// A key rotation needs two; more than this is a mistake.
const SIGNATURES_MAX: usize = 8;

/// The keys of which one must have signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedKeys(Vec<[u8; KEY_BYTES]>);

/// Why a text is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is no Ed25519 public key: it must be 32 bytes in base64, or a PEM text that begins with -----BEGIN PUBLIC KEY-----"
)]
pub struct KeyError;

/// Why a manifest is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no key to check it with.
    #[error(
        "no key is trusted; name the file of your public key in upgrader_factory.trusted_keys of magmad.yml"
    )]
    NoKey,
    /// None of the signatures is by a trusted key.
    #[error(
        "no trusted key signed the manifest; sign it again, or add the key that did to upgrader_factory.trusted_keys"
    )]
    Untrusted,
}

impl TrustedKeys {
    /// Adds the key in a file's text: base64 of the raw key, or PEM of a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn add(&mut self, text: &str) -> Result<(), KeyError> {
        let encoded: String = text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        let bytes = STANDARD.decode(encoded).map_err(|_| KeyError)?;
        let raw = bytes.strip_prefix(&SPKI_PREFIX).unwrap_or(&bytes);
        let key = raw.try_into().map_err(|_| KeyError)?;
        if !self.0.contains(&key) {
            self.0.push(key);
        }
        Ok(())
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks a manifest against its signatures: a text with one signature in base64 per line. One that a trusted key
    /// made is enough, so that a manifest can be signed with an old key and a new one. Returns that key, in base64.
    ///
    /// # Errors
    /// When there is none.
    pub fn check(&self, manifest: &[u8], signatures: &str) -> Result<String, SignatureError> {
        if self.is_empty() {
            return Err(SignatureError::NoKey);
        }
        let message = [CONTEXT, manifest].concat();
        let lines = signatures.lines().map(str::trim).filter(|line| !line.is_empty());
        let signer =
            lines.take(SIGNATURES_MAX).filter_map(|line| STANDARD.decode(line).ok()).find_map(|signature| {
                let made_it =
                    |key: &&_| UnparsedPublicKey::new(&ED25519, key).verify(&message, &signature).is_ok();
                self.0.iter().find(made_it)
            });
        signer.map(|key| STANDARD.encode(key)).ok_or(SignatureError::Untrusted)
    }

    /// Whether this key, in base64, is one of them.
    pub fn trusts(&self, key: &str) -> bool {
        self.0.iter().any(|trusted| STANDARD.encode(trusted) == key)
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed")
    }

    fn sign(pair: &Ed25519KeyPair, manifest: &[u8]) -> String {
        STANDARD.encode(pair.sign(&[CONTEXT, manifest].concat()))
    }

    fn trusting(pairs: &[&Ed25519KeyPair]) -> TrustedKeys {
        let mut keys = TrustedKeys::default();
        for pair in pairs {
            keys.add(&STANDARD.encode(pair.public_key())).expect("a key");
        }
        keys
    }

    #[test]
    fn a_signature_by_any_trusted_key_counts_and_nothing_else_does() {
        let (old, new, foreign) = (pair(1), pair(2), pair(3));
        let manifest = br#"{"version":"1.9.0"}"#;
        let both = format!("{}\n{}\n", sign(&old, manifest), sign(&new, manifest));
        let bare = STANDARD.encode(old.sign(manifest));
        let many = format!("{}{}", "AAAA\n".repeat(SIGNATURES_MAX), sign(&old, manifest));
        for (name, trusted, signatures, expected) in [
            ("the trusted key's", &[&old][..], sign(&old, manifest), Ok(())),
            ("signed with both, the new one is trusted", &[&new], both.clone(), Ok(())),
            ("both are trusted, the old one signed", &[&new, &old], sign(&old, manifest), Ok(())),
            ("a foreign key's", &[&old, &new], sign(&foreign, manifest), Err(SignatureError::Untrusted)),
            ("of another manifest", &[&old], sign(&old, b"{}"), Err(SignatureError::Untrusted)),
            ("made without the context", &[&old], bare, Err(SignatureError::Untrusted)),
            ("none", &[&old], String::new(), Err(SignatureError::Untrusted)),
            ("not base64", &[&old], "%%%".to_owned(), Err(SignatureError::Untrusted)),
            ("behind too many", &[&old], many, Err(SignatureError::Untrusted)),
            ("without a key", &[], both, Err(SignatureError::NoKey)),
        ] {
            assert_eq!(trusting(trusted).check(manifest, &signatures).map(|_| ()), expected, "{name}");
        }
    }

    #[test]
    fn a_key_is_read_as_base64_or_pem() {
        let raw = pair(1).public_key().as_ref().to_vec();
        let spki = STANDARD.encode([&SPKI_PREFIX[..], &raw].concat());
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----\n");
        let plain = format!("{}\n", STANDARD.encode(&raw));
        let mut keys = TrustedKeys::default();
        for text in [&pem, &plain] {
            keys.add(text).expect("a key");
        }
        assert_eq!(keys, trusting(&[&pair(1)]), "the same key twice is one");
        for text in ["", "hello", &STANDARD.encode([1; 31]), &STANDARD.encode([1; 44])] {
            assert_eq!(keys.add(text), Err(KeyError), "{text}");
        }
    }
}
