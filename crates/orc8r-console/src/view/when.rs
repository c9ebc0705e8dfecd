//! Times: the absolute one in the page, which the script shows as how long ago, with the absolute on hover.

use maud::{Markup, html};
use time::OffsetDateTime;
use time::macros::format_description;

/// A moment, in milliseconds since 1970; 0 is none.
pub(crate) fn when(unix_ms: i64) -> Markup {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(unix_ms) * 1_000_000);
    let Some(moment) = moment.ok().filter(|_| unix_ms > 0) else {
        return html! { span.quiet { "never" } };
    };
    let exact = moment.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"));
    let shown = moment.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC"));
    html! { time datetime=(exact.unwrap_or_default()) { (shown.unwrap_or_default()) } }
}

/// The same, with words for none.
pub(crate) fn when_or(unix_ms: i64, otherwise: &str) -> Markup {
    html! { @if unix_ms > 0 { (when(unix_ms)) } @else { span.quiet { (otherwise) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_absolute_without_the_script() {
        let text = when(1_700_000_000_123).into_string();
        assert_eq!(text, r#"<time datetime="2023-11-14T22:13:20Z">2023-11-14 22:13:20 UTC</time>"#);
        assert!(when(0).into_string().contains("never"));
        assert!(when(i64::MAX).into_string().contains("never"), "what cannot be a time is none");
        assert!(when_or(0, "none yet").into_string().contains("none yet"));
    }
}
