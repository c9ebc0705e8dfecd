//! Which series are asked for, and which may be seen.

use std::collections::BTreeSet;

use regex::Regex;

use super::bytes::labels_of;
use crate::labels::{GATEWAY_LABEL, NAME_LABEL, NETWORK_LABEL};
use crate::series::Source;

/// How a matcher compares.
#[derive(Debug, Clone)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`, with the expression that the whole value must match
    Matches(Regex),
    /// `!~`
    MatchesNot(Regex),
}

/// A condition on one label; a label that is not there has the value "".
#[derive(Debug, Clone)]
pub struct Matcher {
    /// The label.
    pub label: String,
    /// How its value is compared.
    pub operator: Operator,
    /// With what; for expressions, their text.
    pub value: String,
}

impl Matcher {
    /// `label="value"`
    pub fn equal(label: &str, value: &str) -> Self {
        Self { label: label.to_owned(), operator: Operator::Equal, value: value.to_owned() }
    }

    /// Whether a value is one that is asked for.
    pub fn accepts(&self, value: &str) -> bool {
        match &self.operator {
            Operator::Equal => self.value == value,
            Operator::NotEqual => self.value != value,
            Operator::Matches(expression) => expression.is_match(value),
            Operator::MatchesNot(expression) => !expression.is_match(value),
        }
    }
}

/// All conditions on a series: each must hold.
#[derive(Debug, Clone, Default)]
pub struct Selector(pub Vec<Matcher>);

impl Selector {
    /// The name, when only one is asked for.
    pub(super) fn exact_name(&self) -> Option<&str> {
        let is_exact = |matcher: &&Matcher| {
            matcher.label == NAME_LABEL
                && matches!(matcher.operator, Operator::Equal)
                && !matcher.value.is_empty()
        };
        self.0.iter().find(is_exact).map(|matcher| matcher.value.as_str())
    }

    pub(super) fn accepts_name(&self, name: &str) -> bool {
        self.0.iter().filter(|matcher| matcher.label == NAME_LABEL).all(|matcher| matcher.accepts(name))
    }

    /// Whether the labels of a shape agree, as far as they can say: a network is only the source's, and a gateway
    /// is the source's if it has one.
    pub(super) fn accepts_labels(&self, labels: &[u8], found: &mut Vec<(String, String)>) -> bool {
        found.clear();
        found.extend(labels_of(labels).map(|(name, value)| (name.to_owned(), value.to_owned())));
        self.0
            .iter()
            .filter(|matcher| ![NAME_LABEL, NETWORK_LABEL, GATEWAY_LABEL].contains(&matcher.label.as_str()))
            .all(|matcher| {
                let value = found.iter().find(|(name, _)| *name == matcher.label);
                matcher.accepts(value.map_or("", |(_, value)| value))
            })
    }

    /// Whether the source agrees; `gateway` is what the shape says, for sources that are no gateway.
    pub(super) fn accepts_source(&self, source: &Source, gateway: &str) -> bool {
        let gateway = if source.gateway.is_empty() { gateway } else { &source.gateway };
        self.0.iter().all(|matcher| match matcher.label.as_str() {
            NETWORK_LABEL => matcher.accepts(&source.network),
            GATEWAY_LABEL => matcher.accepts(gateway),
            _ => true,
        })
    }
}

/// The networks of which somebody may see samples. It is asked where samples are read, beneath all expressions: no
/// matcher can widen it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything, also what belongs to no network.
    All,
    /// These networks, and nothing that belongs to none.
    Networks(BTreeSet<String>),
}

impl Scope {
    /// One network.
    pub fn network(network: &str) -> Self {
        Self::Networks(BTreeSet::from([network.to_owned()]))
    }

    /// Whether samples of a source may be seen.
    pub fn allows(&self, source: &Source) -> bool {
        match self {
            Self::All => true,
            Self::Networks(networks) => !source.network.is_empty() && networks.contains(&source.network),
        }
    }
}
