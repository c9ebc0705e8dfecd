//! A real Prometheus, started for one test on a port of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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

impl Prometheus {
    /// None when it is not installed.
    pub fn start() -> Option<Self> {
        let program = Path::new("/usr/bin/prometheus");
        if !program.exists() {
            println!("skipped: {} is not installed", program.display());
            return None;
        }
        // Somebody else may take the port between our look and its start.
        let started = (0..5).find_map(|_| Self::try_start(program));
        Some(started.expect("Prometheus starts"))
    }

    fn try_start(program: &Path) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("prometheus.yml");
        std::fs::write(&config, "global:\n  scrape_interval: 1h\n").unwrap();
        let address = free_address();
        let child = Command::new(program)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .args(["--web.enable-remote-write-receiver", "--log.level=error"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut prometheus = Self { child, address, _folder: folder };
        prometheus.is_ready().then_some(prometheus)
    }

    fn is_ready(&mut self) -> bool {
        let end = Instant::now() + START_LIMIT;
        while Instant::now() < end {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            if TcpStream::connect(self.address).is_ok() && self.call("GET", "/-/ready", b"", "").0 == 200 {
                return true;
            }
            std::thread::yield_now();
        }
        panic!("Prometheus does not start");
    }

    /// Where it takes remote writes.
    pub fn write_url(&self) -> String {
        format!("http://{}/api/v1/write", self.address)
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

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
