//! Services that are Docker containers of the same name, through the API on Docker's socket.
//!
//! Docker Engine API 1.24 and later; the paths carry no version, so Docker answers in its own.

use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use magma_rpc::unix_http::{self, UnixResponse};
use serde::Deserialize;
use tokio::task::JoinSet;

use super::controller::{COMMAND_LIMIT, Cause, LOG_LINES_FIRST, STATE_LIMIT, shortened};
use super::log_lines::{Lines, LogLines};
use super::{Action, LogSource, ServiceError, ServiceState};
use crate::program::LineSplitter;

mod stream;

use stream::Demultiplexer;

/// How long a container may take to stop before Docker kills it, in seconds; Docker's own default.
const STOP_GRACE_SECS: u32 = 10;

/// The largest answer that is read whole, in bytes. A container's description is a few kilobytes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// How many containers' logs are read for the log of the whole gateway.
const LOGS_MAX: usize = 32;

/// Docker, through its socket.
#[derive(Clone, Debug)]
pub struct Docker {
    socket: PathBuf,
    services: Vec<String>,
}

/// What we read of a container's description.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Container {
    state: State,
    config: Config,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    #[serde(default)]
    tty: bool,
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

impl Docker {
    /// Docker of this machine; the logs of `services` together are the log of the whole gateway.
    pub fn system(services: Vec<String>) -> Self {
        Self::with_socket(Path::new("/var/run/docker.sock"), services)
    }

    /// Docker behind another socket.
    pub fn with_socket(socket: &Path, services: Vec<String>) -> Self {
        Self { socket: socket.to_owned(), services }
    }

    pub(super) async fn control(&self, action: Action, service: &str) -> Result<(), Cause> {
        let verb = match action {
            Action::Stop => format!("stop?t={STOP_GRACE_SECS}"),
            Action::Restart => format!("restart?t={STOP_GRACE_SECS}"),
            Action::Start | Action::State | Action::Logs => "start".to_owned(),
        };
        // 304: it runs, or is stopped, already.
        self.call("POST", service, &verb, COMMAND_LIMIT, &[204, 304]).await.map(|_| ())
    }

    pub(super) async fn state(&self, service: &str) -> Result<ServiceState, Cause> {
        match self.inspect(service).await {
            Ok(container) => Ok(parse_state(&container.state.status)),
            Err(Cause::DockerRefused { status: 404, .. }) => Ok(ServiceState::Unknown),
            Err(cause) => Err(cause),
        }
    }

    pub(super) fn tail_logs(&self, source: LogSource) -> LogLines {
        let docker = self.clone();
        match source {
            LogSource::Service(service) => {
                LogLines::spawn(async move |lines| docker.follow(&service, "", &lines).await)
            }
            LogSource::System => LogLines::spawn(async move |lines| docker.follow_all(&lines).await),
        }
    }

    async fn inspect(&self, service: &str) -> Result<Container, Cause> {
        let body = self.call("GET", service, "json", STATE_LIMIT, &[200]).await?;
        serde_json::from_slice(&body).map_err(|error| self.unreachable(io::Error::other(error)))
    }

    /// The logs of all services, each line with the name of its service. One that has no log is left out.
    async fn follow_all(self, lines: &Lines) -> Result<(), ServiceError> {
        let mut readers = JoinSet::new();
        for service in self.services.clone().into_iter().take(LOGS_MAX) {
            let (docker, lines) = (self.clone(), lines.clone());
            readers.spawn(async move {
                let prefix = format!("{service}: ");
                docker.follow(&service, &prefix, &lines).await
            });
        }
        let mut failures = Vec::new();
        let wanted = readers.len();
        while let Some(ended) = readers.join_next().await {
            failures.extend(ended.ok().and_then(Result::err));
        }
        match failures.pop() {
            Some(error) if failures.len() + 1 == wanted => Err(error),
            _ => Ok(()),
        }
    }

    /// One service's log, until its container ends or nobody listens any more.
    async fn follow(&self, service: &str, prefix: &str, lines: &Lines) -> Result<(), ServiceError> {
        let failed = |cause: Cause| cause.of(Action::Logs, service);
        let tty = self.inspect(service).await.map_err(failed)?.config.tty;
        let query = format!("logs?follow=1&stdout=1&stderr=1&tail={LOG_LINES_FIRST}");
        let mut log = self.answer("GET", service, &query, STATE_LIMIT, &[200]).await.map_err(failed)?;
        let mut streams = Demultiplexer::new(tty);
        let mut complete = Vec::new();
        loop {
            let piece = tokio::select! {
                piece = log.chunk() => piece.map_err(|source| failed(self.unreachable(source)))?,
                () = lines.closed() => return Ok(()),
            };
            match &piece {
                Some(piece) => streams.push(piece, |line| complete.push(line)),
                None => streams.finish(|line| complete.push(line)),
            }
            for line in complete.drain(..) {
                if lines.send(Ok(format!("{prefix}{line}"))).await.is_err() {
                    return Ok(());
                }
            }
            if piece.is_none() {
                return Ok(());
            }
        }
    }

    /// One call and its whole answer.
    async fn call(
        &self,
        method: &str,
        container: &str,
        rest: &str,
        limit: Duration,
        good: &[u16],
    ) -> Result<Vec<u8>, Cause> {
        let answer = self.answer(method, container, rest, limit, good).await?;
        within(limit, whole(answer)).await.map_err(|source| self.unreachable(source))
    }

    /// One call and the beginning of its answer.
    async fn answer(
        &self,
        method: &str,
        container: &str,
        rest: &str,
        limit: Duration,
        good: &[u16],
    ) -> Result<UnixResponse, Cause> {
        let path = format!("/containers/{}/{rest}", escaped(container));
        let answer = within(limit, unix_http::request(&self.socket, method, &path, None)).await;
        let answer = answer.map_err(|source| self.unreachable(source))?;
        if good.contains(&answer.status) {
            return Ok(answer);
        }
        let status = answer.status;
        let body = within(STATE_LIMIT, whole(answer)).await.unwrap_or_default();
        let said = match serde_json::from_slice::<Refusal>(&body) {
            Ok(refusal) => shortened(&refusal.message),
            Err(_) => shortened(&String::from_utf8_lossy(&body)),
        };
        Err(Cause::DockerRefused { status, said })
    }

    fn unreachable(&self, source: io::Error) -> Cause {
        Cause::DockerUnreachable { socket: self.socket.display().to_string(), source }
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = || io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {} s", limit.as_secs()));
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(late()))
}

async fn whole(mut answer: UnixResponse) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        if body.len() + piece.len() > ANSWER_BYTES_MAX {
            return Err(io::Error::other("the answer is too long"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// A container's name as a part of a URL's path (RFC 3986, 2.1).
fn escaped(name: &str) -> String {
    let mut path = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => path.push(byte.into()),
            other => write!(path, "%{other:02X}").expect("invariant: a String takes every write"),
        }
    }
    path
}

fn parse_state(status: &str) -> ServiceState {
    match status {
        "running" => ServiceState::Active,
        "restarting" => ServiceState::Activating,
        "removing" => ServiceState::Deactivating,
        "created" | "paused" | "exited" => ServiceState::Inactive,
        "dead" => ServiceState::Failed,
        _ => ServiceState::Unknown,
    }
}

#[cfg(test)]
mod tests;
