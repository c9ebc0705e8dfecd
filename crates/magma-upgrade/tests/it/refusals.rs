//! What leads to no upgrade, and what leads back; and that a version which failed is not tried for ever.

use std::sync::Arc;

use magma_upgrade::disk::{Disk, SystemDisk};
use magma_upgrade::journal::{ATTEMPTS_MAX, Outcome, Stage};
use magma_upgrade::layout::Request;
use magma_upgrade::upgrader::{Health, Notice, Running, Turn};

use crate::gateway::{End, Gateway, PACKAGED};
use crate::release::{Program, key, program, publish_program, version};
use crate::web::Web;

/// A server with a good version 1.9.0, its program, and a gateway that wants it.
async fn setting() -> (Web, Gateway, Program) {
    let web = Web::start().await;
    let new = program("1.9.0", 5000);
    publish_program(&web, &key(1), "1.9.0", &new.0);
    let gateway = Gateway::new(&web, "1.9.0");
    (web, gateway, new)
}

fn outcomes(told: &[Notice]) -> Vec<Outcome> {
    let ended = |notice: &Notice| match notice {
        Notice::Ended { outcome, .. } => Some(*outcome),
        Notice::Started { .. } => None,
    };
    told.iter().filter_map(ended).collect()
}

/// One look, in a process of its own.
async fn look(gateway: &Gateway) -> (Turn, String) {
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let (_, running) = gateway.boot(disk.as_ref());
    let mut agent = gateway.agent(disk, running);
    let turn = agent.turn(&gateway.wish, Ok(&gateway.source), &Health::default()).await;
    (turn, agent.error().to_owned())
}

#[tokio::test]
async fn a_good_version_runs_and_goes_on_running() {
    let (web, gateway, new) = setting().await;
    let (runs, told) = gateway.settle().await;
    assert_eq!(runs, Some(new.clone()));
    let started = Notice::Started { from: PACKAGED.to_owned(), to: version("1.9.0") };
    assert_eq!((&told[0], outcomes(&told)), (&started, vec![Outcome::Healthy]));
    let requests = web.requests();
    for _ in 0..3 {
        let (runs, told) = gateway.settle().await;
        assert_eq!((runs, told), (Some(new.clone()), Vec::new()));
    }
    assert_eq!(web.requests(), requests, "a look that finds everything as it shall be asks nobody");
    assert_eq!(gateway.files().unwrap(), ["a", "current", "journal.json"]);
}

#[tokio::test]
async fn one_version_after_the_other_uses_the_slots_in_turn() {
    let (web, mut gateway, _) = setting().await;
    gateway.settle().await;
    for (text, link) in [("1.9.1", "b"), ("1.10.0-1", "a"), ("1.10.0-2-8f2d1c3e", "b")] {
        let next = program(text, 3000);
        publish_program(&web, &key(1), text, &next.0);
        text.clone_into(&mut gateway.wish.version);
        let (runs, told) = gateway.settle().await;
        assert_eq!((runs, outcomes(&told)), (Some(next), vec![Outcome::Healthy]), "{text}");
        let current = std::fs::read_link(gateway.layout.current()).unwrap();
        assert_eq!(current.to_str(), Some(link), "{text}");
    }
}

#[tokio::test]
async fn nothing_is_done_without_a_reason_to() {
    for (name, wanted, words) in [
        ("no version", "", ""),
        ("Magma's word for no version", "0.0.0-0", ""),
        ("the version that runs", PACKAGED, ""),
        ("no version at all", "latest", "is not a version"),
        ("a command", "1.9.0; reboot", "is not a version"),
        ("a command in a version", "1.9.0-3-$(reboot)", "is not a version"),
        ("a path", "../1.9.0", "is not a version"),
        ("an older version", "1.7.9", "is older than 1.8.0"),
    ] {
        let (web, mut gateway, _) = setting().await;
        publish_program(&web, &key(1), "1.7.9", b"old");
        wanted.clone_into(&mut gateway.wish.version);
        let (turn, error) = look(&gateway).await;
        assert_eq!(turn, Turn::Rest, "{name}");
        assert!(error.contains(words) && error.is_empty() == words.is_empty(), "{name}: {error}");
        assert_eq!(web.requests(), 0, "{name}");
        assert!(gateway.files().is_err(), "{name}: nothing is written");
    }
    let (web, mut gateway, _) = setting().await;
    gateway.wish.enabled = false;
    assert_eq!(look(&gateway).await, (Turn::Rest, String::new()), "autoupgrade_enabled is honoured");
    assert_eq!(web.requests(), 0);
}

