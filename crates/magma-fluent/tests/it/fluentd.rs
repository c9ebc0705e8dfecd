//! The receiver as a child process, and the certificates on both sides.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// How long anything may take: much longer than it does.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The name in the receiver's certificate.
pub const NAME: &str = "localhost";

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A client that trusts `self` and was certified by `certifier` under this name.
    pub fn client(&self, certifier: &Self, name: &str) -> ClientTls {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        let (cert, key) = certifier.issue(params);
        let identity = Identity::from_pem(cert.as_bytes(), key.as_bytes()).unwrap();
        ClientTls::new(&TrustAnchors::from_pem(self.pem.as_bytes()).unwrap(), Some(&identity)).unwrap()
    }

    fn issue(&self, params: CertificateParams) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// The receiver; it ends with the value.
pub struct Fluentd {
    pub port: u16,
    lines: Lines<BufReader<ChildStdout>>,
    input: ChildStdin,
    _child: Child,
    _folder: TempDir,
}

/// Whether the receiver can run here; says so when it cannot.
pub async fn available() -> bool {
    let probe = Command::new("python3").args(["-c", "import msgpack, ssl"]).output().await;
    let available = probe.is_ok_and(|output| output.status.success());
    if !available {
        println!("skipped: python3 with msgpack is not installed");
    }
    available
}

fn python() -> Command {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/python/fluentd.py");
    let mut command = Command::new("python3");
    command.arg("-B").arg(script).stderr(Stdio::inherit()).kill_on_drop(true);
    command
}

/// Sends to the forward input as a foreign client, and returns when all is acknowledged.
pub async fn send_to(port: u16) {
    let status = python().arg("send").arg(port.to_string()).status();
    let status = tokio::time::timeout(PATIENCE, status).await.expect("in time").unwrap();
    assert!(status.success());
}

impl Fluentd {
    /// A receiver whose certificate `root` issued, for clients of `certifier`.
    pub async fn start(root: &Authority, certifier: &Authority) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (cert, key) = root.issue(CertificateParams::new(vec![NAME.to_owned()]).unwrap());
        for (file, text) in
            [("server.crt", cert), ("server.key", key), ("clients.pem", certifier.pem.clone())]
        {
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let mut child =
            python().arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port =
            tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it starts").unwrap().unwrap();
        let input = child.stdin.take().unwrap();
        Self { port: port.parse().unwrap(), lines, input, _child: child, _folder: folder }
    }

    /// The next thing that it says.
    pub async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        serde_json::from_str(&line.expect("it says something").unwrap().expect("it runs")).unwrap()
    }

    /// Changes what becomes of messages, and returns what was said before it did.
    pub async fn behave(&mut self, manner: &str) -> Vec<Value> {
        self.input.write_all(format!("{manner}\n").as_bytes()).await.unwrap();
        let mut before = Vec::new();
        loop {
            let said = self.next().await;
            if said["manner"] == manner {
                return before;
            }
            before.push(said);
        }
    }

    /// The field `field` of the next `count` records.
    pub async fn records(&mut self, field: &str, count: usize) -> Vec<String> {
        let mut found = Vec::new();
        while found.len() < count {
            let said = self.next().await;
            for record in said["records"].as_array().into_iter().flatten() {
                found.push(record[field].as_str().unwrap_or_default().to_owned());
            }
        }
        found
    }
}
