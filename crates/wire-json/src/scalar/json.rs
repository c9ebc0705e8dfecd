//! Scalars in JSON.
//!
//! Standard: the ProtoJSON mapping of protocol buffers, version 3. Like prost-reflect, which this was held against, it
//! reads a little more than the mapping asks for: whole numbers with a point, and floats as Rust spells them.

use super::Scalar;
use crate::misfit::Misfit;
use crate::tables::{Kind, Tables};
use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose::STANDARD};
use prost::Message;
use prost_types::Timestamp;
use serde_json::{Number, Value};
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// Reads with and without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The value as a field of this kind has it in JSON.
pub(crate) fn write(tables: &Tables, kind: Kind, scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Bool(value) => Value::Bool(*value),
        Scalar::Integer(value) => write_integer(tables, kind, *value),
        Scalar::Float(value) => float(f64::from(*value), || shortest(*value)),
        Scalar::Double(value) => float(*value, || *value),
        Scalar::Text(value) => Value::from(value.as_ref()),
        Scalar::Bytes(value) if kind == Kind::Timestamp => {
            Value::from(Timestamp::decode(value.as_ref()).unwrap_or_default().to_string())
        }
        Scalar::Bytes(value) => Value::from(STANDARD.encode(value)),
    }
}

/// What a field of this kind makes of a JSON value; none for the name of an enum's value that is not known.
///
/// # Errors
/// [`Misfit`] when it is of another type, or out of range.
pub(crate) fn read<'a>(tables: &Tables, kind: Kind, value: &'a Value) -> Result<Option<Scalar<'a>>, Misfit> {
    let scalar = match (kind, value) {
        (Kind::Enum(index), Value::String(name)) => {
            return Ok(tables.value_number(index, name).map(|number| Scalar::Integer(number.into())));
        }
        (Kind::Bool, _) => value.as_bool().map(Scalar::Bool),
        (Kind::Float, _) => read_float(value).and_then(to_f32).map(Scalar::Float),
        (Kind::Double, _) => read_float(value).map(Scalar::Double),
        (Kind::String, _) => value.as_str().map(|text| Scalar::Text(Cow::Borrowed(text))),
        // Only states have them, and these are not read.
        (Kind::Timestamp, _) => None,
        (Kind::Bytes, _) => value.as_str().and_then(read_base64).map(|bytes| Scalar::Bytes(bytes.into())),
        _ => integer(value).filter(|integer| range(kind).contains(integer)).map(Scalar::Integer),
    };
    scalar.map(Some).ok_or_else(|| Misfit::new(expected(kind), value))
}

/// A key of a map, which JSON has as text whatever its kind.
///
/// # Errors
/// [`Misfit`] when the text is not such a key.
pub(crate) fn read_key(kind: Kind, text: &str) -> Result<Scalar<'_>, Misfit> {
    let key = match kind {
        Kind::String => Some(Scalar::Text(Cow::Borrowed(text))),
        Kind::Bool => text.parse().ok().map(Scalar::Bool),
        _ => text_integer(text).filter(|integer| range(kind).contains(integer)).map(Scalar::Integer),
    };
    key.ok_or_else(|| Misfit::of_key(expected(kind)).inside(text))
}

/// A key of a map as text; `key` is what [`write`] made of it.
pub(crate) fn key_text(key: Value) -> String {
    match key {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn write_integer(tables: &Tables, kind: Kind, value: i128) -> Value {
    match kind {
        Kind::Enum(index) => match tables.value_name(index, value) {
            Some(name) => Value::from(name),
            None => Value::from(value as i64),
        },
        // JSON's numbers are doubles for many readers, which have no room for these.
        Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 => {
            Value::from(digits(value))
        }
        _ => Value::from(value as i64),
    }
}

/// A 64-bit integer as text.
fn digits(value: i128) -> String {
    u64::try_from(value).map_or_else(|_| (value as i64).to_string(), |value| value.to_string())
}

fn float(value: f64, finite: impl FnOnce() -> f64) -> Value {
    let name = match value {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    };
    let number = value.is_finite().then(finite).and_then(Number::from_f64);
    number.map_or_else(|| Value::from(name), Value::Number)
}

/// The double that is written with as many digits as the float needs: 0.1, not 0.10000000149011612.
///
/// By serde_json's printer: the standard library's rounds 3901427.25, which is a float, the other way.
fn shortest(value: f32) -> f64 {
    let text = serde_json::to_string(&value).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or_else(|| value.into())
}

/// A number, or text that is one, or one of those that JSON has no number for.
fn read_float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The nearest float; none when there is only infinity.
fn to_f32(value: f64) -> Option<f32> {
    let nearest = value as f32;
    (nearest.is_finite() || !value.is_finite()).then_some(nearest)
}

/// A whole number, or text that is one.
fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from))
            .or_else(|| number.as_f64().filter(|float| float.fract() == 0.0).map(|float| float as i128)),
        Value::String(text) => text_integer(text),
        _ => None,
    }
}

fn text_integer(text: &str) -> Option<i128> {
    text.parse::<i64>().map(i128::from).ok().or_else(|| text.parse::<u64>().map(i128::from).ok())
}

fn range(kind: Kind) -> RangeInclusive<i128> {
    match kind {
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => i64::MIN.into()..=i64::MAX.into(),
        Kind::Uint64 | Kind::Fixed64 => 0..=u64::MAX.into(),
        Kind::Uint32 | Kind::Fixed32 => 0..=u32::MAX.into(),
        _ => i32::MIN.into()..=i32::MAX.into(),
    }
}

/// The standard alphabet or the one for URLs.
fn read_base64(text: &str) -> Option<Vec<u8>> {
    LENIENT.decode(text.replace('-', "+").replace('_', "/")).ok()
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "true or false",
        Kind::Uint32 | Kind::Fixed32 => "an integer from 0 to 4294967295",
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => "a 64-bit integer",
        Kind::Uint64 | Kind::Fixed64 => "a 64-bit integer that is not negative",
        Kind::Float => "a 32-bit float",
        Kind::Double => "a number",
        Kind::String => "text",
        Kind::Bytes => "base64",
        Kind::Timestamp => "there at all: moments are not read here",
        Kind::Enum(_) => "the name or the number of an enum's value",
        _ => "a 32-bit integer",
    }
}
