//! Forms that are made of a schema of the contract, and the JSON that is made of what a form sent.
//!
//! A control is named by where its value lies: `v` and a JSON pointer (RFC 6901), such as `v/cellular/epc/mcc`. In a map,
//! a key is a control of its own; in lists and maps, rows are counted. Everything works without a script: a list has an
//! empty row for a new item there, and a box to take one away.

mod inputs;
mod read;
mod rows;
mod show;

pub(crate) use read::{Sent, read};
pub(crate) use show::Controls;

/// The name of the control of the whole value.
pub(crate) const ROOT: &str = "v";

/// What stands where a secret is, which is never shown; sent back, it means that the secret stays.
pub(crate) const UNCHANGED: &str = "••• unchanged •••";

/// Fields that are secrets wherever they stand: they can be set, and are not shown.
const SECRETS: [&str; 14] = [
    "api_token",
    "auth_identity",
    "auth_key",
    "auth_opc",
    "auth_password",
    "auth_secret",
    "encryption_key",
    "hmac_key",
    "home_network_private_key",
    "lte_auth_op",
    "password",
    "routing_key",
    "service_key",
    "user_key",
];

/// Whether a field of this name is a secret.
pub(crate) fn is_secret(field: &str) -> bool {
    SECRETS.contains(&field)
}

/// How the rows of a list or a map are told apart in the names of their controls.
mod row {
    /// The key of a map's row.
    pub(super) const KEY: &str = "_key";
    /// The value of a map's row.
    pub(super) const VALUE: &str = "_value";
    /// Whether the row goes.
    pub(super) const REMOVE: &str = "_remove";
    /// Whether an object that may be absent is there.
    pub(super) const SET: &str = "_set";
}
