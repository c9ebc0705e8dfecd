//! What came of it, as a table or as JSON.

use super::orchestrator::AtRest;
use super::population::Measured;
use super::recorder::{Kind, Record};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// The figures of one run.
#[derive(Default)]
pub struct Report {
    /// How many gateways there were.
    pub gateways: usize,
    /// How many of them had their stream at the end.
    pub connected: u64,
    /// From the first bootstrap to the last certificate.
    pub bootstrapping: Duration,
    /// Processor time of the server meanwhile, of all its threads.
    pub bootstrapping_processor: Option<Duration>,
    /// From the first connection to the last stream.
    pub connecting: Duration,
    /// How long the ordinary life was watched.
    pub steady: Duration,
    /// What the Orchestrator took before the first gateway came.
    pub at_rest: Option<AtRest>,
    /// What it took while it was watched.
    pub server: Option<Usage>,
    /// What the fleet took in that time.
    pub fleet: Option<Usage>,
    /// What its subscribers cost, if it has any.
    pub population: Option<Measured>,
    /// Whether it was ended before its time.
    pub interrupted: bool,
}

/// What a process took.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident, at most.
    pub resident_bytes: u64,
    /// Share of one processor.
    pub processors: f64,
}

impl Report {
    /// The server's memory for each gateway.
    fn bytes_per_gateway(&self) -> Option<u64> {
        let grown = self.server?.resident_bytes.saturating_sub(self.at_rest?.resident_bytes);
        grown.checked_div(u64::try_from(self.gateways).ok()?)
    }

    /// The server's processor time for each certificate.
    fn processor_per_certificate(&self) -> Option<Duration> {
        self.bootstrapping_processor?.checked_div(u32::try_from(self.gateways).ok()?)
    }

    /// One JSON object.
    pub fn to_json(&self, joining: &Record, steady: &Record) -> Value {
        let usage = |usage: Option<Usage>| {
            usage.map(|usage| json!({"resident_bytes": usage.resident_bytes, "processors": usage.processors}))
        };
        json!({
            "gateways": self.gateways,
            "connected": self.connected,
            "interrupted": self.interrupted,
            "bootstrap_seconds": self.bootstrapping.as_secs_f64(),
            "bootstrap_server_processor_ms": self.processor_per_certificate().map(|time| time.as_secs_f64() * 1e3),
            "connect_seconds": self.connecting.as_secs_f64(),
            "steady_seconds": self.steady.as_secs_f64(),
            "joining": calls_json(joining, None),
            "steady": calls_json(steady, Some(self.steady)),
            "start_ms": self.at_rest.map(|at_rest| milliseconds(at_rest.start)),
            "server_at_rest_bytes": self.at_rest.map(|at_rest| at_rest.resident_bytes),
            "server_bytes_per_gateway": self.bytes_per_gateway(),
            "population": self.population.as_ref().map(Measured::to_json),
            "server": usage(self.server),
            "fleet": usage(self.fleet),
        })
    }

    /// For people.
    pub fn to_text(&self, joining: &Record, steady: &Record) -> String {
        let mut text = String::new();
        if self.interrupted {
            text += "Ended before its time; what is known until then:\n\n";
        }
        let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
        let rate = |time: Duration| self.gateways as f64 / time.as_secs_f64().max(0.001);
        let _ = writeln!(text, "{} gateways, {} of them connected at the end", self.gateways, self.connected);
        let (bootstrapping, connecting) = (self.bootstrapping, self.connecting);
        let _ =
            writeln!(text, "certificates in {}, {:.0} a second", seconds(bootstrapping), rate(bootstrapping));
        if let Some(processor) = self.processor_per_certificate() {
            let _ = writeln!(text, "each {:.2} ms of the server's processors", processor.as_secs_f64() * 1e3);
        }
        let _ = writeln!(text, "connections in {}, {:.0} a second", seconds(connecting), rate(connecting));
        let _ = writeln!(text, "\nWhile they came together:\n{}", table(joining, None));
        let _ = writeln!(
            text,
            "In {} of ordinary life:\n{}",
            seconds(self.steady),
            table(steady, Some(self.steady))
        );
        text += &self.memory();
        text += &self.population.as_ref().map(Measured::to_text).unwrap_or_default();
        text
    }

