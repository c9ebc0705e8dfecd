//! `GET /metrics`: what the Orchestrator measures about itself, for a Prometheus with an administrator's certificate.

use crate::Api;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::fmt::Write;

/// In Prometheus' text format. docs/metrics.md lists them.
pub(crate) async fn show(State(api): State<Api>) -> Response {
    let counters = api.metrics.store().counters();
    let mut out = String::new();
    let mut family = |name: &str, kind: &str, help: &str, values: &[(&str, u64)]| {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in values {
            let _ = writeln!(out, "{name}{labels} {value}");
        }
    };
    family(
        "orc8r_metrics_samples_total",
        "counter",
        "Samples that came in, by what became of them.",
        &[
            ("{outcome=\"kept\"}", counters.kept),
            ("{outcome=\"known\"}", counters.known),
            ("{outcome=\"contradicting\"}", counters.contradicting),
            ("{outcome=\"too_late\"}", counters.too_late),
            ("{outcome=\"too_early\"}", counters.too_early),
            ("{outcome=\"no_room\"}", counters.no_room),
        ],
    );
    let figures = [
        (
            "orc8r_metrics_write_failures_total",
            "counter",
            "Times that metrics could not be written to disk.",
            counters.write_failures,
        ),
        ("orc8r_metrics_series", "gauge", "Series that got samples lately.", counters.series),
        (
            "orc8r_metrics_head_bytes",
            "gauge",
            "Bytes of the newest samples in memory, about.",
            counters.head_bytes,
        ),
        ("orc8r_metrics_blocks", "gauge", "Blocks of metrics on disk.", counters.blocks),
        ("orc8r_metrics_block_bytes", "gauge", "Bytes of blocks of metrics on disk.", counters.block_bytes),
    ];
    for (name, kind, help, value) in figures {
        family(name, kind, help, &[("", value)]);
    }
    if let Some((taken, dropped)) = api.metrics.remote_counts() {
        family(
            "orc8r_remote_write_samples_total",
            "counter",
            "Samples for the remote metrics engine, by what became of them.",
            &[("{outcome=\"taken\"}", taken), ("{outcome=\"dropped\"}", dropped)],
        );
    }
    if let Some(outbox) = &api.outbox {
        let (told, given_up) = outbox.counts();
        family(
            "orc8r_alert_messages_total",
            "counter",
            "Messages to receivers of alerts, by what became of them.",
            &[("{outcome=\"told\"}", told), ("{outcome=\"given_up\"}", given_up)],
        );
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], out).into_response()
}
