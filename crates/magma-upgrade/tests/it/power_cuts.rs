//! The power goes after each single change on disk, whatever the version is like: afterwards a whole program runs, and the
//! upgrade goes on or back.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use magma_upgrade::disk::Disk;
use magma_upgrade::journal::Outcome;
use magma_upgrade::upgrader::Notice;

use crate::gateway::{End, Gateway, Powered};
use crate::release::{Program, key, program, publish_program};
use crate::web::Web;

/// What becomes of bytes that were written and not synced.
#[derive(Clone, Copy, Debug)]
pub enum Unsynced {
    Kept,
    Lost,
    Half,
    Zeroed,
}

/// A disk that does so many changes and then no more.
#[derive(Debug)]
pub struct FailingPower {
    unsynced: Unsynced,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    changes_left: usize,
    done: usize,
    cut: bool,
    /// Files with bytes that are not synced, and their length when they were.
    loose: BTreeMap<PathBuf, u64>,
}

impl FailingPower {
    pub fn after(changes: usize, unsynced: Unsynced) -> Self {
        let state = State { changes_left: changes, done: 0, cut: false, loose: BTreeMap::new() };
        Self { unsynced, state: Mutex::new(state) }
    }

    fn change(&self, work: impl FnOnce(&mut State) -> io::Result<()>) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        if state.changes_left == 0 {
            if !state.cut {
                state.cut = true;
                self.lose(&state.loose);
            }
            return Err(io::Error::other("the power is gone"));
        }
        state.changes_left -= 1;
        state.done += 1;
        work(&mut state)
    }

    fn lose(&self, loose: &BTreeMap<PathBuf, u64>) {
        for (path, synced) in loose {
            let Ok(mut contents) = fs::read(path) else { continue };
            let synced = usize::try_from(*synced).unwrap();
            match self.unsynced {
                Unsynced::Kept => {}
                Unsynced::Lost => contents.truncate(synced),
                Unsynced::Half => contents.truncate(synced.midpoint(contents.len())),
                Unsynced::Zeroed => contents[synced..].fill(0),
            }
            fs::write(path, contents).unwrap();
        }
    }
}

impl Powered for FailingPower {
    fn is_cut(&self) -> bool {
        self.state.lock().unwrap().cut
    }
}

impl Disk for FailingPower {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        self.change(|_| fs::create_dir_all(path))
    }

    fn replace(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        self.change(|_| fs::write(path, contents))
    }

    fn append(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        self.change(|state| {
            let length = fs::metadata(path).map_or(0, |metadata| metadata.len());
            state.loose.entry(path.to_owned()).or_insert(length);
            fs::OpenOptions::new().append(true).create(true).open(path)?.write_all(contents)
        })
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.change(|state| {
            state.loose.remove(path);
            Ok(())
        })
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.change(|_| fs::OpenOptions::new().write(true).open(path)?.set_len(length))
    }

    fn make_executable(&self, path: &Path) -> io::Result<()> {
        self.change(|_| fs::metadata(path).map(|_| ()))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(|state| {
            if let Some(synced) = state.loose.remove(from) {
                state.loose.insert(to.to_owned(), synced);
            }
            fs::rename(from, to)
        })
    }

    fn point(&self, link: &Path, target: &Path) -> io::Result<()> {
        self.change(|_| {
            fs::remove_file(link).ok();
            symlink(target, link)
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.change(|state| {
            state.loose.retain(|file, _| !file.starts_with(path));
            match fs::symlink_metadata(path) {
                Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
                Ok(_) => fs::remove_file(path),
                Err(_) => Ok(()),
            }
        })
    }

    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(u64::MAX)
    }
}

/// More than one sync and less than the tests' patience.
const SIZE: usize = 2 * 128 * 1024 + 30_000;

/// What a gateway went through.
struct Story {
    /// What ran at each start; none for the packaged program.
    ran: Vec<Option<Program>>,
    told: Vec<Notice>,
    /// How often the power was cut.
    cuts: usize,
}

