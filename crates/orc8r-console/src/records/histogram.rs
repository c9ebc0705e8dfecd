//! How many records there are when: a bar for each part of the time.

use super::Question;
use crate::rest::Refusal;
use crate::visit::Visit;
use maud::{Markup, html};
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;

/// So many bars.
const BARS: i64 = 12;

/// Of the picture, in its own units.
const BAR_WIDTH: usize = 20;
const HEIGHT: usize = 48;

pub(super) struct Histogram {
    /// From when each bar is, in seconds since 1970, and how many there are.
    bars: Vec<(i64, usize)>,
}

impl Histogram {
    pub(super) async fn of(visit: &Visit, question: &Question) -> Result<Self, Refusal> {
        let (from, to) = (question.range.from_s, question.range.to_s);
        let mut bars = Vec::new();
        for bar in 0..BARS {
            let begin = |bar: i64| from + (to - from) * bar / BARS;
            let is_last = bar + 1 == BARS;
            // Both ends belong to what is counted: a bar ends a millisecond before the next one begins.
            let end = match is_last {
                true if question.is_open => String::new(),
                true => to.to_string(),
                false => (begin(bar + 1) * 1000 - 1).to_string(),
            };
            let time = [("start", (begin(bar) * 1000).to_string()), ("end", end)];
            let count: Value = visit.rest.get(&question.url(&question.count, &time)).await?;
            let count = count.as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
            bars.push((begin(bar), count));
        }
        Ok(Self { bars })
    }

    pub(super) fn total(&self) -> usize {
        self.bars.iter().map(|(_, count)| count).sum()
    }

    pub(super) fn show(&self) -> Markup {
        let most = self.bars.iter().map(|(_, count)| *count).max().unwrap_or_default();
        if most == 0 {
            return html! {};
        }
        let words = format!(
            "{} in all; at most {most} in one of {} parts of the time",
            self.total(),
            self.bars.len()
        );
        let width = self.bars.len() * BAR_WIDTH;
        let first = self.bars.first().map(|(from, _)| *from).unwrap_or_default();
        html! {
            figure.histogram {
                figcaption { strong { (self.total()) } " in all" span.quiet { ", from " (clock(first)) " UTC" } }
                svg viewBox={ "0 0 " (width) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(words) {
                    @for (at, (from, count)) in self.bars.iter().enumerate() {
                        @let tall = if *count == 0 { 0 } else { (count * HEIGHT / most).max(2) };
                        rect x=(at * BAR_WIDTH + 1) y=(HEIGHT - tall) width=(BAR_WIDTH - 2) height=(tall) { title { (count) " from " (clock(*from)) " UTC" } }
                    }
                }
            }
        }
    }
}

fn clock(seconds: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.format(format_description!("[year]-[month]-[day] [hour]:[minute]")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_tall_as_it_has_records_and_none_is_no_bar() {
        let shown = Histogram { bars: vec![(0, 0), (60, 1), (120, 1000)] };
        assert_eq!(shown.total(), 1001);
        let text = shown.show().into_string();
        for wanted in [r#"height="0""#, r#"height="2""#, r#"height="48""#, "1000 from 1970-01-01 00:02 UTC"] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        assert_eq!(Histogram { bars: vec![(0, 0)] }.show().into_string(), "");
    }
}
