//! The file `position`: how far the queue is consumed, and how many records were dropped.
//!
//! Two slots are written in turn, in place, each with a sequence number and a CRC: a write that is cut off leaves the
//! other slot. In place, because that also works on a full disk, and costs flash memory one block instead of a new
//! file with its folder entry.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::crc32::Crc32;

/// Distance of the slots in octets: a sector each.
const SLOT_STRIDE: usize = 512;
/// The four numbers and their CRC.
const SLOT_LENGTH: usize = 36;

/// What is kept beside the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The segment of the oldest record that is not consumed; earlier ones are.
    pub segment: u64,
    /// Where in it that record begins.
    pub offset: u64,
    /// How many records were dropped or lost since the queue was made.
    pub dropped: u64,
}

/// The file, opened when it is first written.
#[derive(Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
    file: Option<File>,
    sequence: u64,
}

impl Ledger {
    /// Reads what was written last. A file that is absent, unreadable or damaged in both slots counts as new.
    pub fn open(folder: &Path) -> (Self, Entry) {
        let path = folder.join("position");
        let contents = fs::read(&path).unwrap_or_default();
        let newest = [0, SLOT_STRIDE]
            .into_iter()
            .filter_map(|at| decode(contents.get(at..)?))
            .max_by_key(|slot| slot.0);
        let (sequence, entry) = newest.unwrap_or_default();
        (Self { path, file: None, sequence }, entry)
    }

    /// Writes the entry and waits until the disk has it.
    pub fn write(&mut self, entry: Entry) -> io::Result<()> {
        let sequence = self.sequence + 1;
        let slot = encode(sequence, entry);
        let at = if sequence.is_multiple_of(2) { 0 } else { SLOT_STRIDE as u64 };
        let written = self.file().and_then(|file| {
            file.write_all_at(&slot, at)?;
            file.sync_data()
        });
        match written {
            Ok(()) => self.sequence = sequence,
            Err(_) => self.file = None,
        }
        written
    }

    fn file(&mut self) -> io::Result<&File> {
        if self.file.is_none() {
            let mut options = OpenOptions::new();
            let is_new = !self.path.exists();
            self.file = Some(options.write(true).create(true).truncate(false).mode(0o600).open(&self.path)?);
            if is_new && let Some(folder) = self.path.parent() {
                File::open(folder)?.sync_all()?;
            }
        }
        self.file.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn encode(sequence: u64, entry: Entry) -> [u8; SLOT_LENGTH] {
    let mut slot = [0; SLOT_LENGTH];
    for (index, number) in [sequence, entry.segment, entry.offset, entry.dropped].into_iter().enumerate() {
        slot[index * 8..][..8].copy_from_slice(&number.to_le_bytes());
    }
    let sum = Crc32::new().add(&slot[..32]).value();
    slot[32..].copy_from_slice(&sum.to_le_bytes());
    slot
}

fn decode(slot: &[u8]) -> Option<(u64, Entry)> {
    let (numbers, sum) = slot.get(..SLOT_LENGTH)?.split_at(32);
    if Crc32::new().add(numbers).value().to_le_bytes() != *sum {
        return None;
    }
    let number =
        |index: usize| numbers[index * 8..][..8].try_into().map(u64::from_le_bytes).unwrap_or_default();
    let entry = Entry { segment: number(1), offset: number(2), dropped: number(3) };
    // Zeros have a checksum other than zero, but be sure that an empty slot is none. Numbers at their ends, which no
    // queue reaches, would leave nothing to count on to.
    let countable = [number(0), entry.segment, entry.dropped].iter().all(|number| *number < u64::MAX / 2);
    (number(0) > 0 && countable).then_some((number(0), entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u64) -> Entry {
        Entry { segment: number, offset: number * 10, dropped: number * 100 }
    }

    #[test]
    fn the_newest_entry_is_read_and_a_torn_write_leaves_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let (mut ledger, first) = Ledger::open(folder.path());
        assert_eq!(first, Entry::default());
        for number in 1..=5 {
            ledger.write(entry(number)).unwrap();
            assert_eq!(Ledger::open(folder.path()).1, entry(number));
        }
        let path = folder.path().join("position");
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            let found = Ledger::open(folder.path()).1;
            assert!([Entry::default(), entry(4), entry(5)].contains(&found), "{length}: {found:?}");
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            fs::write(&path, &damaged).unwrap();
            assert!([entry(4), entry(5)].contains(&Ledger::open(folder.path()).1), "{at}");
        }
    }

    #[test]
    fn after_a_reopening_the_older_slot_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        for number in 1..=9 {
            let (mut ledger, before) = Ledger::open(folder.path());
            assert_eq!(before, if number == 1 { Entry::default() } else { entry(number - 1) });
            ledger.write(entry(number)).unwrap();
        }
        assert!(Ledger::open(Path::new("/nonexistent")).0.write(entry(1)).is_err());
    }
}
