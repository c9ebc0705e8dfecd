//! One value of a field that is not a message, apart from how it is written: the middle between [`wire`] and [`json`].

pub(crate) mod json;
pub(crate) mod wire;

use crate::tables::Kind;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A value. Enums are integers, and an integer is within the range of its field's kind.
#[derive(Debug)]
pub(crate) enum Scalar<'a> {
    Bool(bool),
    Integer(i128),
    Float(f32),
    Double(f64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

impl Scalar<'_> {
    /// What a field of this kind is when nobody set it. Messages have none, and are none here.
    pub fn default_of(kind: Kind) -> Self {
        match kind {
            Kind::Bool => Self::Bool(false),
            Kind::Float => Self::Float(0.0),
            Kind::Double => Self::Double(0.0),
            Kind::String => Self::Text(Cow::Borrowed("")),
            Kind::Bytes => Self::Bytes(Cow::Borrowed(&[])),
            _ => Self::Integer(0),
        }
    }

    /// Whether it is the default of its kind; the negative zero is, as in prost.
    pub fn is_default(&self) -> bool {
        match self {
            Self::Bool(value) => !value,
            Self::Integer(value) => *value == 0,
            Self::Float(value) => *value == 0.0,
            Self::Double(value) => *value == 0.0,
            Self::Text(value) => value.is_empty(),
            Self::Bytes(value) => value.is_empty(),
        }
    }

    /// The order of map keys: integers by value, texts by their bytes. All keys of a map are of one kind.
    pub fn cmp_as_key(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }

    fn key(&self) -> (i128, &str) {
        match self {
            Self::Bool(value) => (i128::from(*value), ""),
            Self::Integer(value) => (*value, ""),
            Self::Text(value) => (0, value),
            _ => (0, ""),
        }
    }
}
