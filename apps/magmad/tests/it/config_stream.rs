//! `gateway.mconfig` from the cloud: stored, acted on, or refused with the old one in place.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use magma_rpc::Status;
use magmad::events::{Event, Step};

use crate::cloud::{Cloud, Feed, Mood, mconfig};
use crate::gateway::{Gateway, HARDWARE_ID, MAGMAD_YML, Running};
use crate::kept_log::KeptLog;

/// How long anything may take: much longer than it does.
const PATIENCE: Duration = Duration::from_secs(120);

const STORED: &str = "var/opt/magma/configs/gateway.mconfig";
const GOOD: &str = r#"{"@type":"type.googleapis.com/magma.mconfig.MagmaD","checkinInterval":7}"#;

async fn stored(running: &mut Running) -> Vec<String> {
    let found = |event: &Event| match event {
        Event::ConfigStored { changed } => Some(changed.iter().cloned().collect()),
        _ => None,
    };
    running.until("a stored configuration", found).await
}

fn document(running: &Running) -> serde_json::Value {
    serde_json::from_str(&running.gateway.read(STORED)).expect("JSON on disk")
}

#[tokio::test]
async fn a_new_document_is_stored_whole_whatever_is_in_it() {
    let cloud = Cloud::start().await;
    let unknown = r#"{"@type":"type.googleapis.com/magma.mconfig.NobodyKnows","big":"18446744073709551615"}"#;
    cloud.behave(|b| b.feed = Feed::Once(mconfig(&[("magmad", GOOD), ("elsewhere", unknown)])));
    let mut running = Gateway::with_certificate(&cloud).start();
    assert_eq!(stored(&mut running).await, ["elsewhere", "magmad"]);
    let on_disk = document(&running);
    assert_eq!(on_disk["configsByKey"]["magmad"]["checkinInterval"], 7);
    assert_eq!(on_disk["configsByKey"]["elsewhere"]["big"], "18446744073709551615");
    let poll = cloud.seen().polls[0].clone();
    assert_eq!((poll.gateway_id.as_str(), poll.stream_name.as_str()), (HARDWARE_ID, "configs"));
    running.stop().await;
}

#[tokio::test]
async fn a_document_that_differs_in_its_time_alone_is_not_written_again() {
    let cloud = Cloud::start().await;
    cloud.behave(|b| b.feed = Feed::Once(mconfig(&[("magmad", GOOD)])));
    let mut running = Gateway::with_certificate(&cloud).start();
    stored(&mut running).await;
    let inode = |running: &Running| fs::metadata(running.gateway.path(STORED)).unwrap().ino();
    let first = inode(&running);
    let polls = cloud.seen().polls.len();
    cloud.behave(|b| b.feed = Feed::Once(mconfig(&[("magmad", GOOD)])));
    cloud.until("two more polls", |seen| seen.polls.len() >= polls + 2).await;
    assert_eq!(inode(&running), first);
    let again = running.backlog().into_iter().any(|event| matches!(event, Event::ConfigStored { .. }));
    assert!(!again, "nothing has changed");
    running.stop().await;
}

