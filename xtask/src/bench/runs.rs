//! What is run, and which figures are read from it.

use super::Scale;
use serde_json::Value;

/// Files of a process that are no gateway's connection.
const OTHER_FILES: u64 = 600;

/// Gateways with connections.
const FLEET: &str = "fleet";

/// One run of the lab.
pub struct Run {
    /// Its name in messages.
    pub name: &'static str,
    /// What the lab does: `fleet`, or `samples`.
    command: &'static str,
    gateways: u64,
    /// Further options with their values, of which the second is divided at the small scale.
    options: &'static [(&'static str, u64, Scaled)],
    /// What is read from its report.
    pub figures: &'static [Figure],
}

/// Whether a number is a hundredth at the small scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scaled {
    Yes,
    /// It is this instead.
    To(u64),
    /// It has no number.
    Flag,
}

/// A figure of a report.
pub struct Figure {
    /// What it is.
    pub name: &'static str,
    /// How it is read from the report.
    pub read: fn(&Value) -> Option<f64>,
    bound: Bound,
    unit: &'static str,
}

#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// The runs of issue and specification, in the order of the table.
pub const RUNS: &[Run] = &[
    Run {
        name: "start",
        command: FLEET,
        gateways: 1,
        options: &[("duration", 1, Scaled::To(1))],
        figures: &[
            Figure {
                name: "start to serving",
                read: |report| report["start_ms"].as_f64(),
                bound: Bound::AtMost(300.0),
                unit: "ms",
            },
            Figure {
                name: "resident, idle, empty database",
                read: |report| megabytes(&report["server_at_rest_bytes"]),
                bound: Bound::AtMost(40.0),
                unit: "MB",
            },
        ],
    },
    Run {
        name: "fleet",
        command: FLEET,
        gateways: 20_000,
        options: &[("duration", 180, Scaled::To(5)), ("interval", 60, Scaled::To(4))],
        figures: &[
            Figure {
                name: "20,000 gateways, each a check-in, a poll and metrics a minute: p99",
                read: |report| slowest(&report["steady"]["calls"], "p99_ms"),
                bound: Bound::AtMost(100.0),
                unit: "ms",
            },
            Figure {
                name: "the same: calls a second",
                read: |report| sum(&report["steady"]["calls"], "per_second"),
                bound: Bound::AtLeast(900.0),
                unit: "/s",
            },
            Figure {
                name: "the same: server's memory for each gateway",
                read: |report| report["server_bytes_per_gateway"].as_f64().map(|bytes| bytes / 1e3),
                bound: Bound::AtMost(45.0),
                unit: "kB",
            },
        ],
    },
    Run {
        name: "bootstrap storm",
        command: FLEET,
        gateways: 5_000,
        options: &[("duration", 1, Scaled::To(1))],
        figures: &[
            Figure {
                name: "certificates signed a second",
                read: |report| Some(report["gateways"].as_f64()? / report["bootstrap_seconds"].as_f64()?),
                bound: Bound::AtLeast(1000.0),
                unit: "/s",
            },
            Figure {
                name: "the same: the server's processor time for each",
                read: |report| report["bootstrap_server_processor_ms"].as_f64(),
                bound: Bound::AtMost(1.0),
                unit: "ms",
            },
        ],
    },
    Run {
        name: "commands at a thousand a second",
        command: FLEET,
        gateways: 1_000,
        options: &[("commands", 1_000, Scaled::Yes), ("duration", 30, Scaled::To(2))],
        figures: &[Figure {
            name: "pings by REST and SyncRPC, 1,000 a second: p99",
            read: |report| report["steady"]["calls"]["command"]["p99_ms"].as_f64(),
            bound: Bound::AtMost(10.0),
            unit: "ms",
        }],
    },
    Run {
        name: "commands across two nodes",
        command: FLEET,
        gateways: 1_000,
        options: &[
            ("from-node", 0, Scaled::Flag),
            ("commands", 1_000, Scaled::Yes),
            ("duration", 30, Scaled::To(2)),
        ],
        figures: &[Figure {
            name: "pings from another node through SyncRPC, 1,000 a second: p99",
            read: |report| report["steady"]["calls"]["command"]["p99_ms"].as_f64(),
            bound: Bound::AtMost(15.0),
            unit: "ms",
        }],
    },
    Run {
        name: "as many commands as go",
        command: FLEET,
        gateways: 1_000,
        options: &[
            ("from-node", 0, Scaled::Flag),
            ("commands", 6_000, Scaled::Yes),
            ("duration", 30, Scaled::To(2)),
        ],
        figures: &[Figure {
            name: "pings through SyncRPC, one node",
            read: |report| report["steady"]["calls"]["command"]["per_second"].as_f64(),
            bound: Bound::AtLeast(5000.0),
            unit: "/s",
        }],
    },
    Run {
        name: "a large network",
        command: FLEET,
        gateways: 1_000,
        options: &[
            ("subscribers", 100_000, Scaled::Yes),
            ("push", 0, Scaled::Flag),
            ("duration", 10, Scaled::To(1)),
        ],
        figures: &[
            Figure {
                name: "100,000 subscribers made by REST, 10,000 a request: subscribers a second",
                read: |report| {
                    let population = &report["population"];
                    Some(population["subscribers"].as_f64()? / population["load_seconds"].as_f64()?)
                },
                bound: Bound::AtLeast(5_000.0),
                unit: "/s",
            },
            Figure {
                name: "a page of 100 of them: p99",
                read: |report| report["population"]["page_p99_ms"].as_f64(),
                bound: Bound::AtMost(20.0),
                unit: "ms",
            },
            Figure {
                name: "a page of the console with them and 1,000 gateways, the slowest of all that links lead to: p95",
                read: |report| report["population"]["console_p95_ms"].as_f64(),
                bound: Bound::AtMost(30.0),
                unit: "ms",
            },
            Figure {
                name: "the same: the largest page",
                read: |report| report["population"]["console_bytes_max"].as_f64().map(|bytes| bytes / 1e3),
                bound: Bound::AtMost(100.0),
                unit: "kB",
            },
            Figure {
                name: "one edited subscriber: bytes of a gateway's next sync",
                read: |report| report["population"]["edit_sync_bytes"].as_f64(),
                bound: Bound::AtMost(10_000.0),
                unit: "B",
            },
            Figure {
                name: "an edit of the network, until each of 1,000 gateways was pushed it",
                read: |report| report["population"]["network_edit_ms"].as_f64(),
                bound: Bound::AtMost(2_000.0),
                unit: "ms",
            },
        ],
    },
    Run {
        name: "samples",
        command: "samples",
        gateways: 20_000,
        options: &[("series", 100, Scaled::To(100)), ("minutes", 30, Scaled::To(5))],
        figures: &[
            Figure {
                name: "20,000 gateways with 100 samples a minute, which are 33,000 a second: taken by one processor",
                read: |report| report["samples_per_second"].as_f64(),
                bound: Bound::AtLeast(100_000.0),
                unit: "/s",
            },
            Figure {
                name: "the same: memory for each of 2,000,000 series, with their newest samples",
                read: |report| report["resident_bytes_per_series"].as_f64(),
                bound: Bound::AtMost(300.0),
                unit: "B",
            },
            Figure {
                name: "the same: disk for each sample",
                read: |report| report["disk_bytes_per_sample"].as_f64(),
                bound: Bound::AtMost(4.0),
                unit: "B",
            },
            Figure {
                name: "the same: a gateway's chart of an hour",
                read: |report| report["queries"]["chart_of_a_gateway_ms"].as_f64(),
                bound: Bound::AtMost(100.0),
                unit: "ms",
            },
            Figure {
                name: "the same: the sum of a counter's rates over all 20,000",
                read: |report| report["queries"]["sum_over_the_fleet_ms"].as_f64(),
                bound: Bound::AtMost(1_000.0),
                unit: "ms",
            },
        ],
    },
];

