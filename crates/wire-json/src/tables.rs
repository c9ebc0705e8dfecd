//! The messages of a contract as constant tables: what is needed to turn their bytes into JSON and back, and no more.
//!
//! A descriptor set would have to be decoded at each use into some megabytes of maps, by code that is larger than this
//! crate. The tables are read where the linker put them. They contain no pointers but their own six: names are
//! positions in one text, and types are indexes, so that the loader has nothing to relocate.

/// The mconfig messages of the contract, made by `cargo xtask codegen`.
pub(crate) static MCONFIG: Tables = include!("generated/mconfig.rs");

/// The messages that services of a gateway keep as state, made in the same way.
pub(crate) static STATE: Tables = include!("generated/state.rs");

/// Messages with all that the mapping knows, made in the same way.
#[cfg(test)]
pub(crate) static EVERY_KIND: Tables = include!("generated/every_kind.rs");

/// The messages of one package, and the messages and enums that they consist of.
#[derive(Debug)]
pub(crate) struct Tables {
    /// The package, without a dot behind it.
    pub package: &'static str,
    /// Every name in the tables, one behind the other; names may share letters.
    pub names: &'static str,
    /// In the order of the contract's files, and a message before those nested in it.
    pub messages: &'static [Message],
    /// Message by message, and in the order of their numbers.
    pub fields: &'static [Field],
    /// The enums that the fields refer to.
    pub enums: &'static [Enum],
    /// Enum by enum, in the order of the contract.
    pub values: &'static [EnumValue],
}

/// A message type.
#[derive(Debug)]
pub(crate) struct Message {
    /// The name behind the package; empty for what nobody can ask for: map entries, and messages of other packages.
    pub name: Name,
    /// Its part of [`Tables::fields`].
    pub fields: Span,
}

/// A field of a message.
#[derive(Debug)]
pub(crate) struct Field {
    /// The number on the wire.
    pub number: u16,
    /// The name in the contract.
    pub name: Name,
    /// The name in JSON.
    pub json_name: Name,
    /// What each of its values is.
    pub kind: Kind,
    /// How many values it has, and when it is absent.
    pub cardinality: Cardinality,
    /// Which of the message's oneofs it belongs to, counted from 1; 0 for none.
    pub oneof: u8,
}

/// Protobuf's kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(test), expect(dead_code, reason = "the mconfigs use some of them, the tests' messages all"))]
pub(crate) enum Kind {
    Bool,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Float,
    Double,
    String,
    Bytes,
    /// Google's message of a moment, which is a text in JSON. It is written to JSON and never read.
    Timestamp,
    /// An index into [`Tables::enums`].
    Enum(u16),
    /// An index into [`Tables::messages`].
    Message(u16),
}

/// How many values a field has, and when it is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cardinality {
    /// One, absent when it is the default.
    Implicit,
    /// One, which may be there and be the default: messages, `optional`, and members of a oneof.
    Explicit,
    /// Any number, each with its own key on the wire.
    Unpacked,
    /// Any number of scalars behind one key.
    Packed,
    /// A map; the kind is the message of its entries, whose fields are the key (1) and the value (2).
    Map,
}

/// An enum type.
#[derive(Debug)]
pub(crate) struct Enum {
    /// Its part of [`Tables::values`].
    pub values: Span,
}

/// A value of an enum.
#[derive(Debug)]
pub(crate) struct EnumValue {
    /// The name in the contract and in JSON.
    pub name: Name,
    /// The number on the wire.
    pub number: i32,
}

/// A part of [`Tables::names`]: where it starts, and its length in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name(pub u16, pub u8);

/// A part of a table: its first index, and how many there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span(pub u16, pub u16);

impl Tables {
    /// The message with this full name, if it is one of the package.
    pub fn message_named(&self, full_name: &str) -> Option<&'static Message> {
        let name = full_name.strip_prefix(self.package)?.strip_prefix('.').filter(|name| !name.is_empty())?;
        self.messages.iter().find(|message| self.text(message.name) == name)
    }

    /// The full names of the package's messages.
    pub fn message_names(&self) -> impl Iterator<Item = String> {
        let names = self.messages.iter().map(|message| self.text(message.name));
        names.filter(|name| !name.is_empty()).map(|name| format!("{}.{name}", self.package))
    }

    /// The message that a [`Kind::Message`] refers to.
    pub fn message(&self, index: u16) -> &'static Message {
        &self.messages[usize::from(index)]
    }

    /// The fields of a message, in the order of their numbers.
    pub fn fields_of(&self, message: &Message) -> &'static [Field] {
        message.fields.of(self.fields)
    }

    /// The two fields of a map's entry.
    pub fn key_and_value(&self, entry: &Message) -> [&'static Field; 2] {
        let fields = self.fields_of(entry);
        [&fields[0], &fields[1]]
    }

    /// The name of an enum's value, if the number has one; the first one of several.
    pub fn value_name(&self, index: u16, number: i128) -> Option<&'static str> {
        let value = self.values_of(index).iter().find(|value| i128::from(value.number) == number)?;
        Some(self.text(value.name))
    }

    /// The number of the enum's value with this name.
    pub fn value_number(&self, index: u16, name: &str) -> Option<i32> {
        let value = self.values_of(index).iter().find(|value| self.text(value.name) == name)?;
        Some(value.number)
    }

    /// The letters of a name.
    pub fn text(&self, name: Name) -> &'static str {
        &self.names[usize::from(name.0)..][..usize::from(name.1)]
    }

    fn values_of(&self, index: u16) -> &'static [EnumValue] {
        self.enums[usize::from(index)].values.of(self.values)
    }
}

impl Span {
    fn of<T>(self, table: &'static [T]) -> &'static [T] {
        &table[usize::from(self.0)..][..usize::from(self.1)]
    }
}
