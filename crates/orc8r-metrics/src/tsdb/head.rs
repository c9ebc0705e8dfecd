//! The newest samples of all series, in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::chunk::{Chunk, Sealed};
use super::matching::Scope;
use super::settings::Settings;
use super::shapes::{ShapeId, Shapes};
use crate::series::{Sample, Source};

/// Late samples of a series that wait in order before they become a chunk.
const LATE_MAX: usize = 64;
/// What a series takes beside its samples, about, with what its lists keep in reserve.
const SERIES_BYTES: usize = 120;

/// What became of one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is kept.
    Kept,
    /// The same sample was there.
    Known,
    /// Another sample of this time was there.
    Contradicts,
    /// It is older than what may come late.
    TooLate,
}

/// One series: its open chunk, and in rare cases more.
#[derive(Debug)]
pub(super) struct HeadSeries {
    pub(super) shape: ShapeId,
    pub(super) open: Chunk,
    pub(super) more: Option<Box<More>>,
}

/// What only some series have.
#[derive(Debug, Default)]
pub(super) struct More {
    pub(super) sealed: Vec<Sealed>,
    /// Samples that came late, in the order of their times.
    pub(super) late: Vec<Sample>,
}

/// The series of one gateway, or of what else measures.
#[derive(Debug)]
pub(super) struct HeadSource {
    pub(super) source: Arc<Source>,
    /// The segment of the log that defined it last.
    pub(super) defined_in: u64,
    /// Places in `series`, by shape.
    index: Vec<(ShapeId, u32)>,
    pub(super) series: Vec<HeadSeries>,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) shapes: Shapes,
    pub(super) sources: Vec<HeadSource>,
    by_source: BTreeMap<Arc<Source>, u32>,
    per_network: BTreeMap<String, usize>,
    pub(super) series_count: usize,
    /// Bytes of chunks, about.
    pub(super) bytes: usize,
    /// When the first sample after the last cut came in.
    pub(super) began_ms: Option<i64>,
}

/// What left the head to become a block, and is read until the block is there.
#[derive(Debug)]
pub(super) struct Frozen {
    pub(super) keys: Vec<Option<Arc<[u8]>>>,
    pub(super) sources: Vec<FrozenSource>,
    /// The first segment of the log that has nothing of it.
    pub(super) log_after: u64,
}

/// The chunks of a source's series.
#[derive(Debug)]
pub(super) struct FrozenSource {
    pub(super) source: Arc<Source>,
    pub(super) series: Vec<(ShapeId, Vec<Sealed>)>,
}

impl Head {
    pub(super) fn source_number(&mut self, source: &Source) -> u32 {
        if let Some(number) = self.by_source.get(source) {
            return *number;
        }
        let source = Arc::new(source.clone());
        let number = self.sources.len() as u32;
        self.by_source.insert(source.clone(), number);
        self.sources.push(HeadSource { source, defined_in: 0, index: Vec::new(), series: Vec::new() });
        number
    }

    /// The names of metrics that may be seen, with how many series each has.
    pub(super) fn names(&self, scope: &Scope) -> BTreeMap<String, usize> {
        let is_seen: Vec<bool> = self.sources.iter().map(|of| scope.allows(&of.source)).collect();
        let count = |shapes: &[ShapeId]| {
            let sources =
                shapes.iter().filter_map(|shape| self.shapes.get(*shape)).flat_map(|shape| &shape.sources);
            sources.filter(|source| is_seen[**source as usize]).count()
        };
        let named = self.shapes.names().map(|(name, shapes)| (name.to_owned(), count(shapes)));
        named.filter(|(_, count)| *count > 0).collect()
    }

    /// The place of a series, if it is known.
    pub(super) fn find(&self, source: u32, shape: ShapeId) -> Option<u32> {
        self.sources[source as usize].find(shape)
    }

    /// Whether one more series of a source may be kept.
    pub(super) fn has_room(&self, source: u32, settings: &Settings) -> bool {
        let of_source = &self.sources[source as usize];
        let of_network = self.per_network.get(&of_source.source.network).copied().unwrap_or_default();
        of_source.series.len() < settings.series_per_gateway
            && of_network < settings.series_per_network
            && self.series_count < settings.series
    }

    /// Begins a series; `shape` is one that the head knows.
    pub(super) fn add_series(&mut self, source: u32, shape: ShapeId) -> u32 {
        if let Some(shape) = self.shapes.get_mut(shape) {
            shape.sources.push(source);
        }
        self.count_series(source, 1);
        self.bytes += SERIES_BYTES;
        self.sources[source as usize].add(HeadSeries { shape, open: Chunk::default(), more: None })
    }

    /// Appends a sample to a series.
    pub(super) fn push(&mut self, source: u32, place: u32, sample: Sample, late_by_max_ms: i64) -> Taken {
        let series = &mut self.sources[source as usize].series[place as usize];
        let before = series.open.capacity();
        let taken = series.push(sample, late_by_max_ms);
        self.bytes += series.open.capacity().saturating_sub(before);
        taken
    }

