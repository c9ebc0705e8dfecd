//! Events and logs: their intake, the archives, and the way to engines elsewhere.

use super::page::Page;
use crate::Api;
use orc8r_logs::{Archives, Engine, ExportCounts, Exporter, Intake};

pub(super) fn show(page: &mut Page, api: &Api) {
    if let Some(intake) = &api.measured.intake {
        taken(page, intake);
    }
    let dropped = api.events.dropped();
    page.counter(
        "orc8r_own_events_dropped_total",
        "Events of the Orchestrator itself that could not be kept.",
        &[(&[], dropped)],
    );
    archives(page, &api.archives);
    if !api.measured.exporters.is_empty() {
        exports(page, &api.measured.exporters, &api.archives);
    }
}

fn taken(page: &mut Page, intake: &Intake) {
    let (counts, load) = (intake.counts(), intake.load());
    page.counter(
        "orc8r_log_records_total",
        "Records of gateways that were kept, by kind.",
        &[(&[("kind", "event")], counts.events), (&[("kind", "log")], counts.logs)],
    );
    page.counter(
        "orc8r_log_record_bytes_total",
        "Bytes of the records that were kept, by kind.",
        &[(&[("kind", "event")], load.event_bytes), (&[("kind", "log")], load.log_bytes)],
    );
    page.counter(
        "orc8r_log_records_dropped_total",
        "Records of gateways that were dropped, by reason.",
        &[
            (&[("reason", "not_understood")], counts.records_refused),
            (&[("reason", "not_kept")], counts.records_lost),
        ],
    );
    page.counter(
        "orc8r_log_messages_sent_back_total",
        "Messages that were not acknowledged, since they could not be kept.",
        &[(&[], load.messages_sent_back)],
    );
    page.gauge("orc8r_log_connections", "Connections of log forwarders.", &[(&[], load.connections)]);
    page.counter(
        "orc8r_log_connections_refused_total",
        "Connections of log forwarders that were refused or ended, by reason.",
        &[
            (&[("reason", "too_many")], counts.connections_refused),
            (&[("reason", "denied")], counts.peers_denied),
            (&[("reason", "fault")], counts.connections_ended),
        ],
    );
}

fn archives(page: &mut Page, archives: &Archives) {
    let sizes = [("event", archives.events.size()), ("log", archives.logs.size())];
    let labels = sizes.map(|(kind, size)| ([("kind", kind)], size));
    let bytes = labels.each_ref().map(|(kind, size)| (kind.as_slice(), size.bytes));
    page.gauge("orc8r_archive_bytes", "Bytes of archived events and logs on disk.", &bytes);
    let files = labels.each_ref().map(|(kind, size)| (kind.as_slice(), size.segments as u64));
    page.gauge("orc8r_archive_files", "Files of archived events and logs.", &files);
    let deleted = labels.each_ref().map(|(kind, size)| (kind.as_slice(), size.dropped_segments));
    page.counter(
        "orc8r_archive_files_deleted_total",
        "Files of the archive that were deleted to stay within its bounds.",
        &deleted,
    );
}

/// All exporters to engines of one kind together.
struct Exports {
    engine: &'static str,
    counts: ExportCounts,
    waiting: (u64, u64),
}

impl Exports {
    fn to(engine: Engine, exporters: &[Exporter], archives: &Archives) -> Self {
        let name = match engine {
            Engine::OpenSearch => "opensearch",
            Engine::Loki => "loki",
        };
        let mut exports = Self { engine: name, counts: ExportCounts::default(), waiting: (0, 0) };
        for exporter in exporters.iter().filter(|exporter| exporter.engine() == engine) {
            let (more, waiting) = (exporter.counts(), exporter.waiting(archives));
            let counts = &mut exports.counts;
            counts.exported += more.exported;
            counts.refused += more.refused;
            counts.lost_segments += more.lost_segments;
            counts.failures += more.failures;
            exports.waiting = (exports.waiting.0 + waiting.0, exports.waiting.1 + waiting.1);
        }
        exports
    }
}

fn exports(page: &mut Page, exporters: &[Exporter], archives: &Archives) {
    let engines = [Engine::OpenSearch, Engine::Loki].map(|engine| Exports::to(engine, exporters, archives));
    let records: Vec<_> = engines
        .iter()
        .flat_map(|Exports { engine, counts, .. }| {
            [("taken", counts.exported), ("refused", counts.refused)]
                .map(|(outcome, count)| ([("engine", *engine), ("outcome", outcome)], count))
        })
        .collect();
    let series: Vec<_> = records.iter().map(|(labels, count)| (labels.as_slice(), *count)).collect();
    page.counter("orc8r_export_records_total", "Records for engines, by what became of them.", &series);
    let waiting: Vec<_> = engines
        .iter()
        .flat_map(|Exports { engine, waiting, .. }| {
            [("event", waiting.0), ("log", waiting.1)]
                .map(|(kind, count)| ([("engine", *engine), ("kind", kind)], count))
        })
        .collect();
    let series: Vec<_> = waiting.iter().map(|(labels, count)| (labels.as_slice(), *count)).collect();
    page.gauge("orc8r_export_waiting_records", "Archived records that engines have not got yet.", &series);
    let labels = engines.map(|of| ([("engine", of.engine)], of.counts));
    let failures = labels.each_ref().map(|(engine, counts)| (engine.as_slice(), counts.failures));
    let help = "Requests to engines that failed and are repeated.";
    page.counter("orc8r_export_failures_total", help, &failures);
    let lost = labels.each_ref().map(|(engine, counts)| (engine.as_slice(), counts.lost_segments));
    let help = "Files of the archive that were deleted before an engine got them.";
    page.counter("orc8r_export_files_lost_total", help, &lost);
}
