//! Services that are children of this program, for machines without an init system: a laboratory, a container.
//!
//! Each service is a command from `service_commands` in magmad.yml. It is started again with growing pauses when it
//! ends by itself, its output is kept in memory and in a file (both bounded), and it is ended together with
//! everything that it started. When this program ends, so do they: in good order by
//! [`ProcessSupervisor::shut_down`], killed when the supervisor is dropped.

mod launch;
mod log_file;
mod service_log;
mod supervise;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::configured::OWN_NAME;
use super::controller::Cause;
use super::log_lines::LogLines;
use super::{Action, LogSource, ServiceError, ServiceState};
pub use launch::{LAUNCH_ARGUMENT, launch, launcher};
pub use service_log::ServiceLog;
use supervise::{Spec, supervise};

/// The times of a supervisor.
#[derive(Clone, Copy, Debug)]
pub struct Supervision {
    /// How long a service may take to end after SIGTERM, before it is killed.
    pub stop_grace: Duration,
    /// The pause before a service that ended is started again.
    pub first_pause: Duration,
    /// The longest such pause; each is about twice the one before.
    pub longest_pause: Duration,
    /// A service that ran for so long begins with the first pause again.
    pub steady_after: Duration,
}

impl Default for Supervision {
    fn default() -> Self {
        Self {
            stop_grace: Duration::from_secs(10),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(60),
            steady_after: Duration::from_secs(60),
        }
    }
}

/// Runs services as children.
#[derive(Debug)]
pub struct ProcessSupervisor {
    services: BTreeMap<String, Arc<Slot>>,
    /// What the agent itself logs: no init system keeps it for whoever reads logs from afar.
    own_log: Arc<ServiceLog>,
}

/// One service that may be running.
#[derive(Debug)]
struct Slot {
    spec: Spec,
    log: Arc<ServiceLog>,
    state: watch::Sender<ServiceState>,
    running: Mutex<Option<Running>>,
}

/// The task that looks after a running service. Dropping it kills the service.
#[derive(Debug)]
struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ProcessSupervisor {
    /// Knows the services of `commands` (each a program and its arguments) and starts none yet. Output goes into
    /// `<log_dir>/<service>.log`, at most 1 MiB and one older file of that size.
    ///
    /// `launcher` is put in front of every command; it may be empty.
    pub fn new(
        commands: BTreeMap<String, Vec<String>>,
        log_dir: PathBuf,
        launcher: Vec<String>,
        times: Supervision,
    ) -> Self {
        let slot = |(name, command): (String, Vec<String>)| {
            let argv = launcher.iter().cloned().chain(command).collect();
            let log = Arc::new(ServiceLog::new(log_dir.join(format!("{name}.log"))));
            let (state, _) = watch::channel(ServiceState::Inactive);
            let spec = Spec { name: name.clone(), argv, times };
            (name, Arc::new(Slot { spec, log, state, running: Mutex::new(None) }))
        };
        Self {
            services: commands.into_iter().map(slot).collect(),
            own_log: Arc::new(ServiceLog::in_memory()),
        }
    }

    /// Where the agent's own log is to be written too, so that it can be followed from afar.
    pub fn own_log(&self) -> Arc<ServiceLog> {
        Arc::clone(&self.own_log)
    }

    pub(super) async fn control(&self, action: Action, service: &str) -> Result<(), Cause> {
        let slot = self.services.get(service).ok_or_else(|| no_command(service))?;
        let mut running = slot.running.lock().await;
        if matches!(action, Action::Stop | Action::Restart) {
            slot.stop(&mut running).await;
        }
        if matches!(action, Action::Start | Action::Restart) {
            slot.start(&mut running).await?;
        }
        Ok(())
    }

    pub(super) fn state(&self, service: &str) -> ServiceState {
        self.services.get(service).map_or(ServiceState::Unknown, |slot| *slot.state.borrow())
    }

    pub(super) fn tail_logs(&self, source: LogSource) -> LogLines {
        let logs: BTreeMap<String, Arc<ServiceLog>> = match &source {
            LogSource::System => self
                .services
                .iter()
                .map(|(name, slot)| (format!("{name}: "), Arc::clone(&slot.log)))
                .chain([(format!("{OWN_NAME}: "), self.own_log())])
                .collect(),
            LogSource::Service(name) if name == OWN_NAME => [(String::new(), self.own_log())].into(),
            LogSource::Service(name) => self
                .services
                .get(name)
                .map(|slot| (String::new(), Arc::clone(&slot.log)))
                .into_iter()
                .collect(),
        };
        LogLines::spawn(async move |lines| {
            if logs.is_empty() {
                return Err(no_log(source));
            }
            let mut readers = JoinSet::new();
            for (prefix, log) in logs {
                let lines = lines.clone();
                readers.spawn(async move { log.follow(&prefix, &lines).await });
            }
            readers.join_all().await;
            Ok(())
        })
    }

    /// Stops every service and returns when all are down.
    pub async fn shut_down(&self) {
        let mut stopping = JoinSet::new();
        for slot in self.services.values().cloned() {
            stopping.spawn(async move {
                let mut running = slot.running.lock().await;
                slot.stop(&mut running).await;
            });
        }
        stopping.join_all().await;
    }
}

impl Slot {
    /// Starts the service unless it runs, and returns when the first attempt is made. A failed one is repeated.
    async fn start(&self, running: &mut Option<Running>) -> Result<(), Cause> {
        match running {
            Some(service) if *service.stop.borrow() => self.stop(running).await,
            Some(service) if !service.task.is_finished() => return Ok(()),
            _ => {}
        }
        let (stop, stopped) = watch::channel(false);
        let (tell, told) = oneshot::channel();
        let task = supervise(self.spec.clone(), Arc::clone(&self.log), self.state.clone(), stopped, tell);
        *running = Some(Running { stop, task: tokio::spawn(task) });
        match told.await {
            Ok(Err(source)) => Err(Cause::NotStarted { program: self.spec.program().to_owned(), source }),
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }

    /// Stops the service and waits for its end. When the caller stops waiting, the service still stops.
    async fn stop(&self, running: &mut Option<Running>) {
        if let Some(service) = running {
            service.stop.send_replace(true);
            (&mut service.task).await.ok();
        }
        *running = None;
    }
}

fn no_command(service: &str) -> Cause {
    let missing = io::Error::new(io::ErrorKind::NotFound, "service_commands in magmad.yml does not name it");
    Cause::NotStarted { program: service.to_owned(), source: missing }
}

fn no_log(source: LogSource) -> ServiceError {
    match source {
        LogSource::System => Cause::NoLog.of(Action::Logs, "the gateway"),
        LogSource::Service(name) => Cause::NoLog.of(Action::Logs, &name),
    }
}

#[cfg(test)]
mod tests;
