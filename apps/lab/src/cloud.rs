//! The Orchestrator of the lab, and its REST API as an operator uses it.

use crate::child::{Child, Program};
use crate::ports;
use crate::rest::Rest;
use anyhow::{Context, Result};
use magma_rpc::channel::{Endpoint, Transport};
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Names below `.localhost` are this machine, by standard: no /etc/hosts, no DNS.
pub const DOMAIN: &str = "magma.localhost";

/// The running Orchestrator.
pub struct Cloud {
    /// Its process.
    pub child: Child,
    folder: PathBuf,
    ports: Vec<u16>,
    rest: Option<Rest>,
}

impl Cloud {
    /// Starts it with a fresh store in `folder`.
    pub fn start(program: &Program, folder: &Path) -> Result<Self> {
        Self::start_with(program, folder, &[])
    }

    /// The same, with further arguments.
    pub fn start_with(program: &Program, folder: &Path, further: &[&str]) -> Result<Self> {
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
        let arguments = [&arguments, further].concat();
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

    /// The name of the door for logs and events.
    pub fn logs_name(&self) -> String {
        format!("fluentd.{DOMAIN}")
    }

    /// Its port.
    pub fn logs_port(&self) -> u16 {
        self.ports[3]
    }

    /// Where a browser goes.
    pub fn console_url(&self) -> String {
        format!("https://controller.{DOMAIN}:{}/console/", self.ports[2])
    }

    /// Where `curl` goes.
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
                Ok(rest) => self.rest = Some(rest),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(self.call("GET", "/about/version", None).await)
    }

    /// Its REST API; another connection each time.
    pub fn open_rest(&self) -> Result<Rest> {
        let trust = TrustAnchors::from_pem(&fs::read(self.root_certificate())?)?;
        let certificate = fs::read(self.certificate("admin_operator.pem"))?;
        let identity =
            Identity::from_pem(&certificate, &fs::read(self.certificate("admin_operator.key.pem"))?)?;
        Ok(Rest::at(Endpoint {
            host: "127.0.0.1".to_owned(),
            port: self.ports[2],
            server_name: format!("controller.{DOMAIN}"),
            transport: Transport::Tls(ClientTls::new(&trust, Some(&identity))?),
        }))
    }

    /// The port for gateways, with the certificate of one.
    pub fn endpoint_for(&self, gateway: &Identity) -> Result<Endpoint> {
        let trust = TrustAnchors::from_pem(&fs::read(self.root_certificate())?)?;
        Ok(Endpoint {
            host: "127.0.0.1".to_owned(),
            port: self.gateway_port(),
            server_name: format!("controller.{DOMAIN}"),
            transport: Transport::Tls(ClientTls::new(&trust, Some(gateway))?),
        })
    }

    /// One REST call with its JSON answer; `Null` when the answer is empty.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        self.rest.as_ref().context("the REST connection is not open")?.call(method, path, body).await
    }
}
