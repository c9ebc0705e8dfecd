//! The types of the REST contract, and the schema that a request's body is held against.
//!
//! Both are made from `contracts/rest/schemas.tsv` by `cargo xtask codegen`: [`types`] has a Rust type for each
//! definition, [`definitions`] its rules. A body is read in two steps: [`problems`] holds the JSON against the rules and
//! names everything that is wrong; what passed fits the Rust type. The types are lenient: what is absent or `null`
//! becomes the empty value, so that what an earlier release kept is still read.
//!
//! In the types, a text with a format (an address, a date, base64) is a `String`, and a number is an `f64`.

mod check;
mod format;
mod json_schema;
mod schema;

/// The rules of each definition.
pub mod definitions {
    include!("generated/definitions.rs");
}

/// A type for each definition.
pub mod types {
    include!("generated/types.rs");
}

pub use check::problems;
pub use json_schema::{definitions_in, json_schema};
pub use schema::{Definition, Field, HasSchema, Integer, List, Number, Pattern, Schema, Text};

use serde::{Deserialize, Deserializer};

/// Takes `null` for an absent value, as Go does.
fn null_is_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(value: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}
