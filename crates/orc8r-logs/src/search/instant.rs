//! The times of a question.

use time::format_description::well_known::Iso8601;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

use super::SearchError;

/// Below, a number is taken for seconds; above, for milliseconds: of 1973 and later.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// Milliseconds since 1970 of a time as in RFC 3339, of one without a zone (which is UTC), of a date, or of a number of
/// seconds or milliseconds; none for an empty text.
///
/// # Errors
/// [`SearchError::Question`] for anything else.
pub(super) fn milliseconds(name: &str, text: &str) -> Result<Option<i64>, SearchError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    read(text).map(Some).ok_or_else(|| {
        SearchError::Question(format!("{name} must be a time like 2026-11-22T10:00:00Z: '{text}'"))
    })
}

fn read(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(if number < MILLISECONDS_FROM { number.checked_mul(1000)? } else { number });
    }
    // In a query, a plus that is not escaped arrives as a blank.
    let text = &text.replace(' ', "+");
    let time = OffsetDateTime::parse(text, &Iso8601::DEFAULT)
        .or_else(|_| PrimitiveDateTime::parse(text, &Iso8601::DEFAULT).map(PrimitiveDateTime::assume_utc))
        .or_else(|_| Date::parse(text, &Iso8601::DEFAULT).map(|date| date.midnight().assume_utc()));
    i64::try_from(time.ok()?.unix_timestamp_nanos() / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_and_programs_write_them() {
        for (text, expected) in [
            ("", Some(None)),
            ("2023-11-14T22:13:20Z", Some(Some(1_700_000_000_000))),
            ("2023-11-14T22:13:20.123Z", Some(Some(1_700_000_000_123))),
            ("2023-11-15T00:13:20+02:00", Some(Some(1_700_000_000_000))),
            ("2023-11-15T00:13:20 02:00", Some(Some(1_700_000_000_000))),
            ("2023-11-14T22:13:20", Some(Some(1_700_000_000_000))),
            ("2023-11-14", Some(Some(1_699_920_000_000))),
            ("1700000000", Some(Some(1_700_000_000_000))),
            ("1700000000123", Some(Some(1_700_000_000_123))),
            ("yesterday", None),
            ("2023-13-01", None),
            ("now-1h", None),
        ] {
            assert_eq!(milliseconds("start", text).ok(), expected, "{text}");
        }
    }
}
