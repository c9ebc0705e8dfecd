//! The tables by which `wire-json` turns messages into JSON and back, as one Rust expression.
//!
//! What they mean stands in `crates/wire-json/src/tables.rs`. Whatever the contract has and they cannot say is refused
//! here, so that nothing can be lost silently in a gateway.

use super::names::Names;
use anyhow::{Context, Result, bail, ensure};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};
use std::collections::BTreeMap;

/// Google's type that has a JSON form of its own which is known.
const TIMESTAMP: &str = ".google.protobuf.Timestamp";

/// The messages of `package`, and what they consist of.
pub fn generate(set: &FileDescriptorSet, package: &str) -> Result<String> {
    generate_of(set, package, None)
}

/// The messages of `package` with these names, and what they consist of, for JSON that is written and never read: they
/// may contain timestamps.
pub fn generate_written(set: &FileDescriptorSet, package: &str, names: &[&str]) -> Result<String> {
    generate_of(set, package, Some(names))
}

fn generate_of(set: &FileDescriptorSet, package: &str, names: Option<&[&str]>) -> Result<String> {
    for file in &set.file {
        ensure!(file.syntax() == "proto3", "{} is not of version 3", file.name());
    }
    let types = Types::of(set);
    let mut tables = Tables::new(&types, package, names);
    let mut at = 0;
    while let Some(message) = tables.messages.get(at).cloned() {
        tables.add_fields(&message).with_context(|| format!("message {message}"))?;
        at += 1;
    }
    tables.add_enums()?;
    Ok(tables.to_rust())
}

/// Every message and enum of a set by its full name, which starts with a dot as references to it do.
#[derive(Default)]
struct Types<'a> {
    messages: BTreeMap<String, &'a DescriptorProto>,
    enums: BTreeMap<String, &'a EnumDescriptorProto>,
    /// The messages' names in the order of the files, and a message before those nested in it.
    order: Vec<String>,
}

impl<'a> Types<'a> {
    fn of(set: &'a FileDescriptorSet) -> Self {
        let mut types = Self::default();
        for file in &set.file {
            let scope = format!(".{}", file.package());
            file.message_type.iter().for_each(|message| types.add_message(&scope, message));
            file.enum_type.iter().for_each(|found| types.add_enum(&scope, found));
        }
        types
    }

    fn add_message(&mut self, scope: &str, message: &'a DescriptorProto) {
        let name = format!("{scope}.{}", message.name());
        self.order.push(name.clone());
        message.nested_type.iter().for_each(|nested| self.add_message(&name, nested));
        message.enum_type.iter().for_each(|nested| self.add_enum(&name, nested));
        self.messages.insert(name, message);
    }

    fn add_enum(&mut self, scope: &str, found: &'a EnumDescriptorProto) {
        self.enums.insert(format!("{scope}.{}", found.name()), found);
    }

    fn is_map_entry(&self, message: &str) -> bool {
        let options = self.messages.get(message).and_then(|message| message.options.as_ref());
        options.is_some_and(|options| options.map_entry())
    }
}

/// The tables as they grow.
struct Tables<'a> {
    types: &'a Types<'a>,
    package: &'a str,
    /// Which messages are asked for; none for all of the package, which are read as well as written.
    asked_for: Option<&'a [&'a str]>,
    names: Names,
    /// The messages' full names; more are added as fields refer to them.
    messages: Vec<String>,
    /// The full names of the enums that fields refer to.
    enums: Vec<String>,
    rows: Rows,
}

/// A line for each element, by table.
#[derive(Default)]
struct Rows {
    messages: Vec<String>,
    fields: Vec<String>,
    enums: Vec<String>,
    values: Vec<String>,
}

