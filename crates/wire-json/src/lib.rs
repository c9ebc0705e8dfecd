//! Protobuf JSON of the gateway configuration (`gateway.mconfig` and the `configs` stream), and of the messages that its
//! services keep as state.
//!
//! Each service's configuration is a `google.protobuf.Any` in JSON form, so turning it into bytes and back needs to know
//! the messages at run time. Constant tables of the contract's mconfigs say what there is to know. Field names come
//! from the contract, never from re-casing: several federation fields are CamelCase in it and stay so in JSON
//! (`PlmnIds`). No mconfig has a field of one of Google's own types, which have JSON forms of their own; codegen
//! refuses a contract that has. States, which are only written, have timestamps.
//!
//! This crate never reads or writes a file and knows no service by name.
//! Standard: the ProtoJSON mapping of protocol buffers, version 3.

mod configs;
mod depth;
mod misfit;
mod scalar;
mod states;
mod tables;
mod to_json;
mod to_wire;

pub use configs::{ConfigsError, DecodedConfigs, UndecodedConfig};
pub use states::StateTypes;

use prost_types::Any;
use serde::de::Error as _;
use serde_json::{Map, Value};
use tables::{MCONFIG, Tables};
use to_json::Failure;

/// What stands before the message name in the type URLs that we make.
const TYPE_URL_PREFIX: &str = "type.googleapis.com/";

/// The message types that a gateway configuration may contain.
///
/// It refers to constants: to make one, to clone it and to keep it costs nothing.
#[derive(Clone, Debug)]
pub struct MconfigTypes {
    tables: &'static Tables,
}

/// Why a message has no JSON form here.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The contract that this program was built with has no such message.
    #[error("message type `{type_name}` is not among the types of this version")]
    UnknownType {
        /// The name as the caller gave it.
        type_name: String,
    },
    /// The bytes are not a message of that type.
    #[error("the bytes given as `{type_name}` are not such a message: {source}")]
    Malformed {
        /// The full protobuf name of the message.
        type_name: String,
        /// Where decoding stopped.
        source: prost::DecodeError,
    },
    /// The message has no JSON, since messages lie in each other more than 64 deep.
    #[error("`{type_name}` cannot be written as JSON: {source}")]
    Unrepresentable {
        /// The full protobuf name of the message.
        type_name: String,
        /// What is too much.
        source: serde_json::Error,
    },
}

/// Why a JSON value is not a configuration that this program knows.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// An `Any` in JSON form is an object.
    #[error("a configuration is a JSON object with an `@type`")]
    NotAnObject,
    /// The object does not say which message it is.
    #[error("the configuration has no `@type`, or it is not text")]
    NoType,
    /// The contract that this program was built with has no such message among the mconfigs.
    #[error("`@type` `{type_url}` is not among the mconfig types of this version")]
    UnknownType {
        /// The type URL as it stands in the JSON.
        type_url: String,
    },
    /// A field's value does not fit the message.
    #[error("field `{field}` of `{type_url}`: {source}")]
    Field {
        /// The type URL as it stands in the JSON.
        type_url: String,
        /// The field as it stands in the JSON, with what it lies in: `images[0].order`.
        field: String,
        /// What was found and what was expected.
        source: serde_json::Error,
    },
}

impl MconfigTypes {
    /// The mconfigs of the contract that this program was built with.
    pub fn load() -> Self {
        Self { tables: &MCONFIG }
    }

    /// The full protobuf names of all mconfig messages, in the order of the contract's files.
    pub fn type_names(&self) -> impl Iterator<Item = String> {
        self.tables.message_names()
    }

    /// The canonical JSON of one message.
    ///
    /// Names are the contract's JSON names, fields with default values are absent, enums are names, 64-bit integers
    /// are text, bytes are base64. Fields that the contract does not know are lost.
    ///
    /// # Errors
    /// [`EncodeError`] when the type is not an mconfig or the bytes are not such a message.
    pub fn encode(&self, type_name: &str, message: &[u8]) -> Result<Value, EncodeError> {
        let unknown = || EncodeError::UnknownType { type_name: type_name.to_owned() };
        let found = self.tables.message_named(type_name).ok_or_else(unknown)?;
        let object = to_json::object(self.tables, found, message);
        object.map(Value::Object).map_err(|failure| EncodeError::new(type_name, failure))
    }

    /// The canonical JSON of an `Any`: that of its message, with `@type` as the first member.
    ///
    /// # Errors
    /// As for [`MconfigTypes::encode`].
    pub fn encode_any(&self, any: &Any) -> Result<Value, EncodeError> {
        let type_name = message_name(&any.type_url)
            .ok_or_else(|| EncodeError::UnknownType { type_name: any.type_url.clone() })?;
        let mut json = Map::new();
        json.insert("@type".to_owned(), Value::from(format!("{TYPE_URL_PREFIX}{type_name}")));
        if let Value::Object(fields) = self.encode(type_name, &any.value)? {
            json.extend(fields);
        }
        Ok(Value::Object(json))
    }

    /// The `Any` that a JSON object with `@type` stands for.
    ///
    /// Accepts the JSON names and the contract's original field names, enums by name or number, and integers as
    /// numbers or text. Fields and enum names that the contract does not know are skipped, so that a newer cloud can
    /// talk to this version. Equal JSON gives equal bytes: map entries are written in the order of their keys.
    ///
    /// # Errors
    /// [`DecodeError`], which names the type and the field that is wrong.
    pub fn decode_any(&self, json: &Value) -> Result<Any, DecodeError> {
        let object = json.as_object().ok_or(DecodeError::NotAnObject)?;
        let type_url = object.get("@type").and_then(Value::as_str).ok_or(DecodeError::NoType)?;
        let message = message_name(type_url)
            .and_then(|name| self.tables.message_named(name))
            .ok_or_else(|| DecodeError::UnknownType { type_url: type_url.to_owned() })?;
        let value = to_wire::bytes(self.tables, message, object).map_err(|misfit| {
            let (field, source) = misfit.into_parts();
            DecodeError::Field { type_url: type_url.to_owned(), field, source }
        })?;
        Ok(Any { type_url: type_url.to_owned(), value })
    }
}

impl EncodeError {
    fn new(type_name: &str, failure: Failure) -> Self {
        let type_name = type_name.to_owned();
        match failure {
            Failure::Malformed(source) => Self::Malformed { type_name, source },
            Failure::TooDeep => {
                let source = serde_json::Error::custom("messages lie too deep in each other");
                Self::Unrepresentable { type_name, source }
            }
        }
    }
}

/// The name behind the last slash of a type URL. The part before it does not matter, but must be there.
fn message_name(type_url: &str) -> Option<&str> {
    type_url.rsplit_once('/').map(|(_, name)| name)
}

#[cfg(test)]
mod tests;
