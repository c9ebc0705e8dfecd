//! API tokens: `op_`, and in base 62 the 32 random bytes with their CRC-32 (little-endian) behind them, as Magma's are.

use crate::NoRandomness;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;

const PREFIX: &str = "op_";
const RANDOM_LENGTH: usize = 32;
const CHECKSUM_LENGTH: usize = 4;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How many of a token's first characters are shown to tell it from others; they give away 42 of 256 bits.
const SHOWN_LENGTH: usize = PREFIX.len() + 7;

/// No token has more characters: 36 bytes are at most 49 digits of base 62.
pub const TOKEN_LENGTH_MAX: usize = PREFIX.len() + 49;

/// What a program presents instead of a certificate. Whoever holds it has its rights.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken(String);

/// What is kept of a token: its SHA-256 in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenDigest(pub String);

impl ApiToken {
    /// Makes a new token from the system's cryptographic random numbers.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = [0; RANDOM_LENGTH];
        SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(Self::of(&bytes))
    }

    /// Reads a token. `None` when it has a typing mistake, or is none at all.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = decode(text.strip_prefix(PREFIX)?)?;
        let token = Self::of(&bytes);
        (token.0 == text).then_some(token)
    }

    /// The whole token: to be shown once, to whom it is for.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first characters of the token, by which people tell it from others.
    pub fn shown(&self) -> &str {
        self.0.get(..SHOWN_LENGTH).unwrap_or(&self.0)
    }

    /// What is kept of it.
    pub fn digest(&self) -> TokenDigest {
        let sum = digest(&SHA256, self.0.as_bytes());
        TokenDigest(sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn of(random: &[u8; RANDOM_LENGTH]) -> Self {
        let checksum = crc32fast::hash(random).to_le_bytes();
        Self(PREFIX.to_owned() + &encode([random.as_slice(), &checksum].concat()))
    }
}

/// A token is never written to logs.
impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiToken({}…)", self.shown())
    }
}

/// The number that big-endian `bytes` are, in base 62.
fn encode(mut bytes: Vec<u8>) -> String {
    let mut digits = Vec::new();
    while bytes.iter().any(|byte| *byte != 0) {
        let mut rest = 0_u32;
        for byte in &mut bytes {
            let value = rest << 8 | u32::from(*byte);
            *byte = (value / 62) as u8;
            rest = value % 62;
        }
        digits.push(char::from(BASE62[rest as usize]));
    }
    digits.iter().rev().collect()
}

/// The random bytes of a number in base 62, whatever its checksum.
fn decode(digits: &str) -> Option<[u8; RANDOM_LENGTH]> {
    let mut bytes = [0_u8; RANDOM_LENGTH + CHECKSUM_LENGTH];
    if digits.len() > TOKEN_LENGTH_MAX {
        return None;
    }
    for digit in digits.bytes() {
        let mut carry = BASE62.iter().position(|known| *known == digit)? as u32;
        for byte in bytes.iter_mut().rev() {
            let value = u32::from(*byte) * 62 + carry;
            *byte = value as u8;
            carry = value >> 8;
        }
        if carry != 0 {
            return None;
        }
    }
    bytes[..RANDOM_LENGTH].try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_recognised_and_a_typing_mistake_is_too() {
        let token = ApiToken::generate().unwrap();
        assert_eq!(ApiToken::parse(token.as_str()), Some(token.clone()));
        assert!(token.as_str().len() <= TOKEN_LENGTH_MAX);
        let last = token.as_str().chars().last().unwrap();
        let mistaken = token.as_str().trim_end_matches(last).to_owned() + if last == 'a' { "b" } else { "a" };
        for text in [
            "",
            "op_",
            "op_!",
            "reg_x",
            &mistaken,
            &format!("{}0", token.as_str()),
            &format!("op_{}", "z".repeat(60)),
        ] {
            assert_eq!(ApiToken::parse(text), None, "{text}");
        }
        assert_ne!(ApiToken::generate().unwrap(), token);
    }

    #[test]
    fn a_token_with_leading_zeros_survives() {
        for first in [0, 1] {
            let mut bytes = [0; RANDOM_LENGTH];
            bytes[5] = first;
            let token = ApiToken::of(&bytes);
            assert_eq!(ApiToken::parse(token.as_str()), Some(token));
        }
    }

    #[test]
    fn what_is_kept_and_what_is_shown_is_not_the_token() {
        let token = ApiToken::of(&[7; RANDOM_LENGTH]);
        assert_eq!(token.digest().0.len(), 64);
        assert_eq!(token.shown().len(), 10);
        assert!(token.as_str().starts_with(token.shown()));
        assert!(!format!("{token:?}").contains(token.as_str()));
    }
}
