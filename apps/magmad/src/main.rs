//! The gateway agent's program; everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    magmad::cli::run(std::env::args_os().collect())
}
