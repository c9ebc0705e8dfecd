//! The words that a program understands, as a table of constants.

/// A program with its commands.
#[derive(Debug)]
pub struct Program {
    /// As it is called.
    pub name: &'static str,
    /// What it is, in a sentence without a full stop.
    pub about: &'static str,
    /// Options that every command takes, before or after its name.
    pub options: &'static [Opt],
    /// The commands, in the order of the help. The first is meant when none is named.
    pub commands: &'static [Command],
}

/// Something that the program does.
#[derive(Debug)]
pub struct Command {
    /// As it is written: lower case with hyphens. Underscores in their place are understood too.
    pub name: &'static str,
    /// What it does, in a sentence without a full stop.
    pub about: &'static str,
    /// What else there is to know, in full sentences; may be empty.
    pub more: &'static str,
    /// Its arguments, in their order. Only the last may have [`Count::Any`] or [`Count::Some`].
    pub arguments: &'static [Argument],
    /// Its own options.
    pub options: &'static [Opt],
    /// Lines that people can copy.
    pub examples: &'static [Example],
}

/// A value that is told by its place.
#[derive(Debug)]
pub struct Argument {
    /// Its name in upper case, by which it is asked for after parsing.
    pub name: &'static str,
    /// What it is, without a full stop.
    pub about: &'static str,
    /// What it may be.
    pub value: Value,
    /// How often it may stand there.
    pub count: Count,
}

/// How many words an argument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Exactly one.
    One,
    /// None or one.
    Optional,
    /// Any number, none included.
    Any,
    /// At least one.
    Some,
}

/// A value or a switch that is told by its name.
#[derive(Debug)]
pub struct Opt {
    /// Its name without the two hyphens, by which it is asked for after parsing.
    pub name: &'static str,
    /// Its name as one letter, if it has one.
    pub short: Option<char>,
    /// The name of its value and what that may be; none for a switch.
    pub value: Option<(&'static str, Value)>,
    /// What it does, without a full stop.
    pub about: &'static str,
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Any text.
    Text,
    /// The path of a file.
    File,
    /// The path of a folder.
    Folder,
    /// The name of one of the gateway's services.
    Service,
    /// One of these words; capitals and underscores make no difference.
    OneOf(&'static [&'static str]),
    /// A whole number between these two, both included.
    Number(u64, u64),
}

/// A line that people can copy, and what it does.
#[derive(Debug)]
pub struct Example {
    /// The whole command line.
    pub line: &'static str,
    /// What it does, without a full stop.
    pub does: &'static str,
}

impl Program {
    /// The command of this name.
    pub fn command(&self, name: &str) -> Option<&'static Command> {
        self.commands.iter().find(|command| same_word(command.name, name))
    }
}

impl Opt {
    /// A switch.
    pub const fn switch(name: &'static str, short: Option<char>, about: &'static str) -> Self {
        Self { name, short, value: None, about }
    }

    /// An option with a value.
    pub const fn with(
        name: &'static str,
        short: Option<char>,
        value: &'static str,
        kind: Value,
        about: &'static str,
    ) -> Self {
        Self { name, short, value: Some((value, kind)), about }
    }
}

/// Whether two words are the same but for capitals, and underscores in place of hyphens.
pub(crate) fn same_word(one: &str, other: &str) -> bool {
    let plain = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    one.len() == other.len() && one.bytes().map(plain).eq(other.bytes().map(plain))
}
