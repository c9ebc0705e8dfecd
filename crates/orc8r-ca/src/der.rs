//! The few DER forms that have to be written by hand: what comes off the wire in another shape than ring wants.

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;

/// One element: tag, definite length, content.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let length = content.len().to_be_bytes();
            let significant = without_leading_zeros(&length);
            out.push(0x80 | significant.len() as u8);
            out.extend_from_slice(significant);
        }
    }
    out.extend_from_slice(content);
    out
}

/// A sequence of elements that are encoded already.
pub(crate) fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &elements.concat())
}

/// An INTEGER from an unsigned big-endian number of any length.
pub(crate) fn unsigned_integer(big_endian: &[u8]) -> Vec<u8> {
    let significant = without_leading_zeros(big_endian);
    let needs_sign_byte = significant.first().is_none_or(|first| first & 0x80 != 0);
    let mut content = Vec::with_capacity(significant.len() + 1);
    if needs_sign_byte {
        content.push(0);
    }
    content.extend_from_slice(significant);
    element(INTEGER, &content)
}

/// The number without its leading zero bytes; empty for zero.
pub(crate) fn without_leading_zeros(big_endian: &[u8]) -> &[u8] {
    let zeros = big_endian.iter().take_while(|byte| **byte == 0).count();
    &big_endian[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_minimal_and_never_negative() {
        for (number, expected) in [
            (&[][..], &[2, 1, 0][..]),
            (&[0, 0], &[2, 1, 0]),
            (&[0x7f], &[2, 1, 0x7f]),
            (&[0x80], &[2, 2, 0, 0x80]),
            (&[0, 0, 1, 2], &[2, 2, 1, 2]),
        ] {
            assert_eq!(unsigned_integer(number), expected, "{number:?}");
        }
    }

    #[test]
    fn lengths_above_127_take_the_long_form() {
        assert_eq!(element(4, &[7; 3])[..2], [4, 3]);
        assert_eq!(element(4, &[7; 200])[..3], [4, 0x81, 200]);
        assert_eq!(element(4, &[7; 300])[..4], [4, 0x82, 1, 44]);
    }
}
