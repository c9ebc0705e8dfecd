//! Keeps one child process running until it is told to stop.

use std::io;
use std::process::{Command, ExitStatus};
use std::sync::Arc;

use magma_rpc::backoff::Backoff;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::service_log::ServiceLog;
use super::{ServiceState, Supervision};
use crate::program::{LineSplitter, ProcessGroup};

/// What is run, and how patiently.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) name: String,
    pub(super) argv: Vec<String>,
    pub(super) times: Supervision,
}

impl Spec {
    pub(super) fn program(&self) -> &str {
        self.argv.first().map_or("", String::as_str)
    }

    fn spawn(&self) -> io::Result<ProcessGroup> {
        if self.program().is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "service_commands names no program"));
        }
        let mut command = Command::new(self.program());
        command.args(&self.argv[1..]);
        ProcessGroup::spawn(command)
    }
}

/// Runs the service again and again until `stop` says so; then ends it and returns. Tells `first` what became of the
/// first attempt.
pub(super) async fn supervise(
    spec: Spec,
    log: Arc<ServiceLog>,
    state: watch::Sender<ServiceState>,
    mut stop: watch::Receiver<bool>,
    first: oneshot::Sender<io::Result<()>>,
) {
    let mut first = Some(first);
    let mut backoff = Backoff::new(spec.times.first_pause, spec.times.longest_pause);
    loop {
        let started = Instant::now();
        let (ended, waiting) = match spec.spawn() {
            Ok(group) => {
                state.send_replace(ServiceState::Active);
                tell(&mut first, Ok(()));
                match run(group, &spec, &log, &state, &mut stop).await {
                    Some(ended) => (ended, ServiceState::Activating),
                    None => break,
                }
            }
            Err(error) => {
                let text = format!("it cannot be started: {error}");
                tell(&mut first, Err(error));
                (text, ServiceState::Failed)
            }
        };
        state.send_replace(waiting);
        if started.elapsed() >= spec.times.steady_after {
            backoff.reset();
        }
        let pause = backoff.next();
        tracing::warn!(
            service = spec.name,
            ended,
            pause_s = pause.as_secs_f32(),
            "a service ended, starting it again"
        );
        log.write(&format!("[magmad: {ended}; next start in {:.1} s]\n", pause.as_secs_f32()));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stopped(&mut stop) => break,
        }
    }
    state.send_replace(ServiceState::Inactive);
}

/// One life of the service; how it ended, or none when it was told to.
async fn run(
    mut group: ProcessGroup,
    spec: &Spec,
    log: &Arc<ServiceLog>,
    state: &watch::Sender<ServiceState>,
    stop: &mut watch::Receiver<bool>,
) -> Option<String> {
    let (stdout, stderr) = group.take_output();
    let mut readers = JoinSet::new();
    readers.spawn(keep(stdout, Arc::clone(log)));
    readers.spawn(keep(stderr, Arc::clone(log)));
    let status = tokio::select! {
        status = group.wait() => Some(status),
        () = stopped(stop) => None,
    };
    let Some(status) = status else {
        state.send_replace(ServiceState::Deactivating);
        group.stop(spec.times.stop_grace).await;
        drain(readers, spec).await;
        return None;
    };
    // What the service started does not outlive it: its next life would find the ports taken.
    group.kill();
    drain(readers, spec).await;
    Some(describe(status))
}

/// Lets the last output arrive, but does not wait for a process that left the group and keeps the pipe.
async fn drain(readers: JoinSet<()>, spec: &Spec) {
    tokio::time::timeout(spec.times.first_pause, readers.join_all()).await.ok();
}

fn describe(status: io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => format!("it ended with {status}"),
        Err(error) => format!("it cannot be waited for: {error}"),
    }
}

async fn keep(stream: Option<impl AsyncRead + Unpin>, log: Arc<ServiceLog>) {
    let Some(mut stream) = stream else { return };
    let mut splitter = LineSplitter::new();
    // One for each pipe of each service, always.
    let mut piece = vec![0; 1024];
    while let Ok(length @ 1..) = stream.read(&mut piece).await {
        splitter.push(&piece[..length], |line| log.write(&line));
    }
    if let Some(line) = splitter.finish() {
        log.write(&line);
    }
}

fn tell(first: &mut Option<oneshot::Sender<io::Result<()>>>, result: io::Result<()>) {
    if let Some(first) = first.take() {
        first.send(result).ok();
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    stop.wait_for(|stop| *stop).await.ok();
}
