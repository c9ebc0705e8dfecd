//! What a query reads, and how much it may read.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Instant;

use super::block::{Block, Name, OpenBlock, ShapeEntry, shapes};
use super::bytes::labels_of;
use super::chunk::{ChunkReader, Sealed};
use super::matching::{Scope, Selector};
use crate::labels::{GATEWAY_LABEL, Labels, NAME_LABEL, NETWORK_LABEL};
use crate::series::{Sample, Source};

/// Series between two looks at the clock.
const SERIES_PER_LOOK: usize = 256;

/// How much one read may take.
#[derive(Debug, Clone, Copy)]
pub struct ReadLimits {
    /// Series that are found.
    pub series: usize,
    /// Samples that are held, compressed.
    pub samples: usize,
    /// When it must be over.
    pub deadline: Option<Instant>,
}

impl Default for ReadLimits {
    /// 1,000,000 series, 50,000,000 samples (as Prometheus), no deadline.
    fn default() -> Self {
        Self { series: 1_000_000, samples: 50_000_000, deadline: None }
    }
}

/// Why samples could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// More series match than one query may touch.
    #[error("the query touches more than {0} series: ask for fewer")]
    TooManySeries(usize),
    /// More samples match than one query may touch.
    #[error("query processing would load too many samples into memory in query execution: more than {0}")]
    TooManySamples(usize),
    /// The deadline came first.
    #[error("query timed out in query execution")]
    TimedOut,
    /// The disk, or what is on it.
    #[error("cannot read stored metrics: {0}")]
    Disk(#[from] io::Error),
}

/// One series that was found, with its samples, still compressed.
#[derive(Debug, Clone)]
pub struct SeriesSamples {
    /// Its name and labels.
    pub labels: Labels,
    pub(super) chunks: Vec<Sealed>,
}

impl SeriesSamples {
    /// A series of these samples, for those who have them from elsewhere.
    pub fn from_samples(labels: Labels, samples: &[Sample]) -> Self {
        let chunks = samples.chunks(usize::from(super::chunk::Chunk::COUNT_MAX)).map(|samples| {
            let mut chunk = super::chunk::Chunk::default();
            samples.iter().for_each(|sample| chunk.push(*sample));
            chunk.seal()
        });
        Self { labels, chunks: chunks.collect() }
    }

    /// The samples from `min_ms` to `max_ms`, both included, in order, one for each time.
    pub fn read(&self, min_ms: i64, max_ms: i64) -> Vec<Sample> {
        let mut samples: Vec<Sample> = Vec::new();
        let mut is_ordered = true;
        for chunk in &self.chunks {
            for sample in ChunkReader::new(&chunk.bytes, chunk.count) {
                if (min_ms..=max_ms).contains(&sample.time_ms) {
                    is_ordered &= samples.last().is_none_or(|last| last.time_ms < sample.time_ms);
                    samples.push(sample);
                }
            }
        }
        if !is_ordered {
            samples.sort_by_key(|sample| sample.time_ms);
            samples.dedup_by_key(|sample| sample.time_ms);
        }
        samples
    }
}

/// What is wanted of the series that match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Their labels and their samples.
    Samples,
    /// Their labels.
    Labels,
    /// What values each label has among them, which is much less.
    Values,
}

/// What to do with the series that match.
pub(super) struct Finder<'a> {
    pub(super) selector: &'a Selector,
    pub(super) scope: &'a Scope,
    pub(super) limits: ReadLimits,
    pub(super) wanted: Wanted,
    pub(super) found: BTreeMap<Labels, Vec<Sealed>>,
    /// The values of each label.
    pub(super) values: BTreeMap<String, BTreeSet<String>>,
    samples: usize,
    looks: usize,
}

impl<'a> Finder<'a> {
    pub(super) const fn new(
        selector: &'a Selector,
        scope: &'a Scope,
        limits: ReadLimits,
        wanted: Wanted,
    ) -> Self {
        Self {
            selector,
            scope,
            limits,
            wanted,
            found: BTreeMap::new(),
            values: BTreeMap::new(),
            samples: 0,
            looks: 0,
        }
    }

