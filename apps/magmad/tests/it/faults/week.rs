//! A week of an idle gateway with the paused clock, against a cloud in the same process: memory and descriptors stay as
//! they were after the first day.

use std::time::Duration;

use magmad::agent;
use magmad::options::Options;

use crate::cloud::{Cloud, Feed, mconfig};
use crate::gateway::Gateway;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What an allocator may keep for itself between one day and another.
const SLACK_BYTES: u64 = 2 << 20;

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").expect("/proc");
    let pages: u64 = status.split_whitespace().nth(1).expect("a number").parse().expect("a number");
    pages * 4096
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("/proc").count()
}

/// Run by itself, in a process of its own: other tests' memory must not be counted.
#[test]
fn a_week_passes_without_growth() {
    if std::env::var_os("MAGMAD_TEST_WEEK").is_none() {
        let own = std::env::current_exe().expect("this program");
        let output = std::process::Command::new(own)
            .args(["--exact", "faults::week::a_week_passes_without_growth", "--nocapture"])
            .env("MAGMAD_TEST_WEEK", "1")
            .output()
            .expect("this program runs");
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("1 passed"), "{said}");
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(pass_a_week());
}

async fn pass_a_week() {
    let cloud = Cloud::start().await;
    let minutely = mconfig(&[("magmad", r#"{"checkinInterval": 60, "checkinTimeout": 10}"#)]);
    cloud.behave(|behaviour| behaviour.feed = Feed::Once(minutely));
    let gateway = Gateway::with_certificate(&cloud);
    gateway.write("etc/magma/streamer.yml", "reconnect_sec: 60\nstream_timeout: 150\n");
    // As it is on a gateway: no timing is shortened.
    let options = Options::new(gateway.options.paths.clone());
    let stop = async move { tokio::time::sleep(8 * DAY).await };
    let running = tokio::spawn(agent::run(options, stop));
    let mut after_first_day = (0, 0);
    for day in 1..=7 {
        let reports = pass_a_day(&cloud).await;
        assert!(!running.is_finished(), "day {day}: the agent ended");
        assert!((1400..=1500).contains(&reports), "day {day}: {reports} check-ins");
        let now = (resident_bytes(), descriptors());
        println!("day {day}: {} kB, {} descriptors, {reports} check-ins", now.0 / 1024, now.1);
        if day == 1 {
            after_first_day = now;
        }
        assert!(now.0 <= after_first_day.0 + SLACK_BYTES, "day {day}: {now:?} after {after_first_day:?}");
        assert!(now.1 <= after_first_day.1 + 2, "day {day}: {now:?} after {after_first_day:?}");
    }
    running.abort();
}

/// Lets a day pass, and forgets what the cloud has seen meanwhile, since its own growth is not the question.
async fn pass_a_day(cloud: &Cloud) -> usize {
    let mut reports = 0;
    for _ in 0..24 {
        tokio::time::sleep(DAY / 24).await;
        let seen = std::mem::take(&mut *cloud.seen());
        reports += seen.reports.len();
        // Heartbeats that nobody reads would pile up at the cloud.
        for session in cloud.sessions() {
            tokio::spawn(session.drain());
        }
    }
    reports
}
