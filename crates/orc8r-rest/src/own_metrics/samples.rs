//! Metrics of gateways: their intake, the embedded store, queries, and the way to an engine elsewhere.

use super::page::Page;
use orc8r_metrics::Metrics;
use orc8r_metrics::tsdb::Counters;

pub(super) fn show(page: &mut Page, metrics: &Metrics) {
    intake(page, &metrics.store().counters());
    queries(page, metrics);
    if let Some(counts) = metrics.remote_counts() {
        page.counter(
            "orc8r_remote_write_samples_total",
            "Samples for the remote metrics engine, by what became of them.",
            &[(&[("outcome", "taken")], counts.taken), (&[("outcome", "dropped")], counts.dropped)],
        );
        let help = "Samples that wait for the remote metrics engine.";
        page.gauge("orc8r_remote_write_waiting_samples", help, &[(&[], counts.waiting)]);
        let help = "Requests that the remote metrics engine did not take now.";
        page.counter("orc8r_remote_write_failures_total", help, &[(&[], counts.failures)]);
    }
}

fn intake(page: &mut Page, counters: &Counters) {
    page.counter(
        "orc8r_metrics_samples_total",
        "Samples that came in, by what became of them.",
        &[
            (&[("outcome", "kept")], counters.kept),
            (&[("outcome", "known")], counters.known),
            (&[("outcome", "contradicting")], counters.contradicting),
            (&[("outcome", "too_late")], counters.too_late),
            (&[("outcome", "too_early")], counters.too_early),
            (&[("outcome", "no_room")], counters.no_room),
        ],
    );
    page.counter(
        "orc8r_metrics_write_failures_total",
        "Times that metrics could not be written to disk.",
        &[(&[], counters.write_failures)],
    );
    page.counter(
        "orc8r_metrics_blocks_deleted_total",
        "Blocks that were deleted, by reason: too old, or too many bytes.",
        &[
            (&[("reason", "too_old")], counters.blocks_too_old),
            (&[("reason", "too_much")], counters.blocks_too_much),
        ],
    );
    for (name, help, value) in [
        ("orc8r_metrics_series", "Series that got samples lately.", counters.series),
        ("orc8r_metrics_head_bytes", "Bytes of the newest samples in memory, about.", counters.head_bytes),
        ("orc8r_metrics_blocks", "Blocks of metrics on disk.", counters.blocks),
        ("orc8r_metrics_block_bytes", "Bytes of blocks of metrics on disk.", counters.block_bytes),
        ("orc8r_metrics_log_bytes", "Bytes of the log of metrics on disk.", counters.log_bytes),
    ] {
        page.gauge(name, help, &[(&[], value)]);
    }
}

fn queries(page: &mut Page, metrics: &Metrics) {
    let counts = metrics.query_counts();
    let kinds = [("instant", counts.instant), ("range", counts.range), ("series", counts.series)];
    let outcomes: Vec<_> = kinds
        .iter()
        .flat_map(|(kind, of)| {
            [("answered", of.answered), ("refused", of.refused), ("failed", of.failed)]
                .map(|(outcome, count)| ([("kind", *kind), ("outcome", outcome)], count))
        })
        .collect();
    let series: Vec<_> = outcomes.iter().map(|(labels, count)| (labels.as_slice(), *count)).collect();
    page.counter(
        "orc8r_metrics_queries_total",
        "Queries for metrics, by kind and by what became of them.",
        &series,
    );
    let took = kinds.map(|(kind, of)| ([("kind", kind)], of));
    let took =
        took.each_ref().map(|(kind, of)| (kind.as_slice(), of.took_us, of.answered + of.refused + of.failed));
    page.times(
        "orc8r_metrics_query_seconds",
        "How long queries for metrics took, with their waiting.",
        &took,
    );
    let help = "Queries for metrics that wait or are calculated.";
    page.gauge("orc8r_metrics_queries_under_way", help, &[(&[], counts.under_way)]);
}
