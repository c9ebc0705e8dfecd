//! A sign-in under way: one secret in the browser's cookie, of which everything else is made. Any node can end what
//! another began, and nothing is kept meanwhile.

use crate::NoRandomness;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;

/// How long a person may take at the provider, in seconds.
const LIFETIME: i64 = 600;
const SECRET_LENGTH: usize = 32;

/// One attempt of one browser.
pub struct Attempt {
    secret: [u8; SECRET_LENGTH],
    begun_at: i64,
}

impl Attempt {
    /// A new one, at `now` (seconds since 1970).
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn begin(now: i64) -> Result<Self, NoRandomness> {
        let mut secret = [0; SECRET_LENGTH];
        SystemRandom::new().fill(&mut secret).map_err(|_| NoRandomness)?;
        Ok(Self { secret, begun_at: now })
    }

    /// That of a cookie, if it is one and not over.
    pub fn of_cookie(text: &str, now: i64) -> Option<Self> {
        let (secret, begun_at) = text.split_once('.')?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        let begun_at: i64 = begun_at.parse().ok()?;
        let age = now.checked_sub(begun_at)?;
        (-LIFETIME..LIFETIME).contains(&age).then_some(Self { secret, begun_at })
    }

    /// What the browser keeps: nobody else may see it.
    pub fn cookie(&self) -> String {
        format!("{}.{}", URL_SAFE_NO_PAD.encode(self.secret), self.begun_at)
    }

    /// How long the browser keeps it, in seconds.
    pub const fn lifetime() -> i64 {
        LIFETIME
    }

    /// What comes back with the code: that the same browser ends what it began.
    pub fn state(&self) -> String {
        self.derived(b"state")
    }

    /// What the ID token names: that it was made for this attempt.
    pub fn nonce(&self) -> String {
        self.derived(b"nonce")
    }

    /// What proves to the provider that who redeems the code is who asked for it (RFC 7636).
    pub fn verifier(&self) -> String {
        self.derived(b"verifier")
    }

    /// What the provider is told of the verifier beforehand: its hash.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier().as_bytes()))
    }

    fn derived(&self, purpose: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, &[purpose, &self.secret].concat()))
    }
}

/// Its secret is never written to logs.
impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attempt(begun at {})", self.begun_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_the_attempt_and_ends() {
        let attempt = Attempt::begin(1000).unwrap();
        let again = Attempt::of_cookie(&attempt.cookie(), 1599).unwrap();
        assert_eq!((again.state(), again.nonce()), (attempt.state(), attempt.nonce()));
        let parts = [attempt.state(), attempt.nonce(), attempt.verifier(), attempt.challenge()];
        assert!(parts.iter().all(|part| part.len() == 43 && !attempt.cookie().contains(part)), "{parts:?}");
        assert_ne!(Attempt::begin(1000).unwrap().state(), attempt.state());
        let secret = attempt.cookie().split('.').next().unwrap().to_owned();
        for (text, now) in [
            (attempt.cookie(), 1600),
            (attempt.cookie(), 300),
            (String::new(), 1000),
            (secret.clone(), 1000),
            (format!("{secret}x.1000"), 1000),
            (format!("{secret}.{}", i64::MIN), 1000),
            ("AAAA.1000".to_owned(), 1000),
        ] {
            assert!(Attempt::of_cookie(&text, now).is_none(), "{text} at {now}");
        }
    }
}