#[tokio::test]
async fn without_a_key_nothing_is_fetched_and_the_reason_says_so() {
    let (web, gateway, _) = setting().await;
    let gateway = gateway.untrusting();
    let (_, error) = look(&gateway).await;
    assert!(error.contains("upgrader_factory.trusted_keys"), "{error}");
    assert_eq!(web.requests(), 0);
}

#[tokio::test]
async fn an_operator_may_allow_an_older_version() {
    let (web, mut gateway, _) = setting().await;
    let old = program("1.7.0", 2000);
    publish_program(&web, &key(1), "1.7.0", &old.0);
    "1.7.0".clone_into(&mut gateway.wish.version);
    gateway.wish.allow_downgrade = true;
    assert_eq!(gateway.settle().await.0, Some(old));
}

#[tokio::test]
async fn what_is_on_the_server_and_is_not_right_is_tried_three_times_and_never_runs() {
    type Spoil = fn(&Web);
    let wrong: [(&str, Spoil); 6] = [
        ("another program than was signed", |web| web.put("/1.9.0/magmad", program("evil", 5000).0)),
        ("a program that is cut short", |web| web.put("/1.9.0/magmad", program("1.9.0", 4000).0)),
        ("signed by somebody else", |web| publish_program(web, &key(2), "1.9.0", b"evil")),
        ("a manifest that was changed", |web| web.put("/1.9.0/manifest.json", "{}")),
        ("an older version, signed, in the place of the new one", |web| {
            publish_program(web, &key(1), "1.7.0", b"old and vulnerable");
            for name in ["manifest.json", "manifest.json.sig", "magmad"] {
                web.copy(&format!("/1.7.0/{name}"), &format!("/1.9.0/{name}"));
            }
        }),
        ("a signature that is rubbish", |web| web.put("/1.9.0/manifest.json.sig", "rubbish")),
    ];
    for (name, spoil) in wrong {
        let (web, mut gateway, new) = setting().await;
        spoil(&web);
        let (runs, told) = gateway.settle().await;
        assert_eq!((runs, outcomes(&told)), (None, vec![Outcome::Failed]), "{name}");
        let manifests = web.asked("/1.9.0/manifest.json").len();
        let programs = web.asked("/1.9.0/magmad").len();
        assert!(manifests.max(programs) == ATTEMPTS_MAX as usize, "{name}: {manifests} {programs}");
        let requests = web.requests();
        assert_eq!(gateway.settle().await, (None, Vec::new()), "{name}");
        assert_eq!(web.requests(), requests, "{name}: it is given up");

        // Another version, and then the first one again, now as it should be.
        publish_program(&web, &key(1), "1.9.0", &new.0);
        "0.0.0-0".clone_into(&mut gateway.wish.version);
        gateway.settle().await;
        "1.8.0".clone_into(&mut gateway.wish.version);
        gateway.settle().await;
        "1.9.0".clone_into(&mut gateway.wish.version);
        assert_eq!(gateway.settle().await.0, Some(new), "{name}");
    }
}

#[tokio::test]
async fn a_program_that_crashes_goes_after_three_starts() {
    let (web, mut gateway, _) = setting().await;
    gateway.starts = |_| false;
    let (runs, told) = gateway.settle().await;
    assert_eq!((runs, outcomes(&told)), (None, vec![Outcome::RolledBack]));
    let reason = gateway.journal().refused.unwrap().1;
    assert!(reason.contains("started 3 times"), "{reason}");
    let requests = web.requests();
    assert_eq!(gateway.settle().await, (None, Vec::new()), "it is told once");
    assert_eq!(web.requests(), requests, "and not fetched again");
}

