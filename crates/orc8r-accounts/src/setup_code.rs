//! The code with which the first user is made, where there is none yet: 100 random bits in letters that nobody confuses.

use crate::NoRandomness;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

/// RFC 4648's base 32.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Groups of a code, and letters of each.
const GROUPS: (usize, usize) = (4, 5);

/// What is kept of a code: its SHA-256.
#[derive(Clone, PartialEq, Eq)]
pub struct SetupCodeDigest([u8; 32]);

/// Makes a code, such as `K7Q2M-…`: to be shown to whoever starts the Orchestrator.
///
/// # Errors
/// [`NoRandomness`].
pub fn new_setup_code() -> Result<String, NoRandomness> {
    let mut bytes = [0; GROUPS.0 * GROUPS.1];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(GROUPS.1).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

impl SetupCodeDigest {
    /// Of a code as somebody typed it: small letters, blanks and dashes make no difference.
    pub fn of(typed: &str) -> Self {
        let letters = typed.chars().filter(char::is_ascii_alphanumeric);
        let code: String = letters.map(|letter| letter.to_ascii_uppercase()).collect();
        let mut sum = [0; 32];
        sum.copy_from_slice(digest(&SHA256, code.as_bytes()).as_ref());
        Self(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_however_it_is_typed_and_no_two_are_alike() {
        let code = new_setup_code().unwrap();
        assert_eq!(code.len(), 23);
        let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
        assert!(SetupCodeDigest::of(&typed) == SetupCodeDigest::of(&code));
        assert!(SetupCodeDigest::of(&new_setup_code().unwrap()) != SetupCodeDigest::of(&code));
        assert!(SetupCodeDigest::of("") != SetupCodeDigest::of(&code));
    }
}
