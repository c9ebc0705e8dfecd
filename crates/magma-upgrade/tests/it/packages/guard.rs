//! Packages whose agent does not start: the kept program counts its starts and puts the packages before back, by the real
//! dpkg, with the power cut at every change, and not for ever.

use std::sync::Arc;
use std::time::Duration;

use magma_upgrade::deb::Deb;
use magma_upgrade::disk::SystemDisk;
use magma_upgrade::guard::{RESTORES_MAX, Watched, restore, watch};
use magma_upgrade::journal::{Outcome, Stage, TRIAL_STARTS_MAX};
use magma_upgrade::layout::Request;
use magma_upgrade::upgrader::{Health, Notice};

use super::{Machine, machine};
use crate::gateway::{End, Powered};
use crate::power_cuts::{FailingPower, Unsynced};

const NO_PAUSE: Duration = Duration::ZERO;
/// What stands for the program that runs.
const PROGRAM: &str = "/proc/self/exe";

impl Machine {
    fn deb(&self) -> Deb {
        Deb {
            package: "magma".to_owned(),
            install: [vec!["dpkg".to_owned()], self.options()].concat(),
            query: vec!["dpkg-query".to_owned(), self.options()[0].clone()],
            busy: Vec::new(),
            program: Some(PROGRAM.into()),
        }
    }

    /// Upgrades until the new packages are on trial; the agent that did so is gone then.
    async fn until_trial(&self) {
        let mut agent = self.agent_of(self.deb());
        let health = Health { check_ins: 1, ..Health::default() };
        while agent.journal().stage() != Some(Stage::Trial) {
            agent.turn(&self.gateway.wish, Ok(&self.gateway.source), &health).await;
        }
        assert_eq!(self.installed(), ["1.9.0-2", "1.9.0-2"]);
    }

    async fn watch(&self) -> Watched {
        watch(&SystemDisk, &self.gateway.layout, &self.deb()).await.unwrap()
    }

