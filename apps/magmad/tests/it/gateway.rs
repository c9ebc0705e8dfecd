//! A gateway in a folder of its own, and its agent in this process.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use magma_config::Paths;
use magma_free_port::free_port;
use magmad::events::{Event, Step};
use magmad::options::Options;
use magmad::{agent, checkin};
use tempfile::TempDir;
use tokio::sync::{broadcast, oneshot};
use tokio::task::JoinHandle;

use crate::cloud::Cloud;

/// The hardware id of every gateway here.
pub const HARDWARE_ID: &str = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";

/// How long anything may take: much longer than it does.
const PATIENCE: Duration = Duration::from_secs(120);

/// A gateway that is not running.
pub struct Gateway {
    root: TempDir,
    /// The port of the agent's own services.
    pub port: u16,
    pub options: Options,
}

/// A gateway whose agent runs.
pub struct Running {
    pub gateway: Gateway,
    events: broadcast::Receiver<Event>,
    /// What has happened and was not waited for: the order of independent events is left to chance.
    pending: VecDeque<Event>,
    stop: Option<oneshot::Sender<()>>,
    agent: JoinHandle<anyhow::Result<()>>,
}

impl Gateway {
    /// A gateway of this cloud, without a certificate.
    pub fn new(cloud: &Cloud) -> Self {
        let root = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut options = Options::new(Paths::under(root.path()));
        options.timings.bootstrap.retry_first = Duration::from_millis(50);
        options.timings.bootstrap.retry_max = Duration::from_millis(200);
        // An answer that is late on a busy machine is no reason to ask again.
        options.timings.bootstrap.call = PATIENCE / 2;
        options.timings.checkin =
            checkin::Timings { interval: Some(Duration::from_millis(200)), stretched: None };
        options.timings.config_stream.pause = Some(Duration::from_millis(200));
        options.timings.sync_rpc.retry_first = Duration::from_millis(50);
        // So that an answer and its trailers are one message, however busy the machine is.
        options.timings.sync_rpc.session.hold = PATIENCE / 2;
        options.timings.settings = Duration::from_millis(100);
        let gateway = Self { root, port, options };
        gateway.write("etc/snowflake", HARDWARE_ID);
        gateway.write("etc/magma/magmad.yml", MAGMAD_YML);
        gateway.write("etc/magma/service_registry.yml", &registry_yml(port, &[]));
        gateway.write("etc/magma/control_proxy.yml", &cloud.control_proxy(false));
        gateway.write("etc/magma/streamer.yml", "reconnect_sec: 5\nstream_timeout: 2\n");
        gateway.write("etc/magma/gateway.mconfig", SHIPPED_MCONFIG);
        gateway.write("var/opt/magma/certs/rootCA.pem", &cloud.root_pem());
        gateway
    }

    /// The same with a certificate that is valid for days.
    pub fn with_certificate(cloud: &Cloud) -> Self {
        let gateway = Self::new(cloud);
        gateway.give_certificate(cloud, -3600, 4 * 24 * 3600);
        gateway
    }

    pub fn give_certificate(&self, cloud: &Cloud, begins_in: i64, ends_in: i64) {
        let (cert, key) = cloud.certifier().client(HARDWARE_ID, begins_in, ends_in);
        self.write("var/opt/magma/certs/gateway.crt", &cert);
        self.write("var/opt/magma/certs/gateway.key", &key);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // At once, since the agent may be reading.
        let whole = self.path("being-written");
        fs::write(&whole, text).unwrap();
        fs::rename(whole, path).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Starts the agent.
    pub fn start(self) -> Running {
        let events = self.options.events.subscribe();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async { drop(stopped.await) };
        let agent = tokio::spawn(agent::run(self.options.clone(), shutdown));
        Running { gateway: self, events, pending: VecDeque::new(), stop: Some(stop), agent }
    }
}

impl Running {
    /// The first event that `wanted` takes, of those that nobody has waited for yet.
    pub async fn until<T>(&mut self, what: &str, wanted: impl Fn(&Event) -> Option<T>) -> T {
        let found = self.pending.iter().position(|event| wanted(event).is_some());
        if let Some(event) = found.and_then(|index| self.pending.remove(index)) {
            return wanted(&event).unwrap();
        }
        let waiting = async {
            loop {
                match self.events.recv().await {
                    Ok(event) => match wanted(&event) {
                        Some(found) => return found,
                        None => self.pending.push_back(event),
                    },
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(error) => panic!("the agent has ended while waiting for {what}: {error}"),
                }
            }
        };
        let found = tokio::time::timeout(PATIENCE, waiting).await.ok();
        found.unwrap_or_else(|| panic!("never: {what}; but {:?}", self.pending))
    }

    pub async fn until_serving(&mut self) {
        self.until("own services", |event| matches!(event, Event::Serving { .. }).then_some(())).await;
    }

    pub async fn until_checked_in(&mut self) {
        self.until("a check-in", |event| matches!(event, Event::CheckedIn { .. }).then_some(())).await;
    }

    pub async fn until_bootstrapped(&mut self) {
        self.until("a new certificate", |event| matches!(event, Event::Bootstrapped { .. }).then_some(()))
            .await;
    }

    /// The message of the next failure of this step.
    pub async fn failure(&mut self, wanted: Step) -> String {
        let found = |event: &Event| match event {
            Event::Failed { step, message, .. } if *step == wanted => Some(message.clone()),
            _ => None,
        };
        self.until(&format!("a failure of {wanted:?}"), found).await
    }

    /// The events that have happened and were not waited for.
    pub fn backlog(&mut self) -> Vec<Event> {
        let new = std::iter::from_fn(|| self.events.try_recv().ok());
        self.pending.drain(..).chain(new).collect()
    }

    /// Ends the agent in good order.
    pub async fn stop(mut self) -> Gateway {
        drop(self.stop.take());
        let ended = tokio::time::timeout(PATIENCE, &mut self.agent).await;
        ended.expect("it ends in time").expect("it does not panic").expect("it ends well");
        self.gateway
    }
}

/// `service_registry.yml` with the agent and further services.
pub fn registry_yml(agent: u16, others: &[(&str, u16)]) -> String {
    let entry = |name: &str, port: u16| format!("  {name}:\n    ip_address: 127.0.0.1\n    port: {port}\n");
    let others: String = others.iter().map(|(name, port)| entry(name, *port)).collect();
    format!("services:\n{}{others}", entry("magmad", agent))
}

pub const MAGMAD_YML: &str = "\
log_level: INFO
magma_services: []
non_service303_services: []
init_system: process
bootstrap_config:
  challenge_key: /var/opt/magma/certs/gw_challenge.key
enable_config_streamer: True
enable_sync_rpc: True
";

const SHIPPED_MCONFIG: &str = r#"{"configs_by_key": {"magmad": {
    "@type": "type.googleapis.com/magma.mconfig.MagmaD",
    "checkinInterval": 60, "checkinTimeout": 2, "dynamic_services": []
}}}"#;
