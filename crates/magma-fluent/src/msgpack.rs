//! MessagePack, as much of it as the forward protocol needs: everything is written, and read as far as structure.
//!
//! Lengths are always written in the shortest form. <https://github.com/msgpack/msgpack/blob/master/spec.md>

mod read;

pub use read::{Extent, Malformed, Reader};

use serde_json::Value;

/// How deep JSON may be nested when it is written; serde_json reads no deeper.
const DEPTH_MAX: u32 = 128;

/// Writes a text.
pub fn text(out: &mut Vec<u8>, text: &str) {
    match text.len() {
        length @ 0..=31 => out.push(0xa0 | length as u8),
        length @ 32..=0xff => out.extend([0xd9, length as u8]),
        length => sized(out, [0xda, 0xdb], length),
    }
    out.extend(text.as_bytes());
}

/// Writes the head of an array of `length` values, which follow.
pub fn array(out: &mut Vec<u8>, length: usize) {
    match length {
        0..=15 => out.push(0x90 | length as u8),
        _ => sized(out, [0xdc, 0xdd], length),
    }
}

/// Writes the head of a map of `length` pairs, which follow.
pub fn map(out: &mut Vec<u8>, length: usize) {
    match length {
        0..=15 => out.push(0x80 | length as u8),
        _ => sized(out, [0xde, 0xdf], length),
    }
}

/// Writes a number that is not negative.
pub fn unsigned(out: &mut Vec<u8>, number: u64) {
    match number {
        0..=0x7f => out.push(number as u8),
        0x80..=0xff => out.extend([0xcc, number as u8]),
        0x100..=0xffff => {
            out.push(0xcd);
            out.extend((number as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(0xce);
            out.extend((number as u32).to_be_bytes());
        }
        _ => {
            out.push(0xcf);
            out.extend(number.to_be_bytes());
        }
    }
}

fn signed(out: &mut Vec<u8>, number: i64) {
    match u64::try_from(number) {
        Ok(number) => unsigned(out, number),
        Err(_) if number >= -32 => out.push(number as u8),
        Err(_) => {
            out.push(0xd3);
            out.extend(number.to_be_bytes());
        }
    }
}

fn float(out: &mut Vec<u8>, number: f64) {
    out.push(0xcb);
    out.extend(number.to_be_bytes());
}

/// Writes a time as the forward protocol's `EventTime`: extension 0, seconds and nanoseconds since 1970.
pub fn event_time(out: &mut Vec<u8>, seconds: u32, nanoseconds: u32) {
    out.extend([0xd7, 0x00]);
    out.extend(seconds.to_be_bytes());
    out.extend(nanoseconds.to_be_bytes());
}

/// Writes a JSON value. What is nested deeper than anything serde_json reads becomes nil.
pub fn json(out: &mut Vec<u8>, value: &Value) {
    json_within(out, value, DEPTH_MAX);
}

fn json_within(out: &mut Vec<u8>, value: &Value, depth: u32) {
    let Some(deeper) = depth.checked_sub(1) else { return out.push(0xc0) };
    match value {
        Value::Null => out.push(0xc0),
        Value::Bool(false) => out.push(0xc2),
        Value::Bool(true) => out.push(0xc3),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => unsigned(out, number),
            (None, Some(number)) => signed(out, number),
            (None, None) => float(out, number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(string) => text(out, string),
        Value::Array(items) => {
            array(out, items.len());
            items.iter().for_each(|item| json_within(out, item, deeper));
        }
        Value::Object(fields) => {
            map(out, fields.len());
            for (key, value) in fields {
                text(out, key);
                json_within(out, value, deeper);
            }
        }
    }
}

/// The head of something longer than the short forms can say.
fn sized(out: &mut Vec<u8>, [with_16_bits, with_32_bits]: [u8; 2], length: usize) {
    match u16::try_from(length) {
        Ok(length) => {
            out.push(with_16_bits);
            out.extend(length.to_be_bytes());
        }
        Err(_) => {
            out.push(with_32_bits);
            // Nothing here is near 4 GiB: records are bounded long before.
            out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(write: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out);
        out
    }

    #[test]
    fn json_is_written_as_the_specification_says() {
        for (value, expected) in [
            (json!(null), vec![0xc0]),
            (json!(true), vec![0xc3]),
            (json!(false), vec![0xc2]),
            (json!(0), vec![0]),
            (json!(127), vec![0x7f]),
            (json!(128), vec![0xcc, 0x80]),
            (json!(256), vec![0xcd, 1, 0]),
            (json!(65_536), vec![0xce, 0, 1, 0, 0]),
            (json!(u64::MAX), vec![0xcf, 255, 255, 255, 255, 255, 255, 255, 255]),
            (json!(-1), vec![0xff]),
            (json!(-32), vec![0xe0]),
            (json!(-33), vec![0xd3, 255, 255, 255, 255, 255, 255, 255, 0xdf]),
            (json!(1.5), vec![0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]),
            (json!(""), vec![0xa0]),
            (json!("é"), vec![0xa2, 0xc3, 0xa9]),
            (json!(["a", []]), vec![0x92, 0xa1, b'a', 0x90]),
            (json!({"k": 1}), vec![0x81, 0xa1, b'k', 1]),
        ] {
            assert_eq!(written(|out| json(out, &value)), expected, "{value}");
        }
    }

    #[test]
    fn lengths_have_the_shortest_form() {
        let head = |length: usize| written(|out| text(out, &"x".repeat(length)))[..3].to_vec();
        for (length, expected) in
            [(31, [0xbf, b'x', b'x']), (32, [0xd9, 32, b'x']), (255, [0xd9, 255, b'x']), (256, [0xda, 1, 0])]
        {
            assert_eq!(head(length), expected, "text of {length}");
        }
        assert_eq!(written(|out| text(out, &"x".repeat(65_536)))[..5], [0xdb, 0, 1, 0, 0]);
        assert_eq!(written(|out| array(out, 16)), [0xdc, 0, 16]);
        assert_eq!(written(|out| map(out, 70_000)), [0xdf, 0, 1, 0x11, 0x70]);
        assert_eq!(written(|out| event_time(out, 1, 2)), [0xd7, 0, 0, 0, 0, 1, 0, 0, 0, 2]);
    }
}
