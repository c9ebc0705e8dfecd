//! From the families on the wire to plain series.

use std::collections::BTreeMap;

use wire_orc8r::prometheus::{Histogram, LabelPair, Metric, MetricFamily, Summary};

use crate::series::{Sample, Series, label_name, metric_name};

/// More labels than any metric of Magma has.
const LABELS_MAX: usize = 64;
/// Longer values are cut: they are error texts that somebody took for a label.
const LABEL_VALUE_LENGTH_MAX: usize = 1024;
/// Longer names are no names.
const NAME_LENGTH_MAX: usize = 256;

/// Who sent the metrics, as its certificate says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Its network.
    pub network: String,
    /// Its id in the network.
    pub gateway: String,
}

/// The series and samples of some families.
///
/// The labels `networkID` and `gatewayID` are the source's, whatever the gateway wrote there. Histograms and
/// summaries become several series, as Prometheus has them.
///
/// Deviation: every sample keeps its own time. Magma gives counters, histograms and summaries the time of arrival.
pub fn flatten(families: Vec<MetricFamily>, source: &Source, now_ms: i64) -> Vec<(Series, Sample)> {
    let mut flat = Flat { source, now_ms, samples: Vec::new() };
    for family in families {
        let name = family.name.as_deref().filter(|name| name.len() <= NAME_LENGTH_MAX).and_then(metric_name);
        let Some(name) = name else { continue };
        for metric in &family.metric {
            flat.metric(&name, metric);
        }
    }
    flat.samples
}

struct Flat<'a> {
    source: &'a Source,
    now_ms: i64,
    samples: Vec<(Series, Sample)>,
}

impl Flat<'_> {
    fn metric(&mut self, name: &str, metric: &Metric) {
        let labels = self.labels(&metric.label);
        let time_ms = metric.timestamp_ms.filter(|time| *time > 0).unwrap_or(self.now_ms);
        let single = [
            metric.gauge.and_then(|gauge| gauge.value),
            metric.counter.and_then(|counter| counter.value),
            metric.untyped.and_then(|untyped| untyped.value),
        ];
        for value in single.into_iter().flatten() {
            self.push(name.to_owned(), labels.clone(), value, time_ms);
        }
        if let Some(histogram) = &metric.histogram {
            self.histogram(name, &labels, histogram, time_ms);
        }
        if let Some(summary) = &metric.summary {
            self.summary(name, &labels, summary, time_ms);
        }
    }

    fn histogram(&mut self, name: &str, labels: &BTreeMap<String, String>, histogram: &Histogram, time: i64) {
        for bucket in &histogram.bucket {
            let bound = number(bucket.upper_bound.unwrap_or(f64::INFINITY));
            let count = bucket.cumulative_count.unwrap_or_default() as f64;
            self.push(format!("{name}_bucket"), with(labels, "le", bound), count, time);
        }
        self.sum_and_count(name, labels, histogram.sample_sum, histogram.sample_count, time);
    }

    fn summary(&mut self, name: &str, labels: &BTreeMap<String, String>, summary: &Summary, time: i64) {
        for quantile in &summary.quantile {
            let (Some(at), Some(value)) = (quantile.quantile, quantile.value) else { continue };
            self.push(name.to_owned(), with(labels, "quantile", number(at)), value, time);
        }
        self.sum_and_count(name, labels, summary.sample_sum, summary.sample_count, time);
    }

    fn sum_and_count(
        &mut self,
        name: &str,
        labels: &BTreeMap<String, String>,
        sum: Option<f64>,
        count: Option<u64>,
        time: i64,
    ) {
        self.push(format!("{name}_sum"), labels.clone(), sum.unwrap_or_default(), time);
        self.push(format!("{name}_count"), labels.clone(), count.unwrap_or_default() as f64, time);
    }

    fn push(&mut self, name: String, labels: BTreeMap<String, String>, value: f64, time_ms: i64) {
        self.samples.push((Series { name, labels }, Sample { value, time_ms }));
    }

    fn labels(&self, pairs: &[LabelPair]) -> BTreeMap<String, String> {
        let mut labels: BTreeMap<String, String> = pairs.iter().take(LABELS_MAX).filter_map(label).collect();
        labels.insert("networkID".to_owned(), self.source.network.clone());
        labels.insert("gatewayID".to_owned(), self.source.gateway.clone());
        labels
    }
}