#[tokio::test]
async fn a_document_that_cannot_be_used_leaves_the_old_one_in_effect() {
    let long = format!("\"{}\"", "x".repeat(60 * 1024 * 1024));
    let broken = |text: &str| Feed::Once(text.as_bytes().to_vec());
    let rows: [(&str, Feed, &[&str]); 6] = [
        ("not JSON", broken("{\"configsByKey\": {\"mag"), &["cannot be used", "22 bytes"]),
        ("empty", broken("{}"), &["cannot be used"]),
        ("without the agent's entry", Feed::Once(mconfig(&[("mme", "{}")])), &["no entry for magmad"]),
        (
            "a field of the wrong type",
            Feed::Once(mconfig(&[("magmad", r#"{"checkinInterval":"soon"}"#)])),
            &["checkinInterval"],
        ),
        ("too large", Feed::Once(mconfig(&[("magmad", GOOD), ("big", &long)])), &["too large"]),
        ("a stream that breaks off", Feed::Broken, &["the cloud goes away"]),
    ];
    for (name, feed, words) in rows {
        let cloud = Cloud::start().await;
        cloud.behave(|b| b.feed = Feed::Once(mconfig(&[("magmad", GOOD)])));
        let mut running = Gateway::with_certificate(&cloud).start();
        stored(&mut running).await;
        let before = running.gateway.read(STORED);
        cloud.behave(|b| b.feed = feed);
        let said = running.failure(Step::ConfigStream).await;
        for word in words {
            assert!(said.contains(word), "{name}: {said}");
        }
        assert_eq!(running.gateway.read(STORED), before, "{name}");
        cloud.behave(|b| b.feed = Feed::Once(mconfig(&[("magmad", r#"{"checkinInterval":9}"#)])));
        assert_eq!(stored(&mut running).await, ["magmad"], "{name}: the next good one is taken");
        running.stop().await;
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_the_document_is_taken_once_there_is_room() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    gateway.write("var/opt/magma/configs", "a file where the folder should be: as good as a full disk");
    let mut running = gateway.start();
    let said = running.failure(Step::ConfigStream).await;
    assert!(said.contains("cannot be stored") && said.contains("free space"), "{said}");
    fs::remove_file(running.gateway.path("var/opt/magma/configs")).unwrap();
    stored(&mut running).await;
    running.stop().await;
}

#[tokio::test]
async fn each_document_of_a_stream_counts() {
    let cloud = Cloud::start().await;
    let second = mconfig(&[("magmad", r#"{"checkinInterval":8}"#)]);
    cloud.behave(|b| b.feed = Feed::Several(vec![mconfig(&[("magmad", GOOD)]), second]));
    let mut gateway = Gateway::with_certificate(&cloud);
    gateway.options.timings.config_stream.pause = Some(Duration::from_secs(3600));
    let mut running = gateway.start();
    stored(&mut running).await;
    stored(&mut running).await;
    assert_eq!(document(&running)["configsByKey"]["magmad"]["checkinInterval"], 8);
    running.stop().await;
}

#[tokio::test]
async fn a_stream_that_stays_open_is_closed_in_turn_and_no_failure() {
    let cloud = Cloud::start().await;
    cloud.behave(|b| b.feed = Feed::Open(mconfig(&[("magmad", GOOD)])));
    let mut running = Gateway::with_certificate(&cloud).start();
    stored(&mut running).await;
    cloud.until("the next poll", |seen| seen.polls.len() > 1).await;
    let failed = |event: &Event| matches!(event, Event::Failed { step: Step::ConfigStream, .. });
    assert!(!running.backlog().iter().any(failed), "a stream that delivered is no failure");
    running.stop().await;
}

#[tokio::test]
async fn a_cloud_that_does_not_answer_or_refuses_is_asked_again() {
    let rows = [
        ("silent", Mood::Silent, "no answer within"),
        ("refusing", Mood::Refusing(Status::unavailable("starting up")), "starting up"),
        ("a proxy without a cloud", Mood::Http(502), "HTTP status 502"),
    ];
    for (name, mood, words) in rows {
        let cloud = Cloud::start().await;
        cloud.behave(|b| b.streamer = mood);
        let mut running = Gateway::with_certificate(&cloud).start();
        let said = running.failure(Step::ConfigStream).await;
        assert!(said.contains(words), "{name}: {said}");
        cloud.behave(|b| b.streamer = Mood::Good);
        stored(&mut running).await;
        running.stop().await;
    }
}

#[tokio::test]
async fn a_corrupt_file_on_disk_does_not_stop_the_agent() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    gateway.write(STORED, "{\"configsByKey\": {\"magmad");
    gateway.write("etc/magma/gateway.mconfig", "neither is this");
    let mut running = gateway.start();
    stored(&mut running).await;
    running.until_checked_in().await;
    running.stop().await;
}

/// A service as a shell command that writes a line whenever it starts.
fn service(gateway: &Gateway, name: &str) -> String {
    let starts = gateway.path(name).display().to_string();
    format!("  {name}: [/bin/sh, -c, 'echo started >> {starts}; exec sleep 1000']\n")
}

async fn until_started(gateway: &Gateway, name: &str, times: usize) {
    let path = gateway.path(name);
    let started = || fs::read_to_string(&path).map_or(0, |text| text.lines().count());
    let waiting = async {
        while started() < times {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(in_time.is_ok() && started() == times, "{name} started {} times, not {times}", started());
}

#[tokio::test]
async fn services_follow_their_configuration() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    let commands: String =
        ["mme", "redirectd", "monitord"].iter().map(|name| service(&gateway, name)).collect();
    // redirectd is in both lists, as on real gateways: it always runs.
    let services = format!(
        "magma_services: [mme, redirectd]\nregistered_dynamic_services: [redirectd, monitord]\nservice_commands:\n{commands}"
    );
    let yml = MAGMAD_YML
        .replace("magma_services: []", &services)
        .replace("non_service303_services: []", "non_service303_services: [mme, redirectd, monitord]");
    gateway.write("etc/magma/magmad.yml", &yml);
    let feed = |entries: &[(&str, &str)]| Feed::Once(mconfig(entries));
    cloud.behave(|b| b.streamer = Mood::Silent);
    let mut running = gateway.start();
    until_started(&running.gateway, "mme", 1).await;
    until_started(&running.gateway, "redirectd", 1).await;

    // One entry changed, and a dynamic service is wanted.
    let dynamic = r#"{"dynamicServices":["monitord","nobody_registered"]}"#;
    cloud.behave(|b| {
        (b.streamer, b.feed) = (Mood::Good, feed(&[("magmad", dynamic), ("mme", r#"{"mcc":"001"}"#)]))
    });
    stored(&mut running).await;
    until_started(&running.gateway, "mme", 2).await;
    until_started(&running.gateway, "monitord", 1).await;
    until_started(&running.gateway, "redirectd", 1).await;

    // The entry of the dynamic service changed: it belongs to the gateway now.
    let entries = [("magmad", dynamic), ("mme", r#"{"mcc":"001"}"#), ("monitord", r#"{"interval":1}"#)];
    cloud.behave(|b| b.feed = feed(&entries));
    stored(&mut running).await;
    until_started(&running.gateway, "monitord", 2).await;

    // What all share changed, and no dynamic service is wanted any more.
    let entries = [("magmad", "{}"), ("mme", r#"{"mcc":"001"}"#), ("shared_mconfig", r#"{"x":1}"#)];
    cloud.behave(|b| b.feed = feed(&entries));
    stored(&mut running).await;
    until_started(&running.gateway, "mme", 3).await;
    until_started(&running.gateway, "redirectd", 2).await;
    until_started(&running.gateway, "monitord", 2).await;
    running.stop().await;
}

/// A gateway with `mme`, whose stored document has this entry for it, and for whose services that of `applied` is noted.
fn gateway_that_crashed(cloud: &Cloud, stored: &str, applied: Option<&str>) -> Gateway {
    let gateway = Gateway::with_certificate(cloud);
    let commands = service(&gateway, "mme");
    let services = format!("magma_services: [mme]\nservice_commands:\n{commands}");
    let yml = MAGMAD_YML
        .replace("magma_services: []", &services)
        .replace("non_service303_services: []", "non_service303_services: [mme]");
    gateway.write("etc/magma/magmad.yml", &yml);
    let (config, _) = magma_config::inspect(&gateway.options.paths);
    let store = magma_config::mconfig::MconfigStore::new(&gateway.options.paths, &config.magmad);
    let document = |entry: &str| {
        let text = format!(r#"{{"configsByKey": {{"magmad": {GOOD}, "mme": {entry}}}}}"#);
        magma_config::mconfig::GatewayMconfig::parse(text.as_bytes()).unwrap()
    };
    store.save(&document(stored)).unwrap();
    if let Some(applied) = applied {
        store.note_applied(&document(applied).digests()).unwrap();
    }
    gateway
}

#[tokio::test]
async fn a_restart_that_a_crash_swallowed_is_carried_out_at_the_next_start() {
    let rows: [(&str, Option<&str>, usize); 3] = [
        ("stored and not applied", Some(r#"{"mcc": "001"}"#), 1),
        ("stored and applied", Some(r#"{"mcc": "002"}"#), 0),
        ("nothing is known, as after an update of the agent", None, 0),
    ];
    for (name, applied, restarts) in rows {
        let log = KeptLog::begin();
        let cloud = Cloud::start().await;
        cloud.behave(|b| b.streamer = Mood::Silent);
        let mut gateway = gateway_that_crashed(&cloud, r#"{"mcc": "002"}"#, applied);
        // At the second start, nothing is left to do.
        for _ in 0..2 {
            let mut running = gateway.start();
            running.until_checked_in().await;
            let noted = async {
                while !gateway_noted(&running.gateway) {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::time::timeout(PATIENCE, noted).await.expect(name);
            gateway = running.stop().await;
            let said = log.lines_with("restarting services for their new configuration");
            assert_eq!(said.len(), restarts, "{name}: {said:?}");
            assert!(said.iter().all(|line| line.contains("{\"mme\"}")), "{name}: {said:?}");
        }
    }
}

/// Whether it is noted that the services run with what is stored.
fn gateway_noted(gateway: &Gateway) -> bool {
    let (config, _) = magma_config::inspect(&gateway.options.paths);
    let store = magma_config::mconfig::MconfigStore::new(&gateway.options.paths, &config.magmad);
    let stored = store.load().unwrap().mconfig;
    store.applied().is_some_and(|applied| stored.changed_since(&applied).is_empty())
}

#[tokio::test]
async fn what_is_applied_is_noted_once_its_services_have_restarted() {
    let cloud = Cloud::start().await;
    let gateway = gateway_that_crashed(&cloud, r#"{"mcc": "001"}"#, None);
    cloud.behave(|b| b.feed = Feed::Once(mconfig(&[("magmad", GOOD), ("mme", r#"{"mcc":"002"}"#)])));
    let mut running = gateway.start();
    assert_eq!(stored(&mut running).await, ["mme"]);
    let noted = async {
        while !gateway_noted(&running.gateway) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, noted).await.expect("it is noted");
    running.stop().await;
}

#[tokio::test]
async fn the_shipped_default_follows_the_stored_document() {
    let cloud = Cloud::start().await;
    cloud.behave(|b| b.feed = Feed::Once(mconfig(&[("magmad", GOOD)])));
    let gateway = Gateway::with_certificate(&cloud);
    let yml = format!(
        "{MAGMAD_YML}static_mconfig_dir: /etc/magma/static\nstatic_mconfig_update_interval_minutes: 1440\n"
    );
    gateway.write("etc/magma/magmad.yml", &yml);
    let mut running = gateway.start();
    stored(&mut running).await;
    let copy = running.gateway.read("etc/magma/static/gateway.mconfig");
    assert_eq!(copy, running.gateway.read(STORED));
    cloud.behave(|b| b.feed = Feed::Once(mconfig(&[("magmad", r#"{"checkinInterval":9}"#)])));
    stored(&mut running).await;
    let young = running.gateway.read("etc/magma/static/gateway.mconfig");
    assert_eq!(young, copy, "not more often than once a day");
    running.stop().await;
}
