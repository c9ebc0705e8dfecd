//! The bootstrapper's challenge: 512 bytes that prove, without anything stored, when and for whom they were made.

use std::time::{Duration, SystemTime};

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::error::FolderError;
use crate::validity::unix_seconds;

/// Length of a challenge in bytes (spec: Magma's bootstrapper).
pub const CHALLENGE_LENGTH: usize = 512;

/// How long an answer to a challenge is accepted (spec: Magma's bootstrapper, five minutes).
pub const CHALLENGE_VALIDITY: Duration = Duration::from_secs(300);

/// Length of the secret and of the code made with it: SHA-256's output.
pub(crate) const SECRET_LENGTH: usize = 32;

const TIME_LENGTH: usize = 8;
const TIME_START: usize = CHALLENGE_LENGTH - SECRET_LENGTH - TIME_LENGTH;
const CODE_START: usize = CHALLENGE_LENGTH - SECRET_LENGTH;

/// Makes challenges and recognises them again.
///
/// A challenge is `random ‖ unix seconds (u64, big-endian) ‖ HMAC-SHA-256(hardware id ‖ what precedes)`.
///
/// Deviation: Magma ends its challenge with an RSA signature and does not bind it to the hardware id. Gateways
/// take the 512 bytes as opaque, only the Orchestrator checks them, and so a secret is enough; bound to the
/// hardware id, a challenge that one gateway got is worthless for another.
pub struct ChallengeSecret(hmac::Key);

/// Why the challenge in a gateway's answer is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeError {
    /// It has another length.
    #[error("the challenge has {0} bytes instead of 512: return it exactly as it was received")]
    Length(usize),
    /// Its code is wrong: not from here, or made for another gateway.
    #[error("the challenge was not made by this orchestrator for this hardware id: ask for a new one")]
    NotOurs,
    /// It says that it was made in the future: the Orchestrator's clock was set back since.
    #[error(
        "the challenge was issued {0} s in the future: the orchestrator's clock was changed, ask for a new one"
    )]
    FromTheFuture(u64),
    /// It is too old.
    #[error("the challenge is {0} s old and was valid for 300 s: ask for a new one")]
    Expired(u64),
}

impl ChallengeSecret {
    /// Takes the secret's 32 bytes into use.
    pub fn new(secret: &[u8; SECRET_LENGTH]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// Makes a challenge for a gateway.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn issue(&self, hardware_id: &str, now: SystemTime) -> Result<Vec<u8>, FolderError> {
        let mut challenge = vec![0; TIME_START];
        SystemRandom::new().fill(&mut challenge).map_err(|_| FolderError::Random)?;
        challenge.extend_from_slice(&unix_seconds(now).to_be_bytes());
        let code = hmac::sign(&self.0, &covered(hardware_id, &challenge));
        challenge.extend_from_slice(code.as_ref());
        Ok(challenge)
    }

    /// Checks that a challenge was made here, for this gateway, in the last five minutes.
    ///
    /// # Errors
    /// The first of these that does not hold.
    pub fn verify(&self, hardware_id: &str, challenge: &[u8], now: SystemTime) -> Result<(), ChallengeError> {
        if challenge.len() != CHALLENGE_LENGTH {
            return Err(ChallengeError::Length(challenge.len()));
        }
        let (preceding, code) = challenge.split_at(CODE_START);
        // Constant time, and before anything in the challenge is believed.
        hmac::verify(&self.0, &covered(hardware_id, preceding), code).map_err(|_| ChallengeError::NotOurs)?;
        check_age(&preceding[TIME_START..], now)
    }
}

fn check_age(issued_at: &[u8], now: SystemTime) -> Result<(), ChallengeError> {
    let issued_at = issued_at.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    let now = unix_seconds(now);
    match now.checked_sub(issued_at) {
        None => Err(ChallengeError::FromTheFuture(issued_at - now)),
        Some(age) if age > CHALLENGE_VALIDITY.as_secs() => Err(ChallengeError::Expired(age)),
        Some(_) => Ok(()),
    }
}

/// Unambiguous, because what follows the hardware id has a fixed length.
fn covered(hardware_id: &str, preceding: &[u8]) -> Vec<u8> {
    [hardware_id.as_bytes(), preceding].concat()
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    const ISSUED_AT: u64 = 1_750_000_000;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_challenge_has_magmas_shape() {
        let secret = ChallengeSecret::new(&[7; 32]);
        let challenge = secret.issue("hw", at(ISSUED_AT)).unwrap();
        assert_eq!(challenge.len(), 512);
        assert_eq!(challenge[472..480], ISSUED_AT.to_be_bytes());
        assert_ne!(challenge, secret.issue("hw", at(ISSUED_AT)).unwrap(), "never the same twice");
    }

    #[test]
    fn it_is_accepted_for_five_minutes() {
        let secret = ChallengeSecret::new(&[7; 32]);
        let challenge = secret.issue("hw", at(ISSUED_AT)).unwrap();
        for (row, now, expected) in [
            ("at once", ISSUED_AT, Ok(())),
            ("in the last second", ISSUED_AT + 300, Ok(())),
            ("one second late", ISSUED_AT + 301, Err(ChallengeError::Expired(301))),
            ("before it was made", ISSUED_AT - 5, Err(ChallengeError::FromTheFuture(5))),
        ] {
            assert_eq!(secret.verify("hw", &challenge, at(now)), expected, "{row}");
        }
    }

    #[test]
    fn changed_moved_or_foreign_challenges_are_refused() {
        let secret = ChallengeSecret::new(&[7; 32]);
        let challenge = secret.issue("hw", at(ISSUED_AT)).unwrap();
        let verify = |id: &str, bytes: &[u8]| secret.verify(id, bytes, at(ISSUED_AT));
        for position in [0, 471, 472, 479, 480, 511] {
            let mut changed = challenge.clone();
            changed[position] ^= 1;
            assert_eq!(verify("hw", &changed), Err(ChallengeError::NotOurs), "byte {position}");
        }
        assert_eq!(verify("other", &challenge), Err(ChallengeError::NotOurs));
        assert_eq!(verify("hw", &challenge[..511]), Err(ChallengeError::Length(511)));
        assert_eq!(verify("hw", &[]), Err(ChallengeError::Length(0)));
        let foreign = ChallengeSecret::new(&[8; 32]).issue("hw", at(ISSUED_AT)).unwrap();
        assert_eq!(verify("hw", &foreign), Err(ChallengeError::NotOurs));
    }
}