    /// Starts that come to nothing, until the old packages have to come back.
    async fn wear_out(&self) -> String {
        for start in 1..=TRIAL_STARTS_MAX {
            let said = self.watch().await;
            assert!(matches!(&said, Watched::Start(why) if why.contains("on trial")), "{start}: {said:?}");
        }
        match self.watch().await {
            Watched::Restore(why) => why,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_agent_that_never_starts_is_replaced_by_the_one_before() {
    let Some(machine) = machine().await else { return };
    assert_eq!(machine.watch().await, Watched::Start(String::new()), "nothing is under way");
    assert!(machine.gateway.files().is_err(), "and nothing is written");
    machine.until_trial().await;
    let kept = std::fs::read(machine.gateway.layout.guard()).unwrap();
    assert!(kept == std::fs::read(PROGRAM).unwrap(), "the program that ran is kept");

    let why = machine.wear_out().await;
    assert!(why.contains("started 3 times"), "{why}");
    let said = restore(&SystemDisk, &machine.gateway.layout, &machine.deb(), NO_PAUSE).await.unwrap();
    assert!(said.contains("1.8.0 is installed again"), "{said}");
    assert_eq!(machine.installed(), ["1.8.0", "1.8.0"]);
    assert_eq!(machine.outcome(), Some(Outcome::RolledBack));
    assert!(!machine.gateway.layout.guard().exists(), "it is not needed any more");
    assert_eq!(machine.watch().await, Watched::Start(String::new()));

    // The agent of before tells it, and does not try that version again until it is asked to.
    let mut agent = machine.agent_of(machine.deb());
    let told = agent.take_notices();
    assert!(
        matches!(&told[..], [Notice::Ended { outcome: Outcome::RolledBack, reason, .. }] if *reason == why),
        "{told:?}"
    );
    assert_eq!(machine.gateway.drive(&mut agent, true, || false).await, End::Rest);
    assert_eq!(machine.installed(), ["1.8.0", "1.8.0"]);
    agent.request(Request::Now).unwrap();
    assert_eq!(machine.gateway.drive(&mut agent, true, || false).await, End::Rest);
    assert_eq!(
        (machine.installed(), machine.outcome()),
        (["1.9.0-2", "1.9.0-2"].map(str::to_owned), Some(Outcome::Healthy))
    );
    assert!(!machine.gateway.layout.guard().exists(), "a version that is healthy needs no guard");
}

#[tokio::test]
async fn the_power_may_go_after_each_change_on_the_way_back() {
    let mut changes = 0;
    loop {
        let Some(machine) = machine().await else { return };
        machine.until_trial().await;
        let disk = Arc::new(FailingPower::after(changes, Unsynced::Half));
        let (layout, deb) = (&machine.gateway.layout, machine.deb());
        for _ in 0..=TRIAL_STARTS_MAX {
            if let Ok(Watched::Restore(_)) = watch(disk.as_ref(), layout, &deb).await {
                restore(disk.as_ref(), layout, &deb, NO_PAUSE).await.ok();
            }
        }
        let was_cut = disk.is_cut();
        for _ in 0..=TRIAL_STARTS_MAX {
            if let Watched::Restore(_) = machine.watch().await {
                restore(&SystemDisk, layout, &deb, NO_PAUSE).await.unwrap();
            }
        }
        assert_eq!(machine.installed(), ["1.8.0", "1.8.0"], "cut after {changes} changes");
        assert_eq!(machine.outcome(), Some(Outcome::RolledBack), "cut after {changes} changes");
        if !was_cut {
            break;
        }
        changes += 1;
    }
    assert!(changes > 5, "{changes} changes are too few to be all");
}

#[tokio::test]
async fn packages_that_were_only_unpacked_when_the_power_went_are_replaced() {
    let Some(machine) = machine().await else { return };
    machine.until_trial().await;
    let files: Vec<_> = ["magma", "magma-lib"]
        .iter()
        .map(|name| machine.folder.path().join(format!("{name}_1.9.0-2_all.deb")))
        .collect();
    let unpacked =
        std::process::Command::new("dpkg").args(machine.options()).arg("--unpack").args(files).output();
    assert!(unpacked.unwrap().status.success());
    machine.wear_out().await;
    restore(&SystemDisk, &machine.gateway.layout, &machine.deb(), NO_PAUSE).await.unwrap();
    assert_eq!(machine.installed(), ["1.8.0", "1.8.0"]);
}

#[tokio::test]
async fn a_way_back_that_does_not_work_is_not_tried_for_ever() {
    let Some(machine) = machine().await else { return };
    machine.until_trial().await;
    machine.wear_out().await;
    let layout = &machine.gateway.layout;
    let calls = machine.folder.path().join("calls");
    let count = format!("echo >> {}; exit 1", calls.display());
    let broken = Deb { install: ["/bin/sh", "-c", &count].map(str::to_owned).to_vec(), ..machine.deb() };
    for _ in 0..3 {
        let error = restore(&SystemDisk, layout, &broken, NO_PAUSE).await.unwrap_err();
        assert!(error.contains("given up") && error.contains("dpkg --install"), "{error}");
    }
    assert_eq!(std::fs::read_to_string(&calls).unwrap().lines().count(), RESTORES_MAX as usize);
    // The agent may start then, whichever it is; and if it does, it goes on trying, seldom, and says so.
    let said = machine.watch().await;
    assert!(matches!(&said, Watched::Start(why) if why.contains("given up")), "{said:?}");
    let mut agent = machine.agent_of(machine.deb());
    assert_eq!(agent.journal().stage(), Some(Stage::RollingBack));
    assert_eq!(machine.gateway.drive(&mut agent, true, || false).await, End::Rest);
    assert_eq!(
        (machine.installed(), machine.outcome()),
        (["1.8.0", "1.8.0"].map(str::to_owned), Some(Outcome::RolledBack))
    );
}

#[tokio::test]
async fn starts_that_packages_order_are_not_counted_and_an_operator_need_not_wait() {
    let Some(machine) = machine().await else { return };
    machine.until_trial().await;
    let layout = &machine.gateway.layout;
    let busy = Deb { busy: vec!["true".to_owned()], ..machine.deb() };
    for _ in 0..3 * TRIAL_STARTS_MAX {
        let said = watch(&SystemDisk, layout, &busy).await.unwrap();
        assert!(matches!(&said, Watched::Start(why) if why.contains("being installed")), "{said:?}");
    }
    assert_eq!(machine.gateway.journal().active.unwrap().1.starts, 0);
    let idle = Deb { busy: vec!["false".to_owned()], ..machine.deb() };
    layout.request(&SystemDisk, Request::RollBack).unwrap();
    let said = watch(&SystemDisk, layout, &idle).await.unwrap();
    assert_eq!(said, Watched::Restore("an operator asked for it".to_owned()));
    assert_eq!(layout.requested(), None);
}
