//! The way of every family that was collected: completed, labelled, put through the operator's rules, kept.

use std::sync::Arc;

use magma_config::PostProcessingRule;
use magma_metrics::family::{complete, gauge, post_process, set_label};
use wire_orc8r::prometheus::MetricFamily;

use super::latest::Latest;
use super::store::Store;

/// Magma's name for the gauge that says whether a service told its metrics: the number of
/// `service_metrics_collected` among its metric names.
///
/// Magma-compat: existing clouds know it as `_60`.
const COLLECTED_NUMBER: &str = "60";

/// The same under its own name.
const COLLECTED: &str = "service_metrics_collected";

/// Takes what was collected; a clone puts it into the same places.
#[derive(Clone)]
pub(super) struct Intake {
    store: Store,
    latest: Option<Latest>,
    rules: Arc<Vec<PostProcessingRule>>,
}

/// Families of one service or program, ready to be kept.
pub(super) struct Collected {
    source: String,
    families: Vec<MetricFamily>,
}

impl Intake {
    pub fn new(store: Store, latest: Option<Latest>, rules: Vec<PostProcessingRule>) -> Self {
        Self { store, latest, rules: Arc::new(rules) }
    }

    /// What a service told, or that it told nothing.
    pub fn of_service(&self, service: String, told: Option<Vec<MetricFamily>>, now_ms: i64) -> Collected {
        let success = if told.is_some() { 1.0 } else { 0.0 };
        let mut families = told.unwrap_or_default();
        complete(&mut families, now_ms);
        set_label(&mut families, "service", &service);
        for name in [COLLECTED_NUMBER, COLLECTED] {
            families.push(gauge(name, ("service", &service), success, now_ms));
        }
        post_process(&mut families, &self.rules);
        Collected { source: service, families }
    }

    /// What stood on a program's page; none when it could not be fetched.
    pub fn of_page(&self, target: &str, mut families: Vec<MetricFamily>) -> Collected {
        set_label(&mut families, "scrape_target", target);
        post_process(&mut families, &self.rules);
        // A service may have the same name.
        Collected { source: format!("page {target}"), families }
    }

    /// Keeps all of it.
    pub async fn keep(&self, collected: Vec<Collected>) {
        let mut families = Vec::new();
        for Collected { source, families: of_source } in collected {
            if let Some(latest) = &self.latest {
                latest.replace(source, of_source.clone());
            }
            families.extend(of_source);
        }
        if !families.is_empty() {
            self.store.push(families).await;
        }
    }
}
