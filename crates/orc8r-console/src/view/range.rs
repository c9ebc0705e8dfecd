//! The time that charts show: the last hours or days, or from one moment to another; it stands in the URL.

use crate::view::table::ListUrl;
use maud::{Markup, html};
use std::time::{SystemTime, UNIX_EPOCH};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// What one chooses from: a name in the URL, how it is called, and its seconds.
const CHOICES: [(&str, &str, i64); 6] = [
    ("1h", "1 hour", 3600),
    ("3h", "3 hours", 3 * 3600),
    ("12h", "12 hours", 12 * 3600),
    ("1d", "1 day", 86_400),
    ("7d", "7 days", 7 * 86_400),
    ("30d", "30 days", 30 * 86_400),
];

/// What is shown when the URL says nothing.
const DEFAULT: usize = 1;

/// A line of a chart has no more points.
const POINTS_MAX: i64 = 300;

/// From one point to the next, in seconds.
const STEPS: [i64; 14] = [15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/// The time that charts show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    /// The choice, unless it is from one moment to another.
    choice: Option<usize>,
    /// Seconds since 1970.
    pub(crate) from_s: i64,
    /// Seconds since 1970.
    pub(crate) to_s: i64,
    /// From one point to the next.
    pub(crate) step_s: i64,
}

impl Range {
    /// What a URL says: `range=3h`, or `from=` and `to=`.
    pub(crate) fn of(url: &ListUrl) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Self::at(url, i64::try_from(now).unwrap_or(i64::MAX))
    }

    /// The last so many seconds.
    pub(crate) fn last(seconds: i64) -> Self {
        let step_s = step(seconds);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let now_s = i64::try_from(now).unwrap_or(i64::MAX);
        let to_s = now_s - now_s.rem_euclid(step_s);
        Self { choice: None, from_s: to_s - seconds, to_s, step_s }
    }

    fn at(url: &ListUrl, now_s: i64) -> Self {
        let (from, to) = (moment(url.value("from")), moment(url.value("to")));
        if let (Some(from_s), Some(to_s)) = (from, to)
            && from_s < to_s
        {
            let step_s = step(to_s - from_s);
            return Self { choice: None, from_s, to_s, step_s };
        }
        let choice = CHOICES.iter().position(|(name, ..)| *name == url.value("range")).unwrap_or(DEFAULT);
        let seconds = CHOICES[choice].2;
        let step_s = step(seconds);
        // Within one step the range stays the same, and so does the page.
        let to_s = now_s - now_s.rem_euclid(step_s);
        Self { choice: Some(choice), from_s: to_s - seconds, to_s, step_s }
    }

    /// So many points a line has.
    pub(crate) fn points(&self) -> usize {
        usize::try_from((self.to_s - self.from_s) / self.step_s).unwrap_or_default() + 1
    }

    /// How it is called.
    pub(crate) fn words(&self) -> String {
        match self.choice {
            Some(choice) => format!("the last {}", CHOICES[choice].1.trim_start_matches("1 ")),
            None => format!("{} to {} UTC", local(self.from_s, " "), local(self.to_s, " ")),
        }
    }

    /// Its part of a URL.
    pub(crate) fn query(&self) -> String {
        match self.choice {
            Some(choice) => format!("range={}", CHOICES[choice].0),
            None => format!("from={}&to={}", local(self.from_s, "T"), local(self.to_s, "T")),
        }
    }

    /// Where one chooses it; all else of the URL stays.
    pub(crate) fn chooser(&self, url: &ListUrl) -> Markup {
        let plain = url.without(&["from", "to", "range", "page"]);
        html! {
            div.range role="group" aria-label="Time" {
                @for (at, (name, words, _)) in CHOICES.iter().enumerate() {
                    a.button href=(plain.with("range", name)) aria-current=[(self.choice == Some(at)).then_some("true")] { (words) }
                }
                details.menu {
                    summary { @if self.choice.is_none() { (self.words()) } @else { "From … to …" } }
                    form.list method="get" action=(plain.cleared()) {
                        (plain.hidden())
                        label { "From (UTC)" input type="datetime-local" name="from" step="1" required value=(local(self.from_s, "T")); }
                        label { "To (UTC)" input type="datetime-local" name="to" step="1" required value=(local(self.to_s, "T")); }
                        button type="submit" { "Show" }
                    }
                }
            }
        }
    }
}

fn step(seconds: i64) -> i64 {
    let known = STEPS.into_iter().find(|step| seconds / step < POINTS_MAX);
    known.unwrap_or_else(|| (seconds / POINTS_MAX / 86_400 + 1) * 86_400)
}

/// `2026-01-02T03:04:05Z`, the same without a zone for UTC, or seconds since 1970.
pub(crate) fn moment(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>() {
        return (0..=253_402_300_799).contains(&seconds).then_some(seconds);
    }
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment.unix_timestamp());
    }
    let forms = [
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]"),
        format_description!("[year]-[month]-[day]T[hour]:[minute]"),
    ];
    let found = forms.iter().find_map(|form| PrimitiveDateTime::parse(text, form).ok());
    found.map(|moment| moment.assume_utc().unix_timestamp())
}

fn local(seconds: i64, between: &str) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    moment.format(&form).unwrap_or_default().replace('T', between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn url(pairs: &[(&str, &str)]) -> ListUrl {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        ListUrl::new("/p", &pairs.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn a_range_is_what_the_url_says() {
        type Row<'a> = (&'a [(&'a str, &'a str)], (i64, i64, i64), &'a str);
        let now = 1_700_000_007;
        let rows: [Row<'_>; 6] = [
            (&[], (1_699_989_180, 1_699_999_980, 60), "range=3h"),
            (&[("range", "1h")], (1_699_996_395, 1_699_999_995, 15), "range=1h"),
            (&[("range", "never")], (1_699_989_180, 1_699_999_980, 60), "range=3h"),
            (
                &[("from", "2023-11-14T20:00:00Z"), ("to", "2023-11-14T21:00")],
                (1_699_992_000, 1_699_995_600, 15),
                "from=2023-11-14T20:00:00&to=2023-11-14T21:00:00",
            ),
            (&[("from", "1699992000"), ("to", "1699992010")], (1_699_992_000, 1_699_992_010, 15), ""),
            (&[("from", "1699992000"), ("to", "1699992000")], (1_699_989_180, 1_699_999_980, 60), "range=3h"),
        ];
        for (pairs, (from_s, to_s, step_s), query) in rows {
            let range = Range::at(&url(pairs), now);
            assert_eq!((range.from_s, range.to_s, range.step_s), (from_s, to_s, step_s), "{pairs:?}");
            assert!(query.is_empty() || range.query() == query, "{pairs:?}: {}", range.query());
            assert!(range.points() <= 301);
        }
        let ten_years = url(&[("from", "2015-01-01T00:00:00"), ("to", "2025-01-01T00:00:00")]);
        assert!(Range::at(&ten_years, now).points() <= 301);
    }

    #[test]
    fn what_else_is_in_the_url_stays() {
        let url = url(&[("q", "up"), ("from", "1699992000"), ("to", "1699995600")]);
        let chooser = Range::at(&url, 1_700_000_000).chooser(&url).into_string();
        assert!(chooser.contains(r#"href="/p?q=up&amp;range=7d""#), "{chooser}");
        assert!(chooser.contains(r#"<input type="hidden" name="q" value="up">"#), "{chooser}");
    }
}
