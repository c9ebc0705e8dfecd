//! Reads the structure of MessagePack without building anything: heads, texts, and where a value ends.
//!
//! Nothing here recurses, so that no nesting can exhaust the stack.

/// Why octets are not (yet) MessagePack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// They end before the value does; more may come.
    Incomplete,
    /// They are something else than is expected here, or nothing at all in MessagePack.
    Unexpected,
}

/// A place in octets; each reading moves it on, unless it fails.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

/// Looks for the end of one value in octets that come piece by piece, and looks at none of them twice.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    position: usize,
    missing: usize,
}

/// A value's first octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    /// A value of so many more octets without others in it.
    Plain(usize),
    Text(usize),
    Binary(usize),
    /// An unsigned number in so many octets, or in the head itself.
    Unsigned(usize),
    Small(u8),
    Array(usize),
    Map(usize),
}

impl<'a> Reader<'a> {
    /// At the beginning of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// How many octets have been read.
    pub fn position(&self) -> usize {
        self.position
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    /// Reads the head of an array, and returns how many values follow.
    ///
    /// # Errors
    /// When something else is there.
    pub fn array(&mut self) -> Result<usize, Malformed> {
        self.expect(|head| match head {
            Head::Array(length) => Some(length),
            _ => None,
        })
    }

    /// Reads the head of a map, and returns how many pairs follow.
    ///
    /// # Errors
    /// When something else is there.
    pub fn map(&mut self) -> Result<usize, Malformed> {
        self.expect(|head| match head {
            Head::Map(length) => Some(length),
            _ => None,
        })
    }

    /// Reads a text, or octets, which older clients write for one.
    ///
    /// # Errors
    /// When something else is there.
    pub fn octets(&mut self) -> Result<&'a [u8], Malformed> {
        let mut ahead = self.clone();
        let length = ahead.expect(|head| match head {
            Head::Text(length) | Head::Binary(length) => Some(length),
            _ => None,
        })?;
        let octets = ahead.take(length)?;
        *self = ahead;
        Ok(octets)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// When something else is there, or it is not UTF-8.
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        let mut ahead = self.clone();
        let text = std::str::from_utf8(ahead.octets()?).map_err(|_| Malformed::Unexpected)?;
        *self = ahead;
        Ok(text)
    }

    /// Reads a number that is not negative.
    ///
    /// # Errors
    /// When something else is there.
    pub fn unsigned(&mut self) -> Result<u64, Malformed> {
        let mut ahead = self.clone();
        let number = match ahead.head()? {
            Head::Small(number) => u64::from(number),
            Head::Unsigned(length) => {
                ahead.take(length)?.iter().fold(0, |number, octet| number << 8 | u64::from(*octet))
            }
            _ => return Err(Malformed::Unexpected),
        };
        *self = ahead;
        Ok(number)
    }

    /// Reads any one value with all that is in it, and returns its octets.
    ///
    /// # Errors
    /// When it is not complete, or not MessagePack.
    pub fn value(&mut self) -> Result<&'a [u8], Malformed> {
        let mut extent = Extent { position: self.position, missing: 1 };
        let end = extent.end(self.bytes)?;
        let value = &self.bytes[self.position..end];
        self.position = end;
        Ok(value)
    }

    fn expect(&mut self, wanted: impl Fn(Head) -> Option<usize>) -> Result<usize, Malformed> {
        let mut ahead = self.clone();
        let length = wanted(ahead.head()?).ok_or(Malformed::Unexpected)?;
        *self = ahead;
        Ok(length)
    }

    fn head(&mut self) -> Result<Head, Malformed> {
        let first = self.take(1)?[0];
        Ok(match first {
            0x00..=0x7f => Head::Small(first),
            0x80..=0x8f => Head::Map(usize::from(first & 0x0f)),
            0x90..=0x9f => Head::Array(usize::from(first & 0x0f)),
            0xa0..=0xbf => Head::Text(usize::from(first & 0x1f)),
            0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => Head::Plain(0),
            0xc1 => return Err(Malformed::Unexpected),
            0xc4..=0xc6 => Head::Binary(self.length(1 << (first - 0xc4))?),
            0xc7..=0xc9 => Head::Plain(self.length(1 << (first - 0xc7))?.saturating_add(1)),
            0xca => Head::Plain(4),
            0xcb => Head::Plain(8),
            0xcc..=0xcf => Head::Unsigned(1 << (first - 0xcc)),
            0xd0..=0xd3 => Head::Plain(1 << (first - 0xd0)),
            0xd4..=0xd8 => Head::Plain((1 << (first - 0xd4)) + 1),
            0xd9..=0xdb => Head::Text(self.length(1 << (first - 0xd9))?),
            0xdc | 0xdd => Head::Array(self.length(2 << (first - 0xdc))?),
            0xde | 0xdf => Head::Map(self.length(2 << (first - 0xde))?),
        })
    }

    fn length(&mut self, octets: usize) -> Result<usize, Malformed> {
        Ok(self.take(octets)?.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let end = self.position.checked_add(length).ok_or(Malformed::Unexpected)?;
        let taken = self.bytes.get(self.position..end).ok_or(Malformed::Incomplete)?;
        self.position = end;
        Ok(taken)
    }
}

