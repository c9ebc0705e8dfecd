//! Services that systemd runs, as units `magma@<service>`.
//!
//! `systemctl` and `journalctl` are run as they are, without a shell; their exit codes count.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::controller::{Cause, LOG_LINES_FIRST, STATE_LIMIT, must_succeed};
use super::log_lines::LogLines;
use super::{Action, LogSource, ServiceState};
use crate::program;

/// systemd, through its own programs.
#[derive(Clone, Debug)]
pub struct Systemd {
    systemctl: PathBuf,
    journalctl: PathBuf,
}

impl Systemd {
    /// systemd of this machine.
    pub fn system() -> Self {
        Self::with_programs(Path::new("systemctl"), Path::new("journalctl"))
    }

    /// systemd through other programs that take the same arguments.
    pub fn with_programs(systemctl: &Path, journalctl: &Path) -> Self {
        Self { systemctl: systemctl.to_owned(), journalctl: journalctl.to_owned() }
    }

    pub(super) async fn control(&self, action: Action, service: &str) -> Result<(), Cause> {
        must_succeed(self.systemctl(verb(action), service)).await
    }

    pub(super) async fn state(&self, service: &str) -> Result<ServiceState, Cause> {
        let finished = program::run(self.systemctl("is-active", service), STATE_LIMIT).await?;
        // `is-active` ends with 3 for every state but active, and still says which one it is.
        Ok(parse_state(&finished.output.stdout))
    }

    pub(super) fn tail_logs(&self, source: LogSource) -> LogLines {
        let mut command = Command::new(&self.journalctl);
        command.args(["--follow", "--no-pager", "--lines", &LOG_LINES_FIRST.to_string()]);
        let name = match source {
            LogSource::System => "the system".to_owned(),
            LogSource::Service(service) => {
                command.args(["--unit", &unit(&service)]);
                service
            }
        };
        LogLines::spawn(async move |lines| {
            let followed = program::follow(command, |_| true, &lines).await;
            followed.map_err(|error| Cause::Program(error).of(Action::Logs, &name))
        })
    }

    fn systemctl(&self, verb: &str, service: &str) -> Command {
        let mut command = Command::new(&self.systemctl);
        command.args(["--no-ask-password", verb, &unit(service)]).env("LC_ALL", "C");
        command
    }
}

fn unit(service: &str) -> String {
    format!("magma@{service}")
}

fn verb(action: Action) -> &'static str {
    match action {
        Action::Stop => "stop",
        Action::Restart => "reload-or-restart",
        Action::Start | Action::State | Action::Logs => "start",
    }
}

fn parse_state(said: &str) -> ServiceState {
    match said.trim() {
        "active" | "reloading" | "refreshing" => ServiceState::Active,
        "activating" => ServiceState::Activating,
        "deactivating" => ServiceState::Deactivating,
        "inactive" => ServiceState::Inactive,
        "failed" => ServiceState::Failed,
        _ => ServiceState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::testing::{ended, install};
    use crate::services::{ServiceController, ServiceError};
    use std::fs;
    use tempfile::TempDir;

    /// A folder with programs that do what the scripts say instead of talking to systemd.
    fn systemd(systemctl: &str, journalctl: &str) -> (TempDir, ServiceController) {
        let folder = tempfile::tempdir().expect("a folder");
        let program = |name: &str, script: &str| {
            install(folder.path(), name, &format!("cd {}\n{script}", folder.path().display()))
        };
        let systemd =
            Systemd::with_programs(&program("systemctl", systemctl), &program("journalctl", journalctl));
        (folder, ServiceController::Systemd(systemd))
    }

    #[tokio::test]
    async fn commands_name_the_unit() {
        let (folder, systemd) = systemd("echo \"$@\" >> calls", "");
        systemd.start("mme").await.expect("started");
        systemd.stop("mme").await.expect("stopped");
        systemd.restart("td-agent-bit").await.expect("restarted");
        let calls = fs::read_to_string(folder.path().join("calls")).expect("calls");
        assert_eq!(
            calls,
            "--no-ask-password start magma@mme\n--no-ask-password stop magma@mme\n\
             --no-ask-password reload-or-restart magma@td-agent-bit\n"
        );
    }

    #[tokio::test]
    async fn a_refusal_is_told_with_its_reason() {
        let (_folder, systemd) = systemd("echo \"Unit $3.service not found.\" >&2; exit 5", "");
        let error = systemd.restart("oai_mme").await.expect_err("refused");
        let text = error.to_string();
        assert!(text.starts_with("cannot restart oai_mme: "), "{text}");
        assert!(
            text.contains("exit status: 5") && text.ends_with("Unit magma@oai_mme.service not found."),
            "{text}"
        );
    }

    #[tokio::test]
    async fn a_machine_without_systemd_is_told_so() {
        let missing = Path::new("/nonexistent/systemctl");
        let systemd = ServiceController::Systemd(Systemd::with_programs(missing, missing));
        assert!(matches!(
            systemd.start("mme").await,
            Err(ServiceError::Failed { cause: Cause::Program(_), .. })
        ));
        assert_eq!(systemd.state("mme").await, ServiceState::Error);
        let mut log = systemd.tail_logs(LogSource::System);
        let error = log.next().await.expect("an item").expect_err("no journal");
        assert!(error.to_string().starts_with("cannot read the log of the system: cannot run /nonexistent"));
        assert!(log.next().await.is_none());
    }

    #[tokio::test]
    async fn states_are_read_whatever_the_exit_code() {
        for (said, code, expected) in [
            ("active", 0, ServiceState::Active),
            ("reloading", 3, ServiceState::Active),
            ("activating", 3, ServiceState::Activating),
            ("deactivating", 3, ServiceState::Deactivating),
            ("inactive", 3, ServiceState::Inactive),
            ("failed", 3, ServiceState::Failed),
            ("unknown", 4, ServiceState::Unknown),
            ("", 1, ServiceState::Unknown),
        ] {
            let (_folder, systemd) = systemd(&format!("echo '{said}'; exit {code}"), "");
            assert_eq!(systemd.state("mme").await, expected, "{said}");
        }
    }

    #[tokio::test]
    async fn logs_are_followed_per_unit_or_whole() {
        let (_folder, systemd) = systemd("", "echo \"$@\"; exec sleep 1000");
        let mut mme = systemd.tail_logs(LogSource::Service("mme".to_owned()));
        assert_eq!(
            mme.next().await.expect("a line").expect("no error"),
            "--follow --no-pager --lines 100 --unit magma@mme\n"
        );
        let mut whole = systemd.tail_logs(LogSource::System);
        let line = whole.next().await.expect("a line").expect("no error");
        assert_eq!(line, "--follow --no-pager --lines 100\n");
    }

    #[tokio::test]
    async fn dropping_a_log_kills_its_reader() {
        let (folder, systemd) = systemd("", "echo $$ > pid; echo begun; exec sleep 1000");
        let mut log = systemd.tail_logs(LogSource::System);
        log.next().await.expect("a line").expect("no error");
        drop(log);
        let pid = fs::read_to_string(folder.path().join("pid")).expect("pid");
        ended(pid.trim().parse().expect("a number")).await;
    }
}
