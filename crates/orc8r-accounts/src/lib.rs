//! Passwords and API tokens: made, written down safely, and recognised.
//!
//! Neither is ever kept as it is: a password as its Argon2id hash, a token as its SHA-256, which is enough for 256 random
//! bits. Nothing here opens a file, a socket or a clock.

pub mod oidc;
mod password;
mod setup_code;
mod token;

pub use password::{PasswordHash, PasswordProblem};
pub use setup_code::{SetupCodeDigest, new_setup_code};
pub use token::{ApiToken, TOKEN_LENGTH_MAX, TokenDigest};

/// The system gave no random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers: try again")]
pub struct NoRandomness;
