//! The events on disk that wait for the local `td-agent-bit`.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use magma_service303::Counter;
use magma_spool::{Bounds, Spool};
use serde_json::{Map, Value};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

use crate::service::{Sink, Stored};

/// What is older than this helps nobody.
const AGE_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// A bounded queue on disk; a clone is the same one.
#[derive(Clone, Debug)]
pub struct DiskQueue {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    spool: Mutex<Spool>,
    grew: Notify,
    dropped: Counter,
}

/// The oldest events, each a JSON object.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) events: Vec<Vec<u8>>,
    /// The number of the first event after them.
    end: u64,
}

impl DiskQueue {
    /// Opens the queue in `folder`. `dropped` counts what newer events push out.
    ///
    /// # Errors
    /// When `bytes_max` holds nothing.
    pub fn open(folder: &Path, bytes_max: u64, dropped: Counter) -> io::Result<Self> {
        let spool = Spool::open(folder, Bounds { bytes: bytes_max, age: AGE_MAX })?;
        Ok(Self { shared: Arc::new(Shared { spool: Mutex::new(spool), grew: Notify::new(), dropped }) })
    }

    /// How many events wait.
    pub fn len(&self) -> u64 {
        self.shared.spool().len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits until there is one. Whoever waits for the disk holds the queue, so it is not looked at on this thread.
    pub(crate) async fn filled(&self) {
        loop {
            let shared = Arc::clone(&self.shared);
            if let Ok(false) = spawn_blocking(move || shared.spool().is_empty()).await {
                return;
            }
            self.shared.grew.notified().await;
        }
    }

    /// The oldest events, of about `bytes_max` octets; they stay until [`DiskQueue::done`].
    ///
    /// # Errors
    /// The disk's.
    pub(crate) async fn oldest(&self, bytes_max: usize) -> io::Result<Batch> {
        let shared = Arc::clone(&self.shared);
        spawn_blocking(move || shared.oldest(bytes_max)).await.map_err(io::Error::other)?
    }

    /// Forgets these events. Those that newer ones have pushed out meanwhile are gone already.
    pub(crate) async fn done(&self, batch: &Batch) {
        let (shared, end) = (Arc::clone(&self.shared), batch.end);
        // What a program that ends cannot write down comes again.
        spawn_blocking(move || shared.spool().commit_until(end)).await.ok();
    }
}

impl Shared {
    fn oldest(&self, bytes_max: usize) -> io::Result<Batch> {
        let mut spool = self.spool();
        let events: Vec<_> = spool.peek_many(bytes_max)?.into_iter().map(|record| record.bytes).collect();
        let end = spool.front() + events.len() as u64;
        Ok(Batch { events, end })
    }

    fn append(&self, event: &[u8]) -> io::Result<()> {
        let mut spool = self.spool();
        let before = spool.dropped();
        spool.append(event)?;
        // What could not be stored is counted by its taker.
        self.dropped.add(spool.dropped() - before);
        Ok(())
    }

    fn spool(&self) -> MutexGuard<'_, Spool> {
        self.spool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for DiskQueue {
    fn store(&self, event: Map<String, Value>) -> Stored<'_> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let event = Value::Object(event).to_string();
            let appended = spawn_blocking(move || shared.append(event.as_bytes())).await;
            self.shared.grew.notify_one();
            appended.map_err(io::Error::other)?
        })
    }
}
