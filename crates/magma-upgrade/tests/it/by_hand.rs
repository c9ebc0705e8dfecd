//! What an operator asks for in the middle of something, and what changes under an upgrade's feet: the keys, the wish, the
//! kind, the programs on disk.

use std::sync::Arc;
use std::time::Duration;

use magma_upgrade::deb::Deb;
use magma_upgrade::disk::{Disk, SystemDisk};
use magma_upgrade::fetch::SYNC_EVERY;
use magma_upgrade::installer::Installer;
use magma_upgrade::journal::{Outcome, SlotName, Stage};
use magma_upgrade::layout::Request;
use magma_upgrade::upgrader::{Health, Running, Turn, Upgrader};

use crate::gateway::{End, Gateway, PACKAGED};
use crate::release::{self, Program, key, program, publish_program, version};
use crate::web::{Fault, Web};

const STEP: usize = SYNC_EVERY as usize;

async fn setting(size: usize) -> (Web, Gateway, Program) {
    let (web, new) = (Web::start().await, program("1.9.0", size));
    publish_program(&web, &key(1), "1.9.0", &new.0);
    let gateway = Gateway::new(&web, "1.9.0");
    (web, gateway, new)
}

impl Gateway {
    /// The agent that runs at the next start.
    fn started(&self) -> Upgrader {
        let (_, running) = self.boot(&SystemDisk);
        self.agent(Arc::new(SystemDisk), running)
    }

    async fn turn(&self, agent: &mut Upgrader, check_ins: u64) -> Turn {
        let health = Health { check_ins, answering: ["state".to_owned()].into() };
        agent.turn(&self.wish, Ok(&self.source), &health).await
    }

    /// Goes on until this stage is written down, without a check-in.
    async fn until(&self, agent: &mut Upgrader, stage: Stage) {
        for _ in 0..100 {
            if agent.journal().stage() == Some(stage) {
                return;
            }
            self.turn(agent, 0).await;
        }
        panic!("never {stage:?}: {:?}", agent.journal());
    }

    /// Goes to a version that is published then.
    async fn upgrade(&mut self, web: &Web, text: &str) -> Program {
        let new = program(text, 3000);
        publish_program(web, &key(1), text, &new.0);
        text.clone_into(&mut self.wish.version);
        assert_eq!(self.settle().await.0, Some(new.clone()), "{text}");
        new
    }

    /// Goes to a version that never starts.
    async fn fail(&mut self, web: &Web, text: &str) {
        publish_program(web, &key(1), text, b"bad");
        text.clone_into(&mut self.wish.version);
        self.starts = |contents| contents != b"bad";
        self.settle().await;
        assert_eq!(self.journal().last.unwrap().outcome, Outcome::RolledBack, "{text}");
    }

    async fn roll_back(&self) -> Option<Program> {
        self.started().request(Request::RollBack).unwrap();
        self.settle().await.0
    }
}

#[tokio::test]
async fn after_a_version_that_failed_there_is_still_a_way_back() {
    let (web, mut gateway, first) = setting(3000).await;
    assert_eq!(gateway.settle().await.0, Some(first));
    gateway.fail(&web, "1.9.1").await;
    assert_eq!(gateway.journal().way_back(), Some(PACKAGED));
    assert_eq!(gateway.roll_back().await, None, "the packaged program runs again");
    assert_eq!(gateway.journal().way_back(), None);
    assert!(gateway.started().request(Request::RollBack).is_err());
    assert_eq!(gateway.settle().await.0, None, "and goes on running");

    // Also where the slot of the version before had to make room for the one that failed.
    gateway.upgrade(&web, "1.9.2").await;
    let second = gateway.upgrade(&web, "1.9.3").await;
    assert_eq!(gateway.journal().way_back(), Some("1.9.2"));
    gateway.fail(&web, "1.9.4").await;
    assert_eq!(gateway.settle().await.0, Some(second));
    assert_eq!(gateway.journal().way_back(), Some(PACKAGED));
    // By a start alone, too, since the agent may be what does not work.
    gateway.layout.request(&SystemDisk, Request::RollBack).unwrap();
    assert_eq!(gateway.boot(&SystemDisk).0, None);
    assert_eq!(gateway.journal().refused.unwrap().0, version("1.9.3"));
    assert_eq!(gateway.settle().await.0, None);
}

/// As when a program in a slot cannot ask the packaged one, and takes its own version for that one's.
#[tokio::test]
async fn what_the_packaged_program_said_of_itself_counts() {
    let (_web, gateway, new) = setting(3000).await;
    let mut agent = gateway.started();
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Restart);
    gateway.boot(&SystemDisk);
    let mistaken = Running { packaged: "1.9.0".to_owned(), slot: Some(SlotName::A) };
    let mut agent = gateway.agent(Arc::new(SystemDisk), mistaken);
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Rest);
    assert_eq!(gateway.journal().running.unwrap().packaged, PACKAGED);
    assert_eq!(gateway.settle().await.0, Some(new), "the new program stays");
}

