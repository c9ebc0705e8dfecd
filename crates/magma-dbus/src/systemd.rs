//! systemd's manager (`org.freedesktop.systemd1`): jobs on units, and the states of units.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::connection::{BusError, Connection};
use crate::message::{Call, Message};
use crate::wire::Value;

/// systemd's own socket, which only root may open, and the system's bus.
const SOCKETS: [(&str, bool); 2] = [("/run/systemd/private", false), ("/run/dbus/system_bus_socket", true)];

/// How long systemd may take for an answer; jobs have a time of their own.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

const NAME: &str = "org.freedesktop.systemd1";
const PATH: &str = "/org/freedesktop/systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const UNIT: &str = "org.freedesktop.systemd1.Unit";
const SERVICE: &str = "org.freedesktop.systemd1.Service";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// What is done to a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Start it, unless it runs.
    Start,
    /// Stop it, if it runs.
    Stop,
    /// Let it read its configuration again, or restart it when it cannot; start it when it does not run.
    ReloadOrRestart,
}

impl Job {
    fn method(self) -> &'static str {
        match self {
            Self::Start => "StartUnit",
            Self::Stop => "StopUnit",
            Self::ReloadOrRestart => "ReloadOrRestartUnit",
        }
    }
}

/// What systemd says of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitState {
    /// `loaded`, `not-found`, `masked`, …
    pub load: String,
    /// `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`, …
    pub active: String,
    /// `running`, `dead`, `auto-restart`, …
    pub sub: String,
    /// The exit status of a service's main process, when it has ended.
    pub main_status: Option<i64>,
    /// The process id of a service's main process, while it runs.
    pub main_pid: Option<u64>,
}

/// Why something could not be done to a unit.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// systemd cannot be spoken to; nothing was done.
    #[error("cannot speak to systemd: {0}")]
    Unreachable(BusError),
    /// systemd does not know or does not take the order.
    #[error("systemd says no about {unit}: {text} ({name})")]
    Refused {
        /// The unit.
        unit: String,
        /// The name of the error.
        name: String,
        /// systemd's words.
        text: String,
    },
    /// The job ended without success.
    #[error("{unit}: the job ended as \"{result}\"{}; look at `journalctl -u {unit}`", detail(state))]
    JobFailed {
        /// The unit.
        unit: String,
        /// `failed`, `timeout`, `dependency`, `canceled`, …
        result: String,
        /// How the unit is afterwards.
        state: Box<UnitState>,
    },
    /// systemd did not answer or the job did not end in time; systemd may go on with it.
    #[error("{unit}: systemd was not done within {} s; look at `systemctl list-jobs`", limit.as_secs())]
    TimedOut {
        /// The unit.
        unit: String,
        /// How long it was awaited.
        limit: Duration,
    },
    /// systemd went away, or was not understood, in the middle.
    #[error("{unit}: {source}")]
    Broken {
        /// The unit.
        unit: String,
        /// What happened.
        source: BusError,
    },
}

fn detail(state: &UnitState) -> String {
    if state.active.is_empty() {
        return String::new();
    }
    let status = match state.main_status {
        Some(status) if status != 0 => format!(", exit status {status}"),
        _ => String::new(),
    };
    format!(", and it is {} ({}){status}", state.active, state.sub)
}

/// systemd of one machine, reached anew for each operation.
#[derive(Clone, Debug)]
pub struct Systemd {
    /// Sockets in the order in which they are tried, and whether each is a bus's.
    sockets: Vec<(PathBuf, bool)>,
}

/// A connection and whose signals on it are systemd's.
struct Session {
    connection: Connection,
    /// systemd's unique name on a bus; empty without a bus.
    owner: String,
}

impl Systemd {
    /// systemd of this machine.
    pub fn system() -> Self {
        Self { sockets: SOCKETS.map(|(path, bus)| (path.into(), bus)).to_vec() }
    }

    /// systemd on the message bus at `socket`.
    pub fn on_bus(socket: &Path) -> Self {
        Self { sockets: vec![(socket.to_owned(), true)] }
    }

    /// systemd directly at `socket`.
    pub fn direct(socket: &Path) -> Self {
        Self { sockets: vec![(socket.to_owned(), false)] }
    }

    /// Does something to a unit, such as `magma@mme.service`, and returns when systemd is done with it.
    ///
    /// # Errors
    /// When it was not done within `limit`, or not with success.
    pub async fn run(&self, job: Job, unit: &str, limit: Duration) -> Result<(), UnitError> {
        let began = Instant::now();
        let mut session = self.connect().await.map_err(UnitError::Unreachable)?;
        let done = timeout(limit, session.run(job, unit)).await;
        let late = || UnitError::TimedOut { unit: unit.to_owned(), limit };
        let result = done.map_err(|_| late())?.map_err(|source| failure(unit, source))?;
        // `skipped`: there was nothing to be done.
        if matches!(result.as_str(), "done" | "skipped") {
            return Ok(());
        }
        let left = limit.saturating_sub(began.elapsed()).min(ANSWER_LIMIT);
        let state = timeout(left, session.state(unit)).await.ok().and_then(Result::ok).unwrap_or_default();
        Err(UnitError::JobFailed { unit: unit.to_owned(), result, state: Box::new(state) })
    }

