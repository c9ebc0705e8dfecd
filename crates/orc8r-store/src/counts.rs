//! What the store has done since it was opened, for metrics.

use crate::StoreError;
use crate::job::Kind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The upper bounds of the buckets of [`CommitTimes`], in microseconds, and as Prometheus writes them, in seconds.
pub const COMMIT_BOUNDS: [(u64, &str); 12] = [
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (10_000_000, "10"),
];

/// What became of operations of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OperationCounts {
    /// Answered; a refusal, such as "not found", is an answer, too.
    pub answered: u64,
    /// Failed for a reason that is the database's: it is busy, cannot be reached, is full, or broken.
    pub failed: u64,
    /// Asked for and not begun yet.
    pub waiting: u64,
    /// How long those that were begun waited, all together, in microseconds.
    pub waited_us: u64,
    /// How many were begun.
    pub begun: u64,
}

/// Why operations failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FailureCounts {
    /// [`StoreError::Busy`].
    pub busy: u64,
    /// [`StoreError::Unavailable`].
    pub unavailable: u64,
    /// [`StoreError::Full`].
    pub full: u64,
    /// [`StoreError::Locked`].
    pub locked: u64,
    /// Anything else that is no refusal.
    pub other: u64,
}

/// How long the disk, or the server, took to make changes last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CommitTimes {
    /// Commits that took at most as long as [`COMMIT_BOUNDS`] says; a shorter one is in all longer buckets, too.
    pub at_most: [u64; COMMIT_BOUNDS.len()],
    /// All of them.
    pub count: u64,
    /// All of them together, in microseconds.
    pub sum_us: u64,
}

/// What has happened since the store was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoreCounts {
    /// Operations that only read.
    pub reads: OperationCounts,
    /// Operations that write, one at a time.
    pub writes: OperationCounts,
    /// Operations of which many may write at once.
    pub concurrent: OperationCounts,
    /// Why operations failed.
    pub failures: FailureCounts,
    /// Commits of changes; with SQLite, one may hold many operations.
    pub commits: CommitTimes,
}

/// The same while it grows.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    operations: [Operations; 3],
    failures: [AtomicU64; 5],
    buckets: [AtomicU64; COMMIT_BOUNDS.len()],
    commits: AtomicU64,
    commits_us: AtomicU64,
}

#[derive(Debug, Default)]
struct Operations {
    answered: AtomicU64,
    failed: AtomicU64,
    waiting: AtomicU64,
    waited_us: AtomicU64,
    begun: AtomicU64,
}

/// One operation on its way: it waits until it begins, or is given up.
pub(crate) struct Counted {
    counters: Arc<Counters>,
    kind: Kind,
    since: Instant,
    has_begun: AtomicBool,
}

impl Counters {
    /// Counts an operation that is asked for now.
    pub(crate) fn asked(self: &Arc<Self>, kind: Kind) -> Counted {
        self.of(kind).waiting.fetch_add(1, Ordering::Relaxed);
        Counted { counters: self.clone(), kind, since: Instant::now(), has_begun: AtomicBool::new(false) }
    }

    /// Runs a commit and counts how long it took.
    pub(crate) fn commit<T>(&self, commit: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let done = commit();
        let took = microseconds(began.elapsed());
        if let Some(bucket) = COMMIT_BOUNDS.iter().position(|(bound, _)| took <= *bound) {
            self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.commits_us.fetch_add(took, Ordering::Relaxed);
        done
    }

    pub(crate) fn read(&self) -> StoreCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let of = |kind| {
            let Operations { answered, failed, waiting, waited_us, begun } = self.of(kind);
            OperationCounts {
                answered: read(answered),
                failed: read(failed),
                waiting: read(waiting),
                waited_us: read(waited_us),
                begun: read(begun),
            }
        };
        let mut commits = CommitTimes {
            count: read(&self.commits),
            sum_us: read(&self.commits_us),
            ..CommitTimes::default()
        };
        let mut sum = 0;
        for (at_most, bucket) in commits.at_most.iter_mut().zip(&self.buckets) {
            sum += read(bucket);
            *at_most = sum;
        }
        let [busy, unavailable, full, locked, other] = self.failures.each_ref().map(read);
        StoreCounts {
            reads: of(Kind::Read),
            writes: of(Kind::Write),
            concurrent: of(Kind::Concurrent),
            failures: FailureCounts { busy, unavailable, full, locked, other },
            commits,
        }
    }

    fn of(&self, kind: Kind) -> &Operations {
        &self.operations[match kind {
            Kind::Read => 0,
            Kind::Write => 1,
            Kind::Concurrent => 2,
        }]
    }

    fn failed(&self, error: &StoreError) -> bool {
        let reason = match error {
            StoreError::Busy { .. } => 0,
            StoreError::Unavailable { .. } => 1,
            StoreError::Full { .. } => 2,
            StoreError::Locked { .. } => 3,
            StoreError::Newer { .. } | StoreError::Open { .. } | StoreError::Database { .. } => 4,
            // The stop of the program, and what callers are to be told.
            StoreError::Closed
            | StoreError::NotFound { .. }
            | StoreError::AlreadyExists { .. }
            | StoreError::AlreadyMapped { .. }
            | StoreError::Invalid { .. }
            | StoreError::Changed { .. } => return false,
        };
        self.failures[reason].fetch_add(1, Ordering::Relaxed);
        true
    }
}

impl Counted {
    /// It runs now; one that is run again began before.
    pub(crate) fn begins(&self) {
        if !self.has_begun.swap(true, Ordering::Relaxed) {
            let operations = self.counters.of(self.kind);
            operations.waiting.fetch_sub(1, Ordering::Relaxed);
            operations.begun.fetch_add(1, Ordering::Relaxed);
            operations.waited_us.fetch_add(microseconds(self.since.elapsed()), Ordering::Relaxed);
        }
    }

    /// It is answered with this.
    pub(crate) fn ends<T>(&self, end: &Result<T, StoreError>) {
        let operations = self.counters.of(self.kind);
        let has_failed = end.as_ref().is_err_and(|error| self.counters.failed(error));
        let counter = if has_failed { &operations.failed } else { &operations.answered };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if !self.has_begun.load(Ordering::Relaxed) {
            self.counters.of(self.kind).waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
