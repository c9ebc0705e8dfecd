//! What a message says, cut into parts that fit: in the default alphabet if that has every character, else in UCS2.

use crate::alphabet::codes;

/// Parts of one message: more than any phone's user reads, and far fewer than the 255 that can be numbered.
pub const PARTS_MAX: usize = 16;

/// The user data of one part holds 140 octets; of several parts, each begins with a header of 6.
const CODES_MAX: usize = 160;
const CODES_BEHIND_HEADER_MAX: usize = 153;
const UNITS_MAX: usize = 70;
const UNITS_BEHIND_HEADER_MAX: usize = 67;

/// A text of at most [`PARTS_MAX`] parts.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(Encoded);

#[derive(Clone, PartialEq, Eq)]
enum Encoded {
    /// Codes of the default alphabet, by part.
    Default(Vec<Vec<u8>>),
    /// UTF-16, by part.
    ///
    /// Deviation: UCS2 proper has no surrogates; phones of this century read them, and emojis need them.
    Ucs2(Vec<Vec<u16>>),
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Default(&'a [u8]),
    Ucs2(&'a [u16]),
}

/// The text needs too many parts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the message needs {parts} parts, and may have {PARTS_MAX}: {CODES_BEHIND_HEADER_MAX} characters each, or \
     {UNITS_BEHIND_HEADER_MAX} when it has letters beyond the alphabet of GSM"
)]
pub struct TextTooLong {
    parts: usize,
}

impl Text {
    /// Cuts a text into parts.
    ///
    /// # Errors
    /// [`TextTooLong`].
    pub fn new(text: &str) -> Result<Self, TextTooLong> {
        let in_default: Option<Vec<Vec<u8>>> = text.chars().map(codes).collect();
        let encoded = match in_default {
            Some(signs) => Encoded::Default(cut(&signs, CODES_MAX, CODES_BEHIND_HEADER_MAX)),
            None => {
                let units = |sign: char| sign.encode_utf16(&mut [0; 2]).to_vec();
                let signs: Vec<Vec<u16>> = text.chars().map(units).collect();
                Encoded::Ucs2(cut(&signs, UNITS_MAX, UNITS_BEHIND_HEADER_MAX))
            }
        };
        let text = Self(encoded);
        let parts = text.parts().len();
        if parts > PARTS_MAX { Err(TextTooLong { parts }) } else { Ok(text) }
    }

    /// How many messages of the network it takes; at least 1.
    pub fn part_count(&self) -> usize {
        self.parts().len()
    }

    pub(crate) fn parts(&self) -> Vec<Part<'_>> {
        match &self.0 {
            Encoded::Default(parts) => parts.iter().map(|codes| Part::Default(codes)).collect(),
            Encoded::Ucs2(parts) => parts.iter().map(|units| Part::Ucs2(units)).collect(),
        }
    }
}

/// A subscriber's words are nobody's else.
impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Text").field("parts", &self.part_count()).finish_non_exhaustive()
    }
}

/// One part when everything fits into `alone`, else parts of `among` at most. No character is cut.
fn cut<T: Clone>(signs: &[Vec<T>], alone: usize, among: usize) -> Vec<Vec<T>> {
    let whole = signs.concat();
    if whole.len() <= alone {
        return vec![whole];
    }
    let mut parts = vec![Vec::with_capacity(among)];
    for sign in signs {
        match parts.last_mut() {
            Some(part) if part.len() + sign.len() <= among => part.extend_from_slice(sign),
            _ => parts.push(sign.clone()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of the parts, and whether they are in the default alphabet.
    fn lengths(text: &str) -> (bool, Vec<usize>) {
        let text = Text::new(text).unwrap();
        let is_default = matches!(text.0, Encoded::Default(_));
        let length = |part: &Part<'_>| match part {
            Part::Default(codes) => codes.len(),
            Part::Ucs2(units) => units.len(),
        };
        (is_default, text.parts().iter().map(length).collect())
    }

    #[test]
    fn a_text_is_cut_where_it_must_and_never_within_a_character() {
        for (name, text, expected) in [
            ("nothing", String::new(), (true, vec![0])),
            ("full", "a".repeat(160), (true, vec![160])),
            ("one more", "a".repeat(161), (true, vec![153, 8])),
            ("escapes count twice", "€".repeat(80), (true, vec![160])),
            ("an escape that would be cut", "€".repeat(81), (true, vec![152, 10])),
            ("UCS2, full", "я".repeat(70), (false, vec![70])),
            ("UCS2, one more", "я".repeat(71), (false, vec![67, 4])),
            ("a pair that would be cut", "😀".repeat(36), (false, vec![66, 6])),
            ("one letter makes all of it UCS2", format!("{}я", "a".repeat(70)), (false, vec![67, 4])),
        ] {
            assert_eq!(lengths(&text), expected, "{name}");
        }
    }

    #[test]
    fn too_many_parts_are_refused() {
        assert_eq!(Text::new(&"a".repeat(153 * 16)).unwrap().part_count(), 16);
        let error = Text::new(&"a".repeat(153 * 16 + 1)).unwrap_err();
        assert!(
            error.to_string().starts_with("the message needs 17 parts, and may have 16: 153 char"),
            "{error}"
        );
    }

    #[test]
    fn a_text_is_not_shown() {
        assert_eq!(format!("{:?}", Text::new("a secret").unwrap()), "Text { parts: 1, .. }");
    }
}
