//! One way to start, stop, restart and look at a service, whatever runs the services on this machine.

use std::fmt;
use std::io;
use std::process::Command;
use std::time::Duration;

use super::{Docker, LogLines, LogSource, ProcessSupervisor, Script, Systemd};
use crate::program::{self, ProgramError};

/// How long starting, stopping or restarting one service may take: more than systemd's own 90 s for a stop.
pub(super) const COMMAND_LIMIT: Duration = Duration::from_secs(120);

/// How long asking for a service's state may take.
pub(super) const STATE_LIMIT: Duration = Duration::from_secs(10);

/// How many old lines a log begins with.
pub(super) const LOG_LINES_FIRST: usize = 100;

/// How much of what a program said goes into an error, in bytes.
const SAID_BYTES_MAX: usize = 500;

/// What runs the services on this machine. One value serves all of them.
#[derive(Debug)]
pub enum ServiceController {
    /// Units `magma@<service>` of systemd.
    Systemd(Systemd),
    /// Containers named like the services.
    Docker(Docker),
    /// runit's `sv`, or scripts in `/etc/init.d`.
    Script(Script),
    /// Children of this program.
    Process(ProcessSupervisor),
}

/// What a service is doing, with the numbers of Magma's agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServiceState {
    /// It runs.
    Active = 1,
    /// It is being started, or waits to be started again.
    Activating = 2,
    /// It is being stopped.
    Deactivating = 3,
    /// It does not run.
    Inactive = 4,
    /// It does not run because something went wrong.
    Failed = 5,
    /// What runs the services does not know this one, or says a word that we do not know.
    Unknown = 6,
    /// What runs the services could not be asked.
    Error = 7,
}

/// What is done to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Start it, unless it runs.
    Start,
    /// Stop it, if it runs.
    Stop,
    /// Stop and start it.
    Restart,
    /// Look at its state.
    State,
    /// Read its log.
    Logs,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::State => "get the state of",
            Self::Logs => "read the log of",
        })
    }
}

/// Why something could not be done to a service.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// No service of this gateway has that name; see `magma_services` in magmad.yml.
    #[error("this gateway has no service named {0:?} (magma_services in magmad.yml names them)")]
    Unknown(String),
    /// The attempt failed.
    #[error("cannot {action} {service}: {cause}")]
    Failed {
        /// What was to be done.
        action: Action,
        /// To which service.
        service: String,
        /// Why it was not.
        cause: Cause,
    },
}

/// Why an attempt failed.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// A program that should have done it did not start or did not end.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The program that should have done it says no.
    #[error("{program} says no ({status}): {said}")]
    Refused {
        /// Its name.
        program: String,
        /// How it ended.
        status: String,
        /// What it said, shortened.
        said: String,
    },
    /// systemd did not do it, or not in time.
    #[error(transparent)]
    Systemd(Box<magma_dbus::UnitError>),
    /// Docker cannot be reached. Is it running, and may this user open its socket?
    #[error("docker does not answer on {socket}: {source}")]
    DockerUnreachable {
        /// The path of its socket.
        socket: String,
        /// What the system says.
        source: io::Error,
    },
    /// Docker says no.
    #[error("docker says no ({status}): {said}")]
    DockerRefused {
        /// The HTTP status.
        status: u16,
        /// Its message, shortened.
        said: String,
    },
    /// A child process cannot be started; `service_commands` in magmad.yml names what to run.
    #[error("cannot run {program}: {source}")]
    NotStarted {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// There is no such log here.
    #[error("this kind of log is not kept on this gateway")]
    NoLog,
}

impl Cause {
    /// Names the attempt that failed.
    pub(super) fn of(self, action: Action, service: &str) -> ServiceError {
        ServiceError::Failed { action, service: service.to_owned(), cause: self }
    }
}

impl ServiceController {
    /// Starts a service and returns when it is up, as far as its controller can tell.
    ///
    /// # Errors
    /// When it is not up, or could not be started within two minutes.
    pub async fn start(&self, service: &str) -> Result<(), ServiceError> {
        self.control(Action::Start, service).await
    }

    /// Stops a service and returns when it is down.
    ///
    /// # Errors
    /// When it is not down, or could not be stopped within two minutes.
    pub async fn stop(&self, service: &str) -> Result<(), ServiceError> {
        self.control(Action::Stop, service).await
    }

    /// Restarts a service, or starts it when it is down.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn restart(&self, service: &str) -> Result<(), ServiceError> {
        self.control(Action::Restart, service).await
    }

    /// Restarts a program that is run beside the gateway's services: on systemd, a unit of that very name.
    ///
    /// # Errors
    /// As [`Self::restart`].
    pub async fn restart_other(&self, name: &str) -> Result<(), ServiceError> {
        match self {
            Self::Systemd(systemd) => systemd
                .control_unit(Action::Restart, name)
                .await
                .map_err(|cause| cause.of(Action::Restart, name)),
            _ => self.control(Action::Restart, name).await,
        }
    }

    pub(super) async fn control(&self, action: Action, service: &str) -> Result<(), ServiceError> {
        match self {
            Self::Systemd(systemd) => systemd.control(action, service).await,
            Self::Docker(docker) => docker.control(action, service).await,
            Self::Script(script) => script.control(action, service).await,
            Self::Process(supervisor) => supervisor.control(action, service).await,
        }
        .map_err(|cause| cause.of(action, service))
    }

    /// What a service is doing; [`ServiceState::Error`] when that cannot be found out within ten seconds.
    pub async fn state(&self, service: &str) -> ServiceState {
        match self {
            Self::Systemd(systemd) => systemd.state(service).await,
            Self::Docker(docker) => docker.state(service).await,
            Self::Script(script) => script.state(service).await,
            Self::Process(supervisor) => Ok(supervisor.state(service)),
        }
        .unwrap_or_else(|cause| {
            tracing::debug!(service, %cause, "cannot get the state of a service");
            ServiceState::Error
        })
    }

    /// The last lines of a log and then each new one. What reads it ends when the result is dropped.
    pub fn tail_logs(&self, source: LogSource) -> LogLines {
        match self {
            Self::Systemd(systemd) => systemd.tail_logs(source),
            Self::Docker(docker) => docker.tail_logs(source),
            Self::Script(script) => script.tail_logs(source),
            Self::Process(supervisor) => supervisor.tail_logs(source),
        }
    }

    /// Ends what runs only as long as this program: the children of [`ServiceController::Process`].
    pub async fn shut_down(&self) {
        if let Self::Process(supervisor) = self {
            supervisor.shut_down().await;
        }
    }
}

/// Runs a program that must end with success.
pub(super) async fn must_succeed(command: Command) -> Result<(), Cause> {
    let program = command.get_program().to_string_lossy().into_owned();
    let finished = program::run(command, COMMAND_LIMIT).await?;
    if finished.status.success() {
        return Ok(());
    }
    let output = finished.output;
    let said = if output.stderr.trim().is_empty() { output.stdout } else { output.stderr };
    Err(Cause::Refused { program, status: finished.status.to_string(), said: shortened(&said) })
}

/// The beginning of what somebody said, for an error.
pub(super) fn shortened(said: &str) -> String {
    let said = said.trim();
    said[..said.floor_char_boundary(SAID_BYTES_MAX)].to_owned()
}
