//! The first step of a child process: asks to be ended with its parent, then becomes the service.
//!
//! A parent that is killed cannot end its children, and they would keep the ports that its successor's children need.
//! Only the child itself can ask for that, between its start and its program; so the agent starts itself with
//! [`LAUNCH_ARGUMENT`], and that copy becomes the service.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{Signal, getppid, set_parent_process_death_signal};

/// The first argument that makes `main` call [`launch`] with those after it.
pub const LAUNCH_ARGUMENT: &str = "launch-service";

/// What to put in front of a service's command, so that it ends with this process.
///
/// # Errors
/// When this program's own file cannot be found.
pub fn launcher() -> io::Result<Vec<String>> {
    let program = std::env::current_exe()?.display().to_string();
    Ok(vec![program, LAUNCH_ARGUMENT.to_owned(), std::process::id().to_string()])
}

/// Becomes the service: `arguments` are the parent's process id, the program and its arguments. Returns only if that
/// is impossible.
pub fn launch(mut arguments: impl Iterator<Item = OsString>) -> io::Error {
    let parent = arguments.next().and_then(|id| id.to_str()?.parse::<i32>().ok());
    let (Some(parent), Some(program)) = (parent, arguments.next()) else {
        return io::Error::new(io::ErrorKind::InvalidInput, "a process id and a program expected");
    };
    if let Err(error) = set_parent_process_death_signal(Some(Signal::TERM)) {
        return error.into();
    }
    // The parent may have ended before it was asked for.
    if getppid().map(|id| id.as_raw_nonzero().get()) != Some(parent) {
        return io::Error::other("the agent that started this service has ended");
    }
    let error = Command::new(&program).args(arguments).exec();
    io::Error::new(error.kind(), format!("cannot run {}: {error}", program.display()))
}
