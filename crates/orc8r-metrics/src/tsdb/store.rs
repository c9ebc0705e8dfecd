//! The store as its users see it: taking samples in, and finding them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::batch::Batch;
use super::block::Block;
use super::bytes;
use super::head::{Frozen, Head};
use super::intake::{Counted, take};
use super::log::{Log, Pending, Record, records};
use super::matching::{Scope, Selector};
use super::samples::{Finder, ReadError, ReadLimits, SeriesSamples, Wanted, gateway_of};
use super::settings::{Counters, Intake, Settings};
use crate::labels::Labels;
use crate::series::Source;

/// Why the store does not open.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the folder of metrics {folder}: {error}")]
pub struct OpenError {
    folder: PathBuf,
    error: io::Error,
}

/// The store of samples. A clone is the same store.
#[derive(Debug, Clone)]
pub struct Tsdb {
    pub(super) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) folder: PathBuf,
    pub(super) settings: Settings,
    pub(super) state: Mutex<State>,
    /// Taken before `state`, by who writes.
    pub(super) log: Mutex<Log>,
}

/// What one lock guards: all of it changes together.
#[derive(Debug)]
pub(super) struct State {
    pub(super) head: Head,
    /// Samples on their way to a block.
    pub(super) frozen: Option<Arc<Frozen>>,
    /// The oldest first.
    pub(super) blocks: Arc<Vec<Arc<Block>>>,
    pub(super) next_block: u64,
    /// Records for the log; the last is of the current segment.
    pub(super) pending: Vec<Pending>,
    pub(super) counted: Counted,
    pub(super) write_failures: u64,
    pub(super) blocks_too_old: u64,
    pub(super) blocks_too_much: u64,
    /// When old blocks were looked for.
    pub(super) forgot_ms: i64,
}

