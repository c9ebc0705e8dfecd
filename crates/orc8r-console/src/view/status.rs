//! How something is: a shape, a word and a reason, the same for everything.

use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

/// How something is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "String")]
pub(crate) enum Health {
    /// It does not do its work.
    Down,
    /// It does its work, but something is wrong.
    Degraded,
    /// It waits for something to happen.
    Pending,
    /// Nobody knows.
    #[default]
    Unknown,
    /// It is switched off.
    Disabled,
    /// It does its work.
    Ok,
}

impl Health {
    /// All of them, the worst first.
    pub(crate) const ALL: [Self; 6] =
        [Self::Down, Self::Degraded, Self::Pending, Self::Unknown, Self::Disabled, Self::Ok];

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Down => "Down",
            Self::Degraded => "Degraded",
            Self::Pending => "Pending",
            Self::Unknown => "Unknown",
            Self::Disabled => "Disabled",
            Self::Ok => "OK",
        }
    }

    /// Its name in a URL, and as a class of the style.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Degraded => "degraded",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Disabled => "disabled",
            Self::Ok => "ok",
        }
    }

    /// Its shape, so that nobody needs to tell colours apart.
    fn shape(self) -> &'static str {
        match self {
            Self::Down => {
                r#"<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/><path class="in" d="m5.5 5.5 5 5m0-5-5 5"/>"#
            }
            Self::Degraded => r#"<path d="M8 1.5 15.2 14H.8z"/><path class="in" d="M8 6v4m0 1.6v.6"/>"#,
            Self::Pending => {
                r#"<circle class="line" cx="8" cy="8" r="6.2"/><path class="line" d="M8 4.5V8l2.4 1.6"/>"#
            }
            Self::Unknown => {
                r#"<circle class="line" cx="8" cy="8" r="6.2" stroke-dasharray="2.4 2"/><path class="line" d="M6.3 6.4a1.8 1.8 0 1 1 2.4 1.8c-.5.2-.7.5-.7 1m0 1.9v.4"/>"#
            }
            Self::Disabled => {
                r#"<circle class="line" cx="8" cy="8" r="6.2"/><path class="line" d="M5 8h6"/>"#
            }
            Self::Ok => r#"<circle cx="8" cy="8" r="7"/><path class="in" d="m4.8 8.2 2.2 2.2 4.2-4.6"/>"#,
        }
    }
}

impl From<String> for Health {
    /// A name that is none is something that nobody knows.
    fn from(name: String) -> Self {
        Self::ALL.into_iter().find(|health| health.name() == name).unwrap_or_default()
    }
}

/// The shape alone.
pub(crate) fn shape(health: Health) -> Markup {
    html! { svg viewBox="0 0 16 16" aria-hidden="true" { (PreEscaped(health.shape())) } }
}

/// How something is, in another word.
pub(crate) fn worded(health: Health, word: &str) -> Markup {
    html! {
        span.status.{(health.name())} {
            (shape(health))
            span { (word) }
        }
    }
}

/// How something is, and why.
pub(crate) fn status(health: Health, reason: &str) -> Markup {
    html! {
        (worded(health, health.word()))
        @if !reason.is_empty() { " " span.reason { (reason) } }
    }
}

/// Whether something is so, in words of its own; what nobody has told is not shown as “no”.
pub(crate) fn yes_or_no(is_so: Option<bool>, yes: &str, no: &str) -> Markup {
    html! {
        @match is_so {
            Some(true) => (yes),
            Some(false) => strong { (no) },
            None => span.quiet { "not told" },
        }
    }
}