#[tokio::test]
async fn a_download_can_be_interrupted_and_goes_on_from_there() {
    let (web, gateway, new) = setting(4 * STEP).await;
    web.spoil("/1.9.0/magmad", [Fault::Trickle(2 * STEP)]);
    let mut agent = gateway.started();
    gateway.turn(&mut agent, 1).await;
    assert!(agent.may_be_interrupted());
    let interrupted = async {
        while web.trickled() < 8 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        turn = gateway.turn(&mut agent, 1) => panic!("{turn:?}"),
        () = interrupted => {}
    }
    assert_eq!(agent.journal().stage(), Some(Stage::Downloading));
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Restart);
    assert_eq!(web.asked("/1.9.0/magmad"), [None, Some(2 * SYNC_EVERY)]);
    assert_eq!(gateway.settle().await.0, Some(new));
    assert!(!gateway.started().may_be_interrupted() || gateway.journal().active.is_none());
}

#[tokio::test]
async fn an_operator_cancels_what_comes_in_or_waits() {
    for stage in [Stage::Downloading, Stage::Verified, Stage::Staged] {
        let (web, gateway, new) = setting(3000).await;
        let mut agent = gateway.started();
        gateway.until(&mut agent, stage).await;
        agent.request(Request::RollBack).unwrap();
        assert_eq!(agent.journal().last.as_ref().unwrap().outcome, Outcome::Failed, "{stage:?}");
        assert!(!gateway.layout.downloads().exists(), "{stage:?}: room is made");
        let requests = web.requests();
        assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Rest, "{stage:?}");
        assert_eq!(
            (gateway.settle().await.0, web.requests()),
            (None, requests),
            "{stage:?}: not again by itself"
        );
        agent.request(Request::Now).unwrap();
        assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Restart);
        assert_eq!(gateway.settle().await.0, Some(new), "{stage:?}: but when it is asked for");
    }
}

#[tokio::test]
async fn a_pause_lasts_across_starts_until_it_is_ended_by_hand() {
    for stage in [None, Some(Stage::Downloading), Some(Stage::Verified), Some(Stage::Staged)] {
        let (web, gateway, new) = setting(3000).await;
        let mut agent = gateway.started();
        if let Some(stage) = stage {
            gateway.until(&mut agent, stage).await;
        }
        agent.request(Request::Pause).unwrap();
        let requests = web.requests();
        for _ in 0..3 {
            let mut agent = gateway.started();
            assert_eq!(gateway.turn(&mut agent, 9).await, Turn::Rest, "{stage:?}");
            assert!(agent.error().contains("magmad upgrade now"), "{stage:?}: {}", agent.error());
            assert_eq!((agent.journal().stage(), web.requests()), (stage, requests));
        }
        let mut agent = gateway.started();
        agent.request(Request::Now).unwrap();
        assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Restart, "{stage:?}");
        assert_eq!(gateway.settle().await.0, Some(new), "{stage:?}");
    }
    // What runs on trial is decided all the same.
    let (_web, gateway, new) = setting(3000).await;
    let mut agent = gateway.started();
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Restart);
    gateway.started().request(Request::Pause).unwrap();
    assert_eq!(gateway.settle().await.0, Some(new));
    assert_eq!(gateway.journal().last.unwrap().outcome, Outcome::Healthy);
}

#[tokio::test]
async fn what_an_operator_ordered_goes_on_after_a_power_cut() {
    let (_web, mut gateway, new) = setting(3000).await;
    gateway.wish.enabled = false;
    let mut agent = gateway.started();
    agent.request(Request::Now).unwrap();
    gateway.until(&mut agent, Stage::Verified).await;
    assert_eq!(gateway.settle().await.0, Some(new));
}

/// `autoupgrade_enabled` that goes off and on again, or a tier that changes its mind.
#[tokio::test]
async fn a_wish_that_goes_and_comes_loses_no_bytes() {
    let (web, mut gateway, new) = setting(3 * STEP).await;
    web.spoil("/1.9.0/magmad", [Fault::Cut(2 * STEP + 1)]);
    let mut agent = gateway.started();
    gateway.turn(&mut agent, 1).await;
    gateway.turn(&mut agent, 1).await;
    gateway.wish.enabled = false;
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Rest);
    assert_eq!(agent.journal().stage(), None);
    gateway.wish.enabled = true;
    assert_eq!(gateway.settle().await.0, Some(new));
    assert_eq!(web.asked("/1.9.0/magmad"), [None, Some(2 * SYNC_EVERY)]);

    // The part of another version is of no use.
    let next = program("1.9.1", 3 * STEP);
    publish_program(&web, &key(1), "1.9.1", &next.0);
    web.spoil("/1.9.1/magmad", [Fault::Cut(2 * STEP + 1)]);
    "1.9.1".clone_into(&mut gateway.wish.version);
    let mut agent = gateway.started();
    gateway.turn(&mut agent, 1).await;
    gateway.turn(&mut agent, 1).await;
    let last = gateway.upgrade(&web, "1.9.2").await;
    assert_eq!(web.asked("/1.9.2/magmad"), [None]);
    assert_eq!(gateway.settle().await.0, Some(last));
}

