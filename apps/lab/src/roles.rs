//! The programs that the lab can be: it runs itself again under their names.
//!
//! A role ends when its standard input does, so that nothing outlives the lab, not even when the lab is killed.

use crate::sample_service;
use std::ffi::OsString;
use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

/// The first argument that makes the lab play `orc8r`, `magmad` or the sample service.
pub const ORC8R: &str = "__orc8r";
/// See [`ORC8R`].
pub const MAGMAD: &str = "__magmad";
/// A service for the agent to manage: it writes a line now and then.
pub const TICKER: &str = "__ticker";

/// A gRPC service for the agent to manage and to ask: `NAME PORT`.
pub const SAMPLE_SERVICE: &str = "__service";

/// Plays the role that the first argument names, if it names one.
pub fn play() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    let program = arguments.next()?;
    let role = arguments.next()?;
    let rest = || std::iter::once(program.clone()).chain(arguments).collect::<Vec<OsString>>();
    match role.to_str()? {
        ORC8R => {
            end_with_parent();
            Some(orc8r::cli::run(rest()))
        }
        MAGMAD => {
            end_with_parent();
            Some(magmad::cli::run(rest()))
        }
        TICKER => tick(),
        SAMPLE_SERVICE => {
            let arguments = rest().into_iter().skip(1).map(|word| word.to_string_lossy().into_owned());
            Some(sample_service::play(arguments))
        }
        _ => None,
    }
}

/// Asks this process to stop, in the usual way, once its standard input ends.
fn end_with_parent() {
    std::thread::spawn(|| {
        std::io::stdin().read_to_end(&mut Vec::new()).ok();
        let own = rustix::process::getpid();
        rustix::process::kill_process(own, rustix::process::Signal::TERM).ok();
    });
}

/// Writes a line every second, until it is ended or nobody reads.
fn tick() -> Option<ExitCode> {
    use std::io::Write;
    for count in 1_u64.. {
        if writeln!(std::io::stdout(), "tick {count}").is_err() {
            break;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    Some(ExitCode::SUCCESS)
}
