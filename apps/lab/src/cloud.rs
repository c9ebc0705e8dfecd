//! The Orchestrator of the lab, and its REST API as an operator uses it.

use crate::child::{Child, Program};
use crate::ports;
use anyhow::{Context, Result, bail};
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::http_call::{self, HttpAnswer};
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Names below `.localhost` are this machine, by standard: no /etc/hosts, no DNS.
const DOMAIN: &str = "magma.localhost";
/// The limit for one REST call; a command's answer comes from the gateway.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// The running Orchestrator.
pub struct Cloud {
    /// Its process.
    pub child: Child,
    folder: PathBuf,
    ports: Vec<u16>,
    rest: Option<Channel>,
}

impl Cloud {
    /// Starts it with a fresh store in `folder`.
    pub fn start(program: &Program, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let ports = ports::free(4)?;
        let address = |index: usize| format!("127.0.0.1:{}", ports[index]);
        let (gateways, bootstrap, rest, logs) = (address(0), address(1), address(2), address(3));
        let data = folder.to_string_lossy();
        let arguments = [
            "serve",
            "--data-dir",
            &data,
            "--domain",
            DOMAIN,
            "--listen-gateways",
            &gateways,
            "--listen-bootstrap",
            &bootstrap,
            "--listen-rest",
            &rest,
            "--listen-logs",
            &logs,
        ];
        let child = program.start("orc8r", &arguments, &folder.join("orc8r.log"))?;
        Ok(Self { child, folder: folder.to_owned(), ports, rest: None })
    }

    /// The domain that it serves.
    pub fn domain(&self) -> String {
        DOMAIN.to_owned()
    }

    /// The port for gateways without a certificate.
    pub fn bootstrap_port(&self) -> u16 {
        self.ports[1]
    }

    /// The port for gateways with a certificate.
    pub fn gateway_port(&self) -> u16 {
        self.ports[0]
    }

    /// Where an operator's browser or `curl` goes.
    pub fn rest_url(&self) -> String {
        format!("https://controller.{DOMAIN}:{}/magma/v1", self.ports[2])
    }

    /// The root certificate that gateways and operators trust.
    pub fn root_certificate(&self) -> PathBuf {
        self.certificate("rootCA.pem")
    }

    /// A file of the certificate folder.
    pub fn certificate(&self, name: &str) -> PathBuf {
        self.folder.join("certs").join(name)
    }

    /// Its version, once it answers; the inner error is why it does not yet.
    pub async fn answers(&mut self) -> Result<Result<Value>> {
        self.child.check()?;
        if self.rest.is_none() {
            match self.open_rest() {
                Ok(channel) => self.rest = Some(channel),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(self.call("GET", "/about/version", None).await)
    }

    fn open_rest(&self) -> Result<Channel> {
        let trust = TrustAnchors::from_pem(&fs::read(self.root_certificate())?)?;
        let certificate = fs::read(self.certificate("admin_operator.pem"))?;
        let identity =
            Identity::from_pem(&certificate, &fs::read(self.certificate("admin_operator.key.pem"))?)?;
        let name = format!("controller.{DOMAIN}");
        let connection = Connection::new(Endpoint {
            host: "127.0.0.1".to_owned(),
            port: self.ports[2],
            server_name: name.clone(),
            transport: Transport::Tls(ClientTls::new(&trust, Some(&identity))?),
        });
        Ok(connection.channel(&name))
    }

    /// One REST call with its JSON answer; `Null` when the answer is empty.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let whole = async {
            let answer = self.open(method, path, body).await?;
            Ok::<_, anyhow::Error>((answer.status, answer.bytes().await?))
        };
        let (status, bytes) = tokio::time::timeout(CALL_LIMIT, whole)
            .await
            .with_context(|| format!("{method} {path} got no answer within {} s", CALL_LIMIT.as_secs()))??;
        if !(200..300).contains(&status) {
            bail!("{method} {path} answered {status}: {}", String::from_utf8_lossy(&bytes));
        }
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).with_context(|| format!("{method} {path}: the answer is no JSON"))
    }

    /// One REST call whose answer is read piece by piece.
    pub async fn open(&self, method: &str, path: &str, body: Option<&Value>) -> Result<HttpAnswer> {
        let channel = self.rest.as_ref().context("the REST connection is not open")?;
        let body = body.map(|value| value.to_string().into_bytes());
        Ok(http_call::request(channel, method, &format!("/magma/v1{path}"), body).await?)
    }
}
