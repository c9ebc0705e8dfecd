//! D-Bus marshalling: aligned values in the sender's byte order, described by a signature beside them.
//!
//! The reader works on bytes from another process: every length is checked against what is there, nothing is allocated
//! by a length alone, and nesting is bounded.

use std::str;

/// How deep values may be nested in each other; the specification allows 32 arrays and 32 structs.
const DEPTH_MAX: u8 = 32;

/// Bytes that do not follow the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed D-Bus data: {0}")]
pub struct Malformed(pub(crate) &'static str);

/// A value of one of the basic types that we use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `y`, `b`, `q`, `u` or `t`.
    Unsigned(u64),
    /// `n`, `i` or `x`.
    Signed(i64),
    /// `s`, `o` or `g`.
    Text(String),
    /// Anything else: it was skipped.
    Other,
}

impl Value {
    /// The text, if it is one.
    pub fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one that is not negative.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Unsigned(number) => Some(*number),
            Self::Signed(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }
}

/// Writes values, in little-endian order.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Pads with zeros to a multiple of `boundary`.
    pub fn align(&mut self, boundary: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(boundary), 0);
    }

    /// `y`.
    pub fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// `u`.
    pub fn u32(&mut self, value: u32) {
        self.align(4);
        self.bytes.extend(value.to_le_bytes());
    }

    /// `s` or `o`. A text that is longer than a message may be has no place in one; the message is refused later.
    pub fn text(&mut self, value: &str) {
        self.u32(u32::try_from(value.len()).unwrap_or(u32::MAX));
        self.bytes.extend(value.as_bytes());
        self.bytes.push(0);
    }

    /// `g`: shorter than 256 bytes.
    pub fn signature(&mut self, value: &str) {
        self.bytes.push(u8::try_from(value.len()).unwrap_or(u8::MAX));
        self.bytes.extend(value.as_bytes());
        self.bytes.push(0);
    }

    /// Puts a number where zeros were written before.
    pub(crate) fn patch_u32(&mut self, at: usize, value: u32) {
        if let Some(place) = self.bytes.get_mut(at..at + 4) {
            place.copy_from_slice(&value.to_le_bytes());
        }
    }
}

/// Reads values from the body or the header of a message.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    big_endian: bool,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, whose first byte is at an offset that is a multiple of 8 in its message.
    pub fn new(bytes: &'a [u8], big_endian: bool) -> Self {
        Self { bytes, at: 0, big_endian }
    }

    /// Where the next value is read, in bytes from the beginning.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Skips the padding before a value of this alignment.
    ///
    /// # Errors
    /// At the end of the bytes.
    pub fn align(&mut self, boundary: usize) -> Result<(), Malformed> {
        let padding = self.at.next_multiple_of(boundary) - self.at;
        self.take(padding).map(drop)
    }

    /// `y`.
    ///
    /// # Errors
    /// At the end of the bytes.
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        self.number::<1>().map(|number| number as u8)
    }

    /// `u`.
    ///
    /// # Errors
    /// At the end of the bytes.
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        self.number::<4>().map(|number| number as u32)
    }

    /// `s` or `o`.
    ///
    /// # Errors
    /// At the end of the bytes, or when they are no text that ends in a zero.
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        let length = self.u32()?;
        self.terminated(length as usize)
    }

    /// `g`.
    ///
    /// # Errors
    /// As for a text.
    pub fn signature(&mut self) -> Result<&'a str, Malformed> {
        let length = self.byte()?;
        self.terminated(length.into())
    }

    /// `v`.
    ///
    /// # Errors
    /// When the bytes are not what the value's own signature says.
    pub fn variant(&mut self) -> Result<Value, Malformed> {
        let signature = self.signature()?;
        let (value, rest) = self.value(signature.as_bytes(), 0)?;
        if rest.is_empty() { Ok(value) } else { Err(Malformed("a variant holds more than one value")) }
    }

    /// The next value of those that `signature` describes, and the signature of the rest.
    fn value<'s>(&mut self, signature: &'s [u8], depth: u8) -> Result<(Value, &'s [u8]), Malformed> {
        if depth > DEPTH_MAX {
            return Err(Malformed("values are nested too deep"));
        }
        let [kind, rest @ ..] = signature else { return Err(Malformed("a signature ends early")) };
        let value = match kind {
            b'y' => Value::Unsigned(self.number::<1>()?),
            b'q' => Value::Unsigned(self.number::<2>()?),
            b'b' | b'u' | b'h' => Value::Unsigned(self.number::<4>()?),
            b't' => Value::Unsigned(self.number::<8>()?),
            b'n' => Value::Signed(i64::from(self.number::<2>()? as u16 as i16)),
            b'i' => Value::Signed(i64::from(self.number::<4>()? as u32 as i32)),
            b'x' => Value::Signed(self.number::<8>()? as i64),
            b'd' => {
                self.number::<8>()?;
                Value::Other
            }
            b's' | b'o' => Value::Text(self.text()?.to_owned()),
            b'g' => Value::Text(self.signature()?.to_owned()),
            b'v' => {
                let inner = self.signature()?;
                self.value(inner.as_bytes(), depth + 1)?;
                Value::Other
            }
            b'a' => return self.array(rest, depth),
            b'(' | b'{' => return self.members(rest, depth),
            _ => return Err(Malformed("a signature has an unknown type")),
        };
        Ok((value, rest))
    }

    /// Skips an array; its elements are not looked at.
    fn array<'s>(&mut self, element: &'s [u8], depth: u8) -> Result<(Value, &'s [u8]), Malformed> {
        let length = self.u32()?;
        self.align(alignment(element)?)?;
        self.take(length as usize)?;
        Ok((Value::Other, after_type(element, depth)?))
    }

    /// Skips a struct or an entry of a map.
    fn members<'s>(&mut self, mut signature: &'s [u8], depth: u8) -> Result<(Value, &'s [u8]), Malformed> {
        self.align(8)?;
        loop {
            match signature {
                [b')' | b'}', rest @ ..] => return Ok((Value::Other, rest)),
                _ => signature = self.value(signature, depth + 1)?.1,
            }
        }
    }

    fn terminated(&mut self, length: usize) -> Result<&'a str, Malformed> {
        let text = self.take(length)?;
        if self.take(1)? != [0] {
            return Err(Malformed("a text does not end where it should"));
        }
        str::from_utf8(text).map_err(|_| Malformed("a text is not UTF-8"))
    }

    fn number<const BYTES: usize>(&mut self) -> Result<u64, Malformed> {
        self.align(BYTES)?;
        let bytes = self.take(BYTES)?;
        let fold = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Ok(if self.big_endian { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) })
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let end = self.at.checked_add(length).ok_or(Malformed("a length is too large"))?;
        let taken = self.bytes.get(self.at..end).ok_or(Malformed("the data ends early"))?;
        self.at = end;
        Ok(taken)
    }
}

