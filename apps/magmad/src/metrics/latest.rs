//! The newest families of every service and program, for who fetches them on this machine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use magma_metrics::exposition;
use magma_metrics::family::set_label;
use magma_service303::{Registry, process_families};
use wire_orc8r::prometheus::MetricFamily;

use super::collect::now_ms;
use crate::agent::own_services;

/// What was collected last; a clone is the same.
#[derive(Clone)]
pub(super) struct Latest {
    registry: Registry,
    by_source: Arc<Mutex<BTreeMap<String, Vec<MetricFamily>>>>,
}

impl Latest {
    /// Nothing yet but the agent's own metrics.
    pub fn new(registry: Registry) -> Self {
        Self { registry, by_source: Arc::default() }
    }

    /// Takes the place of what this source had.
    pub fn replace(&self, source: String, families: Vec<MetricFamily>) {
        self.lock().insert(source, families);
    }

    /// The page with all of it, and with the agent's own metrics if it is not among those who are asked.
    pub fn page(&self) -> String {
        let by_source = self.lock();
        let mut own = Vec::new();
        if !by_source.contains_key(own_services::NAME) {
            own = self.registry.gather(now_ms());
            own.extend(process_families(now_ms()));
            set_label(&mut own, "service", own_services::NAME);
        }
        exposition::page(by_source.values().flatten().chain(&own))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<MetricFamily>>> {
        self.by_source.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
