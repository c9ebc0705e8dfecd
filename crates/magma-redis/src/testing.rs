//! A Redis server of its own for each test: on a socket in a temporary folder, without a port, ended with the test.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::{Redis, RedisAddress};

/// A running server; dropping it ends it.
#[derive(Debug)]
pub struct RedisServer {
    child: Child,
    folder: TempDir,
}

impl RedisServer {
    /// Starts `redis-server` and waits until it answers; none, and a line that says so, when it is not installed.
    ///
    /// # Errors
    /// When it is installed but does not come up within a minute.
    pub async fn start() -> std::io::Result<Option<Self>> {
        let folder = TempDir::new()?;
        let socket = folder.path().join("redis.sock");
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--appendonly", "no", "--dir"]).arg(folder.path());
        command.arg("--unixsocket").arg(&socket).stdin(Stdio::null()).stdout(Stdio::null());
        let Ok(child) = command.spawn() else {
            skipped("redis-server");
            return Ok(None);
        };
        let server = Self { child, folder };
        for _ in 0..1200 {
            if server.redis().command(&[b"PING"]).await.is_ok() {
                return Ok(Some(server));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(std::io::Error::other("redis-server does not answer"))
    }

    /// Its socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// A folder that ends with the server.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A new client.
    pub fn redis(&self) -> Redis {
        Redis::new(RedisAddress::Unix(self.socket()))
    }

    /// Closes every client's connection, as a restart does.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn disconnect_all(&self) -> Result<(), crate::RedisError> {
        self.redis().command(&[b"CLIENT", b"KILL", b"TYPE", b"normal", b"SKIPME", b"yes"]).await.map(drop)
    }

    /// Runs a Python program with the server's socket as its first argument and returns what it puts out; none, and a
    /// line that says so, when Python or one of `packages` is not installed.
    ///
    /// # Errors
    /// When the program fails.
    pub async fn python(&self, packages: &[&str], program: &str) -> std::io::Result<Option<String>> {
        let imports = format!("import {}", packages.join(", "));
        let has_packages = Command::new("python3").args(["-c", &imports]).stderr(Stdio::null()).status();
        if !has_packages.is_ok_and(|status| status.success()) {
            skipped(&format!("python3 with {}", packages.join(", ")));
            return Ok(None);
        }
        let mut command = Command::new("python3");
        command.arg("-c").arg(format!("{imports}, sys\n{program}")).arg(self.socket());
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        if output.status.success() {
            return Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned()));
        }
        Err(std::io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[allow(clippy::print_stderr, reason = "a test's reader must know what was not tested")]
fn skipped(program: &str) {
    eprintln!("skipped: {program} is not installed (.ci/install installs it)");
}
