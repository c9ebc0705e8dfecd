//! A real Prometheus and a real Alertmanager on ports of their own, and a webhook that they tell.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use magma_free_port::free_port;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::PATIENCE;

/// A program that serves HTTP, ended with the test.
pub struct Program {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// None when it is not installed.
    pub fn prometheus(config: &str) -> Option<Self> {
        Self::start("/usr/bin/prometheus", |folder, address| {
            let file = folder.join("prometheus.yml");
            std::fs::write(&file, config).unwrap();
            vec![
                format!("--config.file={}", file.display()),
                format!("--storage.tsdb.path={}", folder.join("data").display()),
                format!("--web.listen-address={address}"),
                "--web.enable-remote-write-receiver".to_owned(),
                "--web.enable-lifecycle".to_owned(),
            ]
        })
    }

    /// None when it is not installed. It is alone: no other tells it what was told.
    pub fn alertmanager(config: &Path) -> Option<Self> {
        Self::start("/usr/bin/prometheus-alertmanager", |folder, address| {
            vec![
                format!("--config.file={}", config.display()),
                format!("--storage.path={}", folder.join("data").display()),
                format!("--web.listen-address={address}"),
                "--cluster.listen-address=".to_owned(),
            ]
        })
    }

    fn start(program: &str, arguments: impl Fn(&Path, SocketAddr) -> Vec<String>) -> Option<Self> {
        if !Path::new(program).exists() {
            println!("skipped: {program} is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut command = Command::new(program);
        command.args(arguments(folder.path(), address));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut started = Self { child, address, _folder: folder };
        started.wait_until_ready(program);
        Some(started)
    }

    fn wait_until_ready(&mut self, program: &str) {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            assert!(self.child.try_wait().unwrap().is_none(), "{program} ended");
            if TcpStream::connect(self.address).is_ok() && get(self.address, "/-/ready").0 == 200 {
                return;
            }
            std::thread::yield_now();
        }
        panic!("{program} does not start");
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it answers.
    pub async fn get(&self, path: &str) -> String {
        let (address, path) = (self.address, path.to_owned());
        tokio::task::spawn_blocking(move || get(address, &path).1).await.unwrap()
    }
}

fn get(address: SocketAddr, path: &str) -> (u16, String) {
    use std::io::{Read, Write};
    let mut answer = Vec::new();
    let asked = TcpStream::connect(address).and_then(|mut stream| {
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
        stream.read_to_end(&mut answer)
    });
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.filter(|_| asked.is_ok()).unwrap_or(0), answer)
}

/// A receiver of alerts.
pub struct Webhook {
    address: SocketAddr,
    messages: mpsc::UnboundedReceiver<Value>,
}

impl Webhook {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (told, messages) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let told = told.clone();
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    let (mut line, mut length) = (String::new(), 0);
                    while stream.read_line(&mut line).await.is_ok_and(|read| read > 2) {
                        let header = line.to_ascii_lowercase();
                        if let Some(value) = header.strip_prefix("content-length:") {
                            length = value.trim().parse().unwrap();
                        }
                        line.clear();
                    }
                    let mut body = vec![0; length];
                    if stream.read_exact(&mut body).await.is_ok() {
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                        let _ = stream.write_all(answer).await;
                        let _ = told.send(serde_json::from_slice(&body).unwrap_or_default());
                    }
                });
            }
        });
        Self { address, messages }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub async fn next(&mut self) -> Value {
        self.messages.recv().await.unwrap()
    }
}
