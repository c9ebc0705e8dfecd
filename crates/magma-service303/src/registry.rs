//! A small registry of counters and gauges, gathered as `io.prometheus.client` families.
//!
//! It has what an agent of a few megabytes needs and no more: no histograms, no text exposition. Names are exported
//! exactly as given (`bootstrap_exception`, not `bootstrap_exception_total`), because existing dashboards ask for
//! them so. A family holds a bounded number of label sets: a label that comes from outside can never fill memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wire_orc8r::prometheus as wire;

/// How many label sets one family may hold; further ones are counted together under [`OTHER_LABEL`].
pub const LABEL_SETS_MAX: usize = 100;

/// The value of every label of the set that stands for all sets beyond [`LABEL_SETS_MAX`].
pub const OTHER_LABEL: &str = "other";

/// All metrics of one program; a clone is the same registry.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    families: Arc<Mutex<BTreeMap<&'static str, Arc<Family>>>>,
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a counter without labels, which is exported as 0 from now on.
    pub fn counter(&self, name: &'static str) -> Counter {
        self.counter_family(name, []).with([])
    }

    /// Registers a gauge without labels, which is exported as 0 from now on.
    pub fn gauge(&self, name: &'static str) -> Gauge {
        self.gauge_family(name, []).with([])
    }

    /// Registers a counter with labels; a label set is exported once [`CounterFamily::with`] named it.
    pub fn counter_family<const N: usize>(
        &self,
        name: &'static str,
        labels: [&'static str; N],
    ) -> CounterFamily<N> {
        CounterFamily { family: self.family(name, Kind::Counter, &labels) }
    }

    /// Registers a gauge with labels; a label set is exported once [`GaugeFamily::with`] named it.
    pub fn gauge_family<const N: usize>(
        &self,
        name: &'static str,
        labels: [&'static str; N],
    ) -> GaugeFamily<N> {
        GaugeFamily { family: self.family(name, Kind::Gauge, &labels) }
    }

    /// Exports a counter that counted before there was a registry, such as one that belongs to the log. It takes the
    /// place of the counter of that name.
    pub fn adopt(&self, name: &'static str, counter: &Counter) {
        let family = self.family(name, Kind::Counter, &[]);
        locked(&family.samples).insert(Vec::new(), Arc::clone(&counter.0));
    }

    /// Every family that has a sample, sorted by name and labels, all samples with the caller's time
    /// (milliseconds since 1970, one per collection as in Magma's exporter).
    pub fn gather(&self, timestamp_ms: i64) -> Vec<wire::MetricFamily> {
        let families = locked(&self.families);
        families.iter().filter_map(|(name, family)| family.gather(name, timestamp_ms)).collect()
    }

    fn family(&self, name: &'static str, kind: Kind, labels: &[&'static str]) -> Arc<Family> {
        let mut families = locked(&self.families);
        if let Some(known) = families.get(name) {
            if known.kind == kind && known.labels == labels {
                return Arc::clone(known);
            }
            tracing::error!(
                metric = name,
                "a metric is registered twice with another type or other labels; the second is not exported"
            );
            return Arc::new(Family::new(kind, labels));
        }
        let family = Arc::new(Family::new(kind, labels));
        families.insert(name, Arc::clone(&family));
        family
    }
}

/// A number that only grows; a clone is the same counter. One by default belongs to no registry.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// Adds one.
    pub fn increment(&self) {
        self.add(1);
    }

    /// Adds `count`.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// What was counted since the program started.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down; a clone is the same gauge.
#[derive(Clone, Debug)]
pub struct Gauge(Arc<AtomicU64>);

