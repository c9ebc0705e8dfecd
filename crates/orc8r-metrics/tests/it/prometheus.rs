//! A real Prometheus, or another engine that speaks its API, started for one test on a port of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use magma_free_port::free_port;
use serde_json::Value;
use tempfile::TempDir;

/// How long it may take to start, on a machine that has much else to do.
const START_LIMIT: Duration = Duration::from_secs(60);

pub struct Prometheus {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What speaks Prometheus' API.
#[derive(Clone, Copy)]
pub enum Kind {
    Prometheus,
    VictoriaMetrics,
}

impl Kind {
    fn program(self) -> &'static str {
        match self {
            Self::Prometheus => "/usr/bin/prometheus",
            Self::VictoriaMetrics => "/usr/bin/victoria-metrics",
        }
    }

    fn command(self, folder: &Path, address: SocketAddr) -> Command {
        let data = folder.join("data");
        match self {
            Self::Prometheus => {
                let config = folder.join("prometheus.yml");
                std::fs::write(&config, "global:\n  scrape_interval: 1h\n").unwrap();
                let mut command = Command::new(self.program());
                command
                    .arg(format!("--config.file={}", config.display()))
                    .arg(format!("--storage.tsdb.path={}", data.display()))
                    .arg(format!("--web.listen-address={address}"))
                    .args(["--web.enable-remote-write-receiver", "--log.level=error"]);
                command
            }
            Self::VictoriaMetrics => {
                let mut command = Command::new(self.program());
                command
                    .arg(format!("-storageDataPath={}", data.display()))
                    .arg(format!("-httpListenAddr={address}"))
                    .args(["-search.latencyOffset=0s", "-search.disableCache", "-memory.allowedBytes=64MB"]);
                command
            }
        }
    }

    fn ready_path(self) -> &'static str {
        match self {
            Self::Prometheus => "/-/ready",
            Self::VictoriaMetrics => "/health",
        }
    }
}

impl Prometheus {
    /// None when it is not installed.
    pub fn start() -> Option<Self> {
        Self::start_a(Kind::Prometheus)
    }

    /// None when it is not installed.
    pub fn start_a(kind: Kind) -> Option<Self> {
        let program = Path::new(kind.program());
        if !program.exists() {
            println!("skipped: {} is not installed", program.display());
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut command = kind.command(folder.path(), address);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut prometheus = Self { child, address, _folder: folder };
        prometheus.wait_until_ready(kind.ready_path());
        Some(prometheus)
    }

    fn wait_until_ready(&mut self, path: &str) {
        let end = Instant::now() + START_LIMIT;
        while Instant::now() < end {
            assert!(self.child.try_wait().unwrap().is_none(), "the engine ended");
            if TcpStream::connect(self.address).is_ok() && self.call("GET", path, b"", "").0 == 200 {
                return;
            }
            std::thread::yield_now();
        }
        panic!("the engine does not start");
    }

    /// Below which its API is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it takes remote writes.
    pub fn write_url(&self) -> String {
        format!("http://{}/api/v1/write", self.address)
    }

    /// Asks for a path, whatever is answered.
    pub fn get(&self, path: &str) {
        self.call("GET", path, b"", "");
    }

    pub fn remote_write(&self, body: &[u8]) {
        let headers = "Content-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\n";
        let (status, answer) = self.call("POST", "/api/v1/write", body, headers);
        assert_eq!(status, 204, "{answer}");
    }

    /// The answer of an API call with these parameters.
    pub fn api(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let form: Vec<_> =
            parameters.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        let (_, answer) = self.call("POST", &format!("/api/v1/{path}"), form.join("&").as_bytes(), headers);
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    fn call(&self, method: &str, path: &str, body: &[u8], headers: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let length = body.len();
        write!(stream, "{method} {path} HTTP/1.0\r\nContent-Length: {length}\r\n{headers}\r\n").unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, body.to_owned())
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
