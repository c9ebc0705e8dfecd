//! `magmad upgrade`: what an operator sees of upgrades, and asks of them.
//!
//! What is asked is a file that the running agent looks for, or the next start: the journal has one writer.

use anyhow::{Context, Result, bail};
use magma_config::Paths;
use magma_upgrade::disk::SystemDisk;
use magma_upgrade::launch::{self, Start};
use magma_upgrade::layout::Request;
use serde_json::{Value, json};

use super::layout;
use crate::agent::VERSION;

/// What a command says: as text for a person, and as JSON for a program.
pub type Said = (String, Value);

/// `magmad upgrade status`: what the journal says.
///
/// # Errors
/// When it cannot be read.
pub fn status(paths: &Paths) -> Result<Said> {
    let layout = layout(paths);
    let journal = layout.load().map_err(anyhow::Error::msg)?;
    let mut lines = Vec::new();
    match &journal.running {
        Some(slot) => lines.push(format!("in use: {} (slot {})", slot.version, slot.name.as_str())),
        None => lines.push(format!("in use: {VERSION} (packaged)")),
    }
    if let Some((stage, plan)) = &journal.active {
        lines.push(format!("under way: {} from {}: {}", plan.version, plan.from, stage.name()));
    }
    if let Some((version, reason)) = &journal.refused {
        lines.push(format!("not tried again: {version}: {reason}"));
    }
    if let Some(last) = &journal.last {
        let because = if last.reason.is_empty() { String::new() } else { format!(" ({})", last.reason) };
        lines.push(format!("last: {} {}{because}", last.version, last.outcome.name()));
    }
    if journal.paused {
        lines.push("paused by an operator: magmad upgrade now goes on".to_owned());
    }
    if let Some(version) = journal.way_back() {
        lines.push(format!("magmad upgrade rollback leads back to {version}"));
    }
    let document = json!({
        "in_use": journal.running.as_ref().map_or(VERSION, |slot| slot.version.as_str()),
        "slot": journal.running.as_ref().map(|slot| slot.name.as_str()),
        "state": journal.active.as_ref().map_or("idle", |(stage, _)| stage.name()),
        "target": journal.active.as_ref().map(|(_, plan)| plan.version.as_str()),
        "refused": journal.refused.as_ref().map(|(version, _)| version.as_str()),
        "last": journal.last.as_ref().map(|last| json!({
            "version": last.version.as_str(), "outcome": last.outcome.name(), "reason": last.reason,
        })),
        "paused": journal.paused,
        "way_back": journal.way_back(),
    });
    Ok((lines.join("\n") + "\n", document))
}

/// `magmad upgrade now`: the tier's version at once, whatever `autoupgrade_enabled` says and however often it failed.
///
/// # Errors
/// When the request cannot be left, or upgrades are switched off.
pub fn now(paths: &Paths) -> Result<Said> {
    let (config, _) = magma_config::load(paths);
    if !config.is_some_and(|config| config.magmad.enable_upgrade_manager) {
        bail!(
            "upgrades are switched off: set enable_upgrade_manager: True in magmad.yml, and restart magmad"
        );
    }
    leave(paths, Request::Now)?;
    let text = "The running magmad goes to its tier's version within seconds; see magmad upgrade status.\n";
    Ok((text.to_owned(), json!({ "requested": "now" })))
}

/// `magmad upgrade rollback`: back to what ran before the upgrade under way, or before the last one.
///
/// # Errors
/// When there is nothing to take back, or the request cannot be left.
pub fn roll_back(paths: &Paths) -> Result<Said> {
    let journal = layout(paths).load().map_err(anyhow::Error::msg)?;
    if journal.active.is_none() && journal.way_back().is_none() {
        bail!("there is no upgrade that could be taken back");
    }
    leave(paths, Request::RollBack)?;
    let text =
        "The running magmad goes back within seconds, or at its next start; see magmad upgrade status.\n";
    Ok((text.to_owned(), json!({ "requested": "rollback" })))
}

/// `magmad upgrade pause`: nothing is begun, and what is under way waits before its switch, until `magmad upgrade now`.
///
/// # Errors
/// When the request cannot be left.
pub fn pause(paths: &Paths) -> Result<Said> {
    leave(paths, Request::Pause)?;
    let text = "The running magmad lets upgrades wait within seconds, until magmad upgrade now.\n";
    Ok((text.to_owned(), json!({ "requested": "pause" })))
}

/// `magmad upgrade boot`: decides which program a start runs, counts it, and says the program's path; for start scripts
/// that do not start the packaged magmad. Empty for the packaged program.
pub fn boot(paths: &Paths) -> Said {
    let mut said = Vec::new();
    let start = launch::decide(&SystemDisk, &layout(paths), VERSION, &mut |sentence| said.push(sentence));
    let program = match start {
        Start::Packaged => String::new(),
        Start::Slot(program) => program.display().to_string(),
    };
    (format!("{program}\n"), json!({ "program": program, "said": said }))
}

fn leave(paths: &Paths, request: Request) -> Result<()> {
    let layout = layout(paths);
    let place = layout.folder().display().to_string();
    layout.request(&SystemDisk, request).with_context(|| format!("cannot write to {place}; are you root?"))
}