    fn memory(&self) -> String {
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        let mut text = String::new();
        if let Some(AtRest { start, resident_bytes }) = self.at_rest {
            let start = milliseconds(start);
            let _ =
                writeln!(text, "server: {start:.0} ms to start, {:.1} MB at rest", megabytes(resident_bytes));
        }
        for (name, usage) in [("server", self.server), ("fleet", self.fleet)] {
            if let Some(Usage { resident_bytes, processors }) = usage {
                let share = processors * 100.0;
                let _ = writeln!(
                    text,
                    "{name}: {:.1} MB at most, {share:.0} % of a processor",
                    megabytes(resident_bytes)
                );
            }
        }
        if let Some(bytes) = self.bytes_per_gateway() {
            let _ = writeln!(text, "server: {:.1} kB for each gateway", bytes as f64 / 1e3);
        }
        text
    }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

fn table(record: &Record, time: Option<Duration>) -> String {
    let mut text = format!(
        "  {:<14} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
        "ms", "calls", "a second", "p50", "p95", "p99", "max"
    );
    for kind in Kind::ALL {
        let calls = record.of(kind);
        if calls.count() == 0 {
            continue;
        }
        let rate =
            time.map_or_else(String::new, |time| format!("{:.1}", calls.count() as f64 / time.as_secs_f64()));
        let _ = write!(text, "  {:<14} {:>9} {rate:>9}", kind.name(), calls.count());
        for time in [calls.percentile(0.5), calls.percentile(0.95), calls.percentile(0.99), calls.most()] {
            let _ = write!(text, " {:>9.1}", milliseconds(time));
        }
        text.push('\n');
    }
    for ((kind, cause), count) in record.errors() {
        let _ = writeln!(text, "  {count} × {} failed: {cause}", kind.name());
    }
    text
}

fn calls_json(record: &Record, time: Option<Duration>) -> Value {
    let kinds = Kind::ALL.into_iter().filter(|kind| record.of(*kind).count() > 0).map(|kind| {
        let calls = record.of(kind);
        let rate = time.map(|time| calls.count() as f64 / time.as_secs_f64());
        let figures = json!({
            "calls": calls.count(), "per_second": rate,
            "p50_ms": milliseconds(calls.percentile(0.5)), "p95_ms": milliseconds(calls.percentile(0.95)),
            "p99_ms": milliseconds(calls.percentile(0.99)), "max_ms": milliseconds(calls.most()),
        });
        (kind.name().to_owned(), figures)
    });
    let errors = record.errors().into_iter();
    let errors: Vec<Value> = errors
        .map(|((kind, cause), count)| json!({"kind": kind.name(), "cause": cause, "count": count}))
        .collect();
    json!({"calls": kinds.collect::<serde_json::Map<_, _>>(), "errors": errors})
}

#[cfg(test)]
mod tests {
    use super::super::recorder::Recorder;
    use super::*;
    use std::time::Instant;

    #[test]
    fn calls_errors_and_memory_are_told() {
        let recorder = Recorder::default();
        recorder.begin_steady();
        recorder.ended(Kind::CheckIn, Instant::now(), Ok(()));
        recorder.failed(Kind::Metrics, "the cloud is full");
        let at_rest = AtRest { start: Duration::from_millis(120), resident_bytes: 20_000_000 };
        let report = Report {
            gateways: 100,
            connected: 99,
            steady: Duration::from_secs(2),
            at_rest: Some(at_rest),
            server: Some(Usage { resident_bytes: 23_000_000, processors: 0.5 }),
            ..Report::default()
        };
        let json = report.to_json(recorder.joining(), recorder.steady());
        assert_eq!(json["server_bytes_per_gateway"], 30_000);
        assert_eq!(json["steady"]["calls"]["check-in"]["per_second"], 0.5);
        assert_eq!(json["steady"]["errors"][0]["count"], 1);
        assert!(json["joining"]["calls"].as_object().unwrap().is_empty());
        let text = report.to_text(recorder.joining(), recorder.steady());
        for words in
            ["1 × metrics failed: the cloud is full", "30.0 kB for each gateway", "120 ms to start", "50 %"]
        {
            assert!(text.contains(words), "{words} is not in\n{text}");
        }
    }
}
