//! What the store does by itself: writing its log each second, making blocks, merging them, forgetting old ones.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::block::Block;
use super::block_writer::BlockWriter;
use super::bytes::split_key;
use super::chunk::{ChunkReader, Sealed};
use super::head::Frozen;
use super::log::Pending;
use super::merge::merge;
use super::samples::SeriesSamples;
use super::store::Tsdb;
use crate::labels::Labels;
use crate::series::Source;

/// How much a power cut costs.
const LOG_INTERVAL: Duration = Duration::from_secs(1);
/// So many blocks of one day, or of one hour, become one.
const MERGE_COUNT: usize = 6;
/// Blocks that are too old go this soon.
const FORGET_INTERVAL_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 3_600_000;
/// Larger blocks stay as they are.
const MERGE_BYTES_MAX: u64 = 2_000_000_000;

/// The threads that look after a store. The store is written and closed when this is dropped.
#[derive(Debug)]
pub struct Upkeep {
    stop: Vec<Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.stop.clear();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Upkeep {
    /// Does something every second, and once more at the end.
    fn every_second(&mut self, name: &str, store: Tsdb, work: fn(&Tsdb)) -> io::Result<()> {
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(LOG_INTERVAL) {
                work(&store);
            }
            work(&store);
        })?;
        self.stop.push(stop);
        self.threads.push(thread);
        Ok(())
    }
}

impl Tsdb {
    /// Looks after the store in threads of its own, until what it gives back is dropped: one for the log, which waits
    /// for nothing else, and one for blocks.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn keep_up(&self) -> io::Result<Upkeep> {
        let mut upkeep = Upkeep { stop: Vec::new(), threads: Vec::new() };
        upkeep.every_second("metrics-blocks", self.clone(), |store| store.tick(unix_ms()))?;
        upkeep.every_second("metrics-log", self.clone(), Self::write_log)?;
        Ok(upkeep)
    }

    /// Does what is due: when the head is old or full it becomes a block, old blocks go, and small ones are merged.
    pub fn tick(&self, now_ms: i64) {
        if self.is_block_due(now_ms) {
            self.make_block();
            self.merge_blocks(now_ms);
        }
        if self.is_forgetting_due(now_ms) {
            self.forget_old(now_ms);
        }
    }

    /// Writes what arrived to disk.
    pub fn write_log(&self) {
        let mut log = self.shared.log.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = {
            let mut state = self.shared.state();
            let segment = state.pending.last().map_or(1, |pending| pending.segment);
            std::mem::replace(&mut state.pending, vec![Pending::new(segment)])
        };
        for records in pending {
            if let Err(error) = log.write(&records) {
                self.failed("cannot write the log of metrics: a crash now would lose some", &error);
            }
        }
    }

    /// Makes a block of all that is in memory, and drops the log of it.
    pub fn make_block(&self) {
        let (frozen, number) = {
            let mut state = self.shared.state();
            let next = state.pending.last().map_or(1, |pending| pending.segment) + 1;
            if state.frozen.is_none() {
                let frozen = state.head.freeze(next);
                state.frozen = Some(Arc::new(frozen));
                state.pending.push(Pending::new(next));
            }
            state.next_block += 1;
            (state.frozen.clone(), state.next_block - 1)
        };
        let Some(frozen) = frozen else { return };
        self.write_log();
        match write_block(&self.shared.folder, number, &frozen) {
            Ok(block) => {
                let mut state = self.shared.state();
                let blocks = state.blocks.iter().cloned().chain(block.map(Arc::new));
                state.blocks = Arc::new(blocks.collect());
                state.frozen = None;
            }
            Err(error) => return self.failed("cannot write a block of metrics: trying again", &error),
        }
        let mut log = self.shared.log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = log.delete_before(frozen.log_after) {
            self.failed("cannot delete old logs of metrics", &error);
        }
    }

    /// Deletes blocks that are too old, and the oldest while there are too many bytes.
    pub fn forget_old(&self, now_ms: i64) {
        let retention = i64::try_from(self.shared.settings.retention.as_millis()).unwrap_or(i64::MAX);
        let oldest_ms = now_ms.saturating_sub(retention);
        let log_bytes = {
            let log = self.shared.log.lock().unwrap_or_else(PoisonError::into_inner);
            log.size().unwrap_or_default()
        };
        let mut state = self.shared.state();
        let mut by_age = state.blocks.to_vec();
        by_age.sort_by_key(|block| std::cmp::Reverse(block.max_ms));
        let mut bytes = log_bytes;
        by_age.retain(|block| {
            bytes = bytes.saturating_add(block.size);
            block.max_ms >= oldest_ms && bytes <= self.shared.settings.disk_bytes_max
        });
        let gone =
            self.replace_blocks(&mut state, |block| by_age.iter().any(|kept| Arc::ptr_eq(kept, block)), None);
        let too_old = gone.iter().filter(|block| block.max_ms < oldest_ms).count();
        state.blocks_too_old += too_old as u64;
        state.blocks_too_much += (gone.len() - too_old) as u64;
        drop(state);
        self.delete(&gone);
    }

    /// Merges the blocks of each day that is over, and those of today when they are many.
    pub fn merge_blocks(&self, now_ms: i64) {
        let blocks = self.shared.state().blocks.clone();
        let mut groups: BTreeMap<(i64, u32), Vec<Arc<Block>>> = BTreeMap::new();
        for block in blocks.iter().filter(|block| block.size < MERGE_BYTES_MAX) {
            let day = block.max_ms.div_euclid(DAY_MS);
            // Of like sizes, so that a byte is written a few times and not many.
            let class = if day < now_ms.div_euclid(DAY_MS) { 0 } else { block.size.max(1).ilog(8) };
            groups.entry((day, class)).or_default().push(block.clone());
        }
        for ((day, _), group) in groups {
            let is_over = day < now_ms.div_euclid(DAY_MS);
            let bytes: u64 = group.iter().map(|block| block.size).sum();
            let is_due = if is_over { group.len() > 1 } else { group.len() >= MERGE_COUNT };
            if is_due && bytes < MERGE_BYTES_MAX {
                self.merge(&group);
            }
        }
    }

    fn merge(&self, group: &[Arc<Block>]) {
        let number = {
            let mut state = self.shared.state();
            state.next_block += 1;
            state.next_block - 1
        };
        match merge(&self.shared.folder, number, group) {
            Ok(merged) => {
                let mut state = self.shared.state();
                let is_other = |block: &Arc<Block>| !group.iter().any(|old| Arc::ptr_eq(old, block));
                let gone = self.replace_blocks(&mut state, is_other, Some(merged));
                drop(state);
                self.delete(&gone);
            }
            Err(error) => self.failed("cannot merge blocks of metrics: they stay as they are", &error),
        }
    }

    fn replace_blocks(
        &self,
        state: &mut super::store::State,
        keep: impl Fn(&Arc<Block>) -> bool,
        more: Option<Block>,
    ) -> Vec<Arc<Block>> {
        let (mut kept, gone): (Vec<_>, Vec<_>) = state.blocks.iter().cloned().partition(|block| keep(block));
        kept.extend(more.map(Arc::new));
        state.blocks = Arc::new(kept);
        gone
    }

    fn delete(&self, blocks: &[Arc<Block>]) {
        for block in blocks {
            if let Err(error) = fs::remove_file(&block.path) {
                self.failed("cannot delete an old block of metrics", &error);
            }
        }
    }

    fn is_block_due(&self, now_ms: i64) -> bool {
        let settings = &self.shared.settings;
        let span = i64::try_from(settings.block_span.as_millis()).unwrap_or(i64::MAX);
        let state = self.shared.state();
        let is_old = state.head.began_ms.is_some_and(|began| now_ms.saturating_sub(began) >= span);
        state.frozen.is_some() || is_old || state.head.bytes > settings.head_bytes_max
    }

    fn is_forgetting_due(&self, now_ms: i64) -> bool {
        let mut state = self.shared.state();
        let is_due = now_ms.saturating_sub(state.forgot_ms) >= FORGET_INTERVAL_MS;
        if is_due {
            state.forgot_ms = now_ms;
        }
        is_due
    }

    fn failed(&self, what: &'static str, error: &io::Error) {
        self.shared.state().write_failures += 1;
        tracing::warn!(%error, folder = %self.shared.folder.display(), "{what}");
    }
}

