//! The archive: records that come without end (events, logs), kept for a time and up to a size.
//!
//! It is a folder of segments, each a SQLite file of its own; new records go into the newest one. What is too old or
//! too much goes by whole segments, oldest first: that takes no time, and gives space back also when the disk has none
//! left, which deleting rows could not. When [`Archive::append`] returns `Ok`, the records are on the disk; records that
//! wait at the same time are committed together.

mod bounds;
mod cursor;
mod filter;
mod search;
mod segment;
mod shelf;
#[cfg(test)]
mod tests;
mod writer;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Semaphore, oneshot};
use tokio::task::spawn_blocking;

use crate::StoreError;
pub use bounds::ArchiveBounds;
pub use cursor::{ArchivePlace, Following};
pub use filter::{ArchiveFilter, DocumentMatch, Order, Page};
use search::Search;
use shelf::Shelf;
use writer::{Append, Writer};

/// Searches at a time; others wait for their turn.
const SEARCHES_MAX: usize = 2;

/// Whose records they are. What is not a gateway's has an empty `gateway`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// The network.
    pub network: String,
    /// The gateway's id in the network.
    pub gateway: String,
    /// The hardware id of the gateway's device.
    pub hardware_id: String,
}

/// A record as it is brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// When it came up, in milliseconds since 1970, by the clock of its source.
    pub time_ms: i64,
    /// The stream of an event; the tag of a log line.
    pub stream: String,
    /// The type of an event; empty for a log line.
    pub event_type: String,
    /// The tag of an event, for example a subscriber's id; empty for a log line.
    pub event_tag: String,
    /// All of it, a JSON object.
    pub document: String,
}

/// A record as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Unique in the archive, and for ever the same.
    pub id: String,
    /// Whose it is.
    pub source: Source,
    /// What it says.
    pub record: NewRecord,
}

/// What an archive holds at the moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArchiveSize {
    /// Files.
    pub segments: usize,
    /// Octets on the disk.
    pub bytes: u64,
    /// Segments that were given up for the bounds since the program started.
    pub dropped_segments: u64,
}

/// A handle on an archive. Clones share it.
#[derive(Clone)]
pub struct Archive {
    shelf: Arc<Shelf>,
    writer: Writer,
    searches: Arc<Semaphore>,
}

impl Archive {
    /// Opens the archive in `folder`, and makes it (mode 0700) if it is not there. A segment that cannot be read is left
    /// out, and told in the log: what is archived must not keep the Orchestrator from starting.
    ///
    /// # Errors
    /// [`StoreError::Open`] when nothing can be written there.
    pub fn open(folder: &Path, bounds: ArchiveBounds) -> Result<Self, StoreError> {
        let shelf = Arc::new(Shelf::open(folder)?);
        let writer = Writer::start(shelf.clone(), bounds)?;
        Ok(Self { shelf, writer, searches: Arc::new(Semaphore::new(SEARCHES_MAX)) })
    }

    /// Keeps records of one source, all or none, and returns when they are on the disk.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there is no room and nothing left to give up for it.
    pub async fn append(&self, source: Source, records: Vec<NewRecord>) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let (done, outcome) = oneshot::channel();
        self.writer.send(Append { source, records, done }).await?;
        outcome.await.unwrap_or(Err(StoreError::Closed))
    }

    /// The records that `filter` lets through and whose documents fit `matching`: one page of them, in `order` of time.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when it would take too long, or the page lies too far from the beginning.
    pub async fn search(
        &self,
        filter: ArchiveFilter,
        matching: Option<DocumentMatch>,
        order: Order,
        page: Page,
    ) -> Result<Vec<Found>, StoreError> {
        page.check()?;
        self.look(move |shelf| Search::new(shelf, &filter, matching).page(order, page)).await
    }

    /// How many records there are.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when it would take too long.
    pub async fn count(
        &self,
        filter: ArchiveFilter,
        matching: Option<DocumentMatch>,
    ) -> Result<u64, StoreError> {
        self.look(move |shelf| Search::new(shelf, &filter, matching).count()).await
    }

    /// What follows `place` in the order in which it came, `records_max` at most and about `bytes_max` octets.
    ///
    /// # Errors
    /// [`StoreError`] when a file cannot be read.
    pub async fn following(
        &self,
        place: ArchivePlace,
        records_max: usize,
        bytes_max: usize,
    ) -> Result<Following, StoreError> {
        let shelf = self.shelf.clone();
        let work = move || cursor::following(&shelf, place, records_max, bytes_max);
        spawn_blocking(work).await.unwrap_or(Err(StoreError::Closed))
    }

    /// The place after what is in it now.
    pub fn end(&self) -> ArchivePlace {
        self.shelf.end()
    }

    /// How many records came after `place` and are still there.
    pub fn behind(&self, place: ArchivePlace) -> u64 {
        self.shelf.behind(place)
    }

    /// What it holds.
    pub fn size(&self) -> ArchiveSize {
        self.shelf.size()
    }

    /// Waits until more was appended than is behind `place`.
    pub async fn grown_beyond(&self, place: ArchivePlace) {
        let mut changes = self.shelf.changes();
        while self.shelf.end() <= place {
            if changes.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// Lets what was asked finish, then closes the files; later appends fail with [`StoreError::Closed`].
    pub async fn close(&self) {
        self.writer.close().await;
    }

    async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shelf) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = self.searches.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let shelf = self.shelf.clone();
        let looked = spawn_blocking(move || {
            let _turn = turn;
            work(&shelf)
        });
        looked.await.unwrap_or(Err(StoreError::Closed))
    }
}
