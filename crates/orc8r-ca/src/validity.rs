//! When a certificate begins and ends.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

/// How long an authority lives: ten years, as in Magma's own deployment.
pub(crate) const AUTHORITY_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// How long the server's and an operator's certificate live: two years.
pub(crate) const LEAF_LIFETIME: Duration = Duration::from_secs(2 * 365 * 24 * 3600);

/// How far every certificate begins in the past, for clients whose clock is behind (Magma's certifier: one hour).
const BACK_DATED: Duration = Duration::from_secs(3600);

/// From when to when a certificate is valid, both ends included, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) not_before: SystemTime,
    pub(crate) not_after: SystemTime,
}

impl Validity {
    /// From one hour ago until `lifetime` from now.
    pub(crate) fn starting(now: SystemTime, lifetime: Duration) -> Self {
        let now = whole_seconds(now);
        Self { not_before: now - BACK_DATED, not_after: now + lifetime }
    }

    /// The same, but never longer than `end`.
    pub(crate) fn ending_by(self, end: SystemTime) -> Self {
        Self { not_after: self.not_after.min(end), ..self }
    }

    pub(crate) fn apply_to(self, params: &mut rcgen::CertificateParams) {
        params.not_before = OffsetDateTime::from(self.not_before);
        params.not_after = OffsetDateTime::from(self.not_after);
    }
}

/// Seconds since 1970; 0 before that.
pub(crate) fn unix_seconds(moment: SystemTime) -> u64 {
    moment.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The moment that a certificate's field names; moments before 1970 become 1970.
pub(crate) fn from_timestamp(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

fn whole_seconds(moment: SystemTime) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(unix_seconds(moment))
}