impl Tsdb {
    /// Opens the store in a folder, which is made if it is not there, and takes up what its log holds. One process
    /// may have it open.
    ///
    /// # Errors
    /// When the folder cannot be read or made. A file that is damaged is set aside, with a warning.
    pub fn open(folder: &Path, settings: Settings, now_ms: i64) -> Result<Self, OpenError> {
        let failed = |error| OpenError { folder: folder.to_owned(), error };
        fs::create_dir_all(folder).map_err(failed)?;
        let (blocks, next_block) = find_blocks(folder).map_err(failed)?;
        let log = Log::new(folder.to_owned());
        let segments = log.segments().map_err(failed)?;
        let next_segment = segments.last().map_or(1, |last| last + 1);
        let mut state = State {
            head: Head::default(),
            frozen: None,
            blocks: Arc::new(blocks),
            next_block,
            pending: vec![Pending::new(next_segment)],
            counted: Counted::default(),
            write_failures: 0,
            blocks_too_old: 0,
            blocks_too_much: 0,
            forgot_ms: 0,
        };
        for segment in segments {
            state.replay(&log.read(segment).map_err(failed)?, &settings, now_ms);
        }
        state.counted = Counted::default();
        let shared =
            Shared { folder: folder.to_owned(), settings, state: Mutex::new(state), log: Mutex::new(log) };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Takes samples of one source. They can be found at once, and are on disk within seconds.
    pub fn append(&self, source: &Source, batch: &Batch, now_ms: i64) -> Intake {
        let mut state = self.shared.state();
        let state = &mut *state;
        let (log, counted) = (state.pending.last_mut(), &mut state.counted);
        take(&mut state.head, log, counted, (source, batch.iter()), &self.shared.settings, now_ms)
    }

    /// The series that match, with their samples from `min_ms` to `max_ms`, in the order of their labels.
    ///
    /// # Errors
    /// When a limit is reached, or a file cannot be read.
    pub fn select(
        &self,
        selector: &Selector,
        scope: &Scope,
        (min_ms, max_ms): (i64, i64),
        limits: ReadLimits,
    ) -> Result<Vec<SeriesSamples>, ReadError> {
        let mut finder = Finder::new(selector, scope, limits, Wanted::Samples);
        self.find(&mut finder, min_ms, max_ms)?;
        let series = finder.found.into_iter().map(|(labels, chunks)| SeriesSamples { labels, chunks });
        Ok(series.collect())
    }

    /// The labels of the series that match and may have samples from `min_ms` to `max_ms`.
    ///
    /// # Errors
    /// As [`Tsdb::select`].
    pub fn series(
        &self,
        selector: &Selector,
        scope: &Scope,
        (min_ms, max_ms): (i64, i64),
        limits: ReadLimits,
    ) -> Result<BTreeSet<Labels>, ReadError> {
        let mut finder = Finder::new(selector, scope, limits, Wanted::Labels);
        self.find(&mut finder, min_ms, max_ms)?;
        Ok(finder.found.into_keys().collect())
    }

    /// The labels of these series with the values that each has among them.
    ///
    /// # Errors
    /// As [`Tsdb::select`].
    pub fn label_values(
        &self,
        selector: &Selector,
        scope: &Scope,
        (min_ms, max_ms): (i64, i64),
        limits: ReadLimits,
    ) -> Result<BTreeMap<String, BTreeSet<String>>, ReadError> {
        let mut finder = Finder::new(selector, scope, limits, Wanted::Values);
        self.find(&mut finder, min_ms, max_ms)?;
        Ok(finder.values)
    }

    /// The names of metrics that got samples in the last hours, with how many series each has. No sample is read for it.
    pub fn names(&self, scope: &Scope) -> BTreeMap<String, usize> {
        self.shared.state().head.names(scope)
    }

    /// What became of samples, and what is held.
    pub fn counters(&self) -> Counters {
        // Without the log's lock: who writes it waits for the disk.
        let log_bytes = Log::new(self.shared.folder.clone()).size().unwrap_or_default();
        let state = self.shared.state();
        let counted = state.counted;
        Counters {
            kept: counted.kept,
            known: counted.known,
            contradicting: counted.contradicting,
            too_late: counted.too_late,
            too_early: counted.too_early,
            no_room: counted.no_room,
            write_failures: state.write_failures,
            series: state.head.series_count as u64,
            head_bytes: state.head.bytes as u64,
            blocks: state.blocks.len() as u64,
            block_bytes: state.blocks.iter().map(|block| block.size).sum(),
            blocks_too_old: state.blocks_too_old,
            blocks_too_much: state.blocks_too_much,
            log_bytes,
        }
    }

    fn find(&self, finder: &mut Finder<'_>, min_ms: i64, max_ms: i64) -> Result<(), ReadError> {
        let (frozen, blocks) = {
            let state = self.shared.state();
            state.head.find_series(finder)?;
            (state.frozen.clone(), state.blocks.clone())
        };
        if let Some(frozen) = frozen {
            frozen.find_series(finder)?;
        }
        for block in blocks.iter().filter(|block| block.overlaps(min_ms, max_ms)) {
            finder.block(block)?;
        }
        Ok(())
    }
}

impl Shared {
    /// The state is whole after every change, so a panic elsewhere does not spoil it.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn replay(&mut self, segment: &[u8], settings: &Settings, now_ms: i64) {
        let mut sources: Vec<Option<Source>> = Vec::new();
        let mut keys: Vec<Option<Vec<u8>>> = Vec::new();
        for record in records(segment) {
            match record {
                Record::Source { number, source } => put_at(&mut sources, number, source),
                Record::Shape { number, key } => put_at(&mut keys, number, key.to_vec()),
                Record::Samples { source, samples } => {
                    let Some(Some(source)) = sources.get(source as usize) else { continue };
                    let known = samples.iter().filter_map(|(shape, sample)| {
                        Some((keys.get(*shape as usize)?.as_deref()?, *sample))
                    });
                    take(&mut self.head, None, &mut self.counted, (source, known), settings, now_ms);
                }
            }
        }
    }
}

