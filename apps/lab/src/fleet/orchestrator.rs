//! The Orchestrator that a fleet is played toward: one of our own, or one that is there.

use super::limits;
use super::node::Node;
use super::options::{Existing, Options};
use super::process::Process;
use crate::child::Program;
use crate::cloud::{Cloud, DOMAIN};
use crate::rest::Rest;
use crate::roles;
use anyhow::{Context, Result, bail};
use magma_rpc::channel::{Endpoint, Transport};
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long an Orchestrator of our own may take to serve.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How often it is asked whether it does.
const LOOK_INTERVAL: Duration = Duration::from_millis(2);
/// From serving to idle.
const SETTLING: Duration = Duration::from_secs(2);

/// How gateways reach it.
#[derive(Clone)]
pub struct Way {
    /// The name or address.
    pub host: String,
    /// What is before the domain's dot of `controller.…`.
    pub domain: String,
    /// The port for gateways with a certificate.
    pub gateway_port: u16,
    /// The port for gateways without one.
    pub bootstrap_port: u16,
    /// What it is trusted by; without an identity.
    pub tls: ClientTls,
}

/// What is driven.
pub struct Orchestrator {
    /// How gateways reach it.
    pub way: Way,
    /// Its REST API, if we are an operator.
    pub rest: Option<Rest>,
    /// Its process, if it runs here and we know it.
    pub process: Option<Process>,
    /// What it took before the first gateway came, if that is known.
    pub at_rest: Option<AtRest>,
    own: Option<Own>,
}

/// An Orchestrator of our own before it has anything to do.
#[derive(Clone, Copy)]
pub struct AtRest {
    /// From the start of the process to its first answer, on a data folder that is there.
    pub start: Duration,
    /// Resident, with an empty database.
    pub resident_bytes: u64,
}

struct Own {
    cloud: Cloud,
    /// Where commands go, if not to the first.
    second: Option<Cloud>,
    folder: PathBuf,
    /// The folder, which goes with everything in it, unless the operator named one.
    _temporary: Option<TempDir>,
}

impl Orchestrator {
    /// The one that the options name, or one of our own.
    pub async fn find(options: &Options) -> Result<Self> {
        match &options.existing {
            Some(existing) => Self::existing(existing, options.server_process.map(Process::numbered)),
            None => Self::start(options).await,
        }
    }

    fn existing(existing: &Existing, process: Option<Process>) -> Result<Self> {
        let read = |path: &Path| fs::read(path).with_context(|| format!("reading {}", path.display()));
        let trust = TrustAnchors::from_pem(&read(&existing.root_certificate)?)?;
        let tls = ClientTls::of_many(&trust)?;
        let rest = match &existing.operator {
            Some((certificate, key)) => {
                let identity = Identity::from_pem(&read(certificate)?, &read(key)?)?;
                Some(Rest::at(Endpoint {
                    host: existing.host.clone(),
                    port: existing.rest_port,
                    server_name: existing.rest_name.clone(),
                    transport: Transport::Tls(tls.with_identity(&identity)),
                }))
            }
            None => None,
        };
        let way = Way {
            host: existing.host.clone(),
            domain: existing.domain.clone(),
            gateway_port: existing.gateway_port,
            bootstrap_port: existing.bootstrap_port,
            tls,
        };
        Ok(Self { way, rest, process, at_rest: None, own: None })
    }

    /// Starts one twice: what the first start makes, its authorities and its database, the second one finds.
    async fn start(options: &Options) -> Result<Self> {
        let dir = options.dir.as_deref();
        let temporary = match dir {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("magma-fleet-").tempdir()?),
        };
        let folder = dir.or(temporary.as_ref().map(TempDir::path)).context("there is no folder")?;
        let (first, _) = serving(folder, &[]).await?;
        first.child.stop().await?;
        let further: &[&str] =
            if options.two_nodes || options.from_node { &["--listen-nodes", "127.0.0.1:0"] } else { &[] };
        let (cloud, start) = serving(folder, further).await?;
        let second = if options.two_nodes { Some(second_node(folder).await?) } else { None };
        tokio::time::sleep(SETTLING).await;
        let process = cloud.child.id().map(Process::numbered);
        let resident_bytes =
            process.and_then(Process::resident_bytes).context("reading the server's memory")?;
        let trust = TrustAnchors::from_pem(&fs::read(cloud.root_certificate())?)?;
        let way = Way {
            host: "127.0.0.1".to_owned(),
            domain: DOMAIN.to_owned(),
            gateway_port: cloud.gateway_port(),
            bootstrap_port: cloud.bootstrap_port(),
            tls: ClientTls::of_many(&trust)?,
        };
        let rest = Some(cloud.open_rest()?);
        let at_rest = Some(AtRest { start, resident_bytes });
        Ok(Self {
            way,
            rest,
            process,
            at_rest,
            own: Some(Own { cloud, second, folder: folder.to_owned(), _temporary: temporary }),
        })
    }

    /// Whether it is ours, and goes with us.
    pub fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Its REST API, over another connection.
    pub fn another_rest(&self) -> Result<Rest> {
        match &self.own {
            Some(own) => own.second.as_ref().unwrap_or(&own.cloud).open_rest(),
            None => self.rest.clone().context("this needs --operator-cert and --operator-key"),
        }
    }

    /// A further node of it, if it is ours.
    pub async fn join_as_node(&self) -> Result<Node> {
        let own = self.own.as_ref().context("only an Orchestrator of the lab's own can be joined")?;
        Node::join(&own.folder).await
    }

    /// Fails, with the end of its log, when it is ours and has ended.
    pub fn check(&mut self) -> Result<()> {
        self.own.as_mut().map_or(Ok(()), |own| own.cloud.child.check())
    }

    /// Ends it, if it is ours.
    pub async fn stop(self) -> Result<()> {
        match self.own {
            Some(own) => {
                if let Some(second) = own.second {
                    second.child.stop().await?;
                }
                own.cloud.child.stop().await
            }
            None => Ok(()),
        }
    }
}

impl Way {
    /// The name by which gateways with a certificate call it.
    pub fn controller(&self) -> String {
        format!("controller.{}", self.domain)
    }

    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        limits::is_loopback(&self.host)
    }
}

/// Starts a second node beside the one in `folder`, on its database and with its secrets.
async fn second_node(folder: &Path) -> Result<Cloud> {
    let other = folder.join("second-node");
    fs::create_dir_all(other.join("certs"))?;
    for file in fs::read_dir(folder.join("certs"))? {
        let file = file?;
        fs::copy(file.path(), other.join("certs").join(file.file_name()))?;
    }
    fs::copy(folder.join("subscriber.keys"), other.join("subscriber.keys"))?;
    let database = folder.join("orc8r.db").to_string_lossy().into_owned();
    let further = ["--database", &database, "--listen-nodes", "127.0.0.1:0"];
    Ok(serving(&other, &further).await?.0)
}

/// Starts one in a folder; how long it took until it answered.
async fn serving(folder: &Path, further: &[&str]) -> Result<(Cloud, Duration)> {
    let began = Instant::now();
    let mut cloud = Cloud::start_with(&Program::role(roles::ORC8R)?, folder, further)?;
    loop {
        match cloud.answers().await? {
            Ok(_) => return Ok((cloud, began.elapsed())),
            Err(error) if began.elapsed() > START_LIMIT => {
                bail!("orc8r does not answer: {error:#}\n{}", cloud.child.tail());
            }
            Err(_) => tokio::time::sleep(LOOK_INTERVAL).await,
        }
    }
}