impl Gauge {
    /// Replaces the value.
    pub fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }

    /// The value that was set last, or 0.
    pub fn value(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

/// Counters of one name, told apart by `N` labels.
#[derive(Clone, Debug)]
pub struct CounterFamily<const N: usize> {
    family: Arc<Family>,
}

impl<const N: usize> CounterFamily<N> {
    /// The counter of this label set, made at 0 when it is new.
    pub fn with(&self, values: [&str; N]) -> Counter {
        Counter(self.family.sample(&values))
    }
}

/// Gauges of one name, told apart by `N` labels.
#[derive(Clone, Debug)]
pub struct GaugeFamily<const N: usize> {
    family: Arc<Family>,
}

impl<const N: usize> GaugeFamily<N> {
    /// The gauge of this label set, made at 0 when it is new.
    pub fn with(&self, values: [&str; N]) -> Gauge {
        Gauge(self.family.sample(&values))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The sample is a plain integer.
    Counter,
    /// The sample is the bits of an `f64`.
    Gauge,
}

#[derive(Debug)]
struct Family {
    kind: Kind,
    labels: Vec<&'static str>,
    samples: Mutex<BTreeMap<Vec<String>, Arc<AtomicU64>>>,
}

impl Family {
    fn new(kind: Kind, labels: &[&'static str]) -> Self {
        Self { kind, labels: labels.to_vec(), samples: Mutex::default() }
    }

    fn sample(&self, values: &[&str]) -> Arc<AtomicU64> {
        let mut samples = locked(&self.samples);
        let mut key: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        if !samples.contains_key(&key) && samples.len() >= LABEL_SETS_MAX {
            key = vec![OTHER_LABEL.to_owned(); values.len()];
        }
        Arc::clone(samples.entry(key).or_default())
    }

    fn gather(&self, name: &str, timestamp_ms: i64) -> Option<wire::MetricFamily> {
        let samples = locked(&self.samples);
        if samples.is_empty() {
            return None;
        }
        let metric = samples.iter().map(|(values, bits)| self.metric(values, bits, timestamp_ms)).collect();
        Some(wire::MetricFamily {
            name: Some(name.to_owned()),
            help: None, // Magma-compat: the help text stays at home; it would be sent every minute over satellite links.
            r#type: Some(self.kind.on_the_wire().into()),
            metric,
        })
    }

    fn metric(&self, values: &[String], bits: &AtomicU64, timestamp_ms: i64) -> wire::Metric {
        let label = self.labels.iter().zip(values).map(|(name, value)| label_pair(name, value)).collect();
        let bits = bits.load(Ordering::Relaxed);
        match self.kind {
            Kind::Counter => counter_metric(label, bits as f64, timestamp_ms),
            Kind::Gauge => gauge_metric(label, f64::from_bits(bits), timestamp_ms),
        }
    }
}

impl Kind {
    fn on_the_wire(self) -> wire::MetricType {
        match self {
            Self::Counter => wire::MetricType::Counter,
            Self::Gauge => wire::MetricType::Gauge,
        }
    }
}

/// One counter sample.
pub(crate) fn counter_metric(label: Vec<wire::LabelPair>, value: f64, timestamp_ms: i64) -> wire::Metric {
    wire::Metric {
        label,
        counter: Some(wire::Counter { value: Some(value) }),
        timestamp_ms: Some(timestamp_ms),
        ..Default::default()
    }
}

/// One gauge sample.
pub(crate) fn gauge_metric(label: Vec<wire::LabelPair>, value: f64, timestamp_ms: i64) -> wire::Metric {
    wire::Metric {
        label,
        gauge: Some(wire::Gauge { value: Some(value) }),
        timestamp_ms: Some(timestamp_ms),
        ..Default::default()
    }
}

fn label_pair(name: &str, value: &str) -> wire::LabelPair {
    wire::LabelPair { name: Some(name.to_owned()), value: Some(value.to_owned()) }
}

/// A panic elsewhere leaves a counter at worst one short, so a poisoned lock is still good.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_700_000_000_123;

    fn lines(registry: &Registry) -> Vec<String> {
        let mut lines = Vec::new();
        for family in registry.gather(NOW_MS) {
            for metric in &family.metric {
                assert_eq!(metric.timestamp_ms, Some(NOW_MS));
                let labels: Vec<String> =
                    metric.label.iter().map(|l| format!("{}={}", l.name(), l.value())).collect();
                let value = match (metric.counter, metric.gauge) {
                    (Some(counter), None) => format!("counter {}", counter.value()),
                    (None, Some(gauge)) => format!("gauge {}", gauge.value()),
                    other => panic!("one of counter and gauge expected, got {other:?}"),
                };
                lines.push(format!("{}{{{}}} {value}", family.name(), labels.join(",")));
            }
        }
        lines
    }

    #[test]
    fn counters_and_gauges_come_out_sorted_and_under_the_given_name() {
        let registry = Registry::new();
        let responses = registry.counter_family("streamer_responses", ["result"]);
        responses.with(["Success"]).increment();
        responses.with(["RpcError"]).add(2);
        responses.with(["Success"]).increment();
        registry.gauge("checkin_status").set(0.5);
        assert_eq!(
            lines(&registry),
            [
                "checkin_status{} gauge 0.5",
                "streamer_responses{result=RpcError} counter 2",
                "streamer_responses{result=Success} counter 2",
            ]
        );
    }

    #[test]
    fn a_family_without_a_sample_is_not_exported_and_one_without_labels_starts_at_zero() {
        let registry = Registry::new();
        let _unused = registry.counter_family("bootstrap_exception", ["cause"]);
        let errors = registry.counter("service_errors");
        assert_eq!(lines(&registry), ["service_errors{} counter 0"]);
        assert_eq!(errors.value(), 0);
    }

    #[test]
    fn label_sets_are_bounded_and_the_rest_is_counted_together() {
        let registry = Registry::new();
        let family = registry.counter_family("bootstrap_exception", ["cause"]);
        for cause in 0..LABEL_SETS_MAX + 7 {
            family.with([&cause.to_string()]).increment();
        }
        family.with(["3"]).increment();
        assert_eq!(family.with(["3"]).value(), 2);
        assert_eq!(family.with([OTHER_LABEL]).value(), 7);
        assert_eq!(registry.gather(NOW_MS)[0].metric.len(), LABEL_SETS_MAX + 1);
    }

    #[test]
    fn the_same_name_is_the_same_metric_and_another_shape_is_kept_out() {
        let registry = Registry::new();
        registry.counter("service_errors").increment();
        registry.counter("service_errors").increment();
        registry.gauge("service_errors").set(9.0);
        registry.counter_family("service_errors", ["result"]).with(["x"]).increment();
        assert_eq!(lines(&registry), ["service_errors{} counter 2"]);
    }

    #[test]
    fn a_counter_may_be_older_than_its_registry() {
        let errors = Counter::default();
        errors.increment();
        let registry = Registry::new();
        registry.adopt("service_errors", &errors);
        errors.increment();
        assert_eq!(lines(&registry), ["service_errors{} counter 2"]);
        registry.counter("service_errors").increment();
        assert_eq!(errors.value(), 3);
    }

    #[test]
    fn a_clone_of_the_registry_is_the_same_registry() {
        let registry = Registry::new();
        registry.clone().gauge("checkin_status").set(1.0);
        assert_eq!(registry.gauge("checkin_status").value(), 1.0);
    }
}
