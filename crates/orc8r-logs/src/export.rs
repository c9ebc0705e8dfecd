//! Passes what is archived on to an engine that the operator has: OpenSearch or Elasticsearch, or Loki.
//!
//! The archive is the queue: an exporter reads it in the order in which records came, keeps on disk how far it has come,
//! and goes on only when the engine has taken or refused a batch. So a record arrives at least once, unless it was given
//! up in the archive before, which is counted.

mod loki;
mod opensearch;
mod place;
mod post;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use magma_rpc::tls::ClientTls;
use orc8r_store::{Archive, ArchivePlace, Found};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::Archives;
use magma_rpc::http_ask::Answer;
use place::PlaceFile;
use post::Poster;

/// How many records are sent at a time, and about how many octets.
const BATCH_RECORDS_MAX: usize = 1000;
const BATCH_BYTES_MAX: usize = 2 << 20;
/// The pause after a failure: the first, and the longest, also when the engine asks for a longer one.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(300);

/// What is exported to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// OpenSearch or Elasticsearch, by its bulk API. Indices are named as with Magma's fluentd: `eventd-2026.11.22` for
    /// events, `fluentd-2026.11.22` for logs.
    OpenSearch,
    /// Loki, by its push API.
    Loki,
}

/// Where to.
#[derive(Clone)]
pub struct ExportTarget {
    /// What it is.
    pub engine: Engine,
    /// Its address, for example `https://search.example:9200`; what is behind it is ours.
    pub url: String,
    /// The value of the header `Authorization`, if it wants one.
    pub authorization: Option<String>,
    /// How `https` is spoken.
    pub tls: ClientTls,
}

/// What has become of records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportCounts {
    /// Taken by the engine.
    pub exported: u64,
    /// Refused by it for good, as far as it says: Loki does not say which of a batch.
    pub refused: u64,
    /// Segments of the archive that were given up before they were read.
    pub lost_segments: u64,
    /// Attempts that failed and were, or will be, repeated.
    pub failures: u64,
}

#[derive(Debug, Default)]
struct Counters {
    exported: AtomicU64,
    refused: AtomicU64,
    lost_segments: AtomicU64,
    failures: AtomicU64,
    /// How far events and logs have come.
    places: Mutex<[ArchivePlace; 2]>,
}

/// What is to be exported where; a clone counts together.
#[derive(Clone)]
pub struct Exporter {
    target: Arc<ExportTarget>,
    folder: PathBuf,
    /// The first pause after a failure; it doubles from there.
    pause_first: Duration,
    counters: Arc<Counters>,
}

/// Which of the archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Events,
    Logs,
}

/// What an engine made of a batch.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// It has taken or refused all but these, which are to be sent again.
    Taken { refused: u64, again: Vec<usize> },
    /// Too much at a time.
    TooLarge,
    /// Not now, or nobody knows: all of it is to be sent again, after this pause if it says so.
    Failed { why: String, pause: Option<Duration> },
}

impl Exporter {
    /// To `target`, beginning where it has come to according to `folder`, which is made if it is not there.
    pub fn new(target: ExportTarget, folder: &Path) -> Self {
        Self {
            target: Arc::new(target),
            folder: folder.to_owned(),
            pause_first: PAUSE_FIRST,
            counters: Arc::default(),
        }
    }

