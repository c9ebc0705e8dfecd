//! prost-reflect as the other opinion, on the descriptors that the tables were made from.

use super::ordered_bytes;
use crate::tables::{EVERY_KIND, MCONFIG, Message, Tables};
use prost_reflect::{
    DescriptorPool, DeserializeOptions, DynamicMessage, MessageDescriptor, SerializeOptions,
};
use serde_json::{Map, Value};

pub const DESCRIPTOR_SET: &[u8] = include_bytes!("../generated/tested.binpb");

/// A message type in both forms.
pub struct Subject {
    pub tables: &'static Tables,
    pub message: &'static Message,
    pub descriptor: MessageDescriptor,
}

/// Every message of the mconfigs.
pub fn mconfigs() -> Vec<Subject> {
    subjects(&MCONFIG)
}

/// Every message of the mconfigs, and those with what mconfigs have not.
pub fn all() -> Vec<Subject> {
    let mut all = subjects(&MCONFIG);
    all.extend(subjects(&EVERY_KIND));
    all
}

/// One message of those with what mconfigs have not.
pub fn every_kind(name: &str) -> Subject {
    subjects(&EVERY_KIND).into_iter().find(|subject| subject.descriptor.name() == name).unwrap()
}

fn subjects(tables: &'static Tables) -> Vec<Subject> {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).unwrap();
    let messages = pool.all_messages();
    let public =
        messages.filter(|message| message.package_name() == tables.package && !message.is_map_entry());
    let subject = |descriptor: MessageDescriptor| {
        let message = tables.message_named(descriptor.full_name());
        let message = message.unwrap_or_else(|| panic!("{} is in the tables", descriptor.full_name()));
        Subject { tables, message, descriptor }
    };
    public.map(subject).collect()
}

/// How the other implementation may write JSON.
pub enum Spelling {
    /// As the mapping wants it.
    Canonical,
    /// With the contract's names, all numbers as numbers, and defaults.
    Plain,
}

impl Subject {
    pub fn name(&self) -> &str {
        self.descriptor.full_name()
    }

    /// What prost-reflect makes of bytes.
    pub fn message(&self, bytes: &[u8]) -> Result<DynamicMessage, prost::DecodeError> {
        DynamicMessage::decode(self.descriptor.clone(), bytes)
    }

    /// What prost-reflect makes of JSON.
    pub fn bytes(&self, object: &Map<String, Value>) -> Result<Vec<u8>, serde_json::Error> {
        let options = DeserializeOptions::new().deny_unknown_fields(false);
        let object = Value::Object(object.clone());
        let message = DynamicMessage::deserialize_with_options(self.descriptor.clone(), object, &options)?;
        Ok(ordered_bytes::of(&message))
    }
}

/// The JSON that prost-reflect writes, through text: a `Value` made by it would hold 0.1 as 0.10000000149011612.
pub fn json(message: &DynamicMessage, spelling: &Spelling) -> Map<String, Value> {
    let options = match spelling {
        Spelling::Canonical => SerializeOptions::new(),
        Spelling::Plain => SerializeOptions::new()
            .use_proto_field_name(true)
            .use_enum_numbers(true)
            .stringify_64_bit_integers(false)
            .skip_default_fields(false),
    };
    let mut text = Vec::new();
    message.serialize_with_options(&mut serde_json::Serializer::new(&mut text), &options).unwrap();
    serde_json::from_slice(&text).unwrap()
}
