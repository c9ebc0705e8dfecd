//! Samples on their way in: one buffer for all their names and labels.

use super::bytes::put_text;
use crate::labels::{GATEWAY_LABEL, Labels, NAME_LABEL, NETWORK_LABEL};
use crate::remote::TimeSeries;
use crate::series::{Sample, Source};

/// Samples of one source.
#[derive(Debug, Default)]
pub struct Batch {
    keys: Vec<u8>,
    ends: Vec<(usize, Sample)>,
}

impl Batch {
    /// Adds a sample. The labels are sorted by name, each name once, without empty values, and without the source's.
    pub fn push<'a>(&mut self, name: &str, labels: impl Iterator<Item = (&'a str, &'a str)>, sample: Sample) {
        put_text(&mut self.keys, name);
        for (name, value) in labels {
            put_text(&mut self.keys, name);
            put_text(&mut self.keys, value);
        }
        self.ends.push((self.keys.len(), sample));
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Each sample with the bytes that stand for its name and labels.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], Sample)> {
        let mut start = 0;
        self.ends.iter().map(move |(end, sample)| {
            let key = &self.keys[start..*end];
            start = *end;
            (key, *sample)
        })
    }

    /// Each sample as a series of its own, with all its labels: for an engine elsewhere.
    pub(crate) fn series(&self, source: &Source) -> Vec<TimeSeries> {
        let series = self.iter().filter_map(|(key, sample)| {
            let (name, bytes) = super::bytes::split_key(key)?;
            let pairs =
                super::bytes::labels_of(bytes).map(|(name, value)| (name.to_owned(), value.to_owned()));
            let mut labels = Labels::from_pairs(pairs);
            labels.set(NAME_LABEL, name);
            labels.set(NETWORK_LABEL, &source.network);
            if !source.gateway.is_empty() {
                labels.set(GATEWAY_LABEL, &source.gateway);
            }
            Some(TimeSeries { labels, samples: vec![sample] })
        });
        series.collect()
    }

    /// The samples as text, for tests and logs: name, labels, value and time.
    pub fn describe(&self) -> Vec<(String, f64, i64)> {
        let describe = |(key, sample): (&[u8], Sample)| {
            let (name, labels) = super::bytes::split_key(key).unwrap_or_default();
            let labels: Vec<_> =
                super::bytes::labels_of(labels).map(|(name, value)| format!("{name}={value}")).collect();
            (format!("{name}{{{}}}", labels.join(",")), sample.value, sample.time_ms)
        };
        self.iter().map(describe).collect()
    }
}
