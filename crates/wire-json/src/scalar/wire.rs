//! Scalars on the wire.
//!
//! Standard: the protocol buffers encoding. The primitives, and so the errors, are prost's.

use super::Scalar;
use crate::tables::Kind;
use prost::encoding::{
    DecodeContext, WireType, bytes, check_wire_type, decode_varint, encode_varint, fixed32, fixed64, string,
};
use prost::{DecodeError, Message};
use prost_types::Timestamp;
use std::borrow::Cow;

/// How values of this kind are framed.
pub(crate) fn wire_type(kind: Kind) -> WireType {
    match kind {
        Kind::Fixed32 | Kind::Sfixed32 | Kind::Float => WireType::ThirtyTwoBit,
        Kind::Fixed64 | Kind::Sfixed64 | Kind::Double => WireType::SixtyFourBit,
        Kind::String | Kind::Bytes | Kind::Timestamp | Kind::Message(_) => WireType::LengthDelimited,
        _ => WireType::Varint,
    }
}

/// Takes one value off the front of `input`.
///
/// An integer that is too large for its kind loses its upper bits, as in every protobuf implementation.
///
/// # Errors
/// The framing is another one, the value is cut off, or a text is not UTF-8.
pub(crate) fn read(kind: Kind, framing: WireType, input: &mut &[u8]) -> Result<Scalar<'static>, DecodeError> {
    check_wire_type(wire_type(kind), framing)?;
    Ok(match wire_type(kind) {
        WireType::Varint => from_varint(kind, decode_varint(input)?),
        WireType::ThirtyTwoBit => {
            let mut bits = 0;
            fixed32::merge(framing, &mut bits, input, DecodeContext::default())?;
            from_32_bits(kind, bits)
        }
        WireType::SixtyFourBit => {
            let mut bits = 0;
            fixed64::merge(framing, &mut bits, input, DecodeContext::default())?;
            from_64_bits(kind, bits)
        }
        _ if kind == Kind::String => {
            let mut text = String::new();
            string::merge(framing, &mut text, input, DecodeContext::default())?;
            Scalar::Text(Cow::Owned(text))
        }
        _ => {
            let mut content: Vec<u8> = Vec::new();
            bytes::merge(framing, &mut content, input, DecodeContext::default())?;
            if kind == Kind::Timestamp {
                Timestamp::decode(content.as_slice())?;
            }
            Scalar::Bytes(Cow::Owned(content))
        }
    })
}

/// Writes one value, without a key.
pub(crate) fn write(kind: Kind, scalar: &Scalar<'_>, out: &mut Vec<u8>) {
    match scalar {
        Scalar::Bool(value) => out.push(u8::from(*value)),
        Scalar::Integer(value) => write_integer(kind, *value, out),
        Scalar::Float(value) => out.extend(value.to_le_bytes()),
        Scalar::Double(value) => out.extend(value.to_le_bytes()),
        Scalar::Text(value) => write_delimited(value.as_bytes(), out),
        Scalar::Bytes(value) => write_delimited(value, out),
    }
}

/// Writes `content` behind its length.
pub(crate) fn write_delimited(content: &[u8], out: &mut Vec<u8>) {
    encode_varint(content.len() as u64, out);
    out.extend_from_slice(content);
}

/// The casts drop upper bits and reinterpret the sign, on purpose: that is how negative numbers are encoded.
fn write_integer(kind: Kind, value: i128, out: &mut Vec<u8>) {
    match kind {
        Kind::Fixed32 | Kind::Sfixed32 => out.extend((value as u32).to_le_bytes()),
        Kind::Fixed64 | Kind::Sfixed64 => out.extend((value as u64).to_le_bytes()),
        Kind::Sint32 | Kind::Sint64 => encode_varint(((value << 1) ^ (value >> 127)) as u64, out),
        _ => encode_varint(value as u64, out),
    }
}

fn from_varint(kind: Kind, bits: u64) -> Scalar<'static> {
    let zigzag = |bits: u64| i128::from(bits >> 1) ^ -i128::from(bits & 1);
    Scalar::Integer(match kind {
        Kind::Bool => return Scalar::Bool(bits != 0),
        Kind::Int64 => i128::from(bits as i64),
        Kind::Uint32 => i128::from(bits as u32),
        Kind::Uint64 => i128::from(bits),
        Kind::Sint32 => zigzag(u64::from(bits as u32)),
        Kind::Sint64 => zigzag(bits),
        _ => i128::from(bits as i32),
    })
}

fn from_32_bits(kind: Kind, bits: u32) -> Scalar<'static> {
    match kind {
        Kind::Float => Scalar::Float(f32::from_bits(bits)),
        Kind::Sfixed32 => Scalar::Integer(i128::from(bits as i32)),
        _ => Scalar::Integer(i128::from(bits)),
    }
}

fn from_64_bits(kind: Kind, bits: u64) -> Scalar<'static> {
    match kind {
        Kind::Double => Scalar::Double(f64::from_bits(bits)),
        Kind::Sfixed64 => Scalar::Integer(i128::from(bits as i64)),
        _ => Scalar::Integer(i128::from(bits)),
    }
}