/// On what boundary a value of the first type of `signature` begins.
fn alignment(signature: &[u8]) -> Result<usize, Malformed> {
    Ok(match signature.first() {
        Some(b'y' | b'g' | b'v') => 1,
        Some(b'n' | b'q') => 2,
        Some(b'b' | b'i' | b'u' | b's' | b'o' | b'a' | b'h') => 4,
        Some(b'x' | b't' | b'd' | b'(' | b'{') => 8,
        _ => return Err(Malformed("a signature has an unknown type")),
    })
}

/// What follows the first complete type of `signature`.
fn after_type(signature: &[u8], depth: u8) -> Result<&[u8], Malformed> {
    if depth > DEPTH_MAX {
        return Err(Malformed("values are nested too deep"));
    }
    match signature {
        [b'a', rest @ ..] => after_type(rest, depth + 1),
        [b'(' | b'{', rest @ ..] => {
            let mut rest = rest;
            loop {
                match rest {
                    [b')' | b'}', rest @ ..] => return Ok(rest),
                    _ => rest = after_type(rest, depth + 1)?,
                }
            }
        }
        [_, rest @ ..] => Ok(rest),
        [] => Err(Malformed("a signature ends early")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_with_its_padding() {
        let mut writer = Writer::new();
        writer.byte(7);
        writer.u32(258);
        writer.text("mme");
        writer.signature("us");
        let bytes = writer.into_bytes();
        assert_eq!(bytes, [7, 0, 0, 0, 2, 1, 0, 0, 3, 0, 0, 0, b'm', b'm', b'e', 0, 2, b'u', b's', 0]);
        let mut reader = Reader::new(&bytes, false);
        assert_eq!((reader.byte(), reader.u32(), reader.text()), (Ok(7), Ok(258), Ok("mme")));
        assert_eq!((reader.signature(), reader.byte().is_err()), (Ok("us"), true));
    }

    #[test]
    fn variants_of_every_kind_are_read_or_skipped() {
        let text = |text: &str| Value::Text(text.to_owned());
        for (name, bytes, big_endian, expected) in [
            ("text", &b"\x01s\0\0\x02\0\0\0hi\0"[..], false, Ok(text("hi"))),
            ("u32, big-endian", b"\x01u\0\0\0\0\x01\x02", true, Ok(Value::Unsigned(258))),
            ("i32", b"\x01i\0\0\xff\xff\xff\xff", false, Ok(Value::Signed(-1))),
            ("i16", b"\x01n\0\0\xfe\xff", false, Ok(Value::Signed(-2))),
            ("u64", b"\x01t\0\0\0\0\0\0\x05\0\0\0\0\0\0\0", false, Ok(Value::Unsigned(5))),
            ("an array", b"\x02as\0\x06\0\0\0\x01\0\0\0x\0", false, Ok(Value::Other)),
            ("a struct", b"\x04(yu)\0\0\0\x01\0\0\0\x02\0\0\0", false, Ok(Value::Other)),
            ("one in another", b"\x01v\0\x01y\0\x09", false, Ok(Value::Other)),
            ("two values", b"\x02yy\0\x01\x02", false, Err(())),
            ("no value", b"\0\0", false, Err(())),
            ("an unknown type", b"\x01?\0\0", false, Err(())),
            ("a text that is too long", b"\x01s\0\0\xff\xff\xff\xff", false, Err(())),
            ("a text without an end", b"\x01s\0\0\x02\0\0\0hii", false, Err(())),
            ("not UTF-8", b"\x01s\0\0\x02\0\0\0\xff\xff\0", false, Err(())),
            ("a struct that never ends", b"\x01(\0\0\0\0\0\0\0\0\0", false, Err(())),
        ] {
            let read = Reader::new(bytes, big_endian).variant();
            assert_eq!(read.map_err(|_| ()), expected, "{name}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let mut bytes = Vec::new();
        for _ in 0..200 {
            bytes.extend(b"\x01v\0");
        }
        bytes.extend(b"\x01y\0\x07");
        assert!(Reader::new(&bytes, false).variant().is_err());
        let deep = [b"\xff".to_vec(), vec![b'a'; 255], vec![0; 40]].concat();
        assert!(Reader::new(&deep, false).variant().is_err());
    }
}
