//! A power cut before every step that changes the disk, from the first start to the stored configuration.
//!
//! strace delivers SIGKILL on the way into the n-th system call that changes files, for every n. Kept each time: the
//! identity, and a certificate and a configuration that are whole or absent. The agent's next start goes on from there.

use std::collections::BTreeSet;
use std::fs;

use magma_config::mconfig::GatewayMconfig;
use magma_identity::{CertificatePair, ChallengeKey};

use super::program::{Agent, installed, log};
use crate::cloud::{Cloud, Feed, mconfig};
use crate::gateway::Gateway;

const CERT: &str = "var/opt/magma/certs/gateway.crt";
const KEY: &str = "var/opt/magma/certs/gateway.key";
const CHALLENGE_KEY: &str = "var/opt/magma/certs/gw_challenge.key";
const MCONFIG: &str = "var/opt/magma/configs/gateway.mconfig";

/// The system calls between which a power cut makes a difference. Writes need none of their own: what was written to a
/// new file is of no account before the file has its name.
const STEPS: &str =
    "rename,renameat,renameat2,fsync,fdatasync,unlink,unlinkat,mkdir,mkdirat,link,linkat,ftruncate";

/// More steps than there are: the agent that is never cut ends the loop long before.
const STEPS_MAX: usize = 200;

#[tokio::test]
async fn a_power_cut_before_any_step_of_the_first_start_leaves_a_gateway_that_joins_at_the_next() {
    if !installed("strace") {
        return;
    }
    let cloud = Cloud::start().await;
    cloud.behave(|behaviour| {
        behaviour.feed =
            Feed::Open(mconfig(&[("magmad", r#"{"checkinInterval": 5}"#), ("mme", r#"{"a": 1}"#)]));
    });
    let mut states = BTreeSet::new();
    for step in 1.. {
        assert!(step < STEPS_MAX, "the agent goes on changing files");
        let gateway = Gateway::new(&cloud);
        fs::remove_file(gateway.path("etc/snowflake")).unwrap();
        if !cut_before(step, &gateway).await {
            assert!(step > 10, "so few steps cannot be all: {step}");
            break;
        }
        states.insert(holds(&gateway, step));
        recovers(&gateway, step, 1).await;
    }
    assert!(states.len() >= 4, "the cuts met every stage: {states:?}");
}

#[tokio::test]
async fn a_power_cut_before_any_step_of_a_change_leaves_the_old_configuration_or_the_new() {
    if !installed("strace") {
        return;
    }
    let cloud = Cloud::start().await;
    let old = mconfig(&[("magmad", r#"{"checkinInterval": 5}"#), ("mme", r#"{"a": 1}"#)]);
    let new = mconfig(&[("magmad", r#"{"checkinInterval": 5}"#), ("mme", r#"{"a": 2}"#)]);
    let mut seen = BTreeSet::new();
    for step in 1.. {
        assert!(step < STEPS_MAX, "the agent goes on changing files");
        let gateway = Gateway::with_certificate(&cloud);
        gateway.write(MCONFIG, std::str::from_utf8(&old).unwrap());
        cloud.behave(|behaviour| behaviour.feed = Feed::Open(new.clone()));
        if !cut_before(step, &gateway).await {
            assert!(step > 2, "so few steps cannot be all: {step}");
            break;
        }
        let stored = GatewayMconfig::parse(&fs::read(gateway.path(MCONFIG)).unwrap()).expect("whole");
        let value = stored.get("mme").expect("an entry")["a"].as_i64();
        assert!(matches!(value, Some(1 | 2)), "step {step}: {value:?}");
        seen.insert(value);
        recovers(&gateway, step, 2).await;
    }
    assert_eq!(seen, BTreeSet::from([Some(1), Some(2)]), "cuts before and after the change");
}

/// Runs the agent until it is cut before the step of that number. Returns false when it did all that it has to do
/// without coming to that step.
async fn cut_before(step: usize, gateway: &Gateway) -> bool {
    let trace = format!("trace={STEPS}");
    let inject = format!("inject={STEPS}:signal=SIGKILL:when={step}");
    let ignored = gateway.path("strace.out");
    let ignored = ignored.to_str().unwrap();
    let mut agent =
        Agent::start(gateway, &["strace", "-f", "-qq", "-o", ignored, "-e", &trace, "-e", &inject]);
    let began = std::time::Instant::now();
    loop {
        if agent.ended().is_some() {
            return true;
        }
        // What follows the stored configuration and the check-in changes no more files.
        let log = log(gateway);
        if log.contains("a new gateway.mconfig is stored") && log.contains("checked in") {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            return agent.ended().is_some();
        }
        assert!(began.elapsed() < super::program::PATIENCE, "step {step}:\n{log}");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// Checks that everything on disk is whole or absent, and returns what is there.
fn holds(gateway: &Gateway, step: usize) -> [bool; 4] {
    let there = |name: &str| gateway.path(name).exists();
    let id = fs::read_to_string(gateway.path("etc/snowflake")).ok();
    if let Some(id) = &id {
        assert!(id.trim().len() == 36, "step {step}: the hardware id is cut: {id:?}");
    }
    if there(CHALLENGE_KEY) {
        ChallengeKey::load(&gateway.path(CHALLENGE_KEY))
            .unwrap_or_else(|error| panic!("step {step}: {error}"));
    }
    if there(MCONFIG) {
        let text = fs::read(gateway.path(MCONFIG)).unwrap();
        GatewayMconfig::parse(&text).unwrap_or_else(|error| panic!("step {step}: {error}"));
    }
    [id.is_some(), there(CHALLENGE_KEY), there(CERT), there(MCONFIG)]
}

/// The next start joins the cloud with the identity that was there, and leaves no half files behind.
async fn recovers(gateway: &Gateway, step: usize, a: i64) {
    let read = |name: &str| fs::read(gateway.path(name)).ok();
    let (id, key) = (read("etc/snowflake"), read(CHALLENGE_KEY));
    let before = check_ins(gateway);
    let mut agent = Agent::start(gateway, &[]);
    let began = std::time::Instant::now();
    while check_ins(gateway) == before || !stores_the_new_configuration(gateway, a) {
        assert!(agent.ended().is_none(), "step {step}: the agent ended\n{}", log(gateway));
        assert!(
            began.elapsed() < super::program::PATIENCE,
            "step {step}: it does not join\n{}",
            log(gateway)
        );
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    for (name, before) in [("etc/snowflake", id), (CHALLENGE_KEY, key)] {
        if before.is_some() {
            assert_eq!(read(name), before, "step {step}: {name} is another one");
        }
    }
    CertificatePair::load(&gateway.path(CERT), &gateway.path(KEY))
        .unwrap_or_else(|e| panic!("step {step}: {e}"));
}

/// How often the log of this gateway says that it checked in.
fn check_ins(gateway: &Gateway) -> usize {
    log(gateway).matches("checked in").count()
}

/// Whether the stored configuration is the one that the cloud sends.
fn stores_the_new_configuration(gateway: &Gateway, a: i64) -> bool {
    let stored = fs::read(gateway.path(MCONFIG)).ok().and_then(|text| GatewayMconfig::parse(&text).ok());
    stored.is_some_and(|stored| stored.get("mme").is_some_and(|entry| entry["a"] == a))
}
