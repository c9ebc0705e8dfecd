//! Records in a file of one's own, for a gateway without Redis: all in memory, each change appended to the file.
//!
//! A change is not synced to the disk: what a power cut takes are records of the last moments, and their owners write
//! them again. The file is made anew when most of it is history.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use magma_config::atomic_file;
use magma_redis::{Batch, Pending, RecordStore, StoreError, Stored};

use crate::journal::{self, HEADER};

/// How many records there may be, garbage included.
pub const RECORDS_MAX: usize = 10_000;
/// The largest record in bytes.
pub const RECORD_BYTES_MAX: usize = 16 * 1024;

/// What ids and records may have together, since all of them are in memory.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// What is in the file may concern subscribers.
const MODE: u32 = 0o600;
/// A larger file is none of ours.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// The file may be twice as large as its records, and this much more, before it is made anew.
const HISTORY_BYTES_MAX: usize = 256 * 1024;

/// The table; its file belongs to one process.
#[derive(Debug)]
pub struct FileTable {
    path: PathBuf,
    contents: Mutex<Contents>,
}

#[derive(Debug)]
struct Contents {
    records: BTreeMap<String, Stored>,
    /// Bytes of the ids and records.
    live: usize,
    /// None after the disk refused a change: then the whole file is written before the next one.
    journal: Option<File>,
    length: usize,
}

impl FileTable {
    /// The table in the file at `path`, made when it is not there. What is damaged in it is left out, and said.
    ///
    /// # Errors
    /// When the file cannot be read or made.
    pub fn open(path: &Path) -> io::Result<Self> {
        let bytes = match fs::metadata(path) {
            Ok(file) if file.len() > FILE_BYTES_MAX => return Err(io::ErrorKind::FileTooLarge.into()),
            Ok(_) => fs::read(path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let replayed = journal::replay(&bytes);
        if replayed.damaged > 0 {
            let (path, entries) = (path.display(), replayed.damaged);
            tracing::warn!(%path, entries, "entries of this file are damaged and left out");
        }
        let live = replayed.records.iter().map(|(id, stored)| id.len() + stored.0.len()).sum();
        let mut contents = Contents { records: replayed.records, live, journal: None, length: 0 };
        if replayed.whole > 0 && replayed.damaged == 0 {
            let file = appending(path)?;
            file.set_len(replayed.whole as u64)?;
            (contents.journal, contents.length) = (Some(file), replayed.whole);
        } else {
            contents.write_anew(path)?;
        }
        Ok(Self { path: path.to_owned(), contents: Mutex::new(contents) })
    }

    /// Puts `new` (none: nothing any more) in the place of `expected`.
    fn change(&self, id: &str, expected: Option<&Stored>, new: Option<Stored>) -> Result<bool, StoreError> {
        let mut contents = self.locked();
        if contents.records.get(id) != expected {
            return Ok(false);
        }
        let (records, growth) = (contents.records.len(), bytes(id, new.as_ref()));
        let live = contents.live - bytes(id, expected) + growth;
        let too_many = expected.is_none() && records >= RECORDS_MAX;
        if too_many || growth > 0 && live > BYTES_MAX {
            return Err(StoreError::Full { records });
        }
        contents
            .note(&self.path, id, new)
            .map(|()| true)
            .map_err(|source| StoreError::File { path: self.path.clone(), source })
    }

    /// A panic elsewhere leaves the map whole.
    fn locked(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    /// Writes the change to the file first, so that a full disk leaves the table as it was.
    fn note(&mut self, path: &Path, id: &str, new: Option<Stored>) -> io::Result<()> {
        if self.journal.is_none() || self.length > 2 * self.live + HISTORY_BYTES_MAX {
            self.write_anew(path)?;
        }
        let mut entry = Vec::new();
        journal::write(id, new.as_ref(), &mut entry);
        if let Some(journal) = &mut self.journal
            && let Err(error) = journal.write_all(&entry)
        {
            // Perhaps half of it is there.
            self.journal = None;
            return Err(error);
        }
        self.length += entry.len();
        let added = bytes(id, new.as_ref());
        let former = match new {
            Some(stored) => self.records.insert(id.to_owned(), stored),
            None => self.records.remove(id),
        };
        self.live = self.live + added - bytes(id, former.as_ref());
        Ok(())
    }

    fn write_anew(&mut self, path: &Path) -> io::Result<()> {
        let mut bytes = HEADER.to_vec();
        self.records.iter().for_each(|(id, stored)| journal::write(id, Some(stored), &mut bytes));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        self.journal = None;
        atomic_file::replace(path, &bytes, MODE)?;
        (self.journal, self.length) = (Some(appending(path)?), bytes.len());
        Ok(())
    }
}

/// What a record takes with its id; nothing, where there is none.
fn bytes(id: &str, stored: Option<&Stored>) -> usize {
    stored.map_or(0, |stored| id.len() + stored.0.len())
}

fn appending(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).mode(MODE).open(path)
}

impl RecordStore for FileTable {
    fn get<'a>(&'a self, id: &'a str) -> Pending<'a, Option<Stored>> {
        Box::pin(async move { Ok(self.locked().records.get(id).cloned()) })
    }

    fn replace<'a>(&'a self, id: &'a str, expected: Option<&'a Stored>, new: Stored) -> Pending<'a, bool> {
        Box::pin(async move { self.change(id, expected, Some(new)) })
    }

    fn remove<'a>(&'a self, id: &'a str, expected: &'a Stored) -> Pending<'a, bool> {
        Box::pin(async move { self.change(id, Some(expected), None) })
    }

    fn scan(&self, _: u64) -> Pending<'_, Batch> {
        Box::pin(async move {
            // Not all of them a second time.
            let later = self.locked().records.keys().rev().cloned().collect();
            Ok(Batch { later, ..Batch::default() })
        })
    }
}

#[cfg(test)]
mod tests;