#[tokio::test]
async fn a_version_whose_key_is_withdrawn_is_let_be_before_it_runs() {
    for stage in [Stage::Downloading, Stage::Verified, Stage::Staged] {
        let (web, mut gateway, new) = setting(3000).await;
        let mut agent = gateway.started();
        gateway.until(&mut agent, stage).await;
        gateway.source.keys = release::trusting(&key(2));
        let mut agent = gateway.started();
        gateway.turn(&mut agent, 9).await;
        assert_eq!(agent.journal().stage(), None, "{stage:?}");
        assert_eq!(gateway.settle().await.0, None, "{stage:?}: nobody who is trusted signed it");
        assert_eq!(gateway.journal().last.unwrap().outcome, Outcome::Failed);
        // Signed with the new key, it is a version like any other.
        publish_program(&web, &key(2), "1.9.0", &new.0);
        gateway.started().request(Request::Now).unwrap();
        assert_eq!(gateway.settle().await.0, Some(new), "{stage:?}");
    }
    // Nor does anything go on while the keys cannot be read.
    let (_web, gateway, _) = setting(3000).await;
    let mut agent = gateway.started();
    gateway.until(&mut agent, Stage::Staged).await;
    let health = Health { check_ins: 9, ..Health::default() };
    for _ in 0..5 {
        agent.turn(&gateway.wish, Err("the key is gone"), &health).await;
    }
    assert_eq!((agent.journal().stage(), agent.error()), (Some(Stage::Staged), "the key is gone"));
}

#[tokio::test]
async fn another_kind_in_the_configuration_ends_no_trial_and_installs_nothing() {
    let packages = || {
        let nowhere = vec!["/nowhere/dpkg".to_owned()];
        let package = "magma".to_owned();
        Installer::Deb(Deb {
            package,
            install: nowhere.clone(),
            query: nowhere,
            busy: Vec::new(),
            program: None,
        })
    };
    let (_web, gateway, new) = setting(3000).await;
    let other = |slot| {
        let (disk, running): (Arc<dyn Disk>, _) =
            (Arc::new(SystemDisk), Running { packaged: PACKAGED.to_owned(), slot });
        Upgrader::open(disk, gateway.layout.clone(), packages(), running, gateway.timings.clone())
    };
    let mut agent = gateway.started();
    gateway.until(&mut agent, Stage::Staged).await;
    let mut agent = other(None);
    gateway.turn(&mut agent, 9).await;
    assert_eq!(agent.journal().stage(), None, "nothing had changed, so it is let be");

    let mut agent = gateway.started();
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Restart);
    gateway.boot(&SystemDisk);
    let mut agent = other(Some(SlotName::A));
    for _ in 0..3 {
        gateway.turn(&mut agent, 9).await;
    }
    assert_eq!(agent.journal().stage(), Some(Stage::Trial));
    assert!(agent.error().contains("set kind: self"), "{}", agent.error());
    assert_eq!(gateway.settle().await.0, Some(new), "with the kind that it was, it ends");
    // And is not taken back by somebody who cannot.
    let mut agent = other(Some(SlotName::A));
    agent.request(Request::RollBack).unwrap();
    gateway.turn(&mut agent, 9).await;
    assert!(agent.error().contains("set kind: self"), "{}", agent.error());
    assert_eq!(gateway.settle().await.0, None, "the next start can");
}

/// A clock that jumps says nothing: a trial is measured by the time that passes, from the start of each process.
#[tokio::test]
async fn a_trial_counts_the_time_that_passes() {
    let (_web, mut gateway, _) = setting(3000).await;
    gateway.timings.window = Duration::from_secs(300);
    gateway.timings.settle = Duration::from_secs(30);
    let mut agent = gateway.started();
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Restart);
    tokio::time::pause();
    let mut agent = gateway.started();
    gateway.turn(&mut agent, 1).await;
    assert_eq!(agent.journal().stage(), Some(Stage::Trial), "one check-in is not enough: {}", agent.error());
    tokio::time::advance(Duration::from_secs(29)).await;
    gateway.turn(&mut agent, 1).await;
    assert_eq!(agent.journal().stage(), Some(Stage::Trial));
    tokio::time::advance(Duration::from_secs(2)).await;
    gateway.turn(&mut agent, 1).await;
    assert_eq!(agent.journal().last.as_ref().unwrap().outcome, Outcome::Healthy);
}
