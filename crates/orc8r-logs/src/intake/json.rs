//! MessagePack to JSON text, without building anything between.

use magma_fluent::msgpack::{Malformed, Reader};

/// How deep values may be nested; what lies deeper becomes null.
const DEPTH_MAX: u32 = 32;

/// Writes the value that `reader` is at, and moves it on. Text that is not UTF-8 is made so; extensions, and numbers that
/// JSON does not have, become null.
pub(super) fn value(out: &mut Vec<u8>, reader: &mut Reader<'_>) -> Result<(), Malformed> {
    value_within(out, reader, DEPTH_MAX)
}

/// Writes a text as JSON.
pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    // Writing to memory does not fail, and every text is JSON.
    serde_json::to_writer(out, text).ok();
}

/// The key of a field: a text, or whatever it is, as text.
pub(super) fn key(reader: &mut Reader<'_>) -> Result<String, Malformed> {
    if let Ok(octets) = reader.octets() {
        return Ok(String::from_utf8_lossy(octets).into_owned());
    }
    let mut json = Vec::new();
    value(&mut json, reader)?;
    Ok(String::from_utf8_lossy(&json).into_owned())
}

fn value_within(out: &mut Vec<u8>, reader: &mut Reader<'_>, depth: u32) -> Result<(), Malformed> {
    let first = *reader.rest().first().ok_or(Malformed::Incomplete)?;
    match first {
        0x00..=0x7f | 0xcc..=0xcf => out.extend(reader.unsigned()?.to_string().as_bytes()),
        0x80..=0x9f | 0xdc..=0xdf if depth == 0 => {
            reader.value()?;
            out.extend(b"null");
        }
        0x80..=0x8f | 0xde | 0xdf => map(out, reader, depth - 1)?,
        0x90..=0x9f | 0xdc | 0xdd => {
            let length = reader.array()?;
            out.push(b'[');
            for index in 0..length {
                if index > 0 {
                    out.push(b',');
                }
                value_within(out, reader, depth - 1)?;
            }
            out.push(b']');
        }
        0xa0..=0xbf | 0xc4..=0xc6 | 0xd9..=0xdb => text(out, &String::from_utf8_lossy(reader.octets()?)),
        _ => scalar(out, first, reader.value()?),
    }
    Ok(())
}

fn map(out: &mut Vec<u8>, reader: &mut Reader<'_>, depth: u32) -> Result<(), Malformed> {
    let pairs = reader.map()?;
    out.push(b'{');
    for index in 0..pairs {
        if index > 0 {
            out.push(b',');
        }
        text(out, &key(reader)?);
        out.push(b':');
        value_within(out, reader, depth)?;
    }
    out.push(b'}');
    Ok(())
}

/// A value without others in it; its octets are complete.
fn scalar(out: &mut Vec<u8>, first: u8, octets: &[u8]) {
    let number = &octets[1..];
    match first {
        0xc2 => out.extend(b"false"),
        0xc3 => out.extend(b"true"),
        0xca => float(out, number.try_into().map(f32::from_be_bytes).map_or(f64::NAN, f64::from)),
        0xcb => float(out, number.try_into().map_or(f64::NAN, f64::from_be_bytes)),
        0xd0..=0xd3 => out.extend(signed(number).to_string().as_bytes()),
        0xe0..=0xff => out.extend((first as i8).to_string().as_bytes()),
        _ => out.extend(b"null"),
    }
}

fn signed(octets: &[u8]) -> i64 {
    let negative = octets.first().is_some_and(|first| first & 0x80 != 0);
    octets.iter().fold(if negative { -1 } else { 0 }, |number, octet| number << 8 | i64::from(*octet))
}

fn float(out: &mut Vec<u8>, number: f64) {
    match serde_json::Number::from_f64(number) {
        Some(number) => out.extend(number.to_string().as_bytes()),
        None => out.extend(b"null"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use magma_fluent::msgpack;
    use serde_json::{Value, json};

    fn read(octets: &[u8]) -> Result<String, Malformed> {
        let mut out = Vec::new();
        let mut reader = Reader::new(octets);
        value(&mut out, &mut reader)?;
        assert_eq!(reader.rest(), b"", "all of it is read");
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn json_comes_back_as_it_was_written() {
        for written in [
            json!(null),
            json!([true, false, 0, 127, 128, 70_000, u64::MAX, -1, -32, -33, -129, -40_000, i64::MIN]),
            json!({"a \"quoted\"\n key": [1.5, "é", {}], "b": {"c": []}}),
            json!("x".repeat(70_000)),
        ] {
            let mut octets = Vec::new();
            msgpack::json(&mut octets, &written);
            assert_eq!(serde_json::from_str::<Value>(&read(&octets).unwrap()).unwrap(), written);
        }
    }

    #[test]
    fn what_json_does_not_have_becomes_something_near() {
        for (octets, expected) in [
            (&[0xd0, 0x80][..], "-128"),
            (&[0xd1, 0x80, 0], "-32768"),
            (&[0xd2, 0, 0, 1, 0], "256"),
            (&[0xca, 0x3f, 0x80, 0, 0], "1.0"),
            (&[0xca, 0x7f, 0x80, 0, 0], "null"),
            (&[0xc4, 2, b'a', 0xff], "\"a\u{fffd}\""),
            (&[0xd7, 0, 0, 0, 0, 1, 0, 0, 0, 2], "null"),
            (&[0x81, 0x01, 0x02], "{\"1\":2}"),
            (&[0x81, 0x90, 0x02], "{\"[]\":2}"),
        ] {
            assert_eq!(read(octets).as_deref(), Ok(expected), "{octets:x?}");
        }
        for octets in [&[][..], &[0x91], &[0xc1], &[0x81, 0xa1, b'a'], &[0xda, 0, 5, b'a']] {
            assert!(read(octets).is_err(), "{octets:x?}");
        }
    }

    #[test]
    fn nesting_is_cut_and_does_not_exhaust_the_stack() {
        let mut deep = vec![0x91; 500_000];
        deep.push(0xc0);
        let shown = read(&deep).unwrap();
        assert_eq!(shown, format!("{}null{}", "[".repeat(32), "]".repeat(32)));
    }
}
