//! `lab samples`: a fleet's metrics straight into the embedded store, as fast as it takes them, and what they cost.
//!
//! Time is played: each minute every gateway sends one sample of each of its series, spread over the minute as a fleet
//! spreads itself, and what the store does each second it does at each played second, in the same thread. So the rate is
//! what one processor takes of metrics, with everything that keeping them costs, but without the network.

mod upload;

use crate::fleet::Process;
use anyhow::{Result, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use orc8r_metrics::promql::{InstantQuery, Limits, RangeQuery};
use orc8r_metrics::tsdb::{Scope, Settings, Tsdb};
use orc8r_metrics::{Metrics, Source};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use upload::Upload;

/// When the played time begins: 2026-11-22.
const BEGAN_MS: i64 = 1_795_305_600_000;
const SECONDS_PER_MINUTE: usize = 60;
/// A network has so many gateways: a store takes 2,000,000 series of one.
const GATEWAYS_PER_NETWORK: usize = 2_000;
/// Each query is asked so often; the slowest counts.
const ASKED: usize = 3;

/// What is played.
struct Options {
    gateways: usize,
    series: usize,
    minutes: usize,
    json: bool,
}

/// The subcommand.
pub fn command() -> Command {
    let number = |name, default, most, help| {
        let parser = value_parser!(u32).range(1..=most);
        Arg::new(name).long(name).value_name("N").default_value(default).value_parser(parser).help(help)
    };
    Command::new("samples")
        .about("Gives the embedded metrics store what a fleet sends, as fast as it takes it, and prints what it costs")
        .args([
            number("gateways", "20000", 100_000, "How many gateways"),
            number("series", "100", 5_000, "Time series of each, with a sample a minute"),
            number("minutes", "30", 10_000, "Play N minutes"),
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("Print the report as one JSON object"),
        ])
}

/// Plays it and prints the report; fails when a sample was lost.
pub fn run(matches: &ArgMatches) -> Result<()> {
    let number = |name: &str| matches.get_one::<u32>(name).map_or(1, |number| *number as usize);
    let options = Options {
        gateways: number("gateways"),
        series: number("series"),
        minutes: number("minutes"),
        json: matches.get_flag("json"),
    };
    let report = played(&options)?;
    if options.json {
        println!("{report}");
    } else {
        println!("{report:#}");
    }
    ensure!(report["steady"]["errors"] == json!([]), "samples were lost: {}", report["steady"]["errors"]);
    Ok(())
}

/// What is measured on the way.
#[derive(Default)]
struct Taken {
    time: Duration,
    resident_bytes: u64,
    log_bytes: u64,
    slowest_second: Duration,
}

fn played(options: &Options) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let store = Tsdb::open(folder.path(), Settings::default(), BEGAN_MS)?;
    let metrics = Metrics::new(store.clone(), Limits::default());
    let before = Process::own().resident_bytes().unwrap_or_default();
    let mut upload = Upload::of(options.series);
    let mut taken = Taken::default();
    for second in 0..options.minutes * SECONDS_PER_MINUTE {
        let now_ms = BEGAN_MS + 1000 * second as i64;
        let mut busy = Duration::ZERO;
        for gateway in (second % SECONDS_PER_MINUTE..options.gateways).step_by(SECONDS_PER_MINUTE) {
            upload.fill(gateway, second / SECONDS_PER_MINUTE, now_ms);
            let began = Instant::now();
            metrics.collect(&source(gateway), upload.families(), now_ms);
            busy += began.elapsed();
        }
        let began = Instant::now();
        store.write_log();
        store.tick(now_ms);
        busy += began.elapsed();
        taken.note(second, busy, &store);
    }
    let now_ms = BEGAN_MS + 1000 * (options.minutes * SECONDS_PER_MINUTE) as i64;
    let queries = queries(&metrics, options, now_ms)?;
    // What is still in memory becomes a block, so that its bytes are counted.
    store.make_block();
    let counters = store.counters();
    let sent = (options.gateways * options.series * options.minutes) as u64;
    let series = (options.gateways * options.series) as f64;
    let seconds = taken.time.as_secs_f64();
    let mut errors = Vec::new();
    if counters.kept != sent || counters.write_failures > 0 {
        let cause = format!("{counters:?}");
        errors.push(json!({"kind": "samples", "cause": cause, "count": sent.saturating_sub(counters.kept)}));
    }
    Ok(json!({
        "gateways": options.gateways,
        "samples": sent,
        "seconds": seconds,
        "samples_per_second": sent as f64 / seconds,
        "slowest_second_ms": taken.slowest_second.as_secs_f64() * 1e3,
        "resident_bytes": taken.resident_bytes,
        "resident_bytes_per_series": taken.resident_bytes.saturating_sub(before) as f64 / series,
        "blocks": counters.blocks,
        "disk_bytes_per_sample": counters.block_bytes as f64 / sent as f64,
        "log_bytes_at_most": taken.log_bytes,
        "queries": queries,
        "steady": {"errors": errors},
    }))
}

impl Taken {
    /// What a played second took; the processes are looked at each minute.
    fn note(&mut self, second: usize, busy: Duration, store: &Tsdb) {
        self.time += busy;
        self.slowest_second = self.slowest_second.max(busy);
        if second.is_multiple_of(SECONDS_PER_MINUTE) {
            self.resident_bytes =
                self.resident_bytes.max(Process::own().resident_bytes().unwrap_or_default());
            self.log_bytes = self.log_bytes.max(store.counters().log_bytes);
        }
    }
}

fn source(gateway: usize) -> Source {
    Source { network: format!("n{}", gateway / GATEWAYS_PER_NETWORK), gateway: format!("gw{gateway}") }
}

/// What operators ask, in milliseconds: a chart of one gateway, and a sum over the fleet.
fn queries(metrics: &Metrics, options: &Options, now_ms: i64) -> Result<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let gateway = format!("gw{}", options.gateways / 2);
    let (mut chart, mut sum) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..ASKED {
        let began = Instant::now();
        let query = RangeQuery {
            text: format!("rate(fleet_metric_0{{gatewayID=\"{gateway}\"}}[5m])"),
            start_ms: now_ms - 3_600_000,
            end_ms: now_ms,
            step_ms: 60_000,
        };
        runtime.block_on(metrics.range(query, Scope::All))?;
        chart = chart.max(began.elapsed());
        let began = Instant::now();
        let text = "sum(rate(fleet_metric_0[5m]))".to_owned();
        let found = runtime.block_on(metrics.instant(InstantQuery { text, time_ms: now_ms }, Scope::All))?;
        sum = sum.max(began.elapsed());
        ensure!(
            options.minutes < 3 || found.instant_values().len() == 1,
            "the sum over the fleet has no value"
        );
    }
    Ok(json!({
        "chart_of_a_gateway_ms": chart.as_secs_f64() * 1e3,
        "sum_over_the_fleet_ms": sum.as_secs_f64() * 1e3,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_fleet_is_kept_whole_and_can_be_asked() {
        let report = played(&Options { gateways: 120, series: 8, minutes: 5, json: true }).unwrap();
        assert_eq!(report["steady"]["errors"], json!([]), "{report}");
        assert_eq!((&report["samples"], &report["blocks"]), (&json!(4800), &json!(1)));
        for figure in ["samples_per_second", "disk_bytes_per_sample", "resident_bytes"] {
            assert!(report[figure].as_f64().is_some_and(|value| value > 0.0), "{figure}: {report}");
        }
        assert!(report["queries"]["sum_over_the_fleet_ms"].as_f64().is_some_and(|value| value > 0.0));
    }
}
