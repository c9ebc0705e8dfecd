//! The token by which an operator lets one gateway register itself.

use ring::rand::{SecureRandom, SystemRandom};

use crate::error::FolderError;

const PREFIX: &str = "reg_";
const NONCE_LENGTH: usize = 30;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The largest multiple of 62 that a byte can reach: bytes from here on are thrown away, so that no character is
/// likelier than another.
const UNBIASED_END: u8 = 248;

/// `reg_` and 30 characters of base 62: 178 bits. Whoever holds it may register a gateway, once.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistrationToken(String);

impl RegistrationToken {
    /// Makes a new token from the system's cryptographic random numbers.
    ///
    /// # Errors
    /// When the system has none.
    pub fn generate() -> Result<Self, FolderError> {
        let random = SystemRandom::new();
        let mut text = PREFIX.to_owned();
        let mut block = [0; 64];
        while text.len() < PREFIX.len() + NONCE_LENGTH {
            random.fill(&mut block).map_err(|_| FolderError::Random)?;
            let missing = PREFIX.len() + NONCE_LENGTH - text.len();
            text.extend(characters(&block).take(missing));
        }
        Ok(Self(text))
    }

    /// The token's text, as it is given to `register.py` or `magmad register`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn characters(random: &[u8]) -> impl Iterator<Item = char> {
    random.iter().filter(|byte| **byte < UNBIASED_END).map(|byte| char::from(BASE62[usize::from(byte % 62)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_magmas_form() {
        let token = RegistrationToken::generate().unwrap();
        let nonce = token.as_str().strip_prefix("reg_").unwrap();
        assert_eq!(nonce.len(), 30);
        assert!(nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(token.as_str(), RegistrationToken::generate().unwrap().as_str());
    }

    #[test]
    fn no_character_is_likelier_than_another() {
        let every_byte: Vec<u8> = (0..=255).collect();
        let mut counts = std::collections::BTreeMap::new();
        for character in characters(&every_byte) {
            *counts.entry(character).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 62);
        assert!(counts.values().all(|count| *count == 4), "{counts:?}");
    }
}
