//! Protobuf JSON of the gateway configuration (`gateway.mconfig` and the `configs` stream).
//!
//! Each service's configuration is a `google.protobuf.Any` in JSON form, so turning it into bytes and back needs the
//! message descriptors at run time. Only the mconfig files of the contract are embedded, and the pool made from them
//! (about 5 MB) lives in a value that its owner drops after use. Field names come from the descriptors, never from
//! re-casing: several federation fields are CamelCase in the contract and stay so in JSON (`PlmnIds`).
//!
//! This crate never reads or writes a file and knows no service by name.
//! Standard: the ProtoJSON mapping of protocol buffers, version 3.

mod configs;
mod ordered_bytes;

pub use configs::{ConfigsError, DecodedConfigs, UndecodedConfig};

use prost_reflect::{DescriptorPool, DeserializeOptions, DynamicMessage, MessageDescriptor};
use prost_types::Any;
use serde_json::{Map, Value};

/// The mconfig files of the contract and what they import, as a `FileDescriptorSet`.
const DESCRIPTOR_SET: &[u8] = include_bytes!("generated/mconfig.binpb");

/// What stands before the message name in the type URLs that we make.
const TYPE_URL_PREFIX: &str = "type.googleapis.com/";

/// The message types that a gateway configuration may contain.
///
/// Cheap to clone, about 5 MB in all; an agent makes one when a configuration arrives and drops it afterwards.
#[derive(Clone, Debug)]
pub struct MconfigTypes {
    pool: DescriptorPool,
}

/// Why a message has no JSON form here.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The contract that this program was built with has no such message among the mconfigs.
    #[error("message type `{type_name}` is not among the mconfig types of this version")]
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
    /// The message contains a value that JSON cannot express.
    #[error("`{type_name}` cannot be written as JSON: {source}")]
    Unrepresentable {
        /// The full protobuf name of the message.
        type_name: String,
        /// What could not be expressed.
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
        /// The field's name as it stands in the JSON.
        field: String,
        /// What was found and what was expected.
        source: serde_json::Error,
    },
}

impl MconfigTypes {
    /// Builds the pool from the embedded descriptor set: a few milliseconds, and the memory until it is dropped.
    pub fn load() -> Self {
        let pool = DescriptorPool::decode(DESCRIPTOR_SET)
            .expect("invariant: the embedded set is compiled by codegen, and a test decodes it");
        Self { pool }
    }

    /// The full protobuf names of all mconfig messages, in the order of the contract's files.
    pub fn type_names(&self) -> impl Iterator<Item = String> {
        let known = self.pool.all_messages().filter(|message| is_mconfig(message) && !message.is_map_entry());
        known.map(|message| message.full_name().to_owned())
    }

    /// The canonical JSON of one message.
    ///
    /// Names are the descriptor's JSON names, fields with default values are absent, enums are names, 64-bit integers
    /// are text, bytes are base64. Fields that the contract does not know are lost.
    ///
    /// # Errors
    /// [`EncodeError`] when the type is not an mconfig or the bytes are not such a message.
    pub fn encode(&self, type_name: &str, message: &[u8]) -> Result<Value, EncodeError> {
        let unknown = || EncodeError::UnknownType { type_name: type_name.to_owned() };
        let descriptor = self.mconfig(type_name).ok_or_else(unknown)?;
        let message = DynamicMessage::decode(descriptor, message)
            .map_err(|source| EncodeError::Malformed { type_name: type_name.to_owned(), source })?;
        // Through text, since a `Value` holds doubles: 0.1 as a float must stay `0.1`, not `0.10000000149011612`.
        serde_json::to_vec(&message)
            .and_then(|text| serde_json::from_slice(&text))
            .map_err(|source| EncodeError::Unrepresentable { type_name: type_name.to_owned(), source })
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
        let descriptor = message_name(type_url)
            .and_then(|name| self.mconfig(name))
            .ok_or_else(|| DecodeError::UnknownType { type_url: type_url.to_owned() })?;
        let mut fields = object.clone();
        fields.remove("@type");
        let message = dynamic_message(&descriptor, fields)
            .map_err(|source| field_error(&descriptor, type_url, object, source))?;
        Ok(Any { type_url: type_url.to_owned(), value: ordered_bytes::of(&message) })
    }

    fn mconfig(&self, type_name: &str) -> Option<MessageDescriptor> {
        self.pool.get_message_by_name(type_name).filter(is_mconfig)
    }
}

/// Google's own types have JSON forms of their own and are no configurations.
fn is_mconfig(message: &MessageDescriptor) -> bool {
    message.package_name() == "magma.mconfig"
}

/// The name behind the last slash of a type URL. The part before it does not matter, but must be there.
fn message_name(type_url: &str) -> Option<&str> {
    type_url.rsplit_once('/').map(|(_, name)| name)
}

fn dynamic_message(
    descriptor: &MessageDescriptor,
    fields: Map<String, Value>,
) -> Result<DynamicMessage, serde_json::Error> {
    let options = DeserializeOptions::new().deny_unknown_fields(false);
    DynamicMessage::deserialize_with_options(descriptor.clone(), Value::Object(fields), &options)
}

/// Finds the field that made `whole` fail, since an error that names no field helps nobody.
fn field_error(
    descriptor: &MessageDescriptor,
    type_url: &str,
    object: &Map<String, Value>,
    whole: serde_json::Error,
) -> DecodeError {
    let culprit = object.iter().filter(|(name, _)| *name != "@type").find_map(|(name, value)| {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        dynamic_message(descriptor, alone).err().map(|source| (name.clone(), source))
    });
    let (field, source) = culprit.unwrap_or_else(|| ("?".to_owned(), whole));
    DecodeError::Field { type_url: type_url.to_owned(), field, source }
}

#[cfg(test)]
mod tests;
