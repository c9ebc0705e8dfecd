//! What a plain word means in YAML 1.1, as PyYAML reads it: `yes` is true and `0644` is 420.

/// Whether the text means "nothing".
pub(crate) fn is_null(text: &str, plain: bool) -> bool {
    plain && matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// The boolean that a plain word stands for.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// The integer that a word stands for: decimal, `0b`, `0x`, octal with a leading 0, base 60 with colons, `_` ignored.
pub(crate) fn integer(text: &str) -> Option<i64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = digits.replace('_', "");
    let magnitude = match digits.as_bytes() {
        [b'0', b'b', rest @ ..] => in_radix(rest, 2)?,
        [b'0', b'x', rest @ ..] => in_radix(rest, 16)?,
        [b'0', rest @ ..] if !rest.is_empty() => in_radix(rest, 8)?,
        _ => base_60(&digits)?,
    };
    Some(sign * magnitude)
}

fn in_radix(digits: &[u8], radix: u32) -> Option<i64> {
    let digits = std::str::from_utf8(digits).ok()?;
    // from_str_radix would take a second sign.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    i64::from_str_radix(digits, radix).ok()
}

/// `1:30` is 90; a number without colons is itself.
fn base_60(digits: &str) -> Option<i64> {
    let mut total: i64 = 0;
    for (position, part) in digits.split(':').enumerate() {
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let part: i64 = part.parse().ok()?;
        if position > 0 && part > 59 {
            return None;
        }
        total = total.checked_mul(60)?.checked_add(part)?;
    }
    Some(total)
}

/// The number that a word stands for, whole or with a point.
pub(crate) fn number(text: &str) -> Option<f64> {
    if let Some(whole) = integer(text) {
        return u32::try_from(whole).ok().map(f64::from).or_else(|| text.parse().ok());
    }
    let looks_right =
        text.contains('.') && text.bytes().all(|b| b.is_ascii_digit() || b".+-eE_".contains(&b));
    looks_right.then(|| text.replace('_', "").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_those_of_yaml_1_1() {
        for (text, expected) in [
            ("0", Some(0)),
            ("50052", Some(50052)),
            ("-3", Some(-3)),
            ("+7", Some(7)),
            ("0644", Some(420)),
            ("0x1F", Some(31)),
            ("0b101", Some(5)),
            ("1_000", Some(1000)),
            ("1:30", Some(90)),
            ("1:99", None),
            ("08", None),
            ("1.0", None),
            ("0x-5", None),
            ("0b+1", None),
            ("", None),
            ("-", None),
            ("_1", None),
            ("99999999999999999999", None),
            ("éa", None),
        ] {
            assert_eq!(integer(text), expected, "{text:?}");
        }
    }

    #[test]
    fn booleans_are_those_of_pyyaml() {
        for (text, expected) in [
            ("yes", Some(true)),
            ("Off", Some(false)),
            ("TRUE", Some(true)),
            ("y", None),
            ("tRue", None),
            ("1", None),
        ] {
            assert_eq!(boolean(text), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_may_have_a_point() {
        for (text, expected) in [
            ("1.0", Some(1.0)),
            ("4", Some(4.0)),
            (".5", Some(0.5)),
            ("nan", None),
            ("a.b", None),
            ("1e3", None),
        ] {
            assert_eq!(number(text), expected, "{text:?}");
        }
    }
}
