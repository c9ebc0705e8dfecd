//! The bytes of a message with its map entries in the order of their keys.
//!
//! The reflection library keeps maps unordered and writes them so. A gateway restarts a service when the bytes of its
//! configuration change, so equal configurations must have equal bytes.

use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage, Value,
};
use std::collections::HashMap;

/// Encodes `message`; two equal messages give the same bytes.
pub(crate) fn of(message: &DynamicMessage) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (field, value) in message.fields() {
        match (value, field.kind()) {
            (Value::Map(entries), Kind::Message(entry)) => {
                for entry in sorted_entries(&entry, entries) {
                    append_message(&mut bytes, &field, &entry);
                }
            }
            (Value::Message(nested), _) => append_message(&mut bytes, &field, nested),
            (Value::List(items), Kind::Message(_)) => {
                for nested in items.iter().filter_map(Value::as_message) {
                    append_message(&mut bytes, &field, nested);
                }
            }
            _ => append_plain(&mut bytes, message.descriptor(), &field, value),
        }
    }
    bytes
}

/// Each entry of a map as the message `{key = 1, value = 2}` that it is on the wire.
fn sorted_entries(entry: &MessageDescriptor, entries: &HashMap<MapKey, Value>) -> Vec<DynamicMessage> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by(|one, other| one.0.cmp(other.0));
    let message = |(key, value): (&MapKey, &Value)| {
        let mut message = DynamicMessage::new(entry.clone());
        message.set_field(&entry.map_entry_key_field(), Value::from(key.clone()));
        message.set_field(&entry.map_entry_value_field(), value.clone());
        message
    };
    sorted.into_iter().map(message).collect()
}

fn append_message(bytes: &mut Vec<u8>, field: &FieldDescriptor, nested: &DynamicMessage) {
    let nested = of(nested);
    encode_key(field.number(), WireType::LengthDelimited, bytes);
    encode_varint(nested.len() as u64, bytes);
    bytes.extend(nested);
}

/// A field without messages in it has only one encoding; the library's is it.
fn append_plain(bytes: &mut Vec<u8>, of: MessageDescriptor, field: &FieldDescriptor, value: &Value) {
    let mut alone = DynamicMessage::new(of);
    alone.set_field(field, value.clone());
    bytes.extend(alone.encode_to_vec());
}
