//! What time it is.

use crate::error::ApiError;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Seconds since 1970; 0 before that.
pub(crate) fn unix_seconds() -> i64 {
    i64::try_from(since_1970().as_secs()).unwrap_or(i64::MAX)
}

/// Milliseconds since 1970; 0 before that.
pub(crate) fn unix_milliseconds() -> u64 {
    u64::try_from(since_1970().as_millis()).unwrap_or(u64::MAX)
}

/// The same as metrics have it.
pub(crate) fn signed_milliseconds() -> i64 {
    i64::try_from(since_1970().as_millis()).unwrap_or(i64::MAX)
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A moment in seconds since 1970, as the contract writes it.
pub(crate) fn date_time(seconds: i64) -> Result<String, ApiError> {
    let moment = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| ApiError::Defect)?;
    moment.format(&Rfc3339).map_err(|_| ApiError::Defect)
}