    /// Takes all samples out. Series that got none since the last time are forgotten, and their room is free.
    pub(super) fn freeze(&mut self, log_after: u64) -> Frozen {
        let mut frozen = Vec::new();
        for of_source in &mut self.sources {
            let series = of_source.freeze();
            if !series.is_empty() {
                frozen.push(FrozenSource { source: of_source.source.clone(), series });
            }
        }
        let keys = self.shapes.keys();
        self.forget_silent();
        self.began_ms = None;
        Frozen { keys, sources: frozen, log_after }
    }

    fn forget_silent(&mut self) {
        self.sources.retain(|of_source| !of_source.series.is_empty());
        self.by_source.clear();
        self.per_network.clear();
        self.shapes.clear_sources();
        self.series_count = 0;
        for number in 0..self.sources.len() as u32 {
            let of_source = &self.sources[number as usize];
            self.by_source.insert(of_source.source.clone(), number);
            for series in &of_source.series {
                if let Some(shape) = self.shapes.get_mut(series.shape) {
                    shape.sources.push(number);
                }
            }
            self.count_series(number, self.sources[number as usize].series.len());
        }
        self.shapes.drop_unused();
        self.bytes = self.series_count * SERIES_BYTES;
    }

    fn count_series(&mut self, source: u32, count: usize) {
        self.series_count += count;
        let network = &self.sources[source as usize].source.network;
        match self.per_network.get_mut(network) {
            Some(known) => *known += count,
            None => drop(self.per_network.insert(network.clone(), count)),
        }
    }
}

impl HeadSource {
    pub(super) fn find(&self, shape: ShapeId) -> Option<u32> {
        let at = self.index.binary_search_by_key(&shape, |(shape, _)| *shape).ok()?;
        Some(self.index[at].1)
    }

    fn add(&mut self, series: HeadSeries) -> u32 {
        let place = self.series.len() as u32;
        let at = self.index.partition_point(|(shape, _)| *shape < series.shape);
        if self.series.len() == self.series.capacity() {
            let more = 8 + self.series.len() / 8;
            self.series.reserve_exact(more);
            self.index.reserve_exact(more);
        }
        self.index.insert(at, (series.shape, place));
        self.series.push(series);
        place
    }

    fn freeze(&mut self) -> Vec<(ShapeId, Vec<Sealed>)> {
        self.series.retain(|series| !series.is_empty());
        self.series.shrink_to_fit();
        self.index.clear();
        self.index.extend(self.series.iter().enumerate().map(|(at, series)| (series.shape, at as u32)));
        self.index.sort_unstable();
        self.index.shrink_to_fit();
        self.series.iter_mut().map(|series| (series.shape, series.freeze())).collect()
    }
}

impl HeadSeries {
    fn push(&mut self, sample: Sample, late_by_max_ms: i64) -> Taken {
        let last_ms = self.open.last_ms();
        if sample.time_ms > last_ms {
            if self.open.count() == Chunk::COUNT_MAX {
                let sealed = self.open.cut();
                self.more.get_or_insert_default().sealed.push(sealed);
            }
            self.open.push(sample);
            return Taken::Kept;
        }
        if sample.time_ms < last_ms.saturating_sub(late_by_max_ms) {
            return Taken::TooLate;
        }
        if sample.time_ms == last_ms && self.open.count() > 0 {
            let is_same = self.open.last_value().to_bits() == sample.value.to_bits();
            return if is_same { Taken::Known } else { Taken::Contradicts };
        }
        self.more.get_or_insert_default().push_late(sample)
    }

    fn freeze(&mut self) -> Vec<Sealed> {
        let mut chunks = Vec::with_capacity(1);
        if let Some(more) = self.more.take() {
            chunks.extend(more.sealed);
            chunks.extend(seal(&more.late));
        }
        if self.open.count() > 0 {
            chunks.push(self.open.cut());
        }
        chunks
    }

    /// Whether it got no sample since the last cut.
    pub(super) fn is_empty(&self) -> bool {
        self.open.count() == 0 && self.more.is_none()
    }

    /// Copies of all chunks, in no order.
    pub(super) fn chunks(&self) -> Vec<Sealed> {
        let mut chunks = Vec::with_capacity(1);
        if self.open.count() > 0 {
            chunks.push(Sealed { bytes: self.open.bytes().into(), count: self.open.count() });
        }
        if let Some(more) = &self.more {
            chunks.extend(more.sealed.iter().cloned());
            chunks.extend(seal(&more.late));
        }
        chunks
    }
}

impl More {
    fn push_late(&mut self, sample: Sample) -> Taken {
        match self.late.binary_search_by_key(&sample.time_ms, |known| known.time_ms) {
            Ok(at) if self.late[at].value.to_bits() == sample.value.to_bits() => return Taken::Known,
            Ok(_) => return Taken::Contradicts,
            Err(at) => self.late.insert(at, sample),
        }
        if self.late.len() == LATE_MAX {
            self.sealed.extend(seal(&self.late));
            self.late.clear();
        }
        Taken::Kept
    }
}

fn seal(samples: &[Sample]) -> Option<Sealed> {
    let mut chunk = Chunk::default();
    samples.iter().for_each(|sample| chunk.push(*sample));
    (!samples.is_empty()).then(|| chunk.seal())
}
