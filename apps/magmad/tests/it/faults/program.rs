//! The agent as a program that can be started in strange surroundings and killed.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::gateway::Gateway;

/// How long anything may take: much longer than it does, also on a machine that does much else.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The file that the agent's log goes to, in the gateway's folder.
const LOG: &str = "magmad.log";

/// A running agent; it is killed when this is dropped, with what stands in front of it: strace alone would leave it.
pub struct Agent {
    child: Child,
}

impl Agent {
    /// Starts it, with `before` in front of its command.
    pub fn start(gateway: &Gateway, before: &[&str]) -> Self {
        Self::start_with(gateway, before, &[])
    }

    /// The same with further environment variables.
    pub fn start_with(gateway: &Gateway, before: &[&str], variables: &[(&str, OsString)]) -> Self {
        let program = env!("CARGO_BIN_EXE_magmad");
        let words: Vec<&str> = before.iter().copied().chain([program]).collect();
        let log = fs::File::options().create(true).append(true).open(gateway.path(LOG)).expect("a log");
        let child = Command::new(words[0])
            .args(&words[1..])
            .args(["run", "--log-level", "info", "--config-root"])
            .arg(gateway.root())
            .envs(variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .process_group(0)
            .spawn()
            .expect("the program starts");
        Self { child }
    }

    /// Its process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child")
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let (None, Some(group)) = (self.ended(), group) {
            kill_process_group(group, Signal::KILL).ok();
        }
        self.child.wait().ok();
    }
}

/// What the agents of this gateway have logged.
pub fn log(gateway: &Gateway) -> String {
    fs::read_to_string(gateway.path(LOG)).unwrap_or_default()
}

/// Waits until the log contains all of `words`.
pub async fn until_logged(gateway: &Gateway, words: &str) {
    let began = Instant::now();
    while !log(gateway).contains(words) {
        assert!(began.elapsed() < PATIENCE, "{words:?} is not in the log:\n{}", log(gateway));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whether a program of that name is installed; says that the test is skipped when it is not.
pub fn installed(program: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()));
    if !found {
        println!("skipped: {program} is not installed");
    }
    found
}

/// Whether `file` exists; says that the test is skipped when it does not.
pub fn exists(file: &Path) -> bool {
    let found = file.is_file();
    if !found {
        println!("skipped: there is no {}", file.display());
    }
    found
}

/// Whether this process may make mounts of its own; says that the test is skipped when it may not.
pub fn may_mount() -> bool {
    let made = Command::new("unshare").args(["-m", "true"]).stderr(Stdio::null()).status();
    let may = made.is_ok_and(|status| status.success());
    if !may {
        println!("skipped: mount namespaces need root");
    }
    may
}
