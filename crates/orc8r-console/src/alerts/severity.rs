//! How bad an alert is: a shape and a word, in the words of the existing web UI.

use crate::view::status::{Health, worded};
use maud::Markup;

/// How bad it is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Critical,
    Major,
    Minor,
    Other,
}

impl Severity {
    /// Those that one chooses from, as rules write them.
    pub(super) const NAMES: [&'static str; 4] = ["critical", "major", "minor", "info"];

    /// What a rule's label `severity` says; Prometheus' own words are known, too.
    pub(crate) fn of(label: &str) -> Self {
        match label.to_lowercase().as_str() {
            "critical" | "page" => Self::Critical,
            "major" | "warning" => Self::Major,
            "minor" => Self::Minor,
            _ => Self::Other,
        }
    }

    /// How something is of which it tells.
    pub(crate) fn health(self) -> Health {
        match self {
            Self::Critical => Health::Down,
            Self::Major => Health::Degraded,
            Self::Minor => Health::Pending,
            Self::Other => Health::Unknown,
        }
    }

    pub(crate) fn show(self, label: &str) -> Markup {
        match self {
            Self::Critical => worded(Health::Down, "Critical"),
            Self::Major => worded(Health::Degraded, "Major"),
            Self::Minor => worded(Health::Pending, "Minor"),
            Self::Other if label.is_empty() => worded(Health::Unknown, "Without severity"),
            Self::Other => worded(Health::Unknown, label),
        }
    }
}

/// How bad a label says that it is.
pub(crate) fn severity(label: &str) -> Markup {
    Severity::of(label).show(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_comes_first() {
        let mut all = ["info", "minor", "page", "WARNING", ""].map(Severity::of);
        all.sort();
        assert_eq!(
            all,
            [Severity::Critical, Severity::Major, Severity::Minor, Severity::Other, Severity::Other]
        );
        assert!(severity("notice").into_string().contains("notice"));
    }
}
