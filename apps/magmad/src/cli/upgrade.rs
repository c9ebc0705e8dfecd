//! `magmad upgrade`: prints what the upgrades of this gateway say, and passes on what is asked of them.

use anyhow::Result;
use magma_command_line::Matches;
use magma_config::Paths;

use super::answer::Answer;
use crate::upgrade::command;

/// Asks, or orders.
pub(super) fn upgrade(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let (text, json) = match matches.value("ACTION") {
        Some("now") => command::now(paths)?,
        Some("rollback") => command::roll_back(paths)?,
        Some("boot") => command::boot(paths),
        _ => command::status(paths)?,
    };
    Ok(Answer::new(text, json))
}
