//! From the families on the wire to plain series.

use wire_orc8r::prometheus::{Histogram, LabelPair, Metric, MetricFamily, Summary};

use crate::labels::{GATEWAY_LABEL, NETWORK_LABEL};
use crate::series::{Sample, label_name, metric_name};
use crate::tsdb::Batch;

/// More labels than any metric of Magma has.
const LABELS_MAX: usize = 64;
/// Longer values are cut: they are error texts that somebody took for a label.
const LABEL_VALUE_LENGTH_MAX: usize = 1024;
/// Longer names are no names.
const NAME_LENGTH_MAX: usize = 256;

/// Names that only the Orchestrator writes: its own view of a gateway, and what its alert rules find.
const OWN_NAMES: [&str; 20] = [
    "ALERTS",
    "ALERTS_FOR_STATE",
    "active_users_over_time",
    "authentications_over_time",
    "cert_expires_in_hours",
    "enodeb_total_count",
    "enodeb_up_count",
    "gateway_checkin_status",
    "gateway_mconfig_age",
    "gateway_total_count",
    "gateway_up_count",
    "network_type",
    "subscriber_address_count",
    "subscriber_count",
    "subscriber_session_count",
    "throughput_per_ap",
    "user_consumption",
    "user_consumption_hourly",
    "user_plane_throughput",
    "user_throughput",
];

/// The series and samples of some families, without the labels `networkID` and `gatewayID`: these are the source's,
/// whatever was written there. Histograms and summaries become several series, as Prometheus has them.
///
/// Deviation: every sample keeps its own time. Magma gives counters, histograms and summaries the time of arrival.
pub fn flatten(families: &[MetricFamily], now_ms: i64) -> Batch {
    let mut flat = Flat { now_ms, batch: Batch::default() };
    for family in families {
        let name = family.name.as_deref().filter(|name| name.len() <= NAME_LENGTH_MAX).and_then(metric_name);
        let Some(name) = name.filter(|name| !OWN_NAMES.contains(&name.as_str())) else { continue };
        for metric in &family.metric {
            flat.metric(&name, metric);
        }
    }
    flat.batch
}

struct Flat {
    now_ms: i64,
    batch: Batch,
}

/// Sorted by name, each name once, no value empty.
type SortedLabels<'a> = Vec<(String, &'a str)>;

impl Flat {
    fn metric(&mut self, name: &str, metric: &Metric) {
        let labels = sorted_labels(&metric.label);
        let time_ms = metric.timestamp_ms.filter(|time| *time > 0).unwrap_or(self.now_ms);
        let single = [
            metric.gauge.and_then(|gauge| gauge.value),
            metric.counter.and_then(|counter| counter.value),
            metric.untyped.and_then(|untyped| untyped.value),
        ];
        for value in single.into_iter().flatten() {
            self.push(name, &labels, None, Sample { value, time_ms });
        }
        if let Some(histogram) = &metric.histogram {
            self.histogram(name, &labels, histogram, time_ms);
        }
        if let Some(summary) = &metric.summary {
            self.summary(name, &labels, summary, time_ms);
        }
    }

    fn histogram(&mut self, name: &str, labels: &SortedLabels<'_>, histogram: &Histogram, time_ms: i64) {
        let buckets = format!("{name}_bucket");
        let mut has_last = false;
        for bucket in &histogram.bucket {
            let bound = bucket.upper_bound.unwrap_or(f64::INFINITY);
            has_last |= bound == f64::INFINITY;
            let value = bucket.cumulative_count.unwrap_or_default() as f64;
            self.push(&buckets, labels, Some(("le", &number(bound))), Sample { value, time_ms });
        }
        if !has_last {
            // Prometheus' text form has it always, its protobuf form need not.
            let value = histogram.sample_count.unwrap_or_default() as f64;
            self.push(&buckets, labels, Some(("le", "+Inf")), Sample { value, time_ms });
        }
        self.sum_and_count(name, labels, histogram.sample_sum, histogram.sample_count, time_ms);
    }

    fn summary(&mut self, name: &str, labels: &SortedLabels<'_>, summary: &Summary, time_ms: i64) {
        for quantile in &summary.quantile {
            let (Some(at), Some(value)) = (quantile.quantile, quantile.value) else { continue };
            self.push(name, labels, Some(("quantile", &number(at))), Sample { value, time_ms });
        }
        self.sum_and_count(name, labels, summary.sample_sum, summary.sample_count, time_ms);
    }

    fn sum_and_count(
        &mut self,
        name: &str,
        labels: &SortedLabels<'_>,
        sum: Option<f64>,
        count: Option<u64>,
        time_ms: i64,
    ) {
        let sum = Sample { value: sum.unwrap_or_default(), time_ms };
        self.push(&format!("{name}_sum"), labels, None, sum);
        let count = Sample { value: count.unwrap_or_default() as f64, time_ms };
        self.push(&format!("{name}_count"), labels, None, count);
    }

