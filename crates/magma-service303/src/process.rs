//! The `process_*` metrics that every Magma service exports about itself, read from `/proc/self`.
//!
//! A value that cannot be read (a hidden or foreign `/proc`) is left out; it is never made up.

use std::fs;
use std::path::Path;

use wire_orc8r::prometheus as wire;

use crate::registry::{counter_metric, gauge_metric};

/// Clock ticks per second in `/proc`: USER_HZ, which the Linux ABI fixes at 100 on every architecture we build for.
const TICKS_PER_SECOND: f64 = 100.0;

/// The six families of this process, as far as `/proc` tells them; all samples with the caller's time.
pub fn process_families(timestamp_ms: i64) -> Vec<wire::MetricFamily> {
    families(&ProcessFacts::read(Path::new("/proc")), timestamp_ms)
}

/// What the kernel says about one process.
#[derive(Debug, Default, PartialEq)]
struct ProcessFacts {
    cpu_seconds: Option<f64>,
    start_time_seconds: Option<f64>,
    virtual_bytes: Option<f64>,
    resident_bytes: Option<f64>,
    open_fds: Option<f64>,
    max_fds: Option<f64>,
}

impl ProcessFacts {
    fn read(proc: &Path) -> Self {
        let text = |file: &str| fs::read_to_string(proc.join(file)).unwrap_or_default();
        let mut facts =
            Self::parse(&text("self/stat"), &text("stat"), &text("self/status"), &text("self/limits"));
        facts.open_fds = fs::read_dir(proc.join("self/fd")).ok().map(|entries| entries.count() as f64);
        facts
    }

    fn parse(own_stat: &str, system_stat: &str, own_status: &str, own_limits: &str) -> Self {
        let ticks = |index| stat_field(own_stat, index).map(|ticks| ticks / TICKS_PER_SECOND);
        let boot = keyed(system_stat, "btime");
        Self {
            cpu_seconds: ticks(14).zip(ticks(15)).map(|(user, system)| user + system),
            start_time_seconds: boot.zip(ticks(22)).map(|(boot, since)| boot + since),
            virtual_bytes: keyed(own_status, "VmSize:").map(|kib| kib * 1024.0),
            resident_bytes: keyed(own_status, "VmRSS:").map(|kib| kib * 1024.0),
            open_fds: None,
            max_fds: keyed(own_limits, "Max open files"),
        }
    }
}

/// Field `index` of `/proc/PID/stat`, counted from 1 as in proc(5). The second field is a program's name in
/// parentheses, which may itself hold spaces and parentheses, so counting starts after the last one.
fn stat_field(stat: &str, index: usize) -> Option<f64> {
    let after_name = stat.rsplit_once(')')?.1;
    after_name.split_whitespace().nth(index.checked_sub(3)?)?.parse().ok()
}

/// The first number after `key` at the start of a line.
fn keyed(text: &str, key: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    rest.split_whitespace().next()?.parse().ok()
}

fn families(facts: &ProcessFacts, timestamp_ms: i64) -> Vec<wire::MetricFamily> {
    let gauge = wire::MetricType::Gauge;
    let rows = [
        ("process_cpu_seconds_total", wire::MetricType::Counter, facts.cpu_seconds),
        ("process_max_fds", gauge, facts.max_fds),
        ("process_open_fds", gauge, facts.open_fds),
        ("process_resident_memory_bytes", gauge, facts.resident_bytes),
        ("process_start_time_seconds", gauge, facts.start_time_seconds),
        ("process_virtual_memory_bytes", gauge, facts.virtual_bytes),
    ];
    rows.into_iter()
        .filter_map(|(name, kind, value)| Some(family(name, kind, value?, timestamp_ms)))
        .collect()
}

fn family(name: &str, kind: wire::MetricType, value: f64, timestamp_ms: i64) -> wire::MetricFamily {
    let metric = match kind {
        wire::MetricType::Counter => counter_metric(Vec::new(), value, timestamp_ms),
        _ => gauge_metric(Vec::new(), value, timestamp_ms),
    };
    wire::MetricFamily {
        name: Some(name.to_owned()),
        help: None,
        r#type: Some(kind.into()),
        metric: vec![metric],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "812 (mag) mad (x) S 1 812 812 0 -1 4194560 917 0 3 0 250 75 0 0 20 0 2 0 4321 12345678 900 \
                        18446744073709551615 1 1 0 0 0 0 0 4096 17475 0 0 0 17 1 0 0 0 0 0";
    const SYSTEM: &str = "cpu  1 2 3 4\nctxt 12\nbtime 1700000000\nprocesses 900\n";
    const STATUS: &str = "Name:\tmagmad\nVmPeak:\t   20000 kB\nVmSize:\t   12056 kB\nVmRSS:\t    3600 kB\n";
    const LIMITS: &str = "Limit                     Soft Limit           Hard Limit           Units\n\
                          Max processes             4000                 4000                 processes\n\
                          Max open files            1024                 524288               files\n";

    #[test]
    fn the_kernels_texts_become_seconds_and_bytes() {
        assert_eq!(
            ProcessFacts::parse(STAT, SYSTEM, STATUS, LIMITS),
            ProcessFacts {
                cpu_seconds: Some(3.25),
                start_time_seconds: Some(1_700_000_043.21),
                virtual_bytes: Some(12_345_344.0),
                resident_bytes: Some(3_686_400.0),
                open_fds: None,
                max_fds: Some(1024.0),
            }
        );
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        for (own, system) in [("", ""), ("812 (magmad", SYSTEM), ("812 (x) S 1", "btime soon\n")] {
            let facts = ProcessFacts::parse(own, system, "VmRSS:", "Max open files unlimited\n");
            assert_eq!(facts, ProcessFacts::default(), "{own} {system}");
            assert!(families(&facts, 1).is_empty());
        }
    }

    #[test]
    fn a_live_process_exports_all_six() {
        let names: Vec<String> = process_families(7).iter().map(|family| family.name().to_owned()).collect();
        assert_eq!(
            names,
            [
                "process_cpu_seconds_total",
                "process_max_fds",
                "process_open_fds",
                "process_resident_memory_bytes",
                "process_start_time_seconds",
                "process_virtual_memory_bytes",
            ]
        );
    }
}
