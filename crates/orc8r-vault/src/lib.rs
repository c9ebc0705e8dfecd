//! Subscriber keys at rest: sealed with a key that is not in the database.
//!
//! A [`Vault`] holds the keys of a key file. What it seals is text like `sealed.k1.…`: the name of the key, then AES-256-GCM
//! over the secret (NIST SP 800-38D), bound to its place (`network/subscriber/field`), so that it opens nowhere else. The
//! nonce is made from secret and place, so that the same secret in the same place is the same text: a write that changes
//! nothing changes nothing in the database either.
//!
//! Which fields are secrets stands in [`entity_secrets`], [`network_secrets`] and [`receiver_secrets`]. The crate does no I/O but the key file's.

mod key_file;
mod secrets;
mod vault;

pub use key_file::KeyFileError;
pub use secrets::{
    Secret, entity_secrets, is_receiver_secret, mask, network_secrets, open, receiver_secrets, seal,
};
pub use vault::{SealError, Vault};
