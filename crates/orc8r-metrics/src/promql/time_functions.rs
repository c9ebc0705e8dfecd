//! Calendar functions, of seconds since 1970 in UTC.

const DAY: i64 = 86_400;

/// The function of a name, if it is one of the calendar.
pub(super) fn function(name: &str) -> Option<fn(i64) -> f64> {
    Some(match name {
        "minute" => |seconds| (seconds.rem_euclid(3600) / 60) as f64,
        "hour" => |seconds| (seconds.rem_euclid(DAY) / 3600) as f64,
        // 1970 began with a Thursday.
        "day_of_week" => |seconds| (days(seconds) + 4).rem_euclid(7) as f64,
        "day_of_month" => |seconds| date(days(seconds)).2 as f64,
        "day_of_year" => |seconds| {
            let (year, ..) = date(days(seconds));
            (days(seconds) - first_of(year, 1) + 1) as f64
        },
        "days_in_month" => |seconds| {
            let (year, month, _) = date(days(seconds));
            let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            (first_of(next_year, next) - first_of(year, month)) as f64
        },
        "month" => |seconds| date(days(seconds)).1 as f64,
        "year" => |seconds| date(days(seconds)).0 as f64,
        _ => return None,
    })
}

/// Days since 1970, of times within a million years.
fn days(seconds: i64) -> i64 {
    seconds.div_euclid(DAY).clamp(-365_000_000, 365_000_000)
}

/// Year, month and day; years begin in March here, so that the day that is added comes last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Days since 1970 of the first day of a month.
fn first_of(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * from_march + 2) / 5;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_the_one_on_the_wall() {
        // 2024-02-29 23:59:59 and 2023-12-31 00:00:00.
        for (name, leap, last) in [
            ("minute", 59.0, 0.0),
            ("hour", 23.0, 0.0),
            ("day_of_week", 4.0, 0.0),
            ("day_of_month", 29.0, 31.0),
            ("day_of_year", 60.0, 365.0),
            ("days_in_month", 29.0, 31.0),
            ("month", 2.0, 12.0),
            ("year", 2024.0, 2023.0),
        ] {
            let function = function(name).unwrap();
            assert_eq!((function(1_709_251_199), function(1_703_980_800)), (leap, last), "{name}");
            assert!(function(i64::MAX).is_finite() && function(i64::MIN).is_finite());
        }
    }
}
