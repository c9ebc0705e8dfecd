//! From the JSON of a message to its bytes.
//!
//! Fields are written in the order of their numbers, and entries of maps in the order of their keys: a gateway restarts
//! a service when the bytes of its configuration change, so equal configurations must have equal bytes.

use crate::depth::Depth;
use crate::misfit::Misfit;
use crate::scalar::{Scalar, json, wire};
use crate::tables::{Cardinality, Field, Kind, Message, Tables};
use prost::encoding::{WireType, encode_key};
use serde_json::{Map, Value};

/// The bytes of the message that `object` is.
///
/// # Errors
/// [`Misfit`], with the path to the field.
pub(crate) fn bytes(
    tables: &Tables,
    message: &Message,
    object: &Map<String, Value>,
) -> Result<Vec<u8>, Misfit> {
    message_bytes(tables, message, object, Depth::OUTSIDE)
}

fn message_bytes(
    tables: &Tables,
    message: &Message,
    object: &Map<String, Value>,
    around: Depth,
) -> Result<Vec<u8>, Misfit> {
    let depth =
        around.inside().ok_or_else(|| Misfit::because("messages lie too deep in each other".to_owned()))?;
    let mut bytes = Vec::new();
    let mut oneofs_set: Vec<u8> = Vec::new();
    for field in tables.fields_of(message) {
        let writer = Writer { tables, field, depth };
        let Some(written) = writer.field(object)? else { continue };
        if oneofs_set.contains(&field.oneof) {
            let problem = "another field of the same oneof is set already".to_owned();
            return Err(Misfit::because(problem).inside(tables.text(field.json_name)));
        }
        if field.oneof != 0 {
            oneofs_set.push(field.oneof);
        }
        bytes.extend(written);
    }
    Ok(bytes)
}

/// Writes one field of a message.
struct Writer<'t> {
    tables: &'t Tables,
    field: &'t Field,
    depth: Depth,
}

impl Writer<'_> {
    /// The field's bytes, which are empty for a default; none when the object does not set it.
    ///
    /// When both of its names are there, the contract's own goes before the one of JSON. `null` is absent.
    fn field(&self, object: &Map<String, Value>) -> Result<Option<Vec<u8>>, Misfit> {
        let mut written = None;
        for name in self.names() {
            let Some(value) = object.get(name).filter(|value| !value.is_null()) else { continue };
            written = self.member(value).map_err(|misfit| misfit.inside(name))?.or(written);
        }
        Ok(written)
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        let (json_name, name) = (self.field.json_name, self.field.name);
        let original = Some(name).filter(|name| *name != json_name);
        [json_name].into_iter().chain(original).map(|name| self.tables.text(name))
    }

    /// The field with this value; none for the name of an enum's value that is not known.
    fn member(&self, value: &Value) -> Result<Option<Vec<u8>>, Misfit> {
        match self.field.cardinality {
            Cardinality::Map => self.map(value).map(Some),
            Cardinality::Packed => self.packed(value).map(Some),
            Cardinality::Unpacked => self.unpacked(value).map(Some),
            Cardinality::Explicit | Cardinality::Implicit => self.single(value),
        }
    }

    /// One value behind a key.
    fn single(&self, value: &Value) -> Result<Option<Vec<u8>>, Misfit> {
        if let Kind::Message(nested) = self.field.kind {
            let object = value.as_object().ok_or_else(|| Misfit::new("an object", value))?;
            let content = message_bytes(self.tables, self.tables.message(nested), object, self.depth)?;
            return Ok(Some(self.delimited(&content)));
        }
        let scalar = json::read(self.tables, self.field.kind, value)?;
        Ok(scalar.map(|scalar| self.scalar(&scalar)))
    }

    fn scalar(&self, scalar: &Scalar<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.field.cardinality != Cardinality::Implicit || !scalar.is_default() {
            encode_key(self.field.number.into(), wire::wire_type(self.field.kind), &mut bytes);
            wire::write(self.field.kind, scalar, &mut bytes);
        }
        bytes
    }

    fn unpacked(&self, value: &Value) -> Result<Vec<u8>, Misfit> {
        let mut bytes = Vec::new();
        for (index, element) in list(value)?.iter().enumerate() {
            let written = self.single(element).map_err(|misfit| misfit.inside_element(index))?;
            bytes.extend(written.unwrap_or_default());
        }
        Ok(bytes)
    }

    fn packed(&self, value: &Value) -> Result<Vec<u8>, Misfit> {
        let mut content = Vec::new();
        for (index, element) in list(value)?.iter().enumerate() {
            let scalar = json::read(self.tables, self.field.kind, element);
            if let Some(scalar) = scalar.map_err(|misfit| misfit.inside_element(index))? {
                wire::write(self.field.kind, &scalar, &mut content);
            }
        }
        Ok(if content.is_empty() { content } else { self.delimited(&content) })
    }

    fn map(&self, value: &Value) -> Result<Vec<u8>, Misfit> {
        let Kind::Message(entry) = self.field.kind else { return Ok(Vec::new()) };
        let object = value.as_object().ok_or_else(|| Misfit::new("an object", value))?;
        let [key, value] = self.tables.key_and_value(self.tables.message(entry)).map(|field| Writer {
            tables: self.tables,
            field,
            depth: self.depth,
        });
        let mut entries = Vec::with_capacity(object.len());
        for (text, json) in object {
            let found = json::read_key(key.field.kind, text)?;
            let Some(member) = value.member(json).map_err(|misfit| misfit.inside(text))? else { continue };
            let content = [key.scalar(&found), member].concat();
            entries.push((found, self.delimited(&content)));
        }
        entries.sort_by(|one, other| one.0.cmp_as_key(&other.0));
        let mut bytes = Vec::new();
        entries.iter().for_each(|(_, entry)| bytes.extend_from_slice(entry));
        Ok(bytes)
    }

    /// `content` behind the field's key and its length.
    fn delimited(&self, content: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode_key(self.field.number.into(), WireType::LengthDelimited, &mut bytes);
        wire::write_delimited(content, &mut bytes);
        bytes
    }
}

fn list(value: &Value) -> Result<&Vec<Value>, Misfit> {
    value.as_array().ok_or_else(|| Misfit::new("a list", value))
}
