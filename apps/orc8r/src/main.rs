//! The Orchestrator's program; everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    orc8r::cli::run(std::env::args_os().collect())
}
