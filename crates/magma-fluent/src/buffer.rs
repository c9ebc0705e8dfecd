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
/// The longest tag that is kept; what is longer is cut.
pub(crate) const TAG_BYTES_MAX: usize = 255;

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
    /// The number of the first record after them.
    end: u64,
}

/// A record as it waits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) tag: String,
    /// `[time, record]`, encoded.
    pub(crate) entry: Vec<u8>,
}

/// What became of records that were to be stored.
#[derive(Debug)]
pub(crate) struct Appended {
    /// Whether the disk has them.
    pub(crate) outcome: io::Result<()>,
    /// How many were lost: these, or older ones that they pushed out.
    pub(crate) lost: u64,
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

    /// Stores encoded entries of one tag, and returns when the disk has them.
    pub(crate) async fn append(&self, tag: &str, entries: Vec<Vec<u8>>) -> Appended {
        let queue = Arc::clone(if tag == EVENTS { &self.events } else { &self.logs });
        let count = entries.len() as u64;
        let records: Vec<Vec<u8>> = entries.iter().map(|entry| Stored::encode(tag, entry)).collect();
        let appended = spawn_blocking(move || {
            let mut spool = locked(&queue);
            let before = spool.dropped();
            let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
            let outcome = spool.append_all(&records);
            Appended { outcome, lost: spool.dropped() - before }
        });
        let appended = appended.await;
        self.grew.notify_one();
        appended.unwrap_or_else(|error| Appended { outcome: Err(io::Error::other(error)), lost: count })
    }

    /// Waits until there is something. Whoever waits for the disk holds a queue, so it is not looked at on this thread.
    pub(crate) async fn filled(&self) {
        loop {
            let (events, logs) = (Arc::clone(&self.events), Arc::clone(&self.logs));
            let empty = move || locked(&events).is_empty() && locked(&logs).is_empty();
            if let Ok(false) = spawn_blocking(empty).await {
                return;
            }
            self.grew.notified().await;
        }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        locked(&self.events).is_empty() && locked(&self.logs).is_empty()
    }

    /// The oldest records, events first, of about `bytes_max` octets; they stay until [`Batch::done`].
    ///
    /// # Errors
    /// The disk's.
    pub(crate) async fn oldest(self: &Arc<Self>, bytes_max: usize) -> io::Result<Option<Batch>> {
        let buffer = Arc::clone(self);
        spawn_blocking(move || buffer.oldest_now(bytes_max)).await.map_err(io::Error::other)?
    }

    fn oldest_now(&self, bytes_max: usize) -> io::Result<Option<Batch>> {
        for queue in [&self.events, &self.logs] {
            let mut spool = locked(queue);
            let records = spool.peek_many(bytes_max)?;
            if !records.is_empty() {
                let end = spool.front() + records.len() as u64;
                let records = records.iter().filter_map(|record| Stored::decode(&record.bytes)).collect();
                drop(spool);
                return Ok(Some(Batch { records, queue: Arc::clone(queue), end }));
            }
        }
        Ok(None)
    }
}

impl Batch {
    /// Forgets these records: the cloud has them. Those that newer ones have pushed out meanwhile are gone already.
    pub(crate) async fn done(self) {
        // What a program that ends cannot write down comes again.
        spawn_blocking(move || locked(&self.queue).commit_until(self.end)).await.ok();
    }
}

impl Stored {
    /// Length of the tag, the tag, the entry.
    fn encode(tag: &str, entry: &[u8]) -> Vec<u8> {
        let tag = &tag.as_bytes()[..tag.len().min(TAG_BYTES_MAX)];
        let mut record = Vec::with_capacity(1 + tag.len() + entry.len());
        record.push(tag.len() as u8);
        record.extend(tag);
        record.extend(entry);
        record
    }

    /// None for what was not written by us.
    fn decode(record: &[u8]) -> Option<Self> {
        let (length, rest) = record.split_first()?;
        let (tag, entry) = rest.split_at_checked(usize::from(*length))?;
        Some(Self { tag: String::from_utf8_lossy(tag).into_owned(), entry: entry.to_vec() })
    }
}

/// The spool keeps its own order whatever happened to another holder of the lock.
fn locked(spool: &Mutex<Spool>) -> MutexGuard<'_, Spool> {
    spool.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn append(buffer: &Buffer, tag: &str, entries: &[&[u8]]) -> u64 {
        let appended = buffer.append(tag, entries.iter().map(|entry| entry.to_vec()).collect()).await;
        appended.outcome.unwrap();
        appended.lost
    }

    fn oldest(buffer: &Buffer, bytes_max: usize) -> Batch {
        buffer.oldest_now(bytes_max).unwrap().expect("something waits")
    }

    fn seen(batch: &Batch) -> Vec<(&str, &[u8])> {
        batch.records.iter().map(|record| (record.tag.as_str(), record.entry.as_slice())).collect()
    }

    #[tokio::test]
    async fn events_go_first_and_what_is_done_does_not_come_again() {
        let folder = tempfile::tempdir().unwrap();
        let buffer = Buffer::open(folder.path(), 1 << 20).unwrap();
        assert!(buffer.is_empty() && buffer.oldest_now(1).unwrap().is_none());
        append(&buffer, "syslog", &[b"a", b"b"]).await;
        append(&buffer, EVENTS, &[b"e"]).await;
        buffer.filled().await;
        let first = oldest(&buffer, 100);
        assert_eq!(seen(&first), [("eventd", &b"e"[..])]);
        assert_eq!(seen(&oldest(&buffer, 100)), seen(&first), "not done yet");
        first.done().await;
        let buffer = Buffer::open(folder.path(), 1 << 20).unwrap();
        let second = oldest(&buffer, 100);
        assert_eq!(seen(&second), [("syslog", &b"a"[..]), ("syslog", &b"b"[..])]);
        second.done().await;
        assert!(buffer.is_empty());
    }

    #[tokio::test]
    async fn what_newer_records_push_out_while_it_is_sent_takes_no_newer_ones_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let buffer = Buffer::open(folder.path(), 40_000).unwrap();
        for number in 0..9 {
            append(&buffer, EVENTS, &[&[number; 1000]]).await;
        }
        let sent = oldest(&buffer, 3000);
        assert_eq!(sent.records.len(), 2);
        let mut lost = 0;
        for number in 9..13 {
            lost += append(&buffer, EVENTS, &[&[number; 1000]]).await;
        }
        assert!(lost > 0, "the bound is reached");
        sent.done().await;
        assert_eq!(u64::from(oldest(&buffer, 1).records[0].entry[0]), lost.max(2));
    }

    #[test]
    fn any_octets_decode_to_something_or_nothing() {
        assert_eq!(Stored::decode(b""), None);
        assert_eq!(Stored::decode(b"\x05ab"), None);
        let long = Stored::decode(&Stored::encode(&"t".repeat(300), &[1])).unwrap();
        assert_eq!((long.tag.len(), long.entry), (TAG_BYTES_MAX, vec![1]));
    }
}
