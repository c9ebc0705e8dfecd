//! What operator and cloud want told of errors, and where.

use magma_config::ControlProxy;
use serde_json::Value;

use super::dsn::Dsn;
use super::exclusion::Exclusion;
use crate::managed_config::Live;

/// What they say, as it stands there. It may hold a key, so it cannot be shown.
#[derive(Clone, PartialEq)]
pub(super) struct Wanted {
    dsn: String,
    by_operator: bool,
    share: f64,
    patterns: Vec<String>,
}

/// The same, understood.
pub(super) struct Order {
    pub(super) dsn: Dsn,
    /// Which part of the errors is told.
    pub(super) share: f64,
    pub(super) exclusions: Vec<Exclusion>,
}

impl Wanted {
    /// What `control_proxy.yml` says, and else `shared_mconfig`.
    pub(super) fn of(control_proxy: &ControlProxy, live: &Live) -> Self {
        let shared = live.mconfig.get("shared_mconfig");
        let sentry = shared.and_then(|entry| entry.get("sentryConfig").or(entry.get("sentry_config")));
        let setting =
            |camel: &str, snake: &str| sentry.and_then(|entry| entry.get(camel).or(entry.get(snake)));
        let of_cloud = || setting("dsnPython", "dsn_python").and_then(Value::as_str).map(str::to_owned);
        let shared_rate = setting("sampleRate", "sample_rate").and_then(Value::as_f64);
        let patterns = setting("exclusionPatterns", "exclusion_patterns").and_then(Value::as_array);
        let patterns = patterns.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        Self {
            by_operator: control_proxy.sentry_url.is_some(),
            dsn: control_proxy.sentry_url.clone().or_else(of_cloud).unwrap_or_default(),
            share: control_proxy.sentry_sample_rate.or(shared_rate).unwrap_or(1.0),
            patterns: patterns.collect(),
        }
    }

    /// Where errors are told, if anywhere; says what cannot be used.
    pub(super) fn order(&self) -> Option<Order> {
        if self.dsn.is_empty() {
            return None;
        }
        let dsn = Dsn::parse(&self.dsn).inspect_err(|why| {
            let key = match self.by_operator {
                true => "sentry_url_python in control_proxy.yml",
                false => "dsn_python of shared_mconfig, from the cloud",
            };
            tracing::warn!("errors are not told to Sentry: {key}: {why}");
        });
        let exclusions = self.patterns.iter().filter_map(|pattern| {
            let read = Exclusion::parse(pattern);
            if read.is_none() {
                tracing::warn!(
                    pattern,
                    "a pattern of errors that Sentry is not told is of a kind that is not understood"
                );
            }
            read
        });
        Some(Order { dsn: dsn.ok()?, share: self.share(), exclusions: exclusions.collect() })
    }

    /// All errors, where the cloud says what makes no sense; the operator's own is checked with its file.
    fn share(&self) -> f64 {
        if (0.0..=1.0).contains(&self.share) {
            return self.share;
        }
        tracing::warn!(
            "sample_rate of shared_mconfig, from the cloud, is no number from 0 to 1; all errors are told"
        );
        1.0
    }
}
