//! Which program a start of the agent runs: the packaged one, or the one in a slot.
//!
//! The packaged program decides, at each start and before it reads anything but the journal, so that a new version that
//! cannot even start is counted and goes. It is the one program that an upgrade of this kind never replaces.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, sha256};
use crate::journal::{Journal, Slot, Stage, TRIAL_STARTS_MAX};
use crate::layout::{Layout, Request};
use crate::manifest::Kind;

/// What a start runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// The packaged program: the one that asks.
    Packaged,
    /// The program in a slot.
    Slot(PathBuf),
}

/// Decides what this start runs, and counts it if it is on trial. `packaged` is the version of the packaged program.
/// `say` gets a sentence for the log about everything unusual. Without an upgrade, nothing is written.
pub fn decide(disk: &dyn Disk, layout: &Layout, packaged: &str, say: &mut dyn FnMut(String)) -> Start {
    let mut journal = match layout.load() {
        Ok(journal) if journal == Journal::default() => return Start::Packaged,
        Ok(journal) => journal,
        Err(reason) => {
            say(format!("{reason}; the packaged magmad {packaged} runs"));
            return Start::Packaged;
        }
    };
    let start = match decided(disk, layout, &mut journal, packaged, say) {
        Ok(start) => start,
        Err(error) => {
            say(format!("{} cannot be written: {error}; nothing new is tried", layout.journal().display()));
            proven(layout, journal.running.as_ref())
        }
    };
    // Only for people and for others' scripts: that it fails must not keep a gateway from its cloud.
    follow(disk, layout, &start).ok();
    start
}

/// The program in the slot could not be started, which is known at once: it goes.
///
/// # Errors
/// When that cannot be written down.
pub fn not_startable(disk: &dyn Disk, layout: &Layout, reason: &str) -> io::Result<()> {
    let mut journal = layout.load().map_err(io::Error::other)?;
    if on_trial(&journal) {
        journal.roll_back(reason);
        journal.rolled_back();
    } else {
        journal.running = None;
    }
    layout.save(disk, &journal)
}

fn decided(
    disk: &dyn Disk,
    layout: &Layout,
    journal: &mut Journal,
    packaged: &str,
    say: &mut dyn FnMut(String),
) -> io::Result<Start> {
    let before = journal.clone();
    if layout.requested() == Some(Request::RollBack) {
        follow_request(journal);
    }
    if on_trial(journal) {
        match try_out(layout, journal, packaged) {
            Ok(program) => {
                // The start is counted before it happens.
                layout.save(disk, journal)?;
                return Ok(Start::Slot(program));
            }
            Err(reason) => {
                say(format!("the upgrade is rolled back: {reason}"));
                journal.roll_back(&reason);
            }
        }
    }
    if is_binary(journal) && journal.stage() == Some(Stage::RollingBack) {
        journal.rolled_back();
    }
    if let Some(reason) = journal.running.as_ref().and_then(|slot| unfit(layout, slot, packaged)) {
        say(format!("the packaged magmad {packaged} runs: {reason}"));
        journal.running = None;
    }
    if *journal != before {
        layout.save(disk, journal)?;
        if layout.requested() == Some(Request::RollBack) {
            layout.forget_request(disk)?;
        }
    }
    Ok(proven(layout, journal.running.as_ref()))
}

/// For a program in a slot only: the others are rolled back by the agent.
fn follow_request(journal: &mut Journal) {
    const REASON: &str = "an operator asked for it";
    if on_trial(journal) {
        journal.roll_back(REASON);
    } else if journal.done.as_ref().is_none_or(|plan| plan.kind == Kind::Binary) {
        journal.take_back(REASON);
    }
}

fn is_binary(journal: &Journal) -> bool {
    journal.active.as_ref().is_some_and(|(_, plan)| plan.kind == Kind::Binary)
}

fn on_trial(journal: &Journal) -> bool {
    is_binary(journal) && matches!(journal.stage(), Some(Stage::Switching | Stage::Trial))
}

/// Counts a start of the program on trial; an error in words if it shall not be started.
fn try_out(layout: &Layout, journal: &mut Journal, packaged: &str) -> Result<PathBuf, String> {
    let Some((stage, plan)) = &mut journal.active else { return Err("there is no upgrade".to_owned()) };
    if plan.starts >= TRIAL_STARTS_MAX {
        return Err(format!("it was started {} times and never showed that it is healthy", plan.starts));
    }
    let program = layout.program(plan.slot);
    let expected = plan.artefacts.first().ok_or("the journal names no program")?;
    check(&program, expected.size, &expected.sha256)?;
    plan.starts += 1;
    packaged.clone_into(&mut plan.packaged);
    *stage = Stage::Trial;
    Ok(program)
}

/// Why a proven program does not run any more.
fn unfit(layout: &Layout, slot: &Slot, packaged: &str) -> Option<String> {
    if slot.packaged != packaged {
        return Some(format!(
            "it was installed over {}, and takes the place of {}",
            slot.packaged, slot.version
        ));
    }
    check(&layout.program(slot.name), slot.size, &slot.sha256).err()
}

fn check(program: &Path, size: u64, expected: &str) -> Result<(), String> {
    match sha256(program, size) {
        Ok(Some(found)) if found == expected => Ok(()),
        Ok(_) => Err(format!("{} is not what was verified", program.display())),
        Err(error) => Err(format!("{} cannot be read: {error}", program.display())),
    }
}

fn proven(layout: &Layout, running: Option<&Slot>) -> Start {
    running.map_or(Start::Packaged, |slot| Start::Slot(layout.program(slot.name)))
}

/// Lets the link `current` point to the slot that runs.
pub(crate) fn follow(disk: &dyn Disk, layout: &Layout, start: &Start) -> io::Result<()> {
    let link = layout.current();
    let existing = std::fs::read_link(&link).ok();
    let wanted = match start {
        Start::Packaged => None,
        Start::Slot(program) => program.parent().and_then(Path::file_name).map(Path::new),
    };
    match wanted {
        None if existing.is_none() => Ok(()),
        None => disk.remove(&link),
        Some(slot) if existing.as_deref() == Some(slot) => Ok(()),
        Some(slot) => disk.point(&link, slot),
    }
}

#[cfg(test)]
mod tests;
