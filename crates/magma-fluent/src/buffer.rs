//! What waits for the cloud, on disk: events and everything else in queues of their own, so that log lines push out no
//! event.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use magma_spool::{Bounds, Spool};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

/// The tag of events, as in Magma.
pub(crate) const EVENTS: &str = "eventd";
/// The part of the bound that events have for themselves.
const EVENTS_SHARE: u64 = 4;
/// What is older than this helps nobody.
const AGE_MAX: Duration = Duration::from_secs(7 * 24 * 3600);
const TAG_BYTES_MAX: usize = 255;

/// The queues on disk.
#[derive(Debug)]
pub struct Buffer {
    events: Arc<Mutex<Spool>>,
    logs: Arc<Mutex<Spool>>,
    grew: Notify,
}

/// The oldest records of one queue.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) records: Vec<Stored>,
    queue: Arc<Mutex<Spool>>,
    dropped_before: u64,
}

/// Entries that were stored together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) tag: String,
    /// How many there are.
    pub(crate) count: usize,
    /// The entries, encoded, one after the other.
    pub(crate) entries: Vec<u8>,
}

impl Buffer {
    /// Opens the queues in `folder`, for `bytes_max` octets together: a quarter of them is for events.
    ///
    /// # Errors
    /// When `bytes_max` holds nothing.
    pub fn open(folder: &Path, bytes_max: u64) -> io::Result<Self> {
        let events = bytes_max / EVENTS_SHARE;
        let open = |name, bytes| {
            let spool = Spool::open(&folder.join(name), Bounds { bytes, age: AGE_MAX })?;
            Ok::<_, io::Error>(Arc::new(Mutex::new(spool)))
        };
        Ok(Self {
            events: open("events", events)?,
            logs: open("logs", bytes_max - events)?,
            grew: Notify::new(),
        })
    }

    /// Stores `count` encoded entries of one tag, and returns when the disk has them.
    ///
    /// # Errors
    /// When the disk is full, or this is more than the bound.
    pub(crate) async fn append(&self, tag: &str, count: usize, entries: Vec<u8>) -> io::Result<()> {
        let queue = Arc::clone(if tag == EVENTS { &self.events } else { &self.logs });
        let record = Stored { tag: tag.to_owned(), count, entries }.encode();
        let appended = spawn_blocking(move || locked(&queue).append(&record)).await;
        self.grew.notify_one();
        appended.map_err(io::Error::other)?
    }

    /// Waits until there is something.
    pub(crate) async fn filled(&self) {
        while self.is_empty() {
            self.grew.notified().await;
        }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        locked(&self.events).is_empty() && locked(&self.logs).is_empty()
    }

    /// How many records were pushed out by newer ones, lost to a full disk, or damaged, since the queues were made.
    pub fn dropped(&self) -> u64 {
        locked(&self.events).dropped() + locked(&self.logs).dropped()
    }

    /// The oldest records, events first, of about `bytes_max` octets; they stay until [`Batch::done`].
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn oldest(&self, bytes_max: usize) -> io::Result<Option<Batch>> {
        for queue in [&self.events, &self.logs] {
            let mut spool = locked(queue);
            let records = spool.peek_many(bytes_max)?;
            if !records.is_empty() {
                // One that cannot be decoded was not written by us; it goes with its batch.
                let records = records.iter().map(|record| Stored::decode(&record.bytes)).collect();
                let dropped_before = spool.dropped();
                drop(spool);
                return Ok(Some(Batch { records, queue: Arc::clone(queue), dropped_before }));
            }
        }
        Ok(None)
    }
}

impl Batch {
    /// Forgets these records: the cloud has them. Those that newer ones have pushed out meanwhile are gone already.
    pub(crate) fn done(self) {
        let mut spool = locked(&self.queue);
        let pushed_out = spool.dropped().saturating_sub(self.dropped_before);
        let pushed_out = usize::try_from(pushed_out).unwrap_or(usize::MAX);
        spool.commit(self.records.len().saturating_sub(pushed_out));
    }
}

