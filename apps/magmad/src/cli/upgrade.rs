//! `magmad upgrade`: prints what the upgrades of this gateway say, and passes on what is asked of them.

use anyhow::Result;
use magma_command_line::Matches;
use magma_config::{LogLevel, Paths};

use super::answer::Answer;
use super::runtime;
use crate::logging::{Destination, LogControl};
use crate::upgrade::command::{self, Said};
use crate::upgrade::guard;

/// Asks, or orders.
pub(super) fn upgrade(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let (text, json) = match matches.value("ACTION") {
        Some("now") => command::now(paths)?,
        Some("rollback") => command::roll_back(paths)?,
        Some("pause") => command::pause(paths)?,
        Some("boot") => command::boot(paths),
        Some("guard") => logged(guard::guard(paths))?,
        Some("restore") => logged(guard::restore(paths))?,
        _ => command::status(paths)?,
    };
    Ok(Answer::new(text, json))
}

/// What is said while it is done is for the log of the unit that does it.
fn logged(work: impl Future<Output = Result<Said>>) -> Result<Said> {
    LogControl::install(LogLevel::Info, Destination::Stderr);
    runtime()?.block_on(work)
}
