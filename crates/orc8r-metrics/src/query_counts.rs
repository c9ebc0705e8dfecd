//! What became of queries, for metrics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::promql::{ErrorKind, QueryError};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueryKind {
    /// Values at one moment.
    Instant,
    /// Values at each step.
    Range,
    /// Labels.
    Series,
}

/// What became of queries of one kind, here or at an engine elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KindCounts {
    /// Answered.
    pub answered: u64,
    /// Not understood, or over a limit: who asked can mend it.
    pub refused: u64,
    /// Failed: the time was up, the store or the engine did not do it.
    pub failed: u64,
    /// How long all of them took together, in microseconds, with their waiting.
    pub took_us: u64,
}

/// What became of queries since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueryCounts {
    /// Values at one moment; alert rules are among them.
    pub instant: KindCounts,
    /// Values at each step.
    pub range: KindCounts,
    /// Labels.
    pub series: KindCounts,
    /// Queries that wait or are calculated.
    pub under_way: u64,
}

/// The same while it grows.
#[derive(Debug, Default)]
pub(crate) struct QueryCounters {
    kinds: [Counters; 3],
    under_way: AtomicU64,
}

#[derive(Debug, Default)]
struct Counters {
    answered: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    took_us: AtomicU64,
}

/// A query that is under way until this is dropped.
pub(crate) struct UnderWay<'a> {
    counters: &'a QueryCounters,
    kind: QueryKind,
}

impl QueryCounters {
    pub(crate) fn begin(&self, kind: QueryKind) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay { counters: self, kind }
    }

    pub(crate) fn read(&self) -> QueryCounts {
        let [instant, range, series] = self.kinds.each_ref().map(Counters::read);
        QueryCounts { instant, range, series, under_way: self.under_way.load(Ordering::Relaxed) }
    }
}

impl Counters {
    fn read(&self) -> KindCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        KindCounts {
            answered: read(&self.answered),
            refused: read(&self.refused),
            failed: read(&self.failed),
            took_us: read(&self.took_us),
        }
    }
}

impl UnderWay<'_> {
    /// It took so long, and has an answer, or this error. One that nobody waited for to its end is not counted.
    pub(crate) fn end(self, took: Duration, error: Option<&QueryError>) {
        let counters = &self.counters.kinds[self.kind as usize];
        let outcome = match error.map(|error| error.kind) {
            None => &counters.answered,
            Some(ErrorKind::BadData | ErrorKind::Execution) => &counters.refused,
            Some(ErrorKind::Timeout | ErrorKind::Internal | ErrorKind::Unavailable) => &counters.failed,
        };
        outcome.fetch_add(1, Ordering::Relaxed);
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        counters.took_us.fetch_add(took, Ordering::Relaxed);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.counters.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_counted_by_kind_and_by_whose_fault_it_is() {
        let counters = QueryCounters::default();
        let took = Duration::from_millis(2);
        counters.begin(QueryKind::Instant).end(took, None);
        counters.begin(QueryKind::Range).end(took, Some(&QueryError::bad_data("what")));
        counters.begin(QueryKind::Range).end(took, Some(&QueryError::internal("disk")));
        drop(counters.begin(QueryKind::Series));
        let under_way = counters.begin(QueryKind::Series);
        let counts = counters.read();
        assert_eq!(counts.instant, KindCounts { answered: 1, took_us: 2_000, ..KindCounts::default() });
        assert_eq!(
            counts.range,
            KindCounts { refused: 1, failed: 1, took_us: 4_000, ..KindCounts::default() }
        );
        assert_eq!((counts.series, counts.under_way), (KindCounts::default(), 1));
        drop(under_way);
        assert_eq!(counters.read().under_way, 0);
    }
}
