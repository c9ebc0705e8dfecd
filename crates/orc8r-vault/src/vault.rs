//! The keys, and sealing and opening with them.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// What every sealed text begins with. A point is in no base64, so no plain key looks like a sealed one.
const PREFIX: &str = "sealed.";
/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;

/// Why something could not be sealed or opened. It never tells the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key that sealed it is not in the key file.
    #[error(
        "it is sealed with key {key_id}, which is not in the key file: bring the key file of this database back"
    )]
    MissingKey {
        /// The key's name.
        key_id: String,
    },
    /// It was sealed for another place, or changed since.
    #[error("the sealed text was made for another place, or was changed")]
    Forged,
    /// The text is none that a vault made.
    #[error("the text is not sealed")]
    NotSealed,
    /// The cryptography failed, which it does for no input.
    #[error("sealing failed")]
    Failed,
}

struct Key {
    bytes: [u8; KEY_BYTES],
    aead: LessSafeKey,
    nonces: hmac::Key,
}

/// The keys of a key file; the newest seals, all open.
pub struct Vault {
    keys: BTreeMap<String, Key>,
    newest: String,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("keys", &self.key_ids()).field("newest", &self.newest).finish()
    }
}

impl Vault {
    /// A vault with one new key, which is nowhere else: for tests, and as the first content of a key file.
    ///
    /// # Errors
    /// [`SealError::Failed`] when the system has no random numbers.
    pub fn generate() -> Result<Self, SealError> {
        Self::of([("k1".to_owned(), Self::random()?)])
    }

    /// Adds a new key, which seals from now on.
    ///
    /// # Errors
    /// [`SealError::Failed`] when the system has no random numbers.
    pub fn add_key(&mut self) -> Result<String, SealError> {
        let number = (1..).find(|number: &u32| !self.keys.contains_key(&format!("k{number}")));
        let id = format!("k{}", number.unwrap_or_default());
        self.keys.insert(id.clone(), Key::new(Self::random()?)?);
        self.newest.clone_from(&id);
        Ok(id)
    }

    /// The names of its keys, in order.
    pub fn key_ids(&self) -> Vec<&str> {
        self.keys.keys().map(String::as_str).collect()
    }

    /// The name of the key that seals.
    pub fn newest_key_id(&self) -> &str {
        &self.newest
    }

    pub(crate) fn of(keys: impl IntoIterator<Item = (String, [u8; KEY_BYTES])>) -> Result<Self, SealError> {
        let (mut known, mut newest) = (BTreeMap::new(), None);
        for (id, bytes) in keys {
            known.insert(id.clone(), Key::new(bytes)?);
            newest = Some(id);
        }
        Ok(Self { keys: known, newest: newest.ok_or(SealError::Failed)? })
    }

    /// The keys in the order of a key file: the newest last.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&str, &[u8; KEY_BYTES])> {
        let older = self.keys.iter().filter(|(id, _)| **id != self.newest);
        let newest = self.keys.get_key_value(&self.newest);
        older.chain(newest).map(|(id, key)| (id.as_str(), &key.bytes))
    }

    pub(crate) fn random() -> Result<[u8; KEY_BYTES], SealError> {
        let mut bytes = [0; KEY_BYTES];
        SystemRandom::new().fill(&mut bytes).map_err(|_| SealError::Failed)?;
        Ok(bytes)
    }

    /// Seals a secret for a place.
    ///
    /// # Errors
    /// [`SealError::Failed`].
    pub fn seal(&self, place: &str, secret: &str) -> Result<String, SealError> {
        let key = self.keys.get(&self.newest).ok_or(SealError::Failed)?;
        let nonce = key.nonce(place, secret);
        let mut sealed = secret.as_bytes().to_vec();
        let aad = Aad::from(place.as_bytes());
        key.aead
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| SealError::Failed)?;
        let content = [&nonce[..], &sealed].concat();
        Ok(format!("{PREFIX}{}.{}", self.newest, URL_SAFE_NO_PAD.encode(content)))
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`SealError`] otherwise.
    pub fn open(&self, place: &str, text: &str) -> Result<String, SealError> {
        let (id, content) = parts(text).ok_or(SealError::NotSealed)?;
        let key = self.keys.get(id).ok_or_else(|| SealError::MissingKey { key_id: id.to_owned() })?;
        let mut content = URL_SAFE_NO_PAD.decode(content).map_err(|_| SealError::Forged)?;
        if content.len() < NONCE_LEN {
            return Err(SealError::Forged);
        }
        let (nonce, sealed) = content.split_at_mut(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Forged)?;
        let secret = key.aead.open_in_place(nonce, Aad::from(place.as_bytes()), sealed);
        let secret = secret.map_err(|_| SealError::Forged)?;
        String::from_utf8(secret.to_vec()).map_err(|_| SealError::Forged)
    }

    /// Whether a text is sealed.
    pub fn is_sealed(text: &str) -> bool {
        parts(text).is_some()
    }

    /// The name of the key that sealed a text.
    pub fn key_id(text: &str) -> Option<&str> {
        parts(text).map(|(id, _)| id)
    }
}