impl Stored {
    /// Length of the tag, the tag, how many entries, the entries.
    fn encode(&self) -> Vec<u8> {
        let tag = &self.tag.as_bytes()[..self.tag.len().min(TAG_BYTES_MAX)];
        let mut record = Vec::with_capacity(5 + tag.len() + self.entries.len());
        record.push(tag.len() as u8);
        record.extend(tag);
        record.extend(u32::try_from(self.count).unwrap_or(u32::MAX).to_be_bytes());
        record.extend(&self.entries);
        record
    }

    fn decode(record: &[u8]) -> Self {
        let split = || {
            let (length, rest) = record.split_first()?;
            let (tag, rest) = rest.split_at_checked(usize::from(*length))?;
            let (count, entries) = rest.split_first_chunk::<4>()?;
            Some((tag, *count, entries))
        };
        let (tag, count, entries) = split().unwrap_or_default();
        Self {
            tag: String::from_utf8_lossy(tag).into_owned(),
            count: u32::from_be_bytes(count) as usize,
            entries: entries.to_vec(),
        }
    }
}

/// The spool keeps its own order whatever happened to another holder of the lock.
fn locked(spool: &Mutex<Spool>) -> MutexGuard<'_, Spool> {
    spool.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn events_go_first_and_what_is_done_does_not_come_again() {
        let folder = tempfile::tempdir().unwrap();
        let buffer = Buffer::open(folder.path(), 1 << 20).unwrap();
        assert!(buffer.is_empty() && buffer.oldest(1).unwrap().is_none());
        buffer.append("syslog", 2, b"ab".to_vec()).await.unwrap();
        buffer.append(EVENTS, 1, b"e".to_vec()).await.unwrap();
        buffer.filled().await;
        let seen = |batch: &Batch| {
            batch.records.iter().map(|r| (r.tag.clone(), r.count, r.entries.clone())).collect::<Vec<_>>()
        };
        let first = buffer.oldest(100).unwrap().unwrap();
        assert_eq!(seen(&first), [("eventd".to_owned(), 1, b"e".to_vec())]);
        assert_eq!(seen(&buffer.oldest(100).unwrap().unwrap()), seen(&first), "not done yet");
        first.done();
        let buffer = Buffer::open(folder.path(), 1 << 20).unwrap();
        let second = buffer.oldest(100).unwrap().unwrap();
        assert_eq!(seen(&second), [("syslog".to_owned(), 2, b"ab".to_vec())]);
        second.done();
        assert!(buffer.is_empty());
    }

    #[tokio::test]
    async fn what_newer_records_push_out_while_it_is_sent_takes_no_newer_ones_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let buffer = Buffer::open(folder.path(), 40_000).unwrap();
        let record = |number: u8| vec![number; 1000];
        for number in 0..9 {
            buffer.append(EVENTS, 1, record(number)).await.unwrap();
        }
        let sent = buffer.oldest(3000).unwrap().unwrap();
        let last_sent = sent.records.last().unwrap().entries[0];
        for number in 9..12 {
            buffer.append(EVENTS, 1, record(number)).await.unwrap();
        }
        assert!(buffer.dropped() > 0, "the bound is reached");
        sent.done();
        let next = buffer.oldest(1).unwrap().unwrap().records[0].entries[0];
        assert!(next <= last_sent.max(buffer.dropped() as u8 - 1) + 1, "record {next} was skipped to");
    }

    #[test]
    fn any_octets_decode_to_something() {
        for record in [&b""[..], b"\x05ab", b"\x02ab\0\0", b"\xff\xff"] {
            assert_eq!(Stored::decode(record).count, 0);
        }
        let long = Stored { tag: "t".repeat(300), count: 1, entries: vec![1] };
        assert_eq!(Stored::decode(&long.encode()).tag.len(), TAG_BYTES_MAX);
    }
}
