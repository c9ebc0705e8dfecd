//! Who is shown as the sender: a number, or a name.

use crate::alphabet::{codes, pack};

/// Digits of a number: 10 octets hold them.
const DIGITS_MAX: usize = 20;
/// Numbers with so few digits are local ones: the shortest number with a country code has more.
const SHORT_DIGITS_MAX: usize = 6;
/// Codes of a name: 10 octets hold them.
const NAME_CODES_MAX: usize = 11;

/// Types of numbers, 3GPP TS 23.040 § 9.1.2.5.
const INTERNATIONAL: u8 = 0x91;
const UNKNOWN: u8 = 0x81;
const ALPHANUMERIC: u8 = 0xd0;

/// A sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// In half octets.
    length: u8,
    kind: u8,
    value: Vec<u8>,
}

/// No sender can be called so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the source must be a number of at most {DIGITS_MAX} digits, perhaps with a + before them, or a name of at most \
     {NAME_CODES_MAX} letters of the alphabet of GSM"
)]
pub struct ImproperSource;

impl Source {
    /// Reads a sender.
    ///
    /// Magma-compat: digits without a `+` are an international number all the same.
    /// Deviation: but for those of up to 6 digits, which no international number has; and names, which Magma cannot
    /// send.
    ///
    /// # Errors
    /// [`ImproperSource`].
    pub fn parse(text: &str) -> Result<Self, ImproperSource> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            let is_short = digits.len() <= SHORT_DIGITS_MAX && !text.starts_with('+');
            return Self::number(digits, if is_short { UNKNOWN } else { INTERNATIONAL });
        }
        Self::name(text)
    }

    fn number(digits: &str, kind: u8) -> Result<Self, ImproperSource> {
        if digits.len() > DIGITS_MAX {
            return Err(ImproperSource);
        }
        let half = |digit: &u8| digit - b'0';
        // An odd number of digits is filled up with ones.
        let pair = |pair: &[u8]| half(&pair[0]) | pair.get(1).map_or(0xf, half) << 4;
        let length = u8::try_from(digits.len()).map_err(|_| ImproperSource)?;
        Ok(Self { length, kind, value: digits.as_bytes().chunks(2).map(pair).collect() })
    }

    fn name(text: &str) -> Result<Self, ImproperSource> {
        let codes: Option<Vec<Vec<u8>>> = text.chars().map(codes).collect();
        let codes = codes.ok_or(ImproperSource)?.concat();
        if codes.is_empty() || codes.len() > NAME_CODES_MAX || text.contains(['\n', '\r']) {
            return Err(ImproperSource);
        }
        let length = u8::try_from((codes.len() * 7).div_ceil(4)).map_err(|_| ImproperSource)?;
        Ok(Self { length, kind: ALPHANUMERIC, value: pack(&codes, 0) })
    }

    /// TP-Originating-Address.
    pub(crate) fn encode(&self) -> Vec<u8> {
        [&[self.length, self.kind], self.value.as_slice()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_numbers_and_names() {
        for (text, expected) in [
            ("18658675309", Ok(vec![0x0b, 0x91, 0x81, 0x56, 0x68, 0x57, 0x03, 0xf9])),
            ("+18658675309", Ok(vec![0x0b, 0x91, 0x81, 0x56, 0x68, 0x57, 0x03, 0xf9])),
            ("611", Ok(vec![0x03, 0x81, 0x16, 0xf1])),
            ("+611", Ok(vec![0x03, 0x91, 0x16, 0xf1])),
            ("Magma", Ok(vec![0x09, 0xd0, 0xcd, 0xf0, 0xb9, 0x1d, 0x06])),
            (
                "12345678901234567890",
                Ok([&[20, 0x91][..], &[0x21, 0x43, 0x65, 0x87, 0x09].repeat(2)].concat()),
            ),
            ("123456789012345678901", Err(ImproperSource)),
            ("", Err(ImproperSource)),
            ("+", Ok(vec![0x02, 0xd0, 0x2b])),
            ("a name too long", Err(ImproperSource)),
            ("я", Err(ImproperSource)),
            ("a\nb", Err(ImproperSource)),
        ] {
            assert_eq!(Source::parse(text).map(|source| source.encode()), expected, "{text:?}");
        }
    }
}
