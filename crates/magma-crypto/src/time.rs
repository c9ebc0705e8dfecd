//! The two forms of time in certificates (RFC 5280 §4.1.2.5), in seconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::der::{Element, GENERALIZED_TIME, UTC_TIME};

/// The time of an element; before 1970 is as good as 1970.
pub(crate) fn read(element: Element<'_>) -> Option<SystemTime> {
    let (year, rest) = match element.tag {
        UTC_TIME => {
            let (digits, rest) = element.contents.split_at_checked(2)?;
            let year = number(digits)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (digits, rest) = element.contents.split_at_checked(4)?;
            (number(digits)?, rest)
        }
        _ => return None,
    };
    let [digits @ .., b'Z'] = rest else { return None };
    if digits.len() != 10 {
        return None;
    }
    let part = |index: usize| number(&digits[2 * index..2 * index + 2]);
    let (month, day) = (part(0)?, part(1)?);
    let (hour, minute, second) = (part(2)?, part(3)?, part(4)?);
    let fits = (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let seconds = ((days_before(year, month) + day - 1) * 24 + hour) * 3600 + minute * 60 + second;
    fits.then(|| UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

fn number(digits: &[u8]) -> Option<i64> {
    digits
        .iter()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(is_leap(year)),
        _ => 31,
    }
}

/// Days from 1970 to the first of a month.
fn days_before(year: i64, month: i64) -> i64 {
    let past = year - 1;
    let leap_days = past / 4 - past / 100 + past / 400;
    let months: i64 = (1..month).map(|month| days_of(year, month)).sum();
    past * 365 + leap_days + months - 719_162
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_others_read_them() {
        for (tag, text, seconds) in [
            (UTC_TIME, "700101000000Z", Some(0)),
            (UTC_TIME, "491231235959Z", Some(2_524_607_999)),
            (UTC_TIME, "500101000000Z", Some(0)),
            (UTC_TIME, "261121000000Z", Some(20_778 * 86_400)),
            (UTC_TIME, "000229120000Z", Some(951_825_600)),
            (GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000)),
            (GENERALIZED_TIME, "20000301000000Z", Some(951_868_800)),
            (GENERALIZED_TIME, "99991231235959Z", Some(253_402_300_799)),
            (GENERALIZED_TIME, "19691231235959Z", Some(0)),
            (GENERALIZED_TIME, "00000101000000Z", Some(0)),
            (UTC_TIME, "270229000000Z", None),
            (UTC_TIME, "261301000000Z", None),
            (UTC_TIME, "260100000000Z", None),
            (UTC_TIME, "260101240000Z", None),
            (UTC_TIME, "260101006000Z", None),
            (UTC_TIME, "260101000060Z", None),
            (UTC_TIME, "2601010000Z", None),
            (UTC_TIME, "260101000000+0100", None),
            (UTC_TIME, "26010100000", None),
            (UTC_TIME, "", None),
            (UTC_TIME, "2601-1000000Z", None),
            (GENERALIZED_TIME, "20260101000000.5Z", None),
            (0x0c, "260101000000Z", None),
        ] {
            let element = Element { tag, contents: text.as_bytes(), whole: &[] };
            let expected = seconds.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(read(element), expected, "{text}");
        }
    }
}