    /// With one label more, which counts before one of that name that the gateway wrote.
    fn push(&mut self, name: &str, labels: &SortedLabels<'_>, more: Option<(&str, &str)>, sample: Sample) {
        let more_name = more.map_or("", |(name, _)| name);
        let at = labels.partition_point(|(known, _)| known.as_str() < more_name);
        let before = labels[..at].iter().map(pair);
        let after = labels[at..].iter().map(pair).filter(|(name, _)| *name != more_name);
        self.batch.push(name, before.chain(more).chain(after), sample);
    }
}

fn pair<'a>((name, value): &'a (String, &str)) -> (&'a str, &'a str) {
    (name.as_str(), value)
}

fn sorted_labels(pairs: &[LabelPair]) -> SortedLabels<'_> {
    let mut labels: SortedLabels<'_> = pairs.iter().take(LABELS_MAX).filter_map(label).collect();
    // Of two with one name the later counts.
    labels.reverse();
    labels.sort_by(|(one, _), (other, _)| one.cmp(other));
    labels.dedup_by(|(later, _), (first, _)| later == first);
    labels.retain(|(name, value)| !value.is_empty() && name != NETWORK_LABEL && name != GATEWAY_LABEL);
    labels
}

fn label(pair: &LabelPair) -> Option<(String, &str)> {
    let name = pair.name.as_deref().filter(|name| name.len() <= NAME_LENGTH_MAX).and_then(label_name)?;
    let value = pair.value.as_deref().unwrap_or_default();
    Some((name, &value[..value.floor_char_boundary(LABEL_VALUE_LENGTH_MAX)]))
}

/// A number as Prometheus writes it in a label.
fn number(value: f64) -> String {
    if value == f64::INFINITY { "+Inf".to_owned() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use wire_orc8r::prometheus::{Bucket, Counter, Gauge, Quantile};

    use super::*;

    fn pair(name: &str, value: &str) -> LabelPair {
        LabelPair { name: Some(name.into()), value: Some(value.into()) }
    }

    fn flat(name: &str, metric: Metric) -> Vec<(String, f64, i64)> {
        let family = MetricFamily { name: Some(name.into()), metric: vec![metric], ..Default::default() };
        flatten(&[family], 5000).describe()
    }

    #[test]
    fn who_measured_is_not_what_the_labels_say() {
        let gauge = Metric {
            label: vec![pair("networkID", "other"), pair("gatewayID", "other"), pair("bad-name", "x")],
            gauge: Some(Gauge { value: Some(1.5) }),
            timestamp_ms: Some(4000),
            ..Default::default()
        };
        assert_eq!(flat("g", gauge), [("g{}".into(), 1.5, 4000)]);
    }

    #[test]
    fn a_sample_without_a_time_gets_the_time_of_arrival() {
        for timestamp_ms in [None, Some(0), Some(-1)] {
            let counter =
                Metric { counter: Some(Counter { value: Some(2.0) }), timestamp_ms, ..Default::default() };
            assert_eq!(flat("60", counter), [("_60{}".into(), 2.0, 5000)]);
        }
    }

    #[test]
    fn histograms_and_summaries_become_the_series_that_prometheus_has() {
        let histogram = Metric {
            histogram: Some(Histogram {
                sample_count: Some(3),
                sample_sum: Some(4.5),
                bucket: vec![
                    Bucket { cumulative_count: Some(1), upper_bound: Some(0.5) },
                    Bucket { cumulative_count: Some(3), upper_bound: Some(f64::INFINITY) },
                ],
            }),
            ..Default::default()
        };
        let names = |flat: Vec<(String, f64, i64)>| -> Vec<String> {
            flat.into_iter().map(|(series, value, _)| format!("{series} {value}")).collect()
        };
        assert_eq!(
            names(flat("h", histogram)),
            ["h_bucket{le=0.5} 1", "h_bucket{le=+Inf} 3", "h_sum{} 4.5", "h_count{} 3",]
        );
        let summary = Metric {
            summary: Some(Summary {
                sample_count: Some(2),
                sample_sum: Some(1.0),
                quantile: vec![Quantile { quantile: Some(0.99), value: Some(0.7) }],
            }),
            ..Default::default()
        };
        assert_eq!(names(flat("s", summary)), ["s{quantile=0.99} 0.7", "s_sum{} 1", "s_count{} 2",]);
    }

    #[test]
    fn what_cannot_be_named_is_left_out_and_long_values_are_cut() {
        let gauge = |label| Metric { label, gauge: Some(Gauge { value: Some(1.0) }), ..Default::default() };
        assert_eq!(flat("", gauge(vec![])), []);
        assert_eq!(flat(&"x".repeat(300), gauge(vec![])), []);
        assert_eq!(flat("empty", Metric::default()), []);
        assert_eq!(flat("ALERTS", gauge(vec![])), [], "only the Orchestrator writes it");
        assert_eq!(flat("g", gauge(vec![pair("a", "")]))[0].0, "g{}", "an empty label is none");
        assert_eq!(flat("g", gauge(vec![pair("a", "1"), pair("a", "2")]))[0].0, "g{a=2}");
        let long = "ä".repeat(2000);
        let series = &flat("g", gauge(vec![pair("text", &long)]))[0].0;
        assert!(series.len() < 1100, "cut at a letter: {}", series.len());
    }
}
