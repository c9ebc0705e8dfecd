//! The metrics that a network has lately sent, with what they mean.

use crate::rest::{Refusal, path};
use crate::view::range::Range;
use crate::visit::Visit;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

/// A metric.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Metric {
    pub(crate) name: String,
    #[serde(rename = "type")]
    /// `counter`, `gauge`, `histogram`, `summary`, or nothing that is known.
    pub(crate) kind: String,
    /// What it means, in the words of who measures it.
    pub(crate) help: String,
    /// How many series it has; an engine elsewhere does not say.
    pub(crate) series: Option<u64>,
}

/// All metrics that were measured lately, by name.
pub(crate) async fn all(visit: &Visit, network: &str) -> Result<Vec<Metric>, Refusal> {
    visit.rest.get(&path(&["networks", network, "prometheus", "metric_names"])).await
}

/// One metric, with what its labels are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Labelled {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) help: String,
    /// The values of each label.
    pub(crate) labels: BTreeMap<String, BTreeSet<String>>,
}

/// What a metric is, means, and is labelled with; that it is not known keeps no page away.
pub(crate) async fn of(visit: &Visit, network: &str, name: &str, range: &Range) -> Labelled {
    let place = path(&["networks", network, "prometheus", "metric_names", name]);
    visit.rest.get(&format!("{place}?start={}&end={}", range.from_s, range.to_s)).await.unwrap_or_default()
}

/// Seconds since 1970.
pub(crate) fn now_s() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(now).unwrap_or(i64::MAX)
}
