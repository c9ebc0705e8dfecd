//! Samples as gateways send them, and worse ones: gaps, resets, numbers that are none.

use std::collections::{BTreeMap, BTreeSet};

use orc8r_metrics::remote::{TimeSeries, compressed_write_request};
use orc8r_metrics::tsdb::{Batch, Settings, Tsdb};
use orc8r_metrics::{Labels, Sample, Source};
use tempfile::TempDir;

use crate::prometheus::Prometheus;
use crate::queries::panels;

pub const MINUTE: i64 = 60_000;
/// How long the samples go on.
pub const MINUTES: i64 = 240;

/// A series: who measured it, its name and labels, its samples.
pub struct Measured {
    pub source: Source,
    pub name: String,
    pub labels: Vec<(String, String)>,
    pub samples: Vec<Sample>,
}

/// Numbers that look random and are the same at each run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

/// Everything that is measured, from `start_ms`.
pub fn measured(start_ms: i64) -> Vec<Measured> {
    let mut all = Vec::new();
    let mut random = Random::new(7);
    let names: BTreeSet<String> = panels().into_iter().flat_map(|panel| panel.metrics).collect();
    for (network, gateway) in [("n1", "g1"), ("n1", "g2"), ("n2", "g1")] {
        let source = Source { network: network.into(), gateway: gateway.into() };
        for name in &names {
            for code in ["200", "500"] {
                let labels = [("code", code), ("service", "sessiond"), ("apn", "internet")];
                let samples = counter(&mut random, start_ms);
                all.push(series(&source, name, &labels, samples));
            }
        }
        for (name, labels, samples) in special(&mut random, start_ms) {
            all.push(series(&source, name, &labels, samples));
        }
    }
    all
}

/// A name, labels and samples.
type Special = (&'static str, Vec<(&'static str, &'static str)>, Vec<Sample>);

/// Series that try the corners.
fn special(random: &mut Random, start: i64) -> Vec<Special> {
    let every = |minutes: i64, value: &dyn Fn(i64) -> f64| -> Vec<Sample> {
        (0..MINUTES / minutes).map(|at| sample(start + at * minutes * MINUTE, value(at))).collect()
    };
    let mut all = vec![
        ("constant", vec![], every(1, &|_| 42.0)),
        ("slow", vec![], every(4, &|at| at as f64)),
        ("sparse", vec![], every(17, &|at| (at * at) as f64)),
        ("wave", vec![("kind", "sine")], every(1, &|at| (at as f64 / 10.0).sin() * 100.0)),
        ("wave", vec![("kind", "saw")], every(1, &|at| (at % 13) as f64 - 6.0)),
        ("odd", vec![("kind", "nan")], every(1, &|at| if at % 5 == 0 { f64::NAN } else { at as f64 })),
        ("odd", vec![("kind", "inf")], every(1, &|at| if at % 7 == 0 { f64::INFINITY } else { 1.0 })),
        ("odd", vec![("kind", "huge")], every(1, &|at| 1e300 * (at as f64 - 100.0))),
        ("tiny", vec![], every(1, &|at| 1e-7 * at as f64)),
        ("once", vec![], vec![sample(start + 100 * MINUTE, 3.5)]),
        ("info", vec![("version", "1.8.0"), ("kind", "sine")], every(1, &|_| 1.0)),
        ("text", vec![("address", "10.0.0.1:8443"), ("path", "a/b \"c\" \\d")], every(2, &|_| 1.0)),
    ];
    let gone: Vec<Sample> =
        every(1, &|at| at as f64).into_iter().filter(|s| (s.time_ms - start) / MINUTE % 60 < 40).collect();
    all.push(("gaps", vec![], gone));
    let mut ended = every(1, &|at| at as f64);
    ended.truncate(90);
    ended.push(sample(start + 90 * MINUTE + 1, f64::from_bits(orc8r_metrics::tsdb::STALE)));
    all.push(("ended", vec![], ended));
    let jitter: Vec<Sample> = (0..MINUTES)
        .map(|at| sample(start + at * MINUTE + random.below(20_000) as i64, (at * 3) as f64))
        .collect();
    all.push(("jitter_total", vec![], jitter));
    for (bound, share) in [("0.1", 1), ("0.5", 5), ("1", 7), ("+Inf", 10)] {
        all.push(("latency_bucket", vec![("le", bound)], every(1, &|at| (at * share) as f64)));
    }
    for (bound, share) in [("0.1", 5), ("0.5", 3), ("+Inf", 4), ("none", 9)] {
        all.push(("broken_bucket", vec![("le", bound)], every(1, &|at| (at * share) as f64)));
    }
    all
}

/// A counter that grows, stands still, and begins anew.
fn counter(random: &mut Random, start: i64) -> Vec<Sample> {
    let (mut value, mut samples) = (random.below(1000) as f64, Vec::new());
    for minute in 0..MINUTES {
        match random.below(100) {
            0 => value = random.below(5) as f64,
            1..30 => {}
            by => value += by as f64,
        }
        if random.below(40) > 0 {
            samples.push(sample(start + minute * MINUTE + random.below(3) as i64 * 1000, value));
        }
    }
    samples
}

/// A store that holds some of it in blocks and the rest in memory.
pub fn store_of(measured: &[Measured], start_ms: i64) -> (Tsdb, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let now_ms = start_ms + MINUTES * MINUTE;
    let store = Tsdb::open(folder.path(), Settings::default(), now_ms).unwrap();
    for (part, range) in [0..70, 70..150, 150..MINUTES + 1].into_iter().enumerate() {
        let times = start_ms + range.start * MINUTE..start_ms + range.end * MINUTE;
        for series in measured {
            let mut batch = Batch::default();
            for sample in series.samples.iter().filter(|sample| times.contains(&sample.time_ms)) {
                let labels = series.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                batch.push(&series.name, labels, *sample);
            }
            assert_eq!(store.append(&series.source, &batch, now_ms).accepted, batch.len());
        }
        if part < 2 {
            store.make_block();
        }
    }
    (store, folder)
}

/// The same for Prometheus, in the order of time, which is how it wants it.
pub fn feed(prometheus: &Prometheus, measured: &[Measured]) {
    let mut slices: BTreeMap<i64, Vec<TimeSeries>> = BTreeMap::new();
    for series in measured {
        let mut labels = Labels::from_pairs(series.labels.iter().cloned());
        labels.set("__name__", &series.name);
        labels.set("networkID", &series.source.network);
        labels.set("gatewayID", &series.source.gateway);
        for sample in &series.samples {
            let slice = slices.entry(sample.time_ms.div_euclid(10 * MINUTE)).or_default();
            match slice.last_mut().filter(|last| last.labels == labels) {
                Some(last) => last.samples.push(*sample),
                None => slice.push(TimeSeries { labels: labels.clone(), samples: vec![*sample] }),
            }
        }
    }
    for slice in slices.values() {
        prometheus.remote_write(&compressed_write_request(slice).unwrap());
    }
}

fn series(source: &Source, name: &str, labels: &[(&str, &str)], samples: Vec<Sample>) -> Measured {
    let mut labels: Vec<(String, String)> =
        labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    labels.sort();
    Measured { source: source.clone(), name: name.to_owned(), labels, samples }
}

fn sample(time_ms: i64, value: f64) -> Sample {
    Sample { value, time_ms }
}
