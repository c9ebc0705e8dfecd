//! Services that runit or a machine's own init scripts run.
//!
//! runit is spoken to by `sv`; SysV init and OpenWrt's procd by `/etc/init.d/<service>`. Their logs are where such
//! machines keep them: one system log, of which a service's part are the lines that name it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::controller::{Cause, LOG_LINES_FIRST, STATE_LIMIT, must_succeed};
use super::log_lines::LogLines;
use super::{Action, LogSource, ServiceState};
use crate::program::{self, Finished};

/// Whose scripts they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptKind {
    /// runit: `sv <verb> <service>`.
    Runit,
    /// SysV init: `/etc/init.d/<service> <verb>`, syslog in a file.
    Initd,
    /// OpenWrt's procd: the same scripts, syslog by `logread`.
    Procd,
}

/// A controller that is a script or a small program.
#[derive(Clone, Debug)]
pub struct Script {
    kind: ScriptKind,
    /// `sv`, or the folder of the scripts.
    control: PathBuf,
    /// The program that follows the system log, with its arguments.
    log: Vec<String>,
}

impl Script {
    /// The scripts of this machine.
    pub fn system(kind: ScriptKind) -> Self {
        let control = match kind {
            ScriptKind::Runit => "sv",
            ScriptKind::Initd | ScriptKind::Procd => "/etc/init.d",
        };
        let lines = LOG_LINES_FIRST.to_string();
        let log = match kind {
            ScriptKind::Runit | ScriptKind::Initd => vec!["tail", "-n", &lines, "-F", "/var/log/syslog"],
            ScriptKind::Procd => vec!["logread", "-l", &lines, "-f"],
        };
        Self::with_programs(kind, Path::new(control), log.into_iter().map(str::to_owned).collect())
    }

    /// Scripts elsewhere; `log` is the program that follows the system log, with its arguments.
    pub fn with_programs(kind: ScriptKind, control: &Path, log: Vec<String>) -> Self {
        Self { kind, control: control.to_owned(), log }
    }

    pub(super) async fn control(&self, action: Action, service: &str) -> Result<(), Cause> {
        must_succeed(self.command(verb(action), service)).await
    }

    pub(super) async fn state(&self, service: &str) -> Result<ServiceState, Cause> {
        let finished = program::run(self.command("status", service), STATE_LIMIT).await?;
        Ok(match self.kind {
            ScriptKind::Runit => runit_state(&finished.output.stdout),
            ScriptKind::Initd | ScriptKind::Procd => lsb_state(&finished),
        })
    }

    pub(super) fn tail_logs(&self, source: LogSource) -> LogLines {
        let mut command = Command::new(self.log.first().map_or("tail", String::as_str));
        command.args(self.log.iter().skip(1));
        LogLines::spawn(async move |lines| {
            let (name, part) = match &source {
                LogSource::System => ("the system", ""),
                LogSource::Service(service) => (service.as_str(), service.as_str()),
            };
            let followed = program::follow(command, |line| line.contains(part), &lines).await;
            followed.map_err(|error| Cause::Program(error).of(Action::Logs, name))
        })
    }

    fn command(&self, verb: &str, service: &str) -> Command {
        match self.kind {
            ScriptKind::Runit => {
                let mut command = Command::new(&self.control);
                command.args([verb, service]);
                command
            }
            ScriptKind::Initd | ScriptKind::Procd => {
                let mut command = Command::new(self.control.join(service));
                command.arg(verb);
                command
            }
        }
    }
}

/// Deviation: Magma's Python agent asks `sv` to `reload-or-restart`, which `sv` does not know.
fn verb(action: Action) -> &'static str {
    match action {
        Action::Stop => "stop",
        Action::Restart => "restart",
        Action::Start | Action::State | Action::Logs => "start",
    }
}