impl Extent {
    /// Of the value that begins with the first octet.
    pub fn new() -> Self {
        Self { position: 0, missing: 1 }
    }

    /// Where the value ends in `bytes`, which are those of the last call and perhaps more.
    ///
    /// # Errors
    /// When it is not complete, or not MessagePack.
    pub fn end(&mut self, bytes: &[u8]) -> Result<usize, Malformed> {
        let mut ahead = Reader { bytes, position: self.position };
        while self.missing > 0 {
            let inner = match ahead.head()? {
                Head::Array(length) => length,
                Head::Map(length) => length.saturating_mul(2),
                Head::Plain(length) | Head::Text(length) | Head::Binary(length) | Head::Unsigned(length) => {
                    ahead.take(length)?;
                    0
                }
                Head::Small(_) => 0,
            };
            self.missing = (self.missing - 1).saturating_add(inner);
            self.position = ahead.position;
        }
        Ok(self.position)
    }
}

impl Default for Extent {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{array, event_time, json, map, text, unsigned};
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_written_is_read_again() {
        let mut bytes = Vec::new();
        array(&mut bytes, 3);
        text(&mut bytes, "a tag");
        unsigned(&mut bytes, 70_000);
        map(&mut bytes, 1);
        text(&mut bytes, "key");
        json(&mut bytes, &json!({"deep": [1, -5, 1.5, null, "x".repeat(300)]}));
        event_time(&mut bytes, 1, 2);
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.array(), Ok(3));
        assert_eq!(reader.map(), Err(Malformed::Unexpected));
        assert_eq!(reader.text(), Ok("a tag"));
        assert_eq!(reader.unsigned(), Ok(70_000));
        assert_eq!(reader.map(), Ok(1));
        assert_eq!(reader.octets(), Ok("key".as_bytes()));
        assert_eq!(reader.value().unwrap()[0], 0x81);
        assert_eq!(reader.value().unwrap().len(), 10);
        assert_eq!((reader.rest().len(), reader.value()), (0, Err(Malformed::Incomplete)));
    }

    #[test]
    fn the_end_is_found_wherever_the_octets_are_cut() {
        let mut bytes = Vec::new();
        json(&mut bytes, &json!({"deep": [1, -5, 1.5, null, "x".repeat(300), {}], "more": [[[]]]}));
        let length = bytes.len();
        bytes.push(0xc0);
        for piece in [1, 2, 7, 1000] {
            let mut extent = Extent::new();
            let ends = (0..=length).step_by(piece).map(|cut| extent.end(&bytes[..cut]));
            assert!(ends.take_while(|end| end.is_err()).all(|end| end == Err(Malformed::Incomplete)));
            assert_eq!(extent.end(&bytes), Ok(length), "by {piece}");
        }
        assert_eq!(Extent::new().end(&[0x91, 0xc1]), Err(Malformed::Unexpected));
    }

    #[test]
    fn every_head_says_where_its_value_ends() {
        for (bytes, expected) in [
            (vec![0xc0], Ok(1)),
            (vec![0xc1], Err(Malformed::Unexpected)),
            (vec![0xc4, 2, 1, 1], Ok(4)),
            (vec![0xc7, 1, 5, 9], Ok(4)),
            (vec![0xc8, 0, 1, 5, 9], Ok(5)),
            (vec![0xca, 1, 2, 3, 4], Ok(5)),
            (vec![0xd1, 1, 2], Ok(3)),
            (vec![0xd4, 1, 2], Ok(3)),
            (vec![0xd8, 1], Err(Malformed::Incomplete)),
            (vec![0xdc, 0, 2, 1, 1], Ok(5)),
            (vec![0xde, 0, 1, 1, 1], Ok(5)),
            (vec![0xdd, 255, 255, 255, 255], Err(Malformed::Incomplete)),
            (vec![0xdf, 255, 255, 255, 255, 1], Err(Malformed::Incomplete)),
            (vec![0xdb, 255, 255, 255, 255, 1], Err(Malformed::Incomplete)),
            (vec![0x91; 100_000], Err(Malformed::Incomplete)),
        ] {
            let length = Reader::new(&bytes).value().map(<[u8]>::len);
            assert_eq!(length, expected, "{:x?}", &bytes[..bytes.len().min(8)]);
        }
    }
}
