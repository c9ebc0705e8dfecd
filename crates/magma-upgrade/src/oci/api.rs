//! The calls of Docker's API (Engine API 1.24 and later) that an upgrade needs. Names were checked when the manifest was read.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use magma_rpc::unix_http::{self, UnixResponse};
use serde_json::Value;

use crate::installer::InstallError;

/// For calls that Docker answers at once.
const CALL_LIMIT: Duration = Duration::from_secs(60);
/// How long a pull may be silent, and take altogether.
const PULL_SILENCE_MAX: Duration = Duration::from_secs(300);
const PULL_LIMIT: Duration = Duration::from_secs(6 * 3600);
/// The longest answer that is read whole, and the longest line of a pull's progress, in bytes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Docker's socket.
#[derive(Clone, Debug)]
pub(super) struct Api {
    socket: PathBuf,
}

impl Api {
    pub(super) fn new(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// What Docker knows of an image; none if it has none.
    pub(super) async fn image(&self, name: &str) -> Result<Option<Value>, InstallError> {
        self.inspect(&format!("/images/{name}/json")).await
    }

    /// What Docker knows of a container; none if it has none.
    pub(super) async fn container(&self, name: &str) -> Result<Option<Value>, InstallError> {
        self.inspect(&format!("/containers/{name}/json")).await
    }

    pub(super) async fn tag(&self, image: &str, repository: &str, tag: &str) -> Result<(), InstallError> {
        self.order("POST", &format!("/images/{image}/tag?repo={repository}&tag={tag}"), None, &[201]).await
    }

    pub(super) async fn create(&self, name: &str, settings: &Value) -> Result<(), InstallError> {
        let body = settings.to_string().into_bytes();
        self.order("POST", &format!("/containers/create?name={name}"), Some(body), &[201]).await
    }

    pub(super) async fn rename(&self, from: &str, to: &str) -> Result<(), InstallError> {
        self.order("POST", &format!("/containers/{from}/rename?name={to}"), None, &[204]).await
    }

    /// 304: it runs already.
    pub(super) async fn start(&self, name: &str) -> Result<(), InstallError> {
        self.order("POST", &format!("/containers/{name}/start"), None, &[204, 304]).await
    }

    /// 404: there is none, so it does not run.
    pub(super) async fn stop(&self, name: &str) -> Result<(), InstallError> {
        self.order("POST", &format!("/containers/{name}/stop?t=10"), None, &[204, 304, 404]).await
    }

    /// 404: it is not there any more.
    pub(super) async fn remove(&self, name: &str) -> Result<(), InstallError> {
        self.order("DELETE", &format!("/containers/{name}?force=true"), None, &[204, 404]).await
    }

    /// Pulls an image by its digest, which Docker verifies.
    pub(super) async fn pull(&self, repository: &str, sha256: &str) -> Result<(), InstallError> {
        let path = format!("/images/create?fromImage={repository}&tag=sha256:{sha256}");
        let pulled = tokio::time::timeout(PULL_LIMIT, self.pulled(&path)).await;
        pulled.unwrap_or_else(|_| Err(self.unreachable(io::ErrorKind::TimedOut.into())))
    }

    /// Docker answers 200 and says later, line by line, how it goes.
    async fn pulled(&self, path: &str) -> Result<(), InstallError> {
        let mut answer = self.answer("POST", path, None, PULL_SILENCE_MAX).await?;
        if answer.status != 200 {
            return Err(refusal(answer.status, &self.whole(answer).await?));
        }
        let mut rest: Vec<u8> = Vec::new();
        loop {
            let piece = self.within(PULL_SILENCE_MAX, answer.chunk()).await?;
            let Some(piece) = piece else { break };
            rest.extend_from_slice(&piece);
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                check_progress(&line)?;
            }
            if rest.len() > ANSWER_BYTES_MAX {
                return Err(self.unreachable(io::Error::other("a line of the answer is too long")));
            }
        }
        check_progress(&rest)
    }

    async fn inspect(&self, path: &str) -> Result<Option<Value>, InstallError> {
        let answer = self.answer("GET", path, None, CALL_LIMIT).await?;
        let status = answer.status;
        let body = self.whole(answer).await?;
        match status {
            404 => Ok(None),
            200 => {
                let value = serde_json::from_slice(&body);
                value.map(Some).map_err(|error| self.unreachable(io::Error::other(error)))
            }
            _ => Err(refusal(status, &body)),
        }
    }

    async fn order(
        &self,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
        good: &[u16],
    ) -> Result<(), InstallError> {
        let answer = self.answer(method, path, body, CALL_LIMIT).await?;
        let status = answer.status;
        if good.contains(&status) { Ok(()) } else { Err(refusal(status, &self.whole(answer).await?)) }
    }

    async fn answer(
        &self,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
        limit: Duration,
    ) -> Result<UnixResponse, InstallError> {
        self.within(limit, unix_http::request(&self.socket, method, path, body)).await
    }

    async fn whole(&self, mut answer: UnixResponse) -> Result<Vec<u8>, InstallError> {
        let mut body = Vec::new();
        while let Some(piece) = self.within(CALL_LIMIT, answer.chunk()).await? {
            if body.len() + piece.len() > ANSWER_BYTES_MAX {
                return Err(self.unreachable(io::Error::other("the answer is too long")));
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = io::Result<T>>,
    ) -> Result<T, InstallError> {
        let done = tokio::time::timeout(limit, work).await;
        done.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(|error| self.unreachable(error))
    }

    fn unreachable(&self, error: io::Error) -> InstallError {
        InstallError::passing(format!(
            "Docker does not answer on {}: {error}; is it running?",
            self.socket.display()
        ))
    }
}

/// A line of a pull's progress; a registry that does not answer is said here too.
fn check_progress(line: &[u8]) -> Result<(), InstallError> {
    let progress: Value = serde_json::from_slice(line).unwrap_or_default();
    match progress["error"].as_str() {
        Some(error) => {
            Err(InstallError::passing(format!("Docker cannot pull the image: {}", shortened(error))))
        }
        None => Ok(()),
    }
}

fn refusal(status: u16, body: &[u8]) -> InstallError {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = said["message"].as_str().unwrap_or("it does not say why");
    InstallError::lasting(format!("Docker refuses (HTTP {status}): {}", shortened(said)))
}

fn shortened(text: &str) -> String {
    text.chars().take(300).collect()
}
