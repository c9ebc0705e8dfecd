//! Times for people: the date in UTC, and how long ago or from now it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::bootstrap::clock::span;

/// Like `2026-11-22 03:17:09 UTC (3 min ago)`; `time` is in Unix seconds.
pub(crate) fn moment(time: u64, now: SystemTime) -> String {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let distance = span(Duration::from_secs(time.abs_diff(now)));
    let date = date(time);
    if time > now { format!("{date} (in {distance})") } else { format!("{date} ({distance} ago)") }
}

/// Unix seconds.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The proleptic Gregorian date, counted in years that begin in March, so that a leap day is a year's last.
pub(crate) fn date(time: u64) -> String {
    let (days, second) = (time / 86400 + 719_468, time % 86400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let rows = [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (951_868_800, "2000-03-01 00:00:00 UTC"),
            (1_798_761_600, "2027-01-01 00:00:00 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ];
        for (time, text) in rows {
            assert_eq!(date(time), text);
        }
        let now = UNIX_EPOCH + Duration::from_secs(3600);
        assert_eq!(moment(3420, now), "1970-01-01 00:57:00 UTC (3 min ago)");
        assert_eq!(moment(10_800, now), "1970-01-01 03:00:00 UTC (in 2 h 0 min)");
    }
}