    /// How a unit is.
    ///
    /// # Errors
    /// When systemd cannot be asked, or does not answer within thirty seconds.
    pub async fn state(&self, unit: &str) -> Result<UnitState, UnitError> {
        let mut session = self.connect().await.map_err(UnitError::Unreachable)?;
        let limit = ANSWER_LIMIT;
        let late = || UnitError::TimedOut { unit: unit.to_owned(), limit };
        let state = timeout(limit, session.state(unit)).await.map_err(|_| late())?;
        state.map_err(|source| failure(unit, source))
    }

    async fn connect(&self) -> Result<Session, BusError> {
        let mut failed = None;
        for (socket, bus) in &self.sockets {
            match connect(socket, *bus).await {
                Ok(session) => return Ok(session),
                // The later socket is the one that everybody has; its failure tells more.
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or(BusError::TimedOut { limit: Duration::ZERO }))
    }
}

async fn connect(socket: &Path, bus: bool) -> Result<Session, BusError> {
    if !bus {
        return Ok(Session { connection: Connection::direct(socket).await?, owner: String::new() });
    }
    let mut connection = Connection::bus(socket).await?;
    let owner = connection.name_owner(NAME).await?;
    if owner.is_empty() {
        let source = std::io::Error::new(std::io::ErrorKind::NotFound, "systemd is not on this bus");
        return Err(BusError::Unreachable { socket: socket.to_owned(), source });
    }
    Ok(Session { connection, owner })
}

fn failure(unit: &str, source: BusError) -> UnitError {
    let unit = unit.to_owned();
    match source {
        BusError::Refused { name, text } => UnitError::Refused { unit, name, text },
        source => UnitError::Broken { unit, source },
    }
}

impl Session {
    /// Orders a job and waits for its end; returns its result.
    async fn run(&mut self, job: Job, unit: &str) -> Result<String, BusError> {
        // Before the order, so that the end of a quick job is not missed.
        if !self.owner.is_empty() {
            let rule = format!(
                "type='signal',sender='{NAME}',path='{PATH}',interface='{MANAGER}',member='JobRemoved',arg2='{unit}'"
            );
            self.connection.add_match(&rule).await?;
        }
        self.call(PATH, MANAGER, "Subscribe", &[]).await?;
        let ordered = self.call(PATH, MANAGER, job.method(), &[unit, "replace"]).await?;
        let ordered = ordered.texts().first().map(|path| (*path).to_owned()).unwrap_or_default();
        let owner = self.owner.clone();
        let removed = |signal: &Message| {
            signal.member == "JobRemoved"
                && signal.path == PATH
                && (owner.is_empty() || signal.sender == owner)
                && job_of(signal).is_some_and(|(path, _)| path == ordered)
        };
        // The caller bounds the whole; this is far beyond what it allows.
        let signal = self.connection.signal(Duration::from_secs(3600), removed).await?;
        Ok(job_of(&signal).map(|(_, result)| result).unwrap_or_default())
    }

    async fn state(&mut self, unit: &str) -> Result<UnitState, BusError> {
        // LoadUnit, unlike GetUnit, also knows units that do not run.
        let path = self.call(PATH, MANAGER, "LoadUnit", &[unit]).await?;
        let path = path.texts().first().map(|path| (*path).to_owned()).unwrap_or_default();
        let mut state = UnitState::default();
        for (property, place) in
            [("LoadState", &mut state.load), ("ActiveState", &mut state.active), ("SubState", &mut state.sub)]
        {
            *place = self.property(&path, UNIT, property).await?.text().unwrap_or_default();
        }
        if unit.ends_with(".service") && state.load == "loaded" {
            if let Value::Signed(status) = self.property(&path, SERVICE, "ExecMainStatus").await? {
                state.main_status = Some(status);
            }
            let pid = self.property(&path, SERVICE, "MainPID").await?;
            state.main_pid = pid.number().filter(|pid| *pid > 0);
        }
        Ok(state)
    }

    async fn property(&mut self, path: &str, interface: &str, name: &str) -> Result<Value, BusError> {
        let answer = self.call(path, PROPERTIES, "Get", &[interface, name]).await?;
        Ok(answer.body().variant()?)
    }

    async fn call(
        &mut self,
        path: &str,
        interface: &str,
        member: &str,
        arguments: &[&str],
    ) -> Result<Message, BusError> {
        let destination = if self.owner.is_empty() { "" } else { NAME };
        self.connection.call(&Call { destination, path, interface, member, arguments }, ANSWER_LIMIT).await
    }
}

/// The path and the result of the job that a `JobRemoved` is about: its body is `uoss`, a number, the job's path, the
/// unit and the result.
fn job_of(signal: &Message) -> Option<(String, String)> {
    if signal.signature != "uoss" {
        return None;
    }
    let mut body = signal.body();
    body.u32().ok()?;
    let (path, _unit, result) = (body.text().ok()?, body.text().ok()?, body.text().ok()?);
    Some((path.to_owned(), result.to_owned()))
}