fn parts(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(PREFIX)?.split_once('.')
}

impl Key {
    fn new(bytes: [u8; KEY_BYTES]) -> Result<Self, SealError> {
        // Two keys for two purposes, from one (HKDF's expansion with one block, RFC 5869).
        let root = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        let sealing = hmac::sign(&root, b"orc8r-vault sealing\x01");
        let nonces = hmac::sign(&root, b"orc8r-vault nonces\x01");
        let unbound = UnboundKey::new(&AES_256_GCM, sealing.as_ref()).map_err(|_| SealError::Failed)?;
        Ok(Self {
            bytes,
            aead: LessSafeKey::new(unbound),
            nonces: hmac::Key::new(hmac::HMAC_SHA256, nonces.as_ref()),
        })
    }

    /// A nonce comes a second time only with the same secret in the same place, which gives the same text.
    fn nonce(&self, place: &str, secret: &str) -> [u8; NONCE_LEN] {
        let mut context = hmac::Context::with_key(&self.nonces);
        context.update(&u64::try_from(place.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(place.as_bytes());
        context.update(secret.as_bytes());
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&context.sign().as_ref()[..NONCE_LEN]);
        nonce
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_place_only_and_never_shows_the_secret() {
        let vault = Vault::generate().unwrap();
        let sealed = vault.seal("n1/IMSI1/auth_key", "c2VjcmV0").unwrap();
        assert!(sealed.starts_with("sealed.k1.") && !sealed.contains("c2VjcmV0"), "{sealed}");
        assert_eq!(vault.open("n1/IMSI1/auth_key", &sealed).unwrap(), "c2VjcmV0");
        assert_eq!(vault.open("n1/IMSI2/auth_key", &sealed), Err(SealError::Forged));
        let other = Vault::generate().unwrap();
        assert_eq!(other.open("n1/IMSI1/auth_key", &sealed), Err(SealError::Forged));
        assert_eq!(vault.open("n1", "c2VjcmV0"), Err(SealError::NotSealed));
        for cut in [sealed.len() - 1, "sealed.k1.".len(), "sealed.k1.AAAA".len()] {
            assert_eq!(vault.open("n1/IMSI1/auth_key", &sealed[..cut]), Err(SealError::Forged), "{cut}");
        }
        assert!(!format!("{vault:?}").contains("bytes"), "{vault:?}");
    }

    #[test]
    fn the_same_is_sealed_to_the_same_and_anything_else_to_something_else() {
        let vault = Vault::generate().unwrap();
        let sealed = vault.seal("p", "s").unwrap();
        assert_eq!(vault.seal("p", "s").unwrap(), sealed);
        assert_ne!(vault.seal("p", "t").unwrap(), sealed);
        assert_ne!(vault.seal("ps", "").unwrap(), vault.seal("p", "s").unwrap());
    }

    #[test]
    fn a_new_key_seals_and_the_former_one_still_opens() {
        let mut vault = Vault::generate().unwrap();
        let old = vault.seal("p", "s").unwrap();
        assert_eq!(vault.add_key().unwrap(), "k2");
        let new = vault.seal("p", "s").unwrap();
        assert_eq!((Vault::key_id(&old), Vault::key_id(&new)), (Some("k1"), Some("k2")));
        assert_eq!(vault.open("p", &old).unwrap(), "s");
        assert_eq!(vault.open("p", &new).unwrap(), "s");
        let lost = Vault::of([("k9".to_owned(), [7; KEY_BYTES])]).unwrap();
        let error = lost.open("p", &new).unwrap_err();
        assert_eq!(error, SealError::MissingKey { key_id: "k2".into() });
        assert!(error.to_string().contains("bring the key file"), "{error}");
    }
}
