//! Passwords, as their Argon2id hash (RFC 9106).

use crate::NoRandomness;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;

/// The fewest characters of a password (NIST SP 800-63B, 5.1.1.1).
const LENGTH_MIN: usize = 8;

/// The most bytes of a password: hashing more only costs.
const BYTES_MAX: usize = 1024;

/// As RFC 9106 and the crate's authors recommend.
const SALT_LENGTH: usize = 16;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    /// It is too easy to guess.
    #[error("the password must have at least {LENGTH_MIN} characters")]
    TooShort,
    /// It is longer than anybody needs.
    #[error("the password must have at most {BYTES_MAX} bytes")]
    TooLong,
    /// No salt can be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The hash of a password, with its salt and parameters (the PHC string format).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Hashes `password`, which takes some 20 MB and tens of milliseconds: never on a thread that serves.
    ///
    /// # Errors
    /// [`PasswordProblem`].
    pub fn of(password: &str) -> Result<Self, PasswordProblem> {
        if password.chars().count() < LENGTH_MIN {
            return Err(PasswordProblem::TooShort);
        }
        if password.len() > BYTES_MAX {
            return Err(PasswordProblem::TooLong);
        }
        let mut salt = [0; SALT_LENGTH];
        SystemRandom::new().fill(&mut salt).map_err(|_| NoRandomness)?;
        // The parameters are the crate's, and the lengths are within their limits: only the salt could be missing.
        let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| Self(hash.to_string())).map_err(|_| NoRandomness.into())
    }

    /// A hash that was written down before.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// To write down.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the hash of `password`. Costs as much as hashing; a hash that cannot be read is nobody's.
    pub fn is_of(&self, password: &str) -> bool {
        let Ok(hash) = Phc::new(&self.0) else { return false };
        password.len() <= BYTES_MAX && Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
    }
}

/// A hash is no secret that opens anything, but it can be guessed at: it is not written to logs.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_recognised_and_no_other_is() {
        let hash = PasswordHash::of("correct horse").unwrap();
        assert!(hash.as_str().starts_with("$argon2id$"), "{}", hash.as_str());
        let written = PasswordHash::from_text(hash.as_str());
        assert!(written.is_of("correct horse"));
        assert!(!written.is_of("correct horsE"));
        assert!(!written.is_of(""));
        assert_ne!(PasswordHash::of("correct horse").unwrap(), hash, "each has its own salt");
        assert!(!PasswordHash::from_text("nothing").is_of("nothing"));
        assert!(!format!("{hash:?}").contains("argon2"));
    }

    #[test]
    fn a_password_has_a_length() {
        assert_eq!(PasswordHash::of("7777777"), Err(PasswordProblem::TooShort));
        assert!(PasswordHash::of("ääääääää").is_ok());
        assert_eq!(PasswordHash::of(&"x".repeat(1025)), Err(PasswordProblem::TooLong));
    }
}
