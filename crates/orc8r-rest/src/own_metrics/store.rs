//! The database.

use super::page::Page;
use orc8r_store::{COMMIT_BOUNDS, OperationCounts, StoreCounts};

pub(super) fn show(page: &mut Page, counts: &StoreCounts) {
    let kinds = [("read", counts.reads), ("write", counts.writes), ("concurrent", counts.concurrent)];
    let outcomes = kinds.iter().flat_map(|(kind, OperationCounts { answered, failed, .. })| {
        [("answered", answered), ("failed", failed)]
            .map(|(outcome, count)| ([("kind", *kind), ("outcome", outcome)], *count))
    });
    let outcomes: Vec<_> = outcomes.collect();
    let series: Vec<_> = outcomes.iter().map(|(labels, count)| (labels.as_slice(), *count)).collect();
    page.counter(
        "orc8r_store_operations_total",
        "Operations of the database, by kind and by what became of them.",
        &series,
    );
    let labels = kinds.map(|(kind, counts)| ([("kind", kind)], counts));
    let waiting = labels.each_ref().map(|(kind, counts)| (kind.as_slice(), counts.waiting));
    page.gauge("orc8r_store_operations_waiting", "Operations that wait for the database.", &waiting);
    let waited = labels.each_ref().map(|(kind, counts)| (kind.as_slice(), counts.waited_us, counts.begun));
    page.times("orc8r_store_wait_seconds", "How long operations waited for their turn.", &waited);
    let failures = counts.failures;
    page.counter(
        "orc8r_store_failures_total",
        "Operations that the database failed, by reason.",
        &[
            (&[("reason", "busy")], failures.busy),
            (&[("reason", "unavailable")], failures.unavailable),
            (&[("reason", "full")], failures.full),
            (&[("reason", "locked")], failures.locked),
            (&[("reason", "other")], failures.other),
        ],
    );
    let commits = counts.commits;
    page.histogram(
        "orc8r_store_commit_seconds",
        "How long the database took to make changes last.",
        COMMIT_BOUNDS.iter().zip(commits.at_most).map(|((_, bound), at_most)| (*bound, at_most)),
        (commits.sum_us, commits.count),
    );
}
