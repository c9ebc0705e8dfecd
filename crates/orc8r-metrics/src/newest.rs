//! The newest sample of each series, and no more series than the limits allow.

use std::collections::BTreeMap;

use crate::flatten::Source;
use crate::series::{Sample, Series};

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Series of one gateway.
    pub series_per_gateway: usize,
    /// Series in all.
    pub series: usize,
    /// A series that got no sample for so many milliseconds makes room for others.
    pub stale_after_ms: i64,
}

impl Default for Limits {
    /// 10,000 series per gateway (an access gateway has about 2,000), 500,000 in all (about 150 MB), 15 minutes.
    fn default() -> Self {
        Self { series_per_gateway: 10_000, series: 500_000, stale_after_ms: 15 * 60_000 }
    }
}

/// What became of some samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Intake {
    /// Samples that are kept.
    pub accepted: usize,
    /// Samples of new series for which there was no room.
    pub refused: usize,
}

/// The newest samples of all gateways.
#[derive(Debug, Default)]
pub struct NewestSamples {
    limits: Limits,
    gateways: BTreeMap<Source, BTreeMap<Series, Kept>>,
    count: usize,
}

#[derive(Debug)]
struct Kept {
    sample: Sample,
    received_ms: i64,
}

impl NewestSamples {
    /// An empty store.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes samples of one gateway; a series' newest is the one that arrived last, whatever its time says, so
    /// that a gateway whose clock was ahead is not stuck there.
    pub fn take(&mut self, source: &Source, samples: Vec<(Series, Sample)>, now_ms: i64) -> Intake {
        let mut intake = Intake::default();
        let mut has_made_room = false;
        for (series, sample) in samples {
            if !self.has(source, &series) && !self.has_room(source) {
                if !has_made_room {
                    self.drop_stale(now_ms);
                    has_made_room = true;
                }
                if !self.has_room(source) {
                    intake.refused += 1;
                    continue;
                }
            }
            intake.accepted += 1;
            self.put(source, series, Kept { sample, received_ms: now_ms });
        }
        intake
    }

    /// The series of one network, gateway by gateway.
    pub fn of_network<'a>(&'a self, network: &'a str) -> impl Iterator<Item = (&'a Series, Sample)> {
        self.gateways
            .iter()
            .filter(move |(source, _)| source.network == network)
            .flat_map(|(_, series)| series.iter().map(|(series, kept)| (series, kept.sample)))
    }

    /// How many series are kept.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn put(&mut self, source: &Source, series: Series, kept: Kept) {
        if !self.gateways.contains_key(source) {
            self.gateways.insert(source.clone(), BTreeMap::new());
        }
        let of_gateway = self.gateways.get_mut(source).expect("invariant: inserted just above");
        if of_gateway.insert(series, kept).is_none() {
            self.count += 1;
        }
    }

    fn drop_stale(&mut self, now_ms: i64) {
        let oldest = now_ms.saturating_sub(self.limits.stale_after_ms);
        for series in self.gateways.values_mut() {
            series.retain(|_, kept| kept.received_ms >= oldest);
        }
        self.gateways.retain(|_, series| !series.is_empty());
        self.count = self.gateways.values().map(BTreeMap::len).sum();
    }

    fn has(&self, source: &Source, series: &Series) -> bool {
        self.gateways.get(source).is_some_and(|of_gateway| of_gateway.contains_key(series))
    }

    fn has_room(&self, source: &Source) -> bool {
        let of_gateway = self.gateways.get(source).map_or(0, BTreeMap::len);
        of_gateway < self.limits.series_per_gateway && self.count < self.limits.series
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { series_per_gateway: 3, series: 5, stale_after_ms: 1000 };

    fn source(network: &str, gateway: &str) -> Source {
        Source { network: network.into(), gateway: gateway.into() }
    }

    fn samples(names: &[&str], value: f64) -> Vec<(Series, Sample)> {
        let series = |name: &&str| Series { name: (*name).to_owned(), labels: BTreeMap::new() };
        names.iter().map(|name| (series(name), Sample { value, time_ms: 1 })).collect()
    }

    fn intake(accepted: usize, refused: usize) -> Intake {
        Intake { accepted, refused }
    }

    #[test]
    fn the_last_sample_of_a_series_stays() {
        let mut newest = NewestSamples::new(LIMITS);
        let gateway = source("n1", "g1");
        newest.take(&gateway, samples(&["a"], 1.0), 0);
        newest.take(&gateway, samples(&["a"], 2.0), 10);
        let values: Vec<f64> = newest.of_network("n1").map(|(_, sample)| sample.value).collect();
        assert_eq!(values, [2.0]);
        assert_eq!(newest.len(), 1);
        assert_eq!(newest.of_network("n2").count(), 0, "another network sees nothing");
    }

    #[test]
    fn one_gateway_cannot_take_all_the_room() {
        let mut newest = NewestSamples::new(LIMITS);
        let greedy = source("n1", "g1");
        assert_eq!(newest.take(&greedy, samples(&["a", "b", "c", "d", "e"], 1.0), 0), intake(3, 2));
        assert_eq!(
            newest.take(&greedy, samples(&["a", "b", "c"], 2.0), 0),
            intake(3, 0),
            "known series go on"
        );
        assert_eq!(newest.take(&source("n1", "g2"), samples(&["a", "b", "c"], 1.0), 0), intake(2, 1));
        assert_eq!(newest.len(), 5);
    }

    #[test]
    fn series_that_fell_silent_make_room() {
        let mut newest = NewestSamples::new(LIMITS);
        let gateway = source("n1", "g1");
        newest.take(&gateway, samples(&["a", "b", "c"], 1.0), 0);
        newest.take(&gateway, samples(&["c"], 1.0), 900);
        assert_eq!(newest.take(&gateway, samples(&["d"], 1.0), 1000), intake(0, 1), "not yet stale");
        assert_eq!(newest.take(&gateway, samples(&["d"], 1.0), 1001), intake(1, 0));
        let names: Vec<_> = newest.of_network("n1").map(|(series, _)| series.name.clone()).collect();
        assert_eq!(names, ["c", "d"]);
        assert_eq!(newest.len(), 2);
    }
}
