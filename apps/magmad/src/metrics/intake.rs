//! The way of every family that was collected: completed, labelled, put through the operator's rules, kept.

use std::sync::Arc;

use magma_config::PostProcessingRule;
use magma_metrics::Records;
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

impl Intake {
    pub fn new(store: Store, latest: Option<Latest>, rules: Vec<PostProcessingRule>) -> Self {
        Self { store, latest, rules: Arc::new(rules) }
    }

    /// What a service told, or that it told nothing.
    pub fn of_service(&self, service: String, told: Option<Vec<MetricFamily>>, now_ms: i64) -> Records {
        let success = if told.is_some() { 1.0 } else { 0.0 };
        let mut families = told.unwrap_or_default();
        complete(&mut families, now_ms);
        set_label(&mut families, "service", &service);
        for name in [COLLECTED_NUMBER, COLLECTED] {
            families.push(gauge(name, ("service", &service), success, now_ms));
        }
        self.ready(service, families)
    }

    /// What stood on a program's page; none when it could not be fetched.
    pub fn of_page(&self, target: &str, mut families: Vec<MetricFamily>) -> Records {
        set_label(&mut families, "scrape_target", target);
        // A service may have the same name.
        self.ready(format!("page {target}"), families)
    }

    /// Keeps all of it.
    pub async fn keep(&self, collected: Records) {
        if !collected.is_empty() {
            self.store.push(collected).await;
        }
    }

    /// Encodes them at once: so they take the least memory until they are on disk.
    fn ready(&self, source: String, mut families: Vec<MetricFamily>) -> Records {
        post_process(&mut families, &self.rules);
        if let Some(latest) = &self.latest {
            latest.replace(source, families.clone());
        }
        Records::of(families)
    }
}
