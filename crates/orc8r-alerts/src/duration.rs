//! Durations and moments as documents have them.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// `5m`, `1h30m`, `0`, in milliseconds; none when it is no duration.
pub(crate) fn duration_ms(text: &str) -> Option<i64> {
    match text.trim() {
        "" | "0" => Some(0),
        text => orc8r_metrics::promql::duration_ms(text),
    }
}

/// A moment in RFC 3339, in milliseconds since 1970.
pub(crate) fn moment_ms(text: &str) -> Option<i64> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok()
}

/// The same as text.
pub(crate) fn moment(ms: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000);
    moment.ok().and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_default()
}
