//! Services that systemd runs, as units `magma@<service>`.
//!
//! systemd is told over D-Bus. Where it cannot be reached so (a container with the machine's `systemctl` only, a user
//! whom the bus does not let in), `systemctl` is run as it is, without a shell; its exit code counts. Logs are
//! `journalctl`'s.

use std::path::{Path, PathBuf};
use std::process::Command;

use magma_dbus::{Job, UnitError, UnitState};

use super::controller::{COMMAND_LIMIT, Cause, LOG_LINES_FIRST, STATE_LIMIT, must_succeed};
use super::log_lines::LogLines;
use super::{Action, LogSource, ServiceState};
use crate::program;

/// systemd, over D-Bus or through its own programs.
#[derive(Clone, Debug)]
pub struct Systemd {
    bus: Option<magma_dbus::Systemd>,
    systemctl: PathBuf,
    journalctl: PathBuf,
}

impl Systemd {
    /// systemd of this machine.
    pub fn system() -> Self {
        let programs = Self::with_programs(Path::new("systemctl"), Path::new("journalctl"));
        programs.over(magma_dbus::Systemd::system())
    }

    /// systemd through other programs that take the same arguments, and never over D-Bus.
    pub fn with_programs(systemctl: &Path, journalctl: &Path) -> Self {
        Self { bus: None, systemctl: systemctl.to_owned(), journalctl: journalctl.to_owned() }
    }

    /// The same, over `bus` first.
    pub fn over(self, bus: magma_dbus::Systemd) -> Self {
        Self { bus: Some(bus), ..self }
    }

    pub(super) async fn control(&self, action: Action, service: &str) -> Result<(), Cause> {
        self.control_unit(action, &unit(service)).await
    }

    /// Does it to a unit, whose name comes without `.service`.
    pub(super) async fn control_unit(&self, action: Action, unit: &str) -> Result<(), Cause> {
        if let Some(bus) = &self.bus {
            match bus.run(job(action), &unit_file(unit), COMMAND_LIMIT).await {
                Err(UnitError::Unreachable(why)) => by_program(&why),
                done => return done.map_err(|error| Cause::Systemd(Box::new(error))),
            }
        }
        must_succeed(self.systemctl(verb(action), unit)).await
    }

    pub(super) async fn state(&self, service: &str) -> Result<ServiceState, Cause> {
        if let Some(bus) = &self.bus {
            let unit = unit_file(&unit(service));
            let late = UnitError::TimedOut { unit: unit.clone(), limit: STATE_LIMIT };
            let asked = tokio::time::timeout(STATE_LIMIT, bus.state(&unit)).await;
            match asked.unwrap_or(Err(late)) {
                Err(UnitError::Unreachable(why)) => by_program(&why),
                state => return state.map(known_state).map_err(|error| Cause::Systemd(Box::new(error))),
            }
        }
        let finished = program::run(self.systemctl("is-active", &unit(service)), STATE_LIMIT).await?;
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

    fn systemctl(&self, verb: &str, unit: &str) -> Command {
        let mut command = Command::new(&self.systemctl);
        command.args(["--no-ask-password", verb, unit]).env("LC_ALL", "C");
        command
    }
}

fn unit(service: &str) -> String {
    format!("magma@{service}")
}

/// The name that systemd itself has for it.
fn unit_file(unit: &str) -> String {
    format!("{unit}.service")
}

fn by_program(why: &magma_dbus::BusError) {
    tracing::debug!("systemctl is run, since systemd cannot be reached over D-Bus: {why}");
}

fn job(action: Action) -> Job {
    match action {
        Action::Stop => Job::Stop,
        Action::Restart => Job::ReloadOrRestart,
        Action::Start | Action::State | Action::Logs => Job::Start,
    }
}

fn known_state(state: UnitState) -> ServiceState {
    match state.load.as_str() {
        "not-found" => ServiceState::Unknown,
        _ => parse_state(&state.active),
    }
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
    async fn the_programs_are_used_where_the_bus_cannot_be_reached() {
        let (folder, ServiceController::Systemd(programs)) = systemd("echo \"$@\" >> calls; echo active", "")
        else {
            panic!("systemd")
        };
        let nowhere = magma_dbus::Systemd::on_bus(&folder.path().join("no_bus"));
        let systemd = ServiceController::Systemd(programs.over(nowhere));
        systemd.restart("mme").await.expect("restarted");
        assert_eq!(systemd.state("mme").await, ServiceState::Active);
        let calls = fs::read_to_string(folder.path().join("calls")).expect("calls");
        assert_eq!(
            calls,
            "--no-ask-password reload-or-restart magma@mme\n--no-ask-password is-active magma@mme\n"
        );
    }

    #[test]
    fn states_from_the_bus_are_understood() {
        for (load, active, expected) in [
            ("loaded", "active", ServiceState::Active),
            ("loaded", "reloading", ServiceState::Active),
            ("loaded", "failed", ServiceState::Failed),
            ("masked", "inactive", ServiceState::Inactive),
            ("not-found", "inactive", ServiceState::Unknown),
        ] {
            let state = UnitState { load: load.into(), active: active.into(), ..UnitState::default() };
            assert_eq!(known_state(state), expected, "{load} {active}");
        }
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
