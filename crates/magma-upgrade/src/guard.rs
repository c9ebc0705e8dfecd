//! The way back from packages whose agent cannot even start: the program of the agent before, kept where dpkg does not
//! reach.
//!
//! Before each start of the agent the init system runs the kept program, which counts the starts of the new version and,
//! after enough of them, puts the old packages back. Nothing else writes the journal then: the agent does not run.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use crate::deb::Deb;
use crate::disk::Disk;
use crate::journal::{Journal, Plan, Stage, TRIAL_STARTS_MAX};
use crate::layout::{Layout, Request};
use crate::manifest::Kind;

/// How often putting the old packages back is begun, power cuts in the middle included.
pub const RESTORES_MAX: u32 = 5;
/// How much of the program is copied at once, in bytes.
const PIECE: usize = 64 * 1024;

/// What a start of the agent means for an upgrade by packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// The agent may start, and why in words; empty where no upgrade is under way.
    Start(String),
    /// The old packages have to be put back: see [`restore`].
    Restore(String),
}

/// Copies the running program `from` to [`Layout::guard`], whole or not at all.
///
/// # Errors
/// Those of the file system.
pub(crate) fn keep(disk: &dyn Disk, layout: &Layout, from: &Path) -> io::Result<()> {
    let (program, part) = (layout.guard(), layout.guard().with_extension("part"));
    disk.create_folder(program.parent().unwrap_or(Path::new("/")))?;
    disk.remove(&part)?;
    let (mut from, mut piece) = (File::open(from)?, vec![0; PIECE]);
    loop {
        match from.read(&mut piece)? {
            0 => break,
            length => disk.append(&part, &piece[..length])?,
        }
    }
    disk.make_executable(&part)?;
    disk.sync(&part)?;
    disk.rename(&part, &program)
}

/// Removes the kept program: the upgrade is over.
///
/// # Errors
/// Those of the file system.
pub(crate) fn drop_kept(disk: &dyn Disk, layout: &Layout) -> io::Result<()> {
    disk.remove(layout.guard().parent().unwrap_or(&layout.guard()))
}

/// Counts a start of the agent, before it happens, and decides whether it may.
///
/// # Errors
/// In words, when the journal cannot be read or written; then the agent has to start without being counted.
pub async fn watch(disk: &dyn Disk, layout: &Layout, deb: &Deb) -> Result<Watched, String> {
    let mut journal = layout.load()?;
    let Some((stage, plan)) = under_way(&mut journal) else { return Ok(Watched::Start(String::new())) };
    if deb.is_busy().await {
        // Its scripts start the agent again, and mean nothing bad.
        return Ok(Watched::Start(format!("packages of {} are being installed", plan.version)));
    }
    if stage == Stage::RollingBack {
        return Ok(match plan.starts {
            RESTORES_MAX.. => Watched::Start(given_up(layout, plan)),
            _ => Watched::Restore(plan.reason.clone()),
        });
    }
    let (starts, version) = (plan.starts, plan.version.clone());
    let asked = layout.requested() == Some(Request::RollBack);
    let reason = match starts {
        _ if asked => "an operator asked for it".to_owned(),
        TRIAL_STARTS_MAX.. => format!("it was started {starts} times and never showed that it is healthy"),
        _ => {
            plan.starts += 1;
            save(disk, layout, &journal)?;
            return Ok(Watched::Start(format!("start {} of {version}, which is on trial", starts + 1)));
        }
    };
    journal.roll_back(&reason);
    save(disk, layout, &journal)?;
    if asked {
        layout.forget_request(disk).map_err(|error| error.to_string())?;
    }
    Ok(Watched::Restore(reason))
}

/// Puts the old packages back, if that has to be; what is said when that is so. The agent must not run meanwhile.
///
/// # Errors
/// In words, when they could not be put back in [`RESTORES_MAX`] attempts with `pause` between them, over all calls.
pub async fn restore(disk: &dyn Disk, layout: &Layout, deb: &Deb, pause: Duration) -> Result<String, String> {
    loop {
        let mut journal = layout.load()?;
        let Some((Stage::RollingBack, plan)) = under_way(&mut journal) else {
            return Ok("there is nothing to put back".to_owned());
        };
        if plan.starts >= RESTORES_MAX {
            return Err(given_up(layout, plan));
        }
        // Counted before it happens, so that a machine which never survives it does not try for ever.
        plan.starts += 1;
        let plan = plan.clone();
        save(disk, layout, &journal)?;
        match deb.install(layout, &plan.from, &plan.back).await {
            Ok(()) => {
                journal.rolled_back();
                save(disk, layout, &journal)?;
                drop_kept(disk, layout).ok();
                return Ok(format!("{} is installed again, after {}", plan.from, plan.reason));
            }
            Err(error) => tracing::error!("attempt {} to go back to {}: {error}", plan.starts, plan.from),
        }
        if plan.starts < RESTORES_MAX {
            tokio::time::sleep(pause).await;
        }
    }
}

/// The upgrade by packages, where it has begun to change something.
fn under_way(journal: &mut Journal) -> Option<(Stage, &mut Plan)> {
    let (stage, plan) = journal.active.as_mut()?;
    let changing = matches!(stage, Stage::Switching | Stage::Trial | Stage::RollingBack);
    (changing && plan.kind == Kind::Deb).then_some((*stage, plan))
}

fn given_up(layout: &Layout, plan: &Plan) -> String {
    format!(
        "going back to {} failed {} times and is given up; look for the reason with: dpkg --install {}/*.deb",
        plan.from,
        plan.starts,
        layout.packages(&plan.from).display()
    )
}

fn save(disk: &dyn Disk, layout: &Layout, journal: &Journal) -> Result<(), String> {
    let saved = layout.save(disk, journal);
    saved.map_err(|error| format!("{} cannot be written: {error}", layout.journal().display()))
}
