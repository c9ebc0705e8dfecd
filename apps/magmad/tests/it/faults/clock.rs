//! A clock that jumps by a year, either way: nothing is thrown away for it, and when it is right again, so is the gateway.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::program::{Agent, exists, log, until_logged};
use crate::cloud::Cloud;
use crate::gateway::Gateway;

const CERT: &str = "var/opt/magma/certs/gateway.crt";
const KEY: &str = "var/opt/magma/certs/gateway.key";

/// Where Debian puts the library by which a program sees another time.
fn library() -> PathBuf {
    Path::new("/usr/lib").join(format!("{}-linux-gnu/faketime/libfaketime.so.1", std::env::consts::ARCH))
}

/// Variables that make the file say how far the clock is off.
fn variables(file: &Path) -> [(&'static str, OsString); 4] {
    [
        ("LD_PRELOAD", library().into()),
        ("FAKETIME_TIMESTAMP_FILE", file.into()),
        ("FAKETIME_NO_CACHE", "1".into()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
    ]
}

#[tokio::test]
async fn a_clock_that_is_a_year_off_costs_nothing_once_it_is_right() {
    if !exists(&library()) {
        return;
    }
    let cloud = Cloud::start().await;
    for (offset, words) in [("+365d", "it has expired"), ("-365d", "not valid yet")] {
        let gateway = Gateway::with_certificate(&cloud);
        let pair = (gateway.read(CERT), gateway.read(KEY));
        gateway.write("clock", offset);
        let mut agent = Agent::start_with(&gateway, &[], &variables(&gateway.path("clock")));
        // The cloud's certificate is not valid at that time either; the clock is named as a possible cause.
        until_logged(&gateway, "(NTP)").await;
        assert!(agent.ended().is_none(), "{offset}: {}", log(&gateway));
        drop(agent);
        assert_eq!((gateway.read(CERT), gateway.read(KEY)), pair, "{offset}: the pair is still there");
        assert!(log(&gateway).contains(words), "{offset}: {}", log(&gateway));

        gateway.write("clock", "+0");
        let reports = cloud.seen().reports.len();
        let _agent = Agent::start_with(&gateway, &[], &variables(&gateway.path("clock")));
        cloud.until("a check-in with the right clock", |seen| seen.reports.len() > reports).await;
        assert_eq!((gateway.read(CERT), gateway.read(KEY)), pair, "{offset}: no other pair was needed");
    }
}

#[tokio::test]
async fn a_clock_that_jumps_while_the_agent_runs_does_not_stop_its_check_ins() {
    if !exists(&library()) {
        return;
    }
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    gateway.write("clock", "+0");
    let mut agent = Agent::start_with(&gateway, &[], &variables(&gateway.path("clock")));
    cloud.until("the first check-in", |seen| !seen.reports.is_empty()).await;
    for offset in ["+365d", "-365d", "+0"] {
        let replaced = gateway.path("clock.new");
        fs::write(&replaced, offset).unwrap();
        fs::rename(&replaced, gateway.path("clock")).unwrap();
        let reports = cloud.seen().reports.len();
        cloud.until("check-ins after the jump", |seen| seen.reports.len() >= reports + 2).await;
        assert!(agent.ended().is_none(), "{offset}: {}", log(&gateway));
    }
}
