//! DER (X.690): a strict reader that only looks, and the few forms that are written.
//!
//! Whatever is not the one encoding that DER allows is refused: lengths that could be shorter, lengths without an
//! end, tags of more than one byte. No element is followed into another, so nesting costs no stack.

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const IA5_STRING: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// The constructed, context-specific tags `[0]` and `[1]`.
pub(crate) const CONTEXT_0: u8 = 0xa0;
pub(crate) const CONTEXT_1: u8 = 0xa1;

/// One element.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) contents: &'a [u8],
    /// Tag, length and contents.
    pub(crate) whole: &'a [u8],
}

/// Reads one element after the other.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(der: &'a [u8]) -> Self {
        Self(der)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The next element.
    pub(crate) fn next(&mut self) -> Option<Element<'a>> {
        let all = self.0;
        let (&tag, rest) = all.split_first()?;
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, rest) = length(rest)?;
        let (contents, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(Element { tag, contents, whole: &all[..all.len() - rest.len()] })
    }

    /// The next element, which has to be of this tag.
    pub(crate) fn element(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag == tag)
    }

    /// The contents of the next element, which has to be of this tag.
    pub(crate) fn contents(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element(tag).map(|element| element.contents)
    }

    /// The elements within the next one, which has to be of this tag.
    pub(crate) fn within(&mut self, tag: u8) -> Option<Reader<'a>> {
        self.contents(tag).map(Reader)
    }

    /// The next element if it has this tag; otherwise nothing is read.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.first() == Some(&tag) { self.next() } else { None }
    }
}

/// The bytes of a bit string that has no odd bits.
pub(crate) fn whole_bytes(bit_string: &[u8]) -> Option<&[u8]> {
    match bit_string.split_first()? {
        (0, bytes) => Some(bytes),
        _ => None,
    }
}

fn length(der: &[u8]) -> Option<(usize, &[u8])> {
    match *der {
        [short @ 0..=0x7f, ref rest @ ..] => Some((short.into(), rest)),
        [0x81, length @ 0x80..=0xff, ref rest @ ..] => Some((length.into(), rest)),
        [0x82, high @ 1..=0xff, low, ref rest @ ..] => {
            Some((usize::from(high) << 8 | usize::from(low), rest))
        }
        // A certificate of more than 64 kB is none.
        _ => None,
    }
}

/// An element of these contents, given in parts; at most 64 kB of them.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let [.., high, low] = length.to_be_bytes();
    let mut out = match length {
        0..=0x7f => vec![tag, low],
        0x80..=0xff => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// The integer of these unsigned, big-endian bytes.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let digits = without_zeros(bytes);
    match digits.first() {
        Some(0..=0x7f) => element(INTEGER, &[digits]),
        _ => element(INTEGER, &[&[0], digits]),
    }
}

/// Big-endian bytes without leading zeros.
pub(crate) fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_encoding_is_read() {
        let long = |head: &[u8], length: usize| [head, &vec![7; length]].concat();
        for (row, der, contents) in [
            ("nothing", vec![], None),
            ("a tag alone", vec![4], None),
            ("an empty one", vec![4, 0], Some(0)),
            ("a short one", vec![4, 1, 7], Some(1)),
            ("cut", vec![4, 2, 7], None),
            ("no end", vec![0x30, 0x80, 0, 0], None),
            ("127", long(&[4, 127], 127), Some(127)),
            ("127 in two bytes", long(&[4, 0x81, 127], 127), None),
            ("128", long(&[4, 0x81, 128], 128), Some(128)),
            ("255 in three bytes", long(&[4, 0x82, 0, 255], 255), None),
            ("256", long(&[4, 0x82, 1, 0], 256), Some(256)),
            ("in four bytes", long(&[4, 0x83, 1, 0, 0], 0x1_0000), None),
            ("a tag of two bytes", vec![0x1f, 1, 0], None),
        ] {
            let read = Reader::new(&der).next();
            assert_eq!(read.map(|element| element.contents.len()), contents, "{row}");
            if let Some(element) = read {
                assert_eq!(element.whole, der, "{row}");
            }
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 127, 128, 255, 256, 65_535] {
            let contents = vec![9; length];
            let der = element(OCTET_STRING, &[&contents[..length / 2], &contents[length / 2..]]);
            let mut reader = Reader::new(&der);
            assert_eq!(reader.contents(OCTET_STRING), Some(&contents[..]), "{length}");
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn integers_are_minimal_and_positive() {
        for (bytes, der) in [
            (&[][..], &[2, 1, 0][..]),
            (&[0, 0], &[2, 1, 0]),
            (&[0, 0x7f], &[2, 1, 0x7f]),
            (&[0x80], &[2, 2, 0, 0x80]),
            (&[0, 0x80, 1], &[2, 3, 0, 0x80, 1]),
        ] {
            assert_eq!(unsigned(bytes), der);
        }
    }
}