/// `run: mme: (pid 812) 5s`, `down: mme: 1s, normally up`, `finish: …`, `fail: …`.
fn runit_state(said: &str) -> ServiceState {
    match said.split(':').next().map(str::trim) {
        Some("run") => ServiceState::Active,
        Some("finish") => ServiceState::Deactivating,
        Some("down") => ServiceState::Inactive,
        _ => ServiceState::Unknown,
    }
}

/// LSB core specification 5.0, 22.2: 0 running, 1 and 2 dead with traces, 3 not running, 4 unknown.
fn lsb_state(finished: &Finished) -> ServiceState {
    match finished.status.code() {
        Some(0) => ServiceState::Active,
        Some(1 | 2) => ServiceState::Failed,
        Some(3) => ServiceState::Inactive,
        _ => ServiceState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::testing::install;
    use crate::services::ServiceController;
    use std::fs;

    fn script(folder: &Path, kind: ScriptKind, name: &str, body: &str) -> ServiceController {
        let path = install(folder, name, body);
        let control = if kind == ScriptKind::Runit { path } else { folder.to_owned() };
        let log = ["/bin/sh", "-c", "echo 'a mme: x'; echo 'b enodebd: y'; echo 'c mme: z'"];
        ServiceController::Script(Script::with_programs(kind, &control, log.map(str::to_owned).to_vec()))
    }

    #[tokio::test]
    async fn each_kind_gets_its_own_words() {
        let folder = tempfile::tempdir().expect("a folder");
        let calls = folder.path().join("calls");
        let record = format!("echo \"$(basename $0) $@\" >> {}", calls.display());
        for (kind, name) in
            [(ScriptKind::Runit, "sv"), (ScriptKind::Initd, "mme"), (ScriptKind::Procd, "mme")]
        {
            let services = script(folder.path(), kind, name, &record);
            services.start("mme").await.expect("started");
            services.restart("mme").await.expect("restarted");
            services.stop("mme").await.expect("stopped");
        }
        assert_eq!(
            fs::read_to_string(calls).expect("calls"),
            "sv start mme\nsv restart mme\nsv stop mme\n\
             mme start\nmme restart\nmme stop\nmme start\nmme restart\nmme stop\n"
        );
    }

    #[tokio::test]
    async fn states_are_understood() {
        let folder = tempfile::tempdir().expect("a folder");
        for (kind, name, body, expected) in [
            (ScriptKind::Runit, "sv", "echo 'run: mme: (pid 812) 5s'", ServiceState::Active),
            (ScriptKind::Runit, "sv", "echo 'down: mme: 1s, normally up'; exit 1", ServiceState::Inactive),
            (ScriptKind::Runit, "sv", "echo 'finish: mme: 1s'", ServiceState::Deactivating),
            (ScriptKind::Runit, "sv", "echo 'fail: mme: no such folder'; exit 1", ServiceState::Unknown),
            (ScriptKind::Initd, "mme", "exit 0", ServiceState::Active),
            (ScriptKind::Initd, "mme", "exit 1", ServiceState::Failed),
            (ScriptKind::Procd, "mme", "exit 3", ServiceState::Inactive),
            (ScriptKind::Procd, "mme", "exit 4", ServiceState::Unknown),
        ] {
            let services = script(folder.path(), kind, name, body);
            assert_eq!(services.state("mme").await, expected, "{kind:?} {body}");
        }
        let services = script(folder.path(), ScriptKind::Initd, "mme", "");
        assert_eq!(services.state("no_such_service").await, ServiceState::Error);
    }

    #[tokio::test]
    async fn a_services_log_is_its_part_of_the_system_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let services = script(folder.path(), ScriptKind::Initd, "mme", "");
        for (source, expected) in [
            (LogSource::Service("mme".to_owned()), &["a mme: x\n", "c mme: z\n"][..]),
            (LogSource::System, &["a mme: x\n", "b enodebd: y\n", "c mme: z\n"]),
        ] {
            let mut log = services.tail_logs(source);
            for line in expected {
                assert_eq!(&log.next().await.expect("a line").expect("no error"), line);
            }
            assert!(log.next().await.is_none());
        }
    }
}
