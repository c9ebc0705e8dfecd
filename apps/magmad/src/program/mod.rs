//! Programs that the agent runs: `systemctl`, a remote command, a service of its own.
//!
//! Each runs in a process group of its own, without a shell and without standard input, with bounded output. A group
//! is killed as a whole: at the deadline, or when whoever waited for it went away. Nothing here decides what to run.

mod command_line;
mod follow;
mod group;
mod lines;
mod run;
#[cfg(test)]
pub(crate) mod testing;

pub use command_line::{CommandLineError, split};
pub use follow::follow;
pub use group::ProcessGroup;
pub use lines::{LINE_BYTES_MAX, LineSplitter};
pub use run::{Captured, Finished, OUTPUT_BYTES_MAX, ProgramError, run};
