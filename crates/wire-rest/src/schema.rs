//! What the contract says of a value: its kind, and the rules that it keeps.

use regex_lite::Regex;
use std::sync::OnceLock;

/// A named type of the contract.
#[derive(Debug)]
pub struct Definition {
    /// Its name in the contract, such as `network_epc_configs`.
    pub name: &'static str,
    /// What it is.
    pub schema: Schema,
}

/// The kind of a value, and its rules.
#[derive(Debug)]
pub enum Schema {
    /// A text.
    Text(Text),
    /// A whole number.
    Integer(Integer),
    /// A number.
    Number(Number),
    /// `true` or `false`.
    Boolean,
    /// Any JSON: the contract says no more than "object".
    Anything,
    /// A list.
    List(List),
    /// An object whose keys are free, with its values.
    Map(&'static Schema),
    /// An object with the fields of the contract; others are ignored, as Go does.
    Object(&'static [Field]),
    /// A named type.
    Named(&'static Definition),
}

/// A field of an object.
#[derive(Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// Whether an empty text or a zero counts as absent, as it does where Go's type has no other way to say it.
    ///
    /// Deviation: a required zero is a value here; Magma's validator takes it for a missing one.
    pub empty_is_absent: bool,
    /// Its value.
    pub schema: Schema,
}

/// The rules of a text.
#[derive(Debug)]
pub struct Text {
    /// The least number of characters.
    pub min_length: Option<usize>,
    /// The largest number of characters.
    pub max_length: Option<usize>,
    /// What it matches.
    pub pattern: Option<&'static Pattern>,
    /// How it is written: `ipv4`, `date-time`, `byte` (base64), …
    pub format: Option<&'static str>,
    /// What it may be; empty: anything.
    pub allowed: &'static [&'static str],
}

impl Text {
    /// Any text.
    pub const ANY: Self =
        Self { min_length: None, max_length: None, pattern: None, format: None, allowed: &[] };
}

/// The rules of a whole number.
#[derive(Debug)]
pub struct Integer {
    /// The least, by its rule or by its type.
    pub min: i128,
    /// The largest, by its rule or by its type.
    pub max: i128,
    /// What it is a multiple of.
    pub multiple_of: Option<i128>,
    /// Its Go type: `uint32`, `int64`, …
    pub format: &'static str,
    /// What it may be; empty: anything.
    pub allowed: &'static [i128],
}

/// The rules of a number.
#[derive(Debug)]
pub struct Number {
    /// The least.
    pub min: Option<f64>,
    /// The largest.
    pub max: Option<f64>,
}

/// The rules of a list.
#[derive(Debug)]
pub struct List {
    /// What it holds.
    pub item: &'static Schema,
    /// The least number of items.
    pub min_items: Option<usize>,
    /// The largest number of items.
    pub max_items: Option<usize>,
    /// Whether no two are equal.
    pub unique: bool,
}

/// A regular expression of the contract, compiled when it is first used.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The expression `text`.
    pub const fn new(text: &'static str) -> Self {
        Self { text, regex: OnceLock::new() }
    }

    /// As it stands in the contract.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Whether it occurs in `value`; an expression without anchors may match a part, as JSON Schema has it.
    pub fn matches(&self, value: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(value))
    }

    /// `None` when the expression is none, which a test excludes.
    pub(crate) fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(self.text).ok()).as_ref()
    }
}

/// A Rust type with a schema of the contract.
pub trait HasSchema {
    /// What its JSON keeps to.
    const SCHEMA: &'static Schema;
}

impl HasSchema for String {
    const SCHEMA: &'static Schema = &Schema::Text(Text::ANY);
}

impl HasSchema for bool {
    const SCHEMA: &'static Schema = &Schema::Boolean;
}

impl HasSchema for u32 {
    const SCHEMA: &'static Schema = &Schema::Integer(Integer {
        min: 0,
        max: u32::MAX as i128,
        multiple_of: None,
        format: "uint32",
        allowed: &[],
    });
}

impl HasSchema for i64 {
    const SCHEMA: &'static Schema = &Schema::Integer(Integer {
        min: i64::MIN as i128,
        max: i64::MAX as i128,
        multiple_of: None,
        format: "int64",
        allowed: &[],
    });
}

impl HasSchema for serde_json::Value {
    const SCHEMA: &'static Schema = &Schema::Anything;
}

impl<T: HasSchema> HasSchema for Vec<T> {
    const SCHEMA: &'static Schema =
        &Schema::List(List { item: T::SCHEMA, min_items: None, max_items: None, unique: false });
}

impl<T: HasSchema> HasSchema for std::collections::BTreeMap<String, T> {
    const SCHEMA: &'static Schema = &Schema::Map(T::SCHEMA);
}