#[tokio::test]
async fn a_program_that_is_not_healthy_in_time_goes() {
    let (_web, mut gateway, _) = setting().await;
    gateway.healthy = |_| false;
    gateway.timings.window = std::time::Duration::ZERO;
    let (runs, told) = gateway.settle().await;
    assert_eq!((runs, outcomes(&told)), (None, vec![Outcome::RolledBack]));
    let reason = gateway.journal().refused.unwrap().1;
    assert!(reason.contains("state did not answer"), "{reason}");
}

#[tokio::test]
async fn a_bad_version_after_a_good_one_leads_back_to_the_good_one() {
    let (web, mut gateway, good) = setting().await;
    gateway.settle().await;
    publish_program(&web, &key(1), "1.9.1", &program("1.9.1 bad", 3000).0);
    "1.9.1".clone_into(&mut gateway.wish.version);
    gateway.starts = |contents| !contents.starts_with(b"program 1.9.1 bad");
    let (runs, told) = gateway.settle().await;
    assert_eq!((runs, outcomes(&told)), (Some(good.clone()), vec![Outcome::RolledBack]));
    let fixed = program("1.9.2", 3000);
    publish_program(&web, &key(1), "1.9.2", &fixed.0);
    "1.9.2".clone_into(&mut gateway.wish.version);
    assert_eq!(gateway.settle().await.0, Some(fixed));
}

#[tokio::test]
async fn nothing_is_switched_while_the_cloud_takes_no_check_in() {
    let (_web, gateway, _) = setting().await;
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let mut agent = gateway.agent(disk, Running { packaged: PACKAGED.to_owned(), slot: None });
    let mut health = Health::default();
    for _ in 0..20 {
        let turn = agent.turn(&gateway.wish, Ok(&gateway.source), &health).await;
        assert!(matches!(turn, Turn::After(_)));
    }
    assert_eq!(agent.journal().stage(), Some(Stage::Staged));
    assert!(agent.error().contains("waits for a check-in"), "{}", agent.error());
    health.check_ins = 1;
    while agent.turn(&gateway.wish, Ok(&gateway.source), &health).await != Turn::Restart {}
    assert_eq!(agent.journal().stage(), Some(Stage::Trial));
}

#[tokio::test]
async fn another_wish_ends_an_upgrade_that_has_changed_nothing_yet() {
    let (_web, mut gateway, _) = setting().await;
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let mut agent = gateway.agent(disk, Running { packaged: PACKAGED.to_owned(), slot: None });
    while agent.journal().stage() != Some(Stage::Staged) {
        agent.turn(&gateway.wish, Ok(&gateway.source), &Health::default()).await;
    }
    gateway.wish.enabled = false;
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Rest);
    assert_eq!(agent.journal().stage(), None);
}

#[tokio::test]
async fn an_operator_goes_back_and_forth_by_hand() {
    let (_web, mut gateway, new) = setting().await;
    gateway.wish.enabled = false;
    gateway.settle().await;
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let mut agent = gateway.agent(disk.clone(), Running { packaged: PACKAGED.to_owned(), slot: None });
    assert!(agent.request(Request::RollBack).is_err(), "there is nothing to take back");
    agent.request(Request::Now).unwrap();
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Restart);
    let (runs, told) = gateway.settle().await;
    assert_eq!((runs, outcomes(&told)), (Some(new.clone()), vec![Outcome::Healthy]));

    let (_, running) = gateway.boot(disk.as_ref());
    let mut agent = gateway.agent(disk, running);
    agent.request(Request::RollBack).unwrap();
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Restart);
    gateway.wish.enabled = true;
    let (runs, _) = gateway.settle().await;
    assert_eq!(runs, None, "what an operator took back does not come again by itself");
}

#[tokio::test]
async fn a_request_to_upgrade_at_once_does_not_wait_for_another_version() {
    let (_web, mut gateway, _) = setting().await;
    gateway.wish.enabled = false;
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let mut agent = gateway.agent(disk, Running { packaged: PACKAGED.to_owned(), slot: None });
    let new = std::mem::replace(&mut gateway.wish.version, PACKAGED.to_owned());
    agent.request(Request::Now).unwrap();
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Rest, "it runs already");
    gateway.wish.version = new;
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Rest, "nobody asked for this one");
    assert_eq!(agent.journal().stage(), None);
}
