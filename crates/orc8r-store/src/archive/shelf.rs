//! Which segments there are, for the writer and for all who look.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::segment::{self, Facts};
use super::{ArchivePlace, ArchiveSize};
use crate::StoreError;

/// The segments of one archive, oldest first; the last one takes records.
pub(super) struct Shelf {
    folder: PathBuf,
    segments: Mutex<Segments>,
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct Segments {
    facts: Vec<Facts>,
    dropped: u64,
    /// The highest number that was ever there.
    highest: u64,
}

impl Shelf {
    pub(super) fn open(folder: &Path) -> Result<Self, StoreError> {
        let unusable = |error: io::Error| StoreError::Open {
            file: folder.to_owned(),
            reason: format!("{error}; make it writable, or name another data folder"),
        };
        if !folder.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
        }
        let mut segments = Segments::default();
        for entry in fs::read_dir(folder).map_err(unusable)? {
            let path = entry.map_err(unusable)?.path();
            let Some(number) = segment::number_of(&path) else { continue };
            segments.highest = segments.highest.max(number);
            match Facts::of(&path, number) {
                Ok(facts) => segments.facts.push(facts),
                Err(error) => tracing::warn!(
                    file = %path.display(), %error,
                    "a file of the archive cannot be read and is left out; it may be deleted"
                ),
            }
        }
        segments.facts.sort_by_key(|facts| facts.number);
        let (changed, _) = watch::channel(());
        Ok(Self { folder: folder.to_owned(), segments: Mutex::new(segments), changed })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// All segments, oldest first.
    pub(super) fn all(&self) -> Vec<Facts> {
        self.locked().facts.clone()
    }

    /// The newest segment.
    pub(super) fn newest(&self) -> Option<Facts> {
        self.locked().facts.last().cloned()
    }

    /// The number for a new segment.
    pub(super) fn next_number(&self) -> u64 {
        self.locked().highest + 1
    }

    /// Adds a segment, or puts its facts in the place of older ones.
    pub(super) fn put(&self, facts: Facts) {
        let mut segments = self.locked();
        segments.highest = segments.highest.max(facts.number);
        match segments.facts.iter_mut().find(|known| known.number == facts.number) {
            Some(known) => *known = facts,
            None => segments.facts.push(facts),
        }
        drop(segments);
        self.changed.send_replace(());
    }

    /// Gives up the oldest segment, unless it is the only one; whether it did.
    pub(super) fn drop_oldest(&self) -> bool {
        let mut segments = self.locked();
        if segments.facts.len() < 2 {
            return false;
        }
        let oldest = segments.facts.remove(0);
        segments.dropped += 1;
        drop(segments);
        if let Err(error) = segment::remove(&oldest.path) {
            tracing::warn!(file = %oldest.path.display(), %error, "a file of the archive cannot be deleted");
        }
        true
    }

    /// The place after the newest record.
    pub(super) fn end(&self) -> ArchivePlace {
        let segments = self.locked();
        let newest = segments.facts.last();
        newest.map_or(ArchivePlace::default(), |facts| ArchivePlace {
            segment: facts.number,
            record: facts.last_id,
        })
    }

    /// Records after a place. Their ids are counted from 1 in each segment.
    pub(super) fn behind(&self, place: ArchivePlace) -> u64 {
        let segments = self.locked();
        let after = segments.facts.iter().filter(|facts| facts.number >= place.segment);
        let records = after.map(|facts| {
            let read = if facts.number == place.segment { place.record } else { 0 };
            u64::try_from(facts.last_id.saturating_sub(read)).unwrap_or_default()
        });
        records.sum()
    }

    pub(super) fn size(&self) -> ArchiveSize {
        let segments = self.locked();
        ArchiveSize {
            segments: segments.facts.len(),
            bytes: segments.facts.iter().map(|facts| facts.bytes).sum(),
            dropped_segments: segments.dropped,
        }
    }

    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Each change leaves the list whole, so a panic elsewhere does not spoil it.
    fn locked(&self) -> MutexGuard<'_, Segments> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
