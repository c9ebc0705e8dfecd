//! From the bytes of a message to its JSON.
//!
//! Values are put into the JSON object in the order in which they stand in the bytes, so that the wire's rules for
//! fields that come twice are those of the object: the last scalar stays, lists grow, messages are merged.

use crate::depth::Depth;
use crate::scalar::{Scalar, json, wire};
use crate::tables::{Cardinality, Field, Kind, Message, Tables};
use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, check_wire_type, decode_key, decode_varint, skip_field};
use serde_json::{Map, Value};

/// Why bytes have no JSON.
#[derive(Debug)]
pub(crate) enum Failure {
    /// They are not such a message.
    Malformed(DecodeError),
    /// Messages lie too deep in each other.
    TooDeep,
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error)
    }
}

/// The JSON of the message that `bytes` are.
///
/// # Errors
/// [`Failure`].
pub(crate) fn object(
    tables: &Tables,
    message: &Message,
    bytes: &[u8],
) -> Result<Map<String, Value>, Failure> {
    let mut object = Map::new();
    merge_message(tables, message, bytes, Depth::OUTSIDE, &mut object)?;
    Ok(object)
}

fn merge_message(
    tables: &Tables,
    message: &Message,
    mut bytes: &[u8],
    around: Depth,
    object: &mut Map<String, Value>,
) -> Result<(), Failure> {
    let depth = around.inside().ok_or(Failure::TooDeep)?;
    let fields = tables.fields_of(message);
    while !bytes.is_empty() {
        let (number, framing) = decode_key(&mut bytes)?;
        match fields.iter().find(|field| u32::from(field.number) == number) {
            Some(field) => {
                remove_rivals(tables, fields, field, object);
                Occurrence { tables, field, framing, depth }.merge(&mut bytes, object)?;
            }
            None => skip_field(framing, number, &mut bytes, DecodeContext::default())?,
        }
    }
    Ok(())
}

/// Of a oneof, the last member in the bytes is the one that is set.
fn remove_rivals(tables: &Tables, fields: &[Field], field: &Field, object: &mut Map<String, Value>) {
    let rivals = fields.iter().filter(|rival| rival.oneof == field.oneof && rival.number != field.number);
    for rival in rivals.filter(|rival| rival.oneof != 0) {
        object.remove(tables.text(rival.json_name));
    }
}

/// A field whose key was just read.
struct Occurrence<'t> {
    tables: &'t Tables,
    field: &'t Field,
    framing: WireType,
    depth: Depth,
}

impl Occurrence<'_> {
    /// Takes what belongs to the key off the front of `bytes`, and into the object that the message is.
    fn merge(&self, bytes: &mut &[u8], object: &mut Map<String, Value>) -> Result<(), Failure> {
        let name = self.tables.text(self.field.json_name);
        let changed = match (self.field.cardinality, self.field.kind) {
            (Cardinality::Map, Kind::Message(entry)) => {
                let mut map = taken_object(object, name);
                self.insert_entry(self.tables.message(entry), bytes, &mut map)?;
                Some(Value::Object(map))
            }
            (Cardinality::Unpacked | Cardinality::Packed, _) => {
                let mut list = taken_list(object, name);
                self.append(bytes, &mut list)?;
                (!list.is_empty()).then_some(Value::Array(list))
            }
            (_, Kind::Message(_)) => Some(self.message(bytes, taken_object(object, name))?),
            (Cardinality::Explicit, _) => Some(self.scalar(bytes)?.1),
            _ => Some(self.scalar(bytes)?).filter(|(is_default, _)| !is_default).map(|(_, json)| json),
        };
        match changed {
            Some(value) => drop(object.insert(name.to_owned(), value)),
            None => drop(object.remove(name)),
        }
        Ok(())
    }

    /// One element of a list, or all that are packed behind this key; both are read, whatever the contract says.
    fn append(&self, bytes: &mut &[u8], list: &mut Vec<Value>) -> Result<(), Failure> {
        let element = wire::wire_type(self.field.kind);
        if let Kind::Message(_) = self.field.kind {
            list.push(self.message(bytes, Map::new())?);
        } else if self.framing == element || self.framing != WireType::LengthDelimited {
            list.push(self.scalar(bytes)?.1);
        } else {
            let mut packed = self.delimited(bytes)?;
            let each = Self { framing: element, ..*self };
            while !packed.is_empty() {
                list.push(each.scalar(&mut packed)?.1);
            }
        }
        Ok(())
    }

    /// An entry of a map is a message on the wire; a later one with the same key replaces it.
    fn insert_entry(
        &self,
        entry: &Message,
        bytes: &mut &[u8],
        map: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        let mut members = Map::new();
        merge_message(self.tables, entry, self.delimited(bytes)?, self.depth, &mut members)?;
        let [key, value] = self.tables.key_and_value(entry).map(|field| {
            let present = members.remove(self.tables.text(field.json_name));
            present.unwrap_or_else(|| self.default_of(field.kind))
        });
        map.insert(json::key_text(key), value);
        Ok(())
    }

    /// A message, merged into what came before.
    fn message(&self, bytes: &mut &[u8], mut object: Map<String, Value>) -> Result<Value, Failure> {
        if let Kind::Message(message) = self.field.kind {
            let content = self.delimited(bytes)?;
            merge_message(self.tables, self.tables.message(message), content, self.depth, &mut object)?;
        }
        Ok(Value::Object(object))
    }

    /// A scalar, and whether it is the default.
    fn scalar(&self, bytes: &mut &[u8]) -> Result<(bool, Value), Failure> {
        let scalar = wire::read(self.field.kind, self.framing, bytes)?;
        Ok((scalar.is_default(), json::write(self.tables, self.field.kind, &scalar)))
    }

    /// What is behind a length, which must all be there.
    fn delimited<'b>(&self, bytes: &mut &'b [u8]) -> Result<&'b [u8], DecodeError> {
        check_wire_type(WireType::LengthDelimited, self.framing)?;
        let mut behind_length = *bytes;
        decode_varint(&mut behind_length)?;
        skip_field(WireType::LengthDelimited, self.field.number.into(), bytes, DecodeContext::default())?;
        Ok(&behind_length[..behind_length.len() - bytes.len()])
    }

    fn default_of(&self, kind: Kind) -> Value {
        match kind {
            Kind::Message(_) => Value::Object(Map::new()),
            _ => json::write(self.tables, kind, &Scalar::default_of(kind)),
        }
    }
}

fn taken_object(object: &mut Map<String, Value>, name: &str) -> Map<String, Value> {
    match object.remove(name) {
        Some(Value::Object(nested)) => nested,
        _ => Map::new(),
    }
}

fn taken_list(object: &mut Map<String, Value>, name: &str) -> Vec<Value> {
    match object.remove(name) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    }
}