impl Run {
    /// The arguments for the lab.
    pub fn arguments(&self, scale: Scale, open_files: Option<u64>) -> Vec<String> {
        // Gateways without a connection need no files.
        let files = open_files.filter(|_| self.command == FLEET);
        let most = files.map_or(u64::MAX, |files| files.saturating_sub(OTHER_FILES));
        let gateways = match scale {
            Scale::Full => self.gateways.min(most),
            Scale::Small => self.gateways.div_ceil(100),
        };
        let mut arguments = vec![self.command.to_owned(), "--gateways".to_owned(), gateways.to_string()];
        for (name, value, scaled) in self.options {
            arguments.push(format!("--{name}"));
            let value = match (scale, scaled) {
                (_, Scaled::Flag) => continue,
                (Scale::Full, _) => *value,
                (Scale::Small, Scaled::Yes) => value.div_ceil(100),
                (Scale::Small, Scaled::To(value)) => *value,
            };
            arguments.push(value.to_string());
        }
        arguments
    }
}

impl Figure {
    /// What is promised.
    pub fn goal(&self) -> String {
        let unit = self.unit;
        match self.bound {
            Bound::AtMost(bound) => format!("≤ {bound} {unit}"),
            Bound::AtLeast(bound) => format!("≥ {bound} {unit}"),
        }
    }