/// Writes a block; none when there is nothing to write.
fn write_block(folder: &std::path::Path, number: u64, frozen: &Frozen) -> io::Result<Option<Block>> {
    let mut sources: Vec<(usize, Arc<Source>)> =
        frozen.sources.iter().map(|of| of.source.clone()).enumerate().collect();
    sources.sort_by(|(_, one), (_, other)| one.cmp(other));
    let mut order: Vec<(u32, u32, &[Sealed])> = Vec::new();
    for (new, (old, _)) in sources.iter().enumerate() {
        let series = frozen.sources[*old].series.iter();
        order.extend(
            series
                .filter(|(_, chunks)| !chunks.is_empty())
                .map(|(shape, chunks)| (*shape, new as u32, chunks.as_slice())),
        );
    }
    if order.is_empty() {
        return Ok(None);
    }
    let ranks = ranks(frozen);
    order.sort_by_key(|(shape, source, _)| (ranks[*shape as usize], *source));
    let sources: Vec<_> = sources.into_iter().map(|(_, source)| source).collect();
    let mut writer = BlockWriter::create(folder, number, &sources)?;
    match write_series(&mut writer, frozen, &order) {
        Ok((min_ms, max_ms)) => writer.finish(number, min_ms, max_ms).map(Some),
        Err(error) => {
            writer.discard();
            Err(error)
        }
    }
}

fn write_series(
    writer: &mut BlockWriter,
    frozen: &Frozen,
    order: &[(u32, u32, &[Sealed])],
) -> io::Result<(i64, i64)> {
    let (mut min_ms, mut max_ms) = (i64::MAX, i64::MIN);
    for (shape, source, chunks) in order {
        let Some(Some(key)) = frozen.keys.get(*shape as usize) else { continue };
        for sample in chunks.iter().flat_map(|chunk| ChunkReader::new(&chunk.bytes, chunk.count)) {
            (min_ms, max_ms) = (min_ms.min(sample.time_ms), max_ms.max(sample.time_ms));
        }
        if chunks.len() == 1 {
            writer.series(key, *source, chunks)?;
        } else {
            writer.series(key, *source, &in_order(chunks))?;
        }
    }
    Ok((min_ms, max_ms))
}

/// Chunks that may overlap, as ones that do not.
fn in_order(chunks: &[Sealed]) -> Vec<Sealed> {
    let series = SeriesSamples { labels: Labels::default(), chunks: chunks.to_vec() };
    let samples = series.read(i64::MIN, i64::MAX);
    SeriesSamples::from_samples(Labels::default(), &samples).chunks
}

/// The places of shapes in the order of name and labels.
fn ranks(frozen: &Frozen) -> Vec<u32> {
    let mut shapes: Vec<u32> = (0..frozen.keys.len() as u32).collect();
    let order = |shape: &u32| frozen.keys[*shape as usize].as_deref().and_then(split_key);
    shapes.sort_by(|one, other| order(one).cmp(&order(other)));
    let mut ranks = vec![0; shapes.len()];
    for (rank, shape) in shapes.iter().enumerate() {
        ranks[*shape as usize] = rank as u32;
    }
    ranks
}

fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