/// Numbers that are far from any that the log gives are damage.
fn put_at<T>(list: &mut Vec<Option<T>>, number: u32, item: T) {
    let number = number as usize;
    if number >= list.len() + (1 << 20) {
        return;
    }
    if number >= list.len() {
        list.resize_with(number + 1, || None);
    }
    list[number] = Some(item);
}

impl Head {
    fn find_series(&self, finder: &mut Finder<'_>) -> Result<(), ReadError> {
        let allowed: Vec<bool> = self.sources.iter().map(|of| finder.scope.allows(&of.source)).collect();
        let exact = finder.selector.exact_name();
        let names: Box<dyn Iterator<Item = (&str, &[u32])>> = match exact {
            Some(name) => Box::new(std::iter::once((name, self.shapes.named(name)))),
            None => Box::new(self.shapes.names()),
        };
        let mut labels = Vec::new();
        for (name, shapes) in names.filter(|(name, _)| finder.selector.accepts_name(name)) {
            for shape in shapes.iter().filter_map(|shape| Some((*shape, self.shapes.get(*shape)?))) {
                let (id, shape) = shape;
                let Some((_, bytes)) = bytes::split_key(&shape.key) else { continue };
                if !finder.selector.accepts_labels(bytes, &mut labels) {
                    continue;
                }
                for source in shape.sources.iter().map(|source| *source as usize).filter(|at| allowed[*at]) {
                    let of_source = &self.sources[source];
                    let Some(place) = of_source.find(id) else { continue };
                    let series = &of_source.series[place as usize];
                    if !series.is_empty()
                        && finder.selector.accepts_source(&of_source.source, gateway_of(bytes))
                    {
                        finder.add(name, &labels, &of_source.source, || Ok(series.chunks()))?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Frozen {
    fn find_series(&self, finder: &mut Finder<'_>) -> Result<(), ReadError> {
        // By shape first: whether the labels agree is the same for all sources.
        let mut labels = Vec::new();
        let agree: Vec<Option<Vec<(String, String)>>> = self
            .keys
            .iter()
            .map(|key| {
                let (name, bytes) = bytes::split_key(key.as_deref()?)?;
                let agrees =
                    finder.selector.accepts_name(name) && finder.selector.accepts_labels(bytes, &mut labels);
                agrees.then(|| labels.clone())
            })
            .collect();
        for of in self.sources.iter().filter(|of| finder.scope.allows(&of.source)) {
            for (shape, chunks) in &of.series {
                let Some(Some(labels)) = agree.get(*shape as usize) else { continue };
                let Some(Some(key)) = self.keys.get(*shape as usize) else { continue };
                let Some((name, bytes)) = bytes::split_key(key) else { continue };
                if !chunks.is_empty() && finder.selector.accepts_source(&of.source, gateway_of(bytes)) {
                    finder.add(name, labels, &of.source, || Ok(chunks.clone()))?;
                }
            }
        }
        Ok(())
    }
}

/// The blocks of a folder, the oldest first, and the number of the next one. What was being written is deleted.
fn find_blocks(folder: &Path) -> io::Result<(Vec<Arc<Block>>, u64)> {
    let (mut blocks, mut next) = (Vec::new(), 1);
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.ends_with(".tmp") {
            fs::remove_file(&path)?;
        }
        let Some(number) = name.strip_suffix(".block").and_then(|name| name.parse::<u64>().ok()) else {
            continue;
        };
        next = next.max(number + 1);
        match Block::at(path.clone(), number) {
            Ok(block) => blocks.push(Arc::new(block)),
            Err(error) => {
                tracing::warn!(block = %path.display(), %error, "a block of metrics cannot be read and is set aside");
                fs::rename(&path, path.with_extension("damaged"))?;
            }
        }
    }
    blocks.sort_by_key(|block| block.number);
    Ok((blocks, next))
}