    /// What was measured.
    pub fn text(&self, value: f64) -> String {
        if value < 100.0 { format!("{value:.1} {}", self.unit) } else { format!("{value:.0} {}", self.unit) }
    }

    /// Whether it is kept.
    pub fn is_kept(&self, value: f64) -> bool {
        match self.bound {
            Bound::AtMost(bound) => value <= bound,
            Bound::AtLeast(bound) => value >= bound,
        }
    }
}

fn megabytes(bytes: &Value) -> Option<f64> {
    Some(bytes.as_f64()? / 1e6)
}

/// The largest of a figure over all kinds of calls.
fn slowest(calls: &Value, figure: &str) -> Option<f64> {
    calls.as_object()?.values().filter_map(|kind| kind[figure].as_f64()).reduce(f64::max)
}

fn sum(calls: &Value, figure: &str) -> Option<f64> {
    calls.as_object()?.values().filter_map(|kind| kind[figure].as_f64()).reduce(|sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_run_is_as_large_as_it_is_asked_for_and_as_the_system_allows() {
        let fleet = &RUNS[1];
        let line = |scale, files| fleet.arguments(scale, files).join(" ");
        assert_eq!(line(Scale::Full, None), "fleet --gateways 20000 --duration 180 --interval 60");
        assert!(line(Scale::Full, Some(20_000)).starts_with("fleet --gateways 19400 "));
        assert_eq!(line(Scale::Small, Some(1024)), "fleet --gateways 200 --duration 5 --interval 4");
        let samples = RUNS.iter().find(|run| run.name == "samples").unwrap();
        let full = samples.arguments(Scale::Full, Some(1024)).join(" ");
        assert_eq!(full, "samples --gateways 20000 --series 100 --minutes 30", "they open no files");
    }

    #[test]
    fn figures_are_read_and_held_against_their_goals() {
        let report = json!({
            "start_ms": 120.5, "server_at_rest_bytes": 41_000_000, "server_bytes_per_gateway": 44_000,
            "gateways": 5000, "bootstrap_seconds": 4.0, "bootstrap_server_processor_ms": 0.75,
            "population": {
                "subscribers": 100_000, "load_seconds": 10.0, "page_p99_ms": 20.5, "edit_sync_bytes": 700,
                "network_edit_ms": 1_500.0, "console_p95_ms": 12.0, "console_bytes_max": 50_000,
            },
            "samples_per_second": 90_000.0, "resident_bytes_per_series": 250.0, "disk_bytes_per_sample": 2.5,
            "queries": {"chart_of_a_gateway_ms": 5.0, "sum_over_the_fleet_ms": 2_000.0},
            "steady": {"calls": {
                "check-in": {"p99_ms": 20.0, "per_second": 300.0},
                "command": {"p99_ms": 101.0, "per_second": 6000.0},
            }},
        });
        let found: Vec<(String, bool)> = RUNS
            .iter()
            .flat_map(|run| run.figures)
            .map(|figure| {
                let value = (figure.read)(&report).unwrap();
                (figure.text(value), figure.is_kept(value))
            })
            .collect();
        let expected = [
            ("120 ms", true),
            ("41.0 MB", false),
            ("101 ms", false),
            ("6300 /s", true),
            ("44.0 kB", true),
            ("1250 /s", true),
            ("0.8 ms", true),
            ("101 ms", false),
            ("101 ms", false),
            ("6000 /s", true),
            ("10000 /s", true),
            ("20.5 ms", false),
            ("12.0 ms", true),
            ("50.0 kB", true),
            ("700 B", true),
            ("1500 ms", true),
            ("90000 /s", false),
            ("250 B", true),
            ("2.5 B", true),
            ("5.0 ms", true),
            ("2000 ms", false),
        ];
        assert_eq!(found, expected.map(|(text, kept)| (text.to_owned(), kept)));
        assert!((RUNS[0].figures[0].read)(&json!({})).is_none(), "what is not there is not measured");
    }
}
