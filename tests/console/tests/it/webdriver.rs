//! A small WebDriver client (W3C WebDriver): JSON over HTTP/1.1 to a `chromedriver` of our own on loopback.

use std::process::Stdio;
use std::time::Duration;

use magma_free_port::free_port;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Generous, for a slow machine that starts a browser.
const LIMIT: Duration = Duration::from_secs(120);

/// A browser, which ends with this.
pub struct Driver {
    _group: Group,
    _driver: Child,
    _home: TempDir,
    port: u16,
    session: String,
}

/// The processes of one driver, which would outlive it when a test fails.
struct Group(u32);

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.0);
        let _ = std::process::Command::new("kill").args(["-KILL", "--", &group]).status();
    }
}

impl Driver {
    /// Starts a browser of this size; `None`: there is none on this machine.
    pub async fn start(width: u32, height: u32) -> Option<Self> {
        for program in ["chromedriver", "chromium"] {
            if Command::new(program).arg("--version").output().await.is_err() {
                println!("skipped: {program} is needed");
                return None;
            }
        }
        let home = tempfile::tempdir().unwrap();
        // It would choose a port that is free at `::1`, and end where `127.0.0.1` has none of that number.
        let port = free_port();
        let mut driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .env("HOME", home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let group = Group(driver.id().unwrap());
        timeout(LIMIT, listens(&mut driver)).await.expect("chromedriver listens");
        let arguments = [
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            "--hide-scrollbars".to_owned(),
            // Whatever else a page asked for would not be found.
            "--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", home.path().join("profile").display()),
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "acceptInsecureCerts": true,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {"args": arguments},
        }}});
        let mut this = Self { _group: group, _driver: driver, _home: home, port, session: String::new() };
        let made = this.call("POST", "/session", wanted).await.unwrap_or_else(|error| panic!("{error}"));
        this.session = format!("/session/{}", made["sessionId"].as_str().unwrap());
        Some(this)
    }

    /// One command of this session that must succeed.
    pub async fn command(&self, path: &str, body: Value) -> Value {
        let called = self.call("POST", &format!("{}{path}", self.session), body).await;
        called.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// One that may fail, as a script does while its page goes.
    pub async fn attempt(&self, path: &str, body: Value) -> Result<Value, String> {
        self.call("POST", &format!("{}{path}", self.session), body).await
    }

    /// What the session tells.
    pub async fn ask(&self, path: &str) -> Value {
        let called = self.call("GET", &format!("{}{path}", self.session), Value::Null).await;
        called.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The end of the browser, which chromedriver would leave behind when it is killed.
    pub async fn quit(self) {
        let _ = self.call("DELETE", &self.session, Value::Null).await;
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Result<Value, String> {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        let exchanged = timeout(LIMIT, exchange(self.port, request)).await;
        let (is_success, body) = exchanged.expect("an answer of chromedriver");
        let answer: Value = serde_json::from_slice(&body).expect("JSON of chromedriver");
        if is_success { Ok(answer["value"].clone()) } else { Err(answer.to_string()) }
    }
}

/// When it listens at its port.
async fn listens(driver: &mut Child) {
    let (mut lines, mut said) = (BufReader::new(driver.stdout.take().unwrap()).lines(), String::new());
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains("started successfully on port ") {
            // What else it says has a reader, so that it never waits for one.
            tokio::spawn(async move { while lines.next_line().await.is_ok_and(|line| line.is_some()) {} });
            return;
        }
        said += &format!("{line}\n");
    }
    panic!("chromedriver ended: {said}");
}

/// Whether the answer is 200, and its body; the driver leaves the connection open.
async fn exchange(port: u16, request: String) -> (bool, Vec<u8>) {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut is_success, mut length) = (false, 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        match line.trim_end().split_once([':', ' ']) {
            None => break,
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap();
            }
            Some((name, value)) if name.starts_with("HTTP/") => is_success = value.starts_with("200"),
            Some(_) => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    (is_success, body)
}
