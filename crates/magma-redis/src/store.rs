//! A table of versioned records, wherever it is kept, and the one way to change it.

use std::pin::Pin;

use crate::{Record, StoreError, Stored};

/// What a store is about to answer.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

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
    /// Ids of what is too large to be read.
    pub too_large: Vec<String>,
    /// Where the next batch begins; 0 at the end.
    pub next: u64,
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