/// Lives; the power is cut after so many changes, and again after so many more; then until nothing is to be done.
async fn live_through(gateway: &Gateway, cuts: &[usize], unsynced: Unsynced) -> Story {
    let mut story = Story { ran: Vec::new(), told: Vec::new(), cuts: 0 };
    let mut cuts = cuts.iter().copied();
    let mut left = cuts.next().unwrap_or(usize::MAX);
    loop {
        let disk = Arc::new(FailingPower::after(left, unsynced));
        let (end, program, told) = gateway.live(disk.clone()).await;
        left -= disk.state.lock().unwrap().done;
        story.ran.push(program);
        story.told.extend(told);
        match end {
            End::Rest => return story,
            End::Restart => {}
            End::Cut => {
                story.cuts += 1;
                left = cuts.next().unwrap_or(usize::MAX);
            }
        }
        assert!(story.ran.len() < 100, "it never comes to rest");
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Good,
    Crashes,
    Unhealthy,
}

async fn publishing() -> (Web, Program) {
    let (web, new) = (Web::start().await, program("1.9.0", SIZE));
    publish_program(&web, &key(1), "1.9.0", &new.0);
    (web, new)
}

fn gateway(web: &Web, kind: Kind) -> Gateway {
    let mut gateway = Gateway::new(web, "1.9.0");
    match kind {
        Kind::Good => {}
        Kind::Crashes => gateway.starts = |_| false,
        Kind::Unhealthy => {
            gateway.healthy = |_| false;
            gateway.timings.window = std::time::Duration::ZERO;
        }
    }
    gateway
}

/// What ran was whole, and what runs now is what was told.
fn check(story: &Story, new: &Program, name: &str) -> Outcome {
    for program in story.ran.iter().flatten() {
        assert_eq!(program, new, "{name}: only whole programs run");
    }
    let Some(Notice::Ended { outcome, .. }) = story.told.last() else { panic!("{name}: {:?}", story.told) };
    let runs_new = story.ran.last().unwrap().is_some();
    assert_eq!(runs_new, *outcome == Outcome::Healthy, "{name}");
    *outcome
}

#[tokio::test]
async fn one_power_cut_after_each_change() {
    let (web, new) = publishing().await;
    let all = [Unsynced::Kept, Unsynced::Lost, Unsynced::Half, Unsynced::Zeroed];
    for (kind, variants, expected) in [
        (Kind::Good, &all[..], Outcome::Healthy),
        (Kind::Crashes, &all[..1], Outcome::RolledBack),
        (Kind::Unhealthy, &all[2..3], Outcome::RolledBack),
    ] {
        for unsynced in variants {
            let mut changes = 0;
            loop {
                let name = format!("{kind:?}, {unsynced:?}, cut after {changes} changes");
                let story = live_through(&gateway(&web, kind), &[changes], *unsynced).await;
                assert_eq!(check(&story, &new, &name), expected, "{name}");
                if story.cuts == 0 {
                    break;
                }
                changes += 1;
            }
            assert!(changes > 15, "{changes} changes are too few to be all");
        }
    }
}

#[tokio::test]
async fn power_that_goes_again_and_again() {
    let (web, new) = publishing().await;
    for kind in [Kind::Good, Kind::Crashes, Kind::Unhealthy] {
        for every in [1, 2, 3, 5, 8, 13, 21] {
            let name = format!("{kind:?}, cut every {every} changes");
            let story = live_through(&gateway(&web, kind), &[every; 20], Unsynced::Half).await;
            let outcome = check(&story, &new, &name);
            // A good version that never got to show that it is healthy may be taken back, but no bad one stays.
            assert!(kind == Kind::Good || outcome == Outcome::RolledBack, "{name}: {outcome:?}");
            assert!(story.cuts > 0, "{name}");
        }
    }
}