fn label(pair: &LabelPair) -> Option<(String, String)> {
    let name = pair.name.as_deref().filter(|name| name.len() <= NAME_LENGTH_MAX).and_then(label_name)?;
    let value = pair.value.as_deref().unwrap_or_default();
    let end = value.floor_char_boundary(LABEL_VALUE_LENGTH_MAX);
    Some((name, value[..end].to_owned()))
}

fn with(labels: &BTreeMap<String, String>, name: &str, value: String) -> BTreeMap<String, String> {
    let mut labels = labels.clone();
    labels.insert(name.to_owned(), value);
    labels
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
        let source = Source { network: "n1".into(), gateway: "g1".into() };
        flatten(vec![family], &source, 5000)
            .into_iter()
            .map(|(series, sample)| {
                let labels: Vec<_> =
                    series.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
                (format!("{}{{{}}}", series.name, labels.join(",")), sample.value, sample.time_ms)
            })
            .collect()
    }

    #[test]
    fn the_source_is_who_the_certificate_says_not_who_the_labels_say() {
        let gauge = Metric {
            label: vec![pair("networkID", "other"), pair("gatewayID", "other"), pair("bad-name", "x")],
            gauge: Some(Gauge { value: Some(1.5) }),
            timestamp_ms: Some(4000),
            ..Default::default()
        };
        assert_eq!(flat("g", gauge), [("g{gatewayID=g1,networkID=n1}".into(), 1.5, 4000)]);
    }

    #[test]
    fn a_sample_without_a_time_gets_the_time_of_arrival() {
        for timestamp_ms in [None, Some(0), Some(-1)] {
            let counter =
                Metric { counter: Some(Counter { value: Some(2.0) }), timestamp_ms, ..Default::default() };
            assert_eq!(flat("60", counter), [("_60{gatewayID=g1,networkID=n1}".into(), 2.0, 5000)]);
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
            [
                "h_bucket{gatewayID=g1,le=0.5,networkID=n1} 1",
                "h_bucket{gatewayID=g1,le=+Inf,networkID=n1} 3",
                "h_sum{gatewayID=g1,networkID=n1} 4.5",
                "h_count{gatewayID=g1,networkID=n1} 3",
            ]
        );
        let summary = Metric {
            summary: Some(Summary {
                sample_count: Some(2),
                sample_sum: Some(1.0),
                quantile: vec![Quantile { quantile: Some(0.99), value: Some(0.7) }],
            }),
            ..Default::default()
        };
        assert_eq!(
            names(flat("s", summary)),
            [
                "s{gatewayID=g1,networkID=n1,quantile=0.99} 0.7",
                "s_sum{gatewayID=g1,networkID=n1} 1",
                "s_count{gatewayID=g1,networkID=n1} 2",
            ]
        );
    }

    #[test]
    fn what_cannot_be_named_is_left_out_and_long_values_are_cut() {
        let gauge = |label| Metric { label, gauge: Some(Gauge { value: Some(1.0) }), ..Default::default() };
        assert_eq!(flat("", gauge(vec![])), []);
        assert_eq!(flat(&"x".repeat(300), gauge(vec![])), []);
        assert_eq!(flat("empty", Metric::default()), []);
        let long = "ä".repeat(2000);
        let series = &flat("g", gauge(vec![pair("text", &long)]))[0].0;
        assert!(series.len() < 1100, "cut at a letter: {}", series.len());
    }
}
