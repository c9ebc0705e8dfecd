//! The queue on disk as the tasks share it: its work is done beside the one thread that everything else runs on.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use magma_metrics::{Bounds, Chunk, MetricsQueue, Records};
use magma_service303::Counter;
use tokio::task::spawn_blocking;

/// Samples that wait for the cloud; a clone is the same queue.
#[derive(Clone, Debug)]
pub(super) struct Store(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    queue: MetricsQueue,
    /// `metrics_dropped`: what the queue dropped since it was made, whenever that was.
    dropped: Counter,
    /// What of it has been counted there.
    counted: u64,
    /// Whether the log has it that the disk takes nothing.
    trouble_was_told: bool,
}

impl Store {
    /// Opens the queue in `folder`, which reads it once.
    pub async fn open(folder: PathBuf, bounds: Bounds, dropped: Counter) -> io::Result<Self> {
        let opened = spawn_blocking(move || MetricsQueue::open(&folder, bounds)).await;
        let queue = opened.map_err(io::Error::other)??;
        let mut inner = Inner { queue, dropped, counted: 0, trouble_was_told: false };
        inner.count();
        Ok(Self(Arc::new(Mutex::new(inner))))
    }

    /// Keeps families. A disk that takes none is told of once, until it takes some again.
    pub async fn push(&self, families: Records) {
        self.with(move |inner| {
            let pushed = inner.queue.push(&families);
            if let Err(error) = &pushed
                && !inner.trouble_was_told
            {
                tracing::error!(%error, "samples of metrics cannot be kept and are lost until this is mended");
            }
            inner.trouble_was_told = pushed.is_err();
        })
        .await;
    }

    /// The oldest families that fit into so many octets.
    pub async fn oldest(&self, bytes_max: usize) -> io::Result<Chunk> {
        let chunk = self.with(move |inner| inner.queue.oldest(bytes_max)).await;
        chunk.unwrap_or_else(|| Ok(Chunk::default()))
    }

    /// Forgets a chunk that the cloud has taken.
    pub async fn commit(&self, chunk: Chunk) {
        self.with(move |inner| inner.queue.commit(&chunk)).await;
    }

    /// Forgets a chunk that the cloud will never take.
    pub async fn discard(&self, chunk: Chunk) {
        self.with(move |inner| inner.queue.discard(&chunk)).await;
    }

    /// How many families wait.
    #[cfg(test)]
    pub async fn len(&self) -> u64 {
        self.with(|inner| inner.queue.len()).await.unwrap_or_default()
    }

    /// Does something with the queue on another thread; none when that is cut off by the program's end.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Inner) -> T + Send + 'static,
    ) -> Option<T> {
        let shared = self.0.clone();
        let done = spawn_blocking(move || {
            let mut inner = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let result = work(&mut inner);
            inner.count();
            result
        });
        done.await.ok()
    }
}

impl Inner {
    fn count(&mut self) {
        let dropped = self.queue.dropped();
        self.dropped.add(dropped.saturating_sub(self.counted));
        self.counted = dropped;
    }
}
