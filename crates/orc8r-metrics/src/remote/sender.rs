//! Samples on their way to an existing engine: a bounded queue, and tries until they are taken.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::target::{Call, Target};
use super::wire::{TimeSeries, compressed_write_request};
use crate::series::Source;
use crate::tsdb::Batch;

/// Samples that wait: about a minute of the largest installations, 200 MB.
const WAITING_MAX: usize = 2_000_000;
/// Samples of one request.
const REQUEST_SAMPLES: usize = 5000;
/// How long one request may take.
const LIMIT: Duration = Duration::from_secs(30);
/// How much of an answer is read.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// The pauses between tries; the last one is kept to.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(30),
];

/// What became of samples for an engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RemoteCounts {
    /// Samples that it took.
    pub taken: u64,
    /// Samples that it refused, or for which there was no room while it did not answer.
    pub dropped: u64,
    /// Samples that wait for it.
    pub waiting: u64,
    /// Requests that failed and were, or will be, repeated.
    pub failures: u64,
}

/// Prometheus remote write to one engine. A clone is the same.
#[derive(Clone, Debug)]
pub struct RemoteWrite {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    target: Target,
    queue: Mutex<Queue>,
    more: Notify,
    sent: AtomicU64,
    dropped: AtomicU64,
    failures: AtomicU64,
}

#[derive(Debug, Default)]
struct Queue {
    series: VecDeque<TimeSeries>,
    samples: usize,
}

impl RemoteWrite {
    /// To an engine's remote-write URL, such as `http://prometheus:9090/api/v1/write`.
    pub fn new(target: Target) -> Self {
        let shared = Shared {
            target,
            queue: Mutex::default(),
            more: Notify::new(),
            sent: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            failures: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Queues samples. When the queue is full they are dropped, and counted: what waits is older, and engines want the
    /// samples of a series in their order.
    pub fn push(&self, source: &Source, batch: &Batch) {
        let mut queue = self.shared.queue();
        if queue.samples + batch.len() > WAITING_MAX {
            self.shared.dropped.fetch_add(batch.len() as u64, Ordering::Relaxed);
            return;
        }
        queue.samples += batch.len();
        queue.series.extend(batch.series(source));
        drop(queue);
        self.shared.more.notify_one();
    }

    /// What became of samples so far.
    pub fn counts(&self) -> RemoteCounts {
        RemoteCounts {
            taken: self.shared.sent.load(Ordering::Relaxed),
            dropped: self.shared.dropped.load(Ordering::Relaxed),
            waiting: self.shared.queue().samples as u64,
            failures: self.shared.failures.load(Ordering::Relaxed),
        }
    }

    /// Sends what is queued, until told to stop.
    pub async fn run(self, mut stopped: watch::Receiver<bool>) {
        tokio::select! {
            () = self.shared.send_all() => {}
            _ = stopped.wait_for(|stop| *stop) => {}
        }
    }
}

impl Shared {
    async fn send_all(&self) {
        loop {
            let next = self.queue().take();
            if next.is_empty() {
                self.more.notified().await;
                continue;
            }
            let count = next.iter().map(|series| series.samples.len() as u64).sum();
            let outcome = if self.send(&next).await { &self.sent } else { &self.dropped };
            outcome.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Tries until the engine has taken or refused it; returns whether it has taken it.
    async fn send(&self, series: &[TimeSeries]) -> bool {
        let Ok(body) = compressed_write_request(series) else { return false };
        let headers = [
            ("content-type", "application/x-protobuf"),
            ("content-encoding", "snappy"),
            ("x-prometheus-remote-write-version", "0.1.0"),
        ];
        for attempt in 0_usize.. {
            let problem = match self.target.call(call(&headers, &body)).await {
                Ok(answer) if (200..300).contains(&answer.status) => return true,
                Ok(answer) if answer.status == 429 || answer.status >= 500 => {
                    format!("it answers {}", answer.status)
                }
                Ok(answer) => {
                    // Prometheus takes the good samples of a request and refuses it for one that is too old.
                    tracing::warn!(status = answer.status, "the remote metrics engine refuses samples");
                    return false;
                }
                Err(error) => error,
            };
            self.failures.fetch_add(1, Ordering::Relaxed);
            if attempt == 0 {
                tracing::warn!(problem, "the remote metrics engine takes nothing now: samples wait");
            }
            sleep(PAUSES[attempt.min(PAUSES.len() - 1)]).await;
        }
        false
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn call<'a>(headers: &'a [(&'a str, &'a str)], body: &'a [u8]) -> Call<'a> {
    Call { method: "POST", path: "", headers, body, limit: LIMIT, answer_max: ANSWER_BYTES_MAX }
}

impl Queue {
    fn take(&mut self) -> Vec<TimeSeries> {
        let count = self.series.len().min(REQUEST_SAMPLES);
        self.samples -= count;
        self.series.drain(..count).collect()
    }
}
