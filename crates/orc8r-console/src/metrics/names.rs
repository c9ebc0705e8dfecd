//! The metrics that a network has lately sent, with what they mean.

use crate::rest::{Refusal, path};
use crate::visit::Visit;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
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

/// What a metric is and means; nothing where nobody has said it.
pub(crate) async fn of(visit: &Visit, name: &str) -> (String, String) {
    let known = meanings(visit, name).await;
    meaning(&known, name).cloned().unwrap_or_default()
}

type Meanings = BTreeMap<String, (String, String)>;

/// Kinds and help of metrics. That they are missing keeps no page away.
async fn meanings(visit: &Visit, name: &str) -> Meanings {
    let query =
        if name.is_empty() { String::new() } else { format!("?metric={}", crate::rest::escaped(base(name))) };
    let told: Result<Value, _> = visit.rest.get(&format!("/tenants/targets_metadata{query}")).await;
    let told = told.unwrap_or_default();
    let text = |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
    let told = told.as_array().into_iter().flatten();
    told.map(|one| (text(one, "metric"), (text(one, "type"), text(one, "help")))).collect()
}

/// The parts of histograms and summaries are explained by the whole.
fn meaning<'a>(known: &'a Meanings, name: &str) -> Option<&'a (String, String)> {
    known.get(name).or_else(|| known.get(base(name)))
}

fn base(name: &str) -> &str {
    ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// Seconds since 1970.
pub(crate) fn now_s() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(now).unwrap_or(i64::MAX)
}