impl<'a> Tables<'a> {
    fn new(types: &'a Types<'a>, package: &'a str, asked_for: Option<&'a [&'a str]>) -> Self {
        let prefix = format!(".{package}.");
        let is_wanted = |name: &&String| {
            let name = name.strip_prefix(&prefix);
            name.is_some_and(|name| asked_for.is_none_or(|asked_for| asked_for.contains(&name)))
        };
        let messages = types.order.iter().filter(is_wanted).cloned().collect();
        Self {
            types,
            package,
            asked_for,
            names: Names::default(),
            messages,
            enums: Vec::new(),
            rows: Rows::default(),
        }
    }

    fn add_fields(&mut self, name: &str) -> Result<()> {
        let message = *self.types.messages.get(name).context("it is nowhere in the contract")?;
        let public = name.strip_prefix(&format!(".{}.", self.package)[..]);
        let is_public = |public: &&str| {
            !self.types.is_map_entry(name)
                && self.asked_for.is_none_or(|asked_for| asked_for.contains(public))
        };
        let public = public.filter(is_public).unwrap_or_default();
        let span = span(&self.rows.fields, message.field.len())?;
        self.rows.messages.push(format!(
            "Message {{ name: {}, fields: {span} }}, // {}: {name}",
            self.names.add(public)?,
            self.rows.messages.len()
        ));
        let mut fields: Vec<&FieldDescriptorProto> = message.field.iter().collect();
        fields.sort_by_key(|field| field.number());
        for field in fields {
            self.check_names(message, field)?;
            self.add_field(message, field).with_context(|| format!("field {}", field.name()))?;
        }
        Ok(())
    }

    /// A member of a JSON object must stand for one field only.
    fn check_names(&self, message: &DescriptorProto, field: &FieldDescriptorProto) -> Result<()> {
        let others = message.field.iter().filter(|other| other.number() != field.number());
        for other in others {
            let same = [other.name(), other.json_name()].contains(&field.json_name());
            ensure!(!same, "fields {} and {} have the same name in JSON", field.name(), other.name());
        }
        Ok(())
    }

    fn add_field(&mut self, message: &DescriptorProto, field: &FieldDescriptorProto) -> Result<()> {
        let number = u16::try_from(field.number()).context("field numbers above 65535 have no room")?;
        let oneof = match field.oneof_index {
            Some(index) if !field.proto3_optional() => u8::try_from(index + 1)?,
            _ => 0,
        };
        let kind = self.kind(field)?;
        let cardinality = self.cardinality(field);
        let (name, json_name) = (self.names.add(field.name())?, self.names.add(field.json_name())?);
        self.rows.fields.push(format!(
            "Field {{ number: {number}, name: {name}, json_name: {json_name}, kind: Kind::{kind}, \
             cardinality: Cardinality::{cardinality}, oneof: {oneof} }}, // {}.{}",
            message.name(),
            field.name()
        ));
        Ok(())
    }

    fn cardinality(&self, field: &FieldDescriptorProto) -> &'static str {
        let scalar = !matches!(field.r#type(), Type::Message | Type::String | Type::Bytes);
        let packed = field.options.as_ref().and_then(|options| options.packed).unwrap_or(true);
        match field.label() {
            Label::Repeated if self.types.is_map_entry(field.type_name()) => "Map",
            Label::Repeated if scalar && packed => "Packed",
            Label::Repeated => "Unpacked",
            _ if field.oneof_index.is_some() || field.r#type() == Type::Message => "Explicit",
            _ => "Implicit",
        }
    }

    fn kind(&mut self, field: &FieldDescriptorProto) -> Result<String> {
        let kind = match field.r#type() {
            Type::Message if self.asked_for.is_some() && field.type_name() == TIMESTAMP => "Timestamp",
            Type::Message => return Ok(format!("Message({})", self.message_index(field.type_name())?)),
            Type::Enum => return Ok(format!("Enum({})", position(&mut self.enums, field.type_name())?)),
            Type::Group => bail!("groups are not of version 3"),
            Type::Bool => "Bool",
            Type::Int32 => "Int32",
            Type::Int64 => "Int64",
            Type::Uint32 => "Uint32",
            Type::Uint64 => "Uint64",
            Type::Sint32 => "Sint32",
            Type::Sint64 => "Sint64",
            Type::Fixed32 => "Fixed32",
            Type::Fixed64 => "Fixed64",
            Type::Sfixed32 => "Sfixed32",
            Type::Sfixed64 => "Sfixed64",
            Type::Float => "Float",
            Type::Double => "Double",
            Type::String => "String",
            Type::Bytes => "Bytes",
        };
        Ok(kind.to_owned())
    }

    fn message_index(&mut self, name: &str) -> Result<u16> {
        ensure!(
            !name.starts_with(".google.protobuf."),
            "{name} has a JSON form of its own, which crates/wire-json does not know yet"
        );
        position(&mut self.messages, name)
    }

    fn add_enums(&mut self) -> Result<()> {
        for name in &self.enums {
            let found = *self.types.enums.get(name).with_context(|| format!("{name} is nowhere"))?;
            let span = span(&self.rows.values, found.value.len())?;
            self.rows.enums.push(format!("Enum {{ values: {span} }}, // {}: {name}", self.rows.enums.len()));
            for value in &found.value {
                let (name, number) = (self.names.add(value.name())?, value.number());
                let row = format!("EnumValue {{ name: {name}, number: {number} }}, // {}", value.name());
                self.rows.values.push(row);
            }
        }
        Ok(())
    }

    fn to_rust(&self) -> String {
        let rows = [&self.rows.messages, &self.rows.fields, &self.rows.enums, &self.rows.values];
        let [messages, fields, enums, values] =
            rows.map(|rows| rows.iter().map(|row| format!("        {row}\n")).collect::<String>());
        format!(
            "// Made by `cargo xtask codegen` from the contract; change that, not this.\n\
             Tables {{\n    package: {:?},\n    names: {},\n    messages: &[\n{messages}    ],\n    \
             fields: &[\n{fields}    ],\n    enums: &[\n{enums}    ],\n    values: &[\n{values}    ],\n}}\n",
            self.package,
            self.names.to_rust()
        )
    }
}

/// The next `count` rows of a table.
fn span(rows: &[String], count: usize) -> Result<String> {
    let last = u16::try_from(rows.len() + count);
    last.map(|_| format!("Span({}, {count})", rows.len())).context("more than 65535 rows have no room")
}

/// The index of `name`, which is put at the end when it is not in the list yet.
fn position(list: &mut Vec<String>, name: &str) -> Result<u16> {
    let found = list.iter().position(|other| other == name);
    let index = found.unwrap_or(list.len());
    if found.is_none() {
        list.push(name.to_owned());
    }
    u16::try_from(index).context("more than 65536 types have no room")
}

#[cfg(test)]
mod tests;
