//! A table of versioned records, wherever it is kept, and the one way to change it.

use std::fmt;
use std::pin::Pin;

use crate::{Record, StoreError, Stored};

/// What a store is about to answer.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// How many records, and how many batches, of one table are read; a gateway has some thousand subscribers.
const RECORDS_MAX: usize = 100_000;
const BATCHES_MAX: usize = 10_000;
/// How often a change is tried while others change the same record.
const ATTEMPTS_MAX: u32 = 16;

/// Records by id.
pub trait RecordStore: Send + Sync + 'static {
    /// The record of `id`, garbage included.
    fn get<'a>(&'a self, id: &'a str) -> Pending<'a, Option<Stored>>;

    /// Stores `new` if `expected` is still what stands there (none: nothing does). Returns whether it was.
    fn replace<'a>(&'a self, id: &'a str, expected: Option<&'a Stored>, new: Stored) -> Pending<'a, bool>;

    /// Removes the record if `expected` is still what stands there. Returns whether it was.
    fn remove<'a>(&'a self, id: &'a str, expected: &'a Stored) -> Pending<'a, bool>;

    /// Some of the records: from the beginning for cursor 0, else from where another batch ended. A record that is there
    /// all the time is returned at least once; one may be returned twice.
    fn scan(&self, cursor: u64) -> Pending<'_, Batch>;
}

/// A part of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Ids and records, garbage included.
    pub records: Vec<(String, Stored)>,
    /// Ids of what had no room in the batch; to be got one by one.
    pub later: Vec<String>,
    /// Ids of what is too large to be read.
    pub too_large: Vec<String>,
    /// Where the next batch begins; 0 at the end.
    pub next: u64,
}

/// The records of a table, one after another; no more than a batch of them is in memory, or one large one.
pub struct Scan<'a> {
    store: &'a dyn RecordStore,
    batch: Batch,
    batches: usize,
    records: usize,
}

impl<'a> Scan<'a> {
    /// From the beginning.
    pub fn new(store: &'a dyn RecordStore) -> Self {
        Self { store, batch: Batch::default(), batches: 0, records: 0 }
    }

    /// The next record with its id, garbage included; the id alone of what is too large to be read; none at the end. A
    /// record that is there all the time comes at least once; one may come twice.
    ///
    /// # Errors
    /// What the store says, or [`StoreError::Endless`].
    pub async fn next(&mut self) -> Result<Option<(String, Option<Stored>)>, StoreError> {
        loop {
            let found = match self.in_batch().await? {
                Some(found) => found,
                None if self.batches > 0 && self.batch.next == 0 => return Ok(None),
                None => {
                    self.batches += 1;
                    let cursor = self.batch.next;
                    // What was read goes before the next is there.
                    self.batch = Batch::default();
                    self.batch = self.bounded(BATCHES_MAX, self.batches)?.scan(cursor).await?;
                    self.batch.records.reverse();
                    continue;
                }
            };
            self.records += 1;
            self.bounded(RECORDS_MAX, self.records)?;
            return Ok(Some(found));
        }
    }

    async fn in_batch(&mut self) -> Result<Option<(String, Option<Stored>)>, StoreError> {
        if let Some((id, stored)) = self.batch.records.pop() {
            return Ok(Some((id, Some(stored))));
        }
        while let Some(id) = self.batch.later.pop() {
            match self.store.get(&id).await {
                Ok(Some(stored)) => return Ok(Some((id, Some(stored)))),
                Ok(None) => {}
                Err(StoreError::TooLarge { .. }) => return Ok(Some((id, None))),
                Err(error) => return Err(error),
            }
        }
        Ok(self.batch.too_large.pop().map(|id| (id, None)))
    }

    /// The store, while `count` is within `most`.
    fn bounded(&self, most: usize, count: usize) -> Result<&'a dyn RecordStore, StoreError> {
        if count > most { Err(StoreError::Endless { records: RECORDS_MAX }) } else { Ok(self.store) }
    }
}

impl fmt::Debug for Scan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { batches, records, .. } = self;
        f.debug_struct("Scan").field("batches", batches).field("records", records).finish_non_exhaustive()
    }
}

/// Changes the record of `id` by `change`, which sees what is stored and says what is to be stored; nothing is changed
/// if it says none. Others that write at the same time lose nothing: `change` is called again with what they wrote.
/// Returns what was stored.
///
/// # Errors
/// What the store says, or [`StoreError::Contended`].
pub async fn update(
    store: &dyn RecordStore,
    id: &str,
    mut change: impl FnMut(Option<Record>) -> Option<Record> + Send,
) -> Result<Option<Record>, StoreError> {
    for _ in 0..ATTEMPTS_MAX {
        let before = store.get(id).await?;
        // What is not a record at all is replaced as if there were none.
        let record = before.as_ref().and_then(|stored| stored.record().ok());
        let Some(new) = change(record) else { return Ok(None) };
        if store.replace(id, before.as_ref(), new.clone().into()).await? {
            return Ok(Some(new));
        }
    }
    Err(StoreError::Contended { id: id.to_owned() })
}
