//! The calls of Docker's API (Engine API 1.24 and later) that an upgrade needs. Names were checked when the manifest was read.
//!
//! Each call names the version of the API that it is meant for: engines of these days refuse old ones, and what a call
//! without a version means changes with the engine.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use magma_rpc::unix_http::{self, UnixResponse};
use serde_json::{Value, json};

use crate::installer::InstallError;

/// What is written here is version 1.44 of the API; engines take the versions between their oldest and their newest.
const SPOKEN: ApiVersion = ApiVersion(1, 44);
/// For calls that Docker answers at once.
const CALL_LIMIT: Duration = Duration::from_secs(60);
/// A container may take its own time to stop, and is killed by Docker after that.
const STOP_LIMIT: Duration = Duration::from_secs(300);
/// How long a pull may be silent, and take altogether.
const PULL_SILENCE_MAX: Duration = Duration::from_secs(300);
const PULL_LIMIT: Duration = Duration::from_secs(6 * 3600);
/// The longest answer that is read whole, and the longest line of a pull's progress, in bytes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// A version of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ApiVersion(u32, u32);

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
        let path = format!("/containers/{name}/stop");
        let answer = self.answer("POST", &path, &[], None, STOP_LIMIT).await?;
        self.among(answer, &[204, 304, 404]).await
    }

    /// Sets when Docker starts a container by itself; none for never.
    pub(super) async fn set_restarts(&self, name: &str, policy: Option<&Value>) -> Result<(), InstallError> {
        let policy = policy.cloned().unwrap_or_else(|| json!({ "Name": "no" }));
        let body = json!({ "RestartPolicy": policy }).to_string().into_bytes();
        self.order("POST", &format!("/containers/{name}/update"), Some(body), &[200]).await
    }

    /// Puts a container into one more network.
    pub(super) async fn connect(
        &self,
        network: &str,
        name: &str,
        endpoint: &Value,
    ) -> Result<(), InstallError> {
        let body = json!({ "Container": name, "EndpointConfig": endpoint }).to_string().into_bytes();
        self.order("POST", &format!("/networks/{network}/connect"), Some(body), &[200]).await
    }

    /// 404: it is not there any more.
    pub(super) async fn remove(&self, name: &str) -> Result<(), InstallError> {
        self.order("DELETE", &format!("/containers/{name}?force=true"), None, &[204, 404]).await
    }

    /// Pulls an image by its digest, which Docker verifies. `login` is the value of `X-Registry-Auth`.
    pub(super) async fn pull(
        &self,
        repository: &str,
        sha256: &str,
        login: Option<&str>,
    ) -> Result<(), InstallError> {
        let path = format!("/images/create?fromImage={repository}&tag=sha256:{sha256}");
        let pulled = tokio::time::timeout(PULL_LIMIT, self.pulled(&path, login)).await;
        pulled.unwrap_or_else(|_| Err(self.unreachable(io::ErrorKind::TimedOut.into())))
    }

    /// Docker answers 200 and says later, line by line, how it goes.
    async fn pulled(&self, path: &str, login: Option<&str>) -> Result<(), InstallError> {
        let login = login.map(|login| ("x-registry-auth", login));
        let mut answer = self.answer("POST", path, login.as_slice(), None, PULL_SILENCE_MAX).await?;
        match answer.status {
            200 => {}
            // A registry that has it not, or not for us; the others are what lies between here and there.
            status @ (400 | 401 | 403 | 404) => return Err(refusal(status, &self.whole(answer).await?)),
            status => {
                let InstallError { reason, .. } = refusal(status, &self.whole(answer).await?);
                return Err(InstallError::passing(reason));
            }
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
        let answer = self.answer("GET", path, &[], None, CALL_LIMIT).await?;
        self.document(answer).await
    }

    /// The JSON of an answer; none for 404.
    async fn document(&self, answer: UnixResponse) -> Result<Option<Value>, InstallError> {
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
        let answer = self.answer(method, path, &[], body, CALL_LIMIT).await?;
        self.among(answer, good).await
    }

    async fn among(&self, answer: UnixResponse, good: &[u16]) -> Result<(), InstallError> {
        let status = answer.status;
        if good.contains(&status) { Ok(()) } else { Err(refusal(status, &self.whole(answer).await?)) }
    }

    async fn answer(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
        limit: Duration,
    ) -> Result<UnixResponse, InstallError> {
        let path = self.prefix().await? + path;
        let asked = unix_http::request_with(&self.socket, method, &path, headers, body);
        self.within(limit, asked).await
    }

    /// Asked anew for each call, since an engine may be upgraded at any time.
    async fn prefix(&self) -> Result<String, InstallError> {
        let asked = unix_http::request(&self.socket, "GET", "/version", None);
        let answer = self.within(CALL_LIMIT, asked).await?;
        Ok(prefix_of(&self.document(answer).await?.unwrap_or_default()))
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

/// What stands before a path, so that the engine which said this of itself takes it; nothing where it said nothing.
fn prefix_of(engine: &Value) -> String {
    let version = |key: &str| {
        let (major, minor) = engine[key].as_str()?.split_once('.')?;
        Some(ApiVersion(major.parse().ok()?, minor.parse().ok()?))
    };
    let Some(newest) = version("ApiVersion") else { return String::new() };
    let ApiVersion(major, minor) = SPOKEN.max(version("MinAPIVersion").unwrap_or(SPOKEN)).min(newest);
    format!("/v{major}.{minor}")
}

/// A line of a pull's progress; a registry that does not answer is said here too.
fn check_progress(line: &[u8]) -> Result<(), InstallError> {
    let progress: Value = serde_json::from_slice(line).unwrap_or_default();
    match progress["errorDetail"]["message"].as_str().or(progress["error"].as_str()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_named_that_the_engine_takes() {
        for (engine, expected) in [
            (json!({ "ApiVersion": "1.41", "MinAPIVersion": "1.12" }), "/v1.41"),
            (json!({ "ApiVersion": "1.44", "MinAPIVersion": "1.24" }), "/v1.44"),
            (json!({ "ApiVersion": "1.52", "MinAPIVersion": "1.44" }), "/v1.44"),
            (json!({ "ApiVersion": "1.60", "MinAPIVersion": "1.50" }), "/v1.50"),
            (json!({ "ApiVersion": "1.9" }), "/v1.9"),
            (json!({ "ApiVersion": "one" }), ""),
            (Value::Null, ""),
        ] {
            assert_eq!(prefix_of(&engine), expected, "{engine}");
        }
    }

    #[test]
    fn a_pull_that_fails_says_so_in_either_field() {
        for (line, fails) in [
            (r#"{"status":"Downloading","progressDetail":{"current":1},"id":"a"}"#, false),
            (r#"{"errorDetail":{"code":7,"message":"unauthorized"}}"#, true),
            (r#"{"error":"manifest unknown"}"#, true),
            ("", false),
        ] {
            assert_eq!(check_progress(line.as_bytes()).is_err(), fails, "{line}");
        }
    }
}
