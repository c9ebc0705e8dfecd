//! A disk that is full for a while, wherever an upgrade has come to; and a wish that changes when it is too late to follow.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use magma_upgrade::disk::{Disk, SystemDisk};
use magma_upgrade::journal::{Outcome, Stage};
use magma_upgrade::upgrader::{Health, Turn};

use crate::gateway::{End, Gateway};
use crate::release::{key, program, publish_program};
use crate::web::Web;

/// Takes away, but does not add anything while it is full.
#[derive(Debug, Default)]
struct FullDisk(AtomicBool);

impl FullDisk {
    fn set(&self, full: bool) {
        self.0.store(full, Ordering::SeqCst);
    }

    fn room(&self) -> io::Result<()> {
        if self.0.load(Ordering::SeqCst) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl Disk for FullDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() { Ok(()) } else { self.room().and_then(|()| SystemDisk.create_folder(path)) }
    }

    fn replace(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        self.room()?;
        SystemDisk.replace(path, contents)
    }

    fn append(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        self.room()?;
        SystemDisk.append(path, contents)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.room()?;
        SystemDisk.sync(path)
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        SystemDisk.truncate(path, length)
    }

    fn make_executable(&self, path: &Path) -> io::Result<()> {
        SystemDisk.make_executable(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.room()?;
        SystemDisk.rename(from, to)
    }

    fn point(&self, link: &Path, target: &Path) -> io::Result<()> {
        self.room()?;
        SystemDisk.point(link, target)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove(path)
    }

    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        if self.room().is_ok() { SystemDisk.free_bytes(folder) } else { Ok(0) }
    }
}

async fn setting() -> (Web, Gateway, Vec<u8>) {
    let (web, new) = (Web::start().await, program("1.9.0", 200_000).0);
    publish_program(&web, &key(1), "1.9.0", &new);
    let gateway = Gateway::new(&web, "1.9.0");
    (web, gateway, new)
}

fn healthy() -> Health {
    Health { check_ins: 9, answering: ["state".to_owned()].into() }
}

#[tokio::test]
async fn an_upgrade_waits_for_room_wherever_it_is_and_then_goes_on() {
    for stage in
        [None, Some(Stage::Downloading), Some(Stage::Verified), Some(Stage::Staged), Some(Stage::Switching)]
    {
        let (_web, gateway, new) = setting().await;
        let disk = Arc::new(FullDisk::default());
        let (_, running) = gateway.boot(disk.as_ref());
        let mut agent = gateway.agent(disk.clone(), running);
        while agent.journal().stage() != stage {
            agent.turn(&gateway.wish, Ok(&gateway.source), &healthy()).await;
        }
        disk.set(true);
        for _ in 0..6 {
            let turn = agent.turn(&gateway.wish, Ok(&gateway.source), &healthy()).await;
            assert!(matches!(turn, Turn::After(_)), "{stage:?}: {turn:?}");
            assert!(!agent.error().is_empty(), "{stage:?}");
            let written = gateway.layout.load().unwrap().stage();
            assert!(written == stage || written == Some(Stage::Downloading), "{stage:?}: {written:?}");
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        disk.set(false);
        assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Restart, "{stage:?}");
        let (runs, _) = gateway.settle().await;
        assert!(runs.is_some_and(|runs| runs.0 == new), "{stage:?}");
        assert_eq!(gateway.journal().last.unwrap().outcome, Outcome::Healthy, "{stage:?}");
    }
}

/// A start that cannot be counted runs nothing new.
#[tokio::test]
async fn a_trial_without_room_for_the_journal_is_not_begun() {
    let (_web, gateway, new) = setting().await;
    let disk = Arc::new(FullDisk::default());
    let (_, running) = gateway.boot(disk.as_ref());
    let mut agent = gateway.agent(disk.clone(), running);
    assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Restart);
    disk.set(true);
    for _ in 0..5 {
        assert_eq!(gateway.boot(disk.as_ref()).0, None);
    }
    disk.set(false);
    assert!(gateway.boot(disk.as_ref()).0.is_some_and(|runs| runs.0 == new));
}

#[tokio::test]
async fn what_has_been_put_into_effect_is_decided_whatever_is_wished_then() {
    for (version, enabled) in
        [("1.9.1", true), ("1.9.0", false), ("", true), ("0.0.0-0", true), ("rubbish", true)]
    {
        for stage in [Stage::Switching, Stage::Trial] {
            let (web, mut gateway, new) = setting().await;
            let next = program("1.9.1", 3000);
            publish_program(&web, &key(1), "1.9.1", &next.0);
            let (_, running) = gateway.boot(&SystemDisk);
            let mut agent = gateway.agent(Arc::new(SystemDisk), running);
            while agent.journal().stage() != Some(stage) {
                agent.turn(&gateway.wish, Ok(&gateway.source), &healthy()).await;
            }
            version.clone_into(&mut gateway.wish.version);
            gateway.wish.enabled = enabled;
            assert_eq!(gateway.drive(&mut agent, true, || false).await, End::Restart, "{version}, {stage:?}");
            let (runs, told) = gateway.settle().await;
            assert!(runs.is_some_and(|runs| runs.0 == new), "{version}, {stage:?}");
            let told = format!("{told:?}");
            assert!(told.contains("Healthy") && !told.contains("RolledBack"), "{version}, {stage:?}: {told}");
            // At the next look.
            let expected = if version == "1.9.1" { &next.0 } else { &new };
            assert!(gateway.settle().await.0.is_some_and(|runs| runs.0 == *expected), "{version}, {stage:?}");
        }
    }
}

#[tokio::test]
async fn only_one_process_holds_the_folder() {
    let (_web, gateway, _) = setting().await;
    assert!(gateway.layout.hold().unwrap().is_none(), "there is no folder yet");
    gateway.settle().await;
    let held = gateway.layout.hold().unwrap();
    assert_eq!(gateway.layout.hold().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    drop(held);
    assert!(gateway.layout.hold().unwrap().is_some());
}
