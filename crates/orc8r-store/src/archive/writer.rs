//! The thread that writes: what waits goes to the disk together.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, oneshot};

use super::bounds::{ArchiveBounds, free_bytes};
use super::segment::Segment;
use super::shelf::Shelf;
use super::{NewRecord, Source};
use crate::StoreError;

/// How many appends may wait; callers beyond that wait for room.
const QUEUE_MAX: usize = 256;
/// How many of them are committed together, and about how many octets.
const TOGETHER_MAX: usize = 256;
const TOGETHER_BYTES_MAX: usize = 8 << 20;

/// How often a failure is told.
const WARNING_INTERVAL: Duration = Duration::from_secs(60);

/// Records of one source that are to be kept.
pub(super) struct Append {
    pub(super) source: Source,
    pub(super) records: Vec<NewRecord>,
    pub(super) done: oneshot::Sender<Result<(), StoreError>>,
}

enum Job {
    Append(Append),
    Close(oneshot::Sender<()>),
    /// For tests: what comes next goes into a segment of its own.
    #[cfg(test)]
    NewSegment(oneshot::Sender<()>),
}

/// The sending side of the thread.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    pub(super) fn start(shelf: Arc<Shelf>, bounds: ArchiveBounds) -> Result<Self, StoreError> {
        let mut desk = Desk::open(shelf, bounds)?;
        let (jobs, mut queue) = mpsc::channel(QUEUE_MAX);
        let work = move || {
            while let Some(job) = queue.blocking_recv() {
                if let Some(closed) = desk.work(job, &mut queue) {
                    drop(desk);
                    let _ = closed.send(());
                    return;
                }
            }
        };
        let started = std::thread::Builder::new().name("orc8r-archive".to_owned()).spawn(work);
        started.map_err(|error| StoreError::Database {
            reason: format!("no thread for the archive: {error}"),
        })?;
        Ok(Self { jobs })
    }

    pub(super) async fn send(&self, append: Append) -> Result<(), StoreError> {
        self.jobs.send(Job::Append(append)).await.map_err(|_| StoreError::Closed)
    }

    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.jobs.send(Job::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

#[cfg(test)]
impl Writer {
    pub(super) async fn new_segment(&self) {
        let (done, made) = oneshot::channel();
        assert!(self.jobs.send(Job::NewSegment(done)).await.is_ok());
        made.await.expect("the writer's answer");
    }
}

#[cfg(test)]
impl Desk {
    fn new_segment(&mut self) {
        let full = self.segment.take().expect("a segment");
        self.shelf.put(full.close());
        let new =
            Segment::create(self.shelf.folder(), self.shelf.next_number(), now_ms()).expect("a segment");
        self.shelf.put(new.facts.clone());
        self.segment = Some(new);
    }
}

/// What the thread works with.
struct Desk {
    shelf: Arc<Shelf>,
    bounds: ArchiveBounds,
    /// None after a failure: the next append opens one.
    segment: Option<Segment>,
    /// When a failure was told last: gateways come again and again.
    warned: Option<Instant>,
}

impl Desk {
    fn open(shelf: Arc<Shelf>, bounds: ArchiveBounds) -> Result<Self, StoreError> {
        let segment = match shelf.newest() {
            Some(facts) => Segment::resume(facts)?,
            None => Segment::create(shelf.folder(), shelf.next_number(), now_ms())?,
        };
        shelf.put(segment.facts.clone());
        let mut desk = Self { shelf, bounds, segment: Some(segment), warned: None };
        desk.keep_within_bounds();
        Ok(desk)
    }

    /// Does one job and those that wait behind it. Returns who waits for the end, if it has come.
    fn work(&mut self, job: Job, queue: &mut mpsc::Receiver<Job>) -> Option<oneshot::Sender<()>> {
        let mut together = Vec::new();
        let mut closing = None;
        let mut bytes = 0;
        let mut next = Some(job);
        while let Some(job) = next {
            match job {
                Job::Append(append) => {
                    bytes += append.records.iter().map(|record| record.document.len()).sum::<usize>();
                    together.push(append);
                }
                Job::Close(done) => {
                    closing = Some(done);
                    break;
                }
                #[cfg(test)]
                Job::NewSegment(done) => {
                    self.new_segment();
                    let _ = done.send(());
                }
            }
            let more = together.len() < TOGETHER_MAX && bytes < TOGETHER_BYTES_MAX;
            next = if more { queue.try_recv().ok() } else { None };
        }
        if !together.is_empty() {
            self.append(together);
        }
        closing
    }

    fn append(&mut self, together: Vec<Append>) {
        let mut outcome = self.write(&together);
        // A disk that is full has room again when the oldest is gone.
        while matches!(outcome, Err(StoreError::Full { .. })) && self.shelf.drop_oldest() {
            outcome = self.write(&together);
        }
        if let Err(error) = &outcome {
            self.warn(error);
            // Whatever is wrong with this connection, a new one may not have it.
            self.segment = None;
        }
        for append in together {
            let told = match &outcome {
                Ok(()) => Ok(()),
                Err(StoreError::Full { reason }) => Err(StoreError::Full { reason: reason.clone() }),
                Err(error) => Err(StoreError::Database { reason: error.to_string() }),
            };
            let _ = append.done.send(told);
        }
    }

    fn warn(&mut self, error: &StoreError) {
        if self.warned.is_none_or(|warned| warned.elapsed() >= WARNING_INTERVAL) {
            tracing::warn!(%error, "events or logs cannot be kept now; who sent them is not told that they were taken");
            self.warned = Some(Instant::now());
        }
    }

    fn write(&mut self, together: &[Append]) -> Result<(), StoreError> {
        self.keep_within_bounds();
        let free = free_bytes(self.shelf.folder());
        if free < self.bounds.reserve {
            let (free, reserve) = (free >> 20, self.bounds.reserve >> 20);
            return Err(StoreError::Full {
                reason: format!("{free} MiB are free, and {reserve} MiB are left to others"),
            });
        }
        let segment = self.segment()?;
        segment.append(together.iter().map(|append| (&append.source, append.records.as_slice())))?;
        let facts = segment.facts.clone();
        self.shelf.put(facts);
        Ok(())
    }

    /// The segment for new records: a new one when the present one has enough, or is old enough.
    fn segment(&mut self) -> Result<&mut Segment, StoreError> {
        let now = now_ms();
        let enough = self.segment.as_ref().is_some_and(|segment| {
            let age = now.saturating_sub(segment.facts.opened_ms);
            let age_max = i64::try_from(self.bounds.segment_age().as_millis()).unwrap_or(i64::MAX);
            segment.facts.last_id > 0
                && (segment.facts.bytes >= self.bounds.segment_bytes() || age >= age_max)
        });
        if enough && let Some(full) = self.segment.take() {
            self.shelf.put(full.close());
        }
        if self.segment.is_none() {
            let new = match self.shelf.newest() {
                Some(facts) if !enough => Segment::resume(facts)?,
                _ => Segment::create(self.shelf.folder(), self.shelf.next_number(), now)?,
            };
            self.shelf.put(new.facts.clone());
            self.segment = Some(new);
        }
        self.segment.as_mut().ok_or(StoreError::Closed)
    }

    /// Gives up what is too old or too much, oldest first.
    fn keep_within_bounds(&mut self) {
        let age_max = i64::try_from(self.bounds.age.as_millis()).unwrap_or(i64::MAX);
        let forgotten = now_ms().saturating_sub(age_max);
        loop {
            let all = self.shelf.all();
            let bytes: u64 = all.iter().map(|facts| facts.bytes).sum();
            // The last record of a segment came before the next one was opened.
            let too_old = all.get(1).is_some_and(|second| second.opened_ms < forgotten);
            let too_much = bytes > self.bounds.bytes;
            let too_tight = free_bytes(self.shelf.folder()) < self.bounds.reserve;
            if !(too_old || too_much || too_tight) || !self.shelf.drop_oldest() {
                return;
            }
        }
    }
}

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}