    /// Notes a series; `chunks` is asked for its samples if they are wanted.
    pub(super) fn add(
        &mut self,
        name: &str,
        shape: &[(String, String)],
        source: &Source,
        chunks: impl FnOnce() -> io::Result<Vec<Sealed>>,
    ) -> Result<(), ReadError> {
        self.look_at_the_clock()?;
        if self.wanted == Wanted::Values {
            labels(name, shape, source).for_each(|(name, value)| self.note(name, value));
            return Ok(());
        }
        let chunks = if self.wanted == Wanted::Samples { chunks()? } else { Vec::new() };
        self.samples += chunks.iter().map(|chunk| usize::from(chunk.count)).sum::<usize>();
        if self.samples > self.limits.samples {
            return Err(ReadError::TooManySamples(self.limits.samples));
        }
        let labels = Labels::from_borrowed(labels(name, shape, source).collect());
        self.found.entry(labels).or_default().extend(chunks);
        if self.found.len() > self.limits.series {
            return Err(ReadError::TooManySeries(self.limits.series));
        }
        Ok(())
    }

    fn note(&mut self, name: &str, value: &str) {
        if value.is_empty() || self.values.get(name).is_some_and(|values| values.contains(value)) {
            return;
        }
        self.values.entry(name.to_owned()).or_default().insert(value.to_owned());
    }

    /// The series of a block.
    pub(super) fn block(&mut self, block: &Block) -> Result<(), ReadError> {
        let open = match block.open() {
            // Retention was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            open => open?,
        };
        let allowed: Vec<bool> = open.sources.iter().map(|source| self.scope.allows(source)).collect();
        if !allowed.contains(&true) {
            return Ok(());
        }
        for name in open.names.iter().filter(|name| self.selector.accepts_name(&name.name)) {
            self.name(&open, name, &allowed)?;
        }
        Ok(())
    }

    fn name(&mut self, open: &OpenBlock, name: &Name, allowed: &[bool]) -> Result<(), ReadError> {
        let index = open.index(name)?;
        let (mut at, mut labels) = (name.data_at, Vec::new());
        for shape in shapes(&index) {
            let shape = shape.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
            let length: u64 = shape.series().fold(0, |sum, (_, length)| sum.saturating_add(length));
            if self.selector.accepts_labels(shape.labels, &mut labels) {
                self.shape(open, name, allowed, (&shape, &labels, at))?;
            }
            at = at.saturating_add(length);
        }
        Ok(())
    }

    fn shape(
        &mut self,
        open: &OpenBlock,
        name: &Name,
        allowed: &[bool],
        (shape, labels, mut at): (&ShapeEntry<'_>, &[(String, String)], u64),
    ) -> Result<(), ReadError> {
        let gateway = gateway_of(shape.labels);
        for (source, length) in shape.series() {
            let place = at;
            at = at.saturating_add(length);
            if !allowed.get(source as usize).is_some_and(|allowed| *allowed) {
                continue;
            }
            let source = &open.sources[source as usize];
            if self.selector.accepts_source(source, gateway) {
                self.add(&name.name, labels, source, || open.chunks(place, length))?;
            }
        }
        Ok(())
    }

    fn look_at_the_clock(&mut self) -> Result<(), ReadError> {
        self.looks += 1;
        let is_due = self.looks.is_multiple_of(SERIES_PER_LOOK);
        let is_late = |deadline: Instant| Instant::now() >= deadline;
        if is_due && self.limits.deadline.is_some_and(is_late) { Err(ReadError::TimedOut) } else { Ok(()) }
    }
}

/// What a shape says of the gateway, for sources that are none.
pub(super) fn gateway_of(labels: &[u8]) -> &str {
    labels_of(labels).find(|(name, _)| *name == GATEWAY_LABEL).map_or("", |(_, value)| value)
}

/// All labels of a series: the source's word counts more than the series' own.
fn labels<'a>(
    name: &'a str,
    shape: &'a [(String, String)],
    source: &'a Source,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let of_shape = shape.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let gateway = (!source.gateway.is_empty()).then_some((GATEWAY_LABEL, source.gateway.as_str()));
    of_shape.chain([(NAME_LABEL, name), (NETWORK_LABEL, source.network.as_str())]).chain(gateway)
}