    /// What has happened since the start.
    pub fn counts(&self) -> ExportCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ExportCounts {
            exported: read(&self.counters.exported),
            refused: read(&self.counters.refused),
            lost_segments: read(&self.counters.lost_segments),
            failures: read(&self.counters.failures),
        }
    }

    /// What it exports to.
    pub fn engine(&self) -> Engine {
        self.target.engine
    }

    /// How many events, and how many logs, of these archives the engine has not got yet.
    pub fn waiting(&self, archives: &Archives) -> (u64, u64) {
        let [events, logs] = *self.counters.places.lock().unwrap_or_else(PoisonError::into_inner);
        (archives.events.behind(events), archives.logs.behind(logs))
    }

    /// Exports events and logs until `stopped` says so.
    pub async fn run(self, archives: Archives, stopped: watch::Receiver<bool>) {
        let events = self.export(What::Events, archives.events, stopped.clone());
        let logs = self.export(What::Logs, archives.logs, stopped);
        tokio::join!(events, logs);
    }

    async fn export(&self, what: What, archive: Archive, mut stopped: watch::Receiver<bool>) {
        tokio::select! {
            () = self.export_for_ever(what, archive) => {}
            _ = stopped.wait_for(|stop| *stop) => {}
        }
    }

    async fn export_for_ever(&self, what: What, archive: Archive) {
        let file = PlaceFile::of(&self.folder, self.target.engine, what);
        let mut place = file.read().await;
        loop {
            self.counters.places.lock().unwrap_or_else(PoisonError::into_inner)[what as usize] = place;
            archive.grown_beyond(place).await;
            let following = match archive.following(place, BATCH_RECORDS_MAX, BATCH_BYTES_MAX).await {
                Ok(following) => following,
                Err(error) => {
                    tracing::warn!(%error, "the archive cannot be read for an export");
                    sleep(PAUSE_MAX).await;
                    continue;
                }
            };
            self.counters.lost_segments.fetch_add(following.lost_segments, Ordering::Relaxed);
            self.deliver(what, &following.records).await;
            place = following.place;
            file.write(place).await;
        }
    }

    /// Sends records until the engine has taken or refused every one.
    async fn deliver(&self, what: What, records: &[Found]) {
        let mut waiting: Vec<&Found> = records.iter().collect();
        let (mut at_a_time, mut pause) = (waiting.len(), self.pause_first);
        while !waiting.is_empty() {
            at_a_time = at_a_time.clamp(1, waiting.len());
            let batch = &waiting[..at_a_time];
            match self.send(what, batch).await {
                Outcome::Taken { refused, again } => {
                    let taken = (batch.len() - again.len()) as u64 - refused;
                    self.counters.exported.fetch_add(taken, Ordering::Relaxed);
                    self.refused(refused);
                    let repeated = !again.is_empty();
                    let rest =
                        again.iter().map(|index| batch[*index]).chain(waiting[at_a_time..].iter().copied());
                    waiting = rest.collect();
                    if taken + refused > 0 {
                        pause = self.pause_first;
                    }
                    if repeated {
                        self.fail("it has no room for some records", &mut pause, None).await;
                    }
                }
                Outcome::TooLarge if at_a_time == 1 => {
                    self.refused(1);
                    waiting.remove(0);
                    at_a_time = waiting.len();
                }
                Outcome::TooLarge => at_a_time /= 2,
                Outcome::Failed { why, pause: asked } => self.fail(&why, &mut pause, asked).await,
            }
        }
    }

    async fn send(&self, what: What, batch: &[&Found]) -> Outcome {
        let poster = Poster { target: &self.target };
        match self.target.engine {
            Engine::OpenSearch => opensearch::send(&poster, what, batch).await,
            Engine::Loki => loki::send(&poster, what, batch).await,
        }
    }

    fn refused(&self, records: u64) {
        if records > 0 {
            self.counters.refused.fetch_add(records, Ordering::Relaxed);
            tracing::warn!(
                records,
                url = self.target.url,
                "the engine of the export refused records for good"
            );
        }
    }

    async fn fail(&self, why: &str, pause: &mut Duration, asked: Option<Duration>) {
        self.counters.failures.fetch_add(1, Ordering::Relaxed);
        let wait = asked.unwrap_or(*pause).min(PAUSE_MAX);
        let seconds = wait.as_secs();
        if *pause == self.pause_first {
            tracing::warn!(
                url = self.target.url,
                why,
                "events and logs cannot be exported now; next attempt in {seconds} s"
            );
        }
        sleep(wait).await;
        *pause = (*pause * 2).min(PAUSE_MAX);
    }
}

/// What any engine's status means, apart from success.
fn failed(answer: &Answer) -> Outcome {
    match answer.status {
        413 => Outcome::TooLarge,
        status => Outcome::Failed { why: format!("it answers {status}"), pause: answer.retry_after },
    }
}
