//! Which alerts a silence is about, and when.

use std::collections::BTreeMap;

use orc8r_metrics::tsdb::{Operator, Selector};
use regex::Regex;
use wire_rest::types::Matcher;

use crate::document::Silence;

/// Where a silence is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SilenceState {
    /// Not yet.
    Pending,
    /// Now.
    Active,
    /// No more.
    Expired,
}

impl SilenceState {
    /// As Alertmanager writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Expired => "expired",
        }
    }
}

/// Where a silence is.
pub fn state_of(silence: &Silence, now_ms: i64) -> SilenceState {
    if now_ms >= silence.ends_ms {
        SilenceState::Expired
    } else if now_ms >= silence.starts_ms {
        SilenceState::Active
    } else {
        SilenceState::Pending
    }
}

/// The expression of a matcher, if it is one.
pub(crate) fn expression(matcher: &Matcher) -> Result<Option<Regex>, String> {
    if matcher.name.is_empty() {
        return Err("a matcher needs the name of a label".to_owned());
    }
    if !matcher.is_regex {
        return Ok(None);
    }
    let expression = Regex::new(&format!("^(?:{})$", matcher.value));
    expression.map(Some).map_err(|_| format!("{:?} is no regular expression", matcher.value))
}

/// Whether a silence is about an alert.
pub(crate) fn covers(silence: &Silence, labels: &BTreeMap<String, String>) -> bool {
    !silence.matchers.is_empty()
        && silence.matchers.iter().all(|matcher| {
            let value = labels.get(&matcher.name).map_or("", String::as_str);
            match expression(matcher) {
                Ok(Some(expression)) => expression.is_match(value),
                Ok(None) => matcher.value == value,
                Err(_) => false,
            }
        })
}

/// Whether a silence has matchers that a filter, such as `{alertname="x"}`, accepts.
pub fn matches_filter(silence: &Silence, filter: &Selector) -> bool {
    matchers_match(&silence.matchers, filter)
}

/// The same of its matchers alone.
pub fn matchers_match(matchers: &[Matcher], filter: &Selector) -> bool {
    filter.0.iter().all(|wanted| {
        let mut matchers = matchers.iter().filter(|matcher| matcher.name == wanted.label);
        match &wanted.operator {
            Operator::NotEqual | Operator::MatchesNot(_) => {
                matchers.all(|matcher| wanted.accepts(&matcher.value))
            }
            _ => matchers.any(|matcher| wanted.accepts(&matcher.value)),
        }
    })
}
