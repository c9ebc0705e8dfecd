//! The default alphabet of 3GPP TS 23.038: 7 bits a character, and some characters behind an escape.

/// Characters by their code.
const BASIC: [char; 128] = [
    '@',
    '£',
    '$',
    '¥',
    'è',
    'é',
    'ù',
    'ì',
    'ò',
    'Ç',
    '\n',
    'Ø',
    'ø',
    '\r',
    'Å',
    'å',
    'Δ',
    '_',
    'Φ',
    'Γ',
    'Λ',
    'Ω',
    'Π',
    'Ψ',
    'Σ',
    'Θ',
    'Ξ',
    ESCAPE_SIGN,
    'Æ',
    'æ',
    'ß',
    'É',
    ' ',
    '!',
    '"',
    '#',
    '¤',
    '%',
    '&',
    '\'',
    '(',
    ')',
    '*',
    '+',
    ',',
    '-',
    '.',
    '/',
    '0',
    '1',
    '2',
    '3',
    '4',
    '5',
    '6',
    '7',
    '8',
    '9',
    ':',
    ';',
    '<',
    '=',
    '>',
    '?',
    '¡',
    'A',
    'B',
    'C',
    'D',
    'E',
    'F',
    'G',
    'H',
    'I',
    'J',
    'K',
    'L',
    'M',
    'N',
    'O',
    'P',
    'Q',
    'R',
    'S',
    'T',
    'U',
    'V',
    'W',
    'X',
    'Y',
    'Z',
    'Ä',
    'Ö',
    'Ñ',
    'Ü',
    '§',
    '¿',
    'a',
    'b',
    'c',
    'd',
    'e',
    'f',
    'g',
    'h',
    'i',
    'j',
    'k',
    'l',
    'm',
    'n',
    'o',
    'p',
    'q',
    'r',
    's',
    't',
    'u',
    'v',
    'w',
    'x',
    'y',
    'z',
    'ä',
    'ö',
    'ñ',
    'ü',
    'à',
];

/// Stands in the table where the escape is: no character of a text.
const ESCAPE_SIGN: char = '\u{1b}';
const ESCAPE: u8 = 0x1b;

/// What stands behind the escape.
const EXTENDED: [(char, u8); 10] = [
    ('\u{c}', 0x0a),
    ('^', 0x14),
    ('{', 0x28),
    ('}', 0x29),
    ('\\', 0x2f),
    ('[', 0x3c),
    ('~', 0x3d),
    (']', 0x3e),
    ('|', 0x40),
    ('€', 0x65),
];

/// The one or two codes of a character; `None` when the alphabet has not got it.
pub(crate) fn codes(sign: char) -> Option<Vec<u8>> {
    if sign == ESCAPE_SIGN {
        return None;
    }
    if let Some(code) = BASIC.iter().position(|known| *known == sign) {
        return u8::try_from(code).ok().map(|code| vec![code]);
    }
    let extended = EXTENDED.iter().find(|(known, _)| *known == sign);
    extended.map(|(_, code)| vec![ESCAPE, *code])
}

/// Codes one after another, from the lowest bit of the first octet on, after `skipped` bits that stay zero.
pub(crate) fn pack(codes: &[u8], skipped: usize) -> Vec<u8> {
    let mut octets = vec![0; (skipped + codes.len() * 7).div_ceil(8)];
    for (index, code) in codes.iter().enumerate() {
        let bit = skipped + index * 7;
        let shifted = u16::from(*code & 0x7f) << (bit % 8);
        let [low, high] = shifted.to_le_bytes();
        octets[bit / 8] |= low;
        if high != 0 {
            octets[bit / 8 + 1] |= high;
        }
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_the_codes_of_the_standard() {
        for (sign, expected) in [
            ('@', Some(vec![0])),
            ('\n', Some(vec![0x0a])),
            ('Δ', Some(vec![0x10])),
            ('Æ', Some(vec![0x1c])),
            (' ', Some(vec![0x20])),
            ('¤', Some(vec![0x24])),
            ('0', Some(vec![0x30])),
            ('¡', Some(vec![0x40])),
            ('A', Some(vec![0x41])),
            ('Z', Some(vec![0x5a])),
            ('§', Some(vec![0x5f])),
            ('¿', Some(vec![0x60])),
            ('a', Some(vec![0x61])),
            ('z', Some(vec![0x7a])),
            ('à', Some(vec![0x7f])),
            ('€', Some(vec![0x1b, 0x65])),
            ('\\', Some(vec![0x1b, 0x2f])),
            ('`', None),
            ('ç', None),
            ('\u{1b}', None),
            ('я', None),
        ] {
            assert_eq!(codes(sign), expected, "{sign:?}");
        }
    }

    #[test]
    fn codes_are_packed_from_the_lowest_bit_on() {
        let hello: Vec<u8> = "hellohello".chars().filter_map(codes).flatten().collect();
        assert_eq!(pack(&hello, 0), [0xe8, 0x32, 0x9b, 0xfd, 0x46, 0x97, 0xd9, 0xec, 0x37]);
        for (codes, skipped, expected) in [
            (&[][..], 0, &[][..]),
            (&[0x7f], 0, &[0x7f]),
            (&[0x7f], 1, &[0xfe]),
            (&[0x7f, 0x7f], 0, &[0xff, 0x3f]),
            (&[0x7f; 8], 0, &[0xff; 7]),
            (&[0x7f], 6, &[0xc0, 0x1f]),
        ] {
            assert_eq!(pack(codes, skipped), expected, "{codes:?} after {skipped}");
        }
    }
}
