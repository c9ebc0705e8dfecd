//! From when to when something was so: the stretches of a series that have values.

use crate::view::matrix::Series;
use crate::view::range::Range;
use std::collections::BTreeMap;

/// A stretch of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) labels: BTreeMap<String, String>,
    /// Seconds since 1970.
    pub(super) from_s: i64,
    /// Seconds since 1970.
    pub(super) to_s: i64,
    /// It goes on at the end of the range.
    pub(super) is_open: bool,
}

/// The stretches that last at least so many seconds, the newest first.
pub(super) fn spans(series: &[Series], range: &Range, for_s: i64) -> Vec<Span> {
    let mut found: Vec<Span> = series.iter().flat_map(|series| of(series, range)).collect();
    found.retain(|span| span.to_s - span.from_s >= for_s);
    found.sort_by(|one, other| (other.from_s, &one.labels).cmp(&(one.from_s, &other.labels)));
    found
}

fn of(series: &Series, range: &Range) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let mut was = false;
    for (at, value) in series.values.iter().enumerate() {
        let time_s = range.from_s + range.step_s * i64::try_from(at).unwrap_or_default();
        let is = value.is_some();
        match (was, is) {
            (false, true) => found.push(Span {
                labels: series.labels.clone(),
                from_s: time_s,
                to_s: time_s,
                is_open: at + 1 == series.values.len(),
            }),
            (true, true) => {
                if let Some(last) = found.last_mut() {
                    (last.to_s, last.is_open) = (time_s, at + 1 == series.values.len());
                }
            }
            _ => {}
        }
        was = is;
    }
    found
}

/// `5m`, `1h30m`, `90s`; nothing is no time. `None`: it is no duration.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let (mut sum, mut number) = (0_i64, String::new());
    for letter in text.trim().chars() {
        if letter.is_ascii_digit() {
            number.push(letter);
            continue;
        }
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        sum = sum.checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    number.is_empty().then_some(sum)
}

/// How long something lasted.
pub(super) fn length(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_found_and_short_ones_passed_over() {
        let range = Range::last(3600);
        let values = [Some(1.0), Some(1.0), None, Some(1.0), None, Some(0.0), Some(2.0), Some(3.0)];
        let series = [Series { values: values.to_vec(), ..Series::default() }];
        let found = spans(&series, &range, 0);
        let at = |time: i64| (time - range.from_s) / range.step_s;
        let steps: Vec<_> = found.iter().map(|span| (at(span.from_s), at(span.to_s), span.is_open)).collect();
        assert_eq!(steps, [(5, 7, true), (3, 3, false), (0, 1, false)]);
        assert_eq!(spans(&series, &range, range.step_s * 2).len(), 1);
    }

    #[test]
    fn durations_are_those_of_prometheus() {
        for (text, expected) in
            [("", Some(0)), ("5m", Some(300)), ("1h30m", Some(5400)), ("5", None), ("m", None), ("x", None)]
        {
            assert_eq!(seconds(text), expected, "{text}");
        }
        assert_eq!(
            [length(30), length(600), length(7200), length(864_000)],
            ["30 s", "10 min", "2 h", "10 d"]
        );
    }
}
