//! A gateway: its files, and its agent.

use crate::cloud::{Cloud, DOMAIN, PATIENCE};
use crate::relay::ProxySettings;
use magma_config::Paths;
use magmad::events::Event;
use magmad::http_proxies::HttpProxies;
use magmad::options::Options;
use magmad::registration::{Registration, register_through};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{broadcast, oneshot};
use tokio::task::JoinHandle;

pub struct Gateway {
    root: TempDir,
}

impl Gateway {
    /// A gateway whose `control_proxy.yml` knows how to reach a cloud, but not which.
    pub fn new(cloud: &Cloud, magmad_yml: &str, control_proxy_yml: &str, registry_yml: &str) -> Self {
        let gateway = Self { root: tempfile::tempdir().unwrap() };
        let certificates = gateway.certificates();
        fs::create_dir_all(&certificates).unwrap();
        fs::copy(cloud.certificates().join("rootCA.pem"), certificates.join("rootCA.pem")).unwrap();
        let common = "gateway_cert: /var/opt/magma/certs/gateway.crt\n\
                      gateway_key: /var/opt/magma/certs/gateway.key\n\
                      rootca_cert: /var/opt/magma/certs/rootCA.pem\n\
                      cloud_address: unknown.localhost\n\
                      cloud_port: 1\n\
                      bootstrap_address: unknown.localhost\n\
                      bootstrap_port: 1\n";
        gateway.write("etc/magma/control_proxy.yml", &format!("{common}{control_proxy_yml}"));
        gateway.write("etc/magma/magmad.yml", magmad_yml);
        gateway.write("etc/magma/service_registry.yml", registry_yml);
        gateway
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn certificates(&self) -> PathBuf {
        self.path("var/opt/magma/certs")
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Enrols with a token; returns what went wrong, if something did.
    pub async fn register(&self, cloud: &Cloud, token: &str) -> Result<(), String> {
        self.register_through(cloud, token, &HttpProxies::default()).await
    }

    /// The same through an HTTP proxy, if its settings allow one.
    pub async fn register_through(
        &self,
        cloud: &Cloud,
        token: &str,
        proxies: &HttpProxies,
    ) -> Result<(), String> {
        let registration = Registration {
            domain: DOMAIN.into(),
            token: token.into(),
            ca_file: None,
            cloud_port: cloud.addresses().bootstrap.port(),
            save_control_proxy: true,
        };
        let paths = Paths::under(self.root.path());
        let registered = register_through(&paths, &registration, proxies).await;
        registered.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Puts a wire between the gateway and its cloud, after it has been registered.
    pub fn reroute(&self, cloud: &Cloud, port: u16) {
        let file = "var/opt/magma/configs/control_proxy.yml";
        let text = fs::read_to_string(self.path(file)).unwrap();
        let before = format!("cloud_port: {}", cloud.addresses().gateways.port());
        assert!(text.contains(&before), "{text}");
        self.write(file, &text.replace(&before, &format!("cloud_port: {port}")));
    }

    /// Sends its bootstraps elsewhere, after it has been registered.
    pub fn rebootstrap(&self, cloud: &Cloud, port: u16) {
        self.rebootstrap_from(cloud.addresses().bootstrap.port(), port);
    }

    /// The same from one port to another.
    pub fn rebootstrap_from(&self, before: u16, port: u16) {
        let file = "var/opt/magma/configs/control_proxy.yml";
        let text = fs::read_to_string(self.path(file)).unwrap();
        let before = format!("bootstrap_port: {before}");
        assert!(text.contains(&before), "{text}");
        self.write(file, &text.replace(&before, &format!("bootstrap_port: {port}")));
    }

    /// What a proxy beside it needs.
    pub fn proxy_settings(&self, cloud: &Cloud) -> ProxySettings {
        ProxySettings {
            cloud: cloud.addresses().gateways,
            server_name: format!("controller.{DOMAIN}"),
            certificates: self.certificates(),
        }
    }

    /// Starts the agent with all waits shortened.
    pub fn start(self) -> Running {
        self.start_with(|_| {})
    }

    /// The same, with some of the options changed.
    pub fn start_with(self, change: impl FnOnce(&mut Options)) -> Running {
        let mut options = Options::new(Paths::under(self.root.path()));
        let short = Duration::from_millis(200);
        options.timings.checkin.interval = Some(short);
        options.timings.config_stream.pause = Some(short);
        options.timings.bootstrap.retry_first = short;
        options.timings.bootstrap.retry_max = short;
        options.timings.sync_rpc.retry_first = short;
        options.timings.sync_rpc.retry_max = short;
        options.timings.settings = short;
        change(&mut options);
        let events = options.events.subscribe();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let shutdown = async {
                stopped.await.ok();
            };
            magmad::agent::run(options, shutdown).await.unwrap();
        });
        Running { gateway: self, events, past: Vec::new(), stop, task }
    }
}

pub struct Running {
    pub gateway: Gateway,
    events: broadcast::Receiver<Event>,
    /// What has happened since [`Running::forget`].
    past: Vec<Event>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    /// From here on, only what is yet to come counts.
    pub fn forget(&mut self) {
        self.past.clear();
    }

    /// Takes in what has happened until now.
    pub fn catch_up(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.past.push(event);
        }
    }

    /// What has been seen.
    pub fn past(&self) -> &[Event] {
        &self.past
    }

    /// Whether an event that `fits` has been seen.
    pub fn has(&self, fits: impl Fn(&Event) -> bool) -> bool {
        self.past.iter().any(fits)
    }

    /// Waits for an event that `fits`, unless there has been one.
    pub async fn until(&mut self, what: &str, fits: impl Fn(&Event) -> bool) {
        let wait = async {
            while !self.past.iter().any(&fits) {
                match self.events.recv().await {
                    Ok(event) => self.past.push(event),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => panic!("the agent ended before {what}"),
                }
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, wait).await.is_ok();
        assert!(in_time, "no {what}; instead: {:#?}", self.past);
    }

    pub async fn until_bootstrapped(&mut self) {
        self.until("certificate", |event| matches!(event, Event::Bootstrapped { .. })).await;
    }

    pub async fn until_checked_in(&mut self) {
        self.until("check-in", |event| matches!(event, Event::CheckedIn { .. })).await;
    }

    pub async fn until_commanded(&mut self) {
        self.until("SyncRPC", |event| matches!(event, Event::SyncRpcConnected)).await;
    }

    /// Waits until the stored `gateway.mconfig` has this value for magmad's key.
    pub async fn until_configured(&self, key: &str, value: &Value) {
        let stored = self.gateway.path("var/opt/magma/configs/gateway.mconfig");
        let wait = async {
            while magmad_value(&stored, key).as_ref() != Some(value) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, wait).await.is_ok();
        assert!(in_time, "{key} is not {value} but {:?}", magmad_value(&stored, key));
    }

    /// Waits until the first configuration has restarted all services, as its shared entry does.
    pub async fn until_applied(&self) {
        let noted = self.gateway.path("var/opt/magma/configs/gateway.mconfig.applied");
        let wait = async {
            while !fs::read_to_string(&noted).is_ok_and(|text| text.contains("shared_mconfig")) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "the configuration is not applied");
    }

    pub async fn stop(self) -> Gateway {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap();
        self.gateway
    }
}

fn magmad_value(stored: &Path, key: &str) -> Option<Value> {
    let document: Value = serde_json::from_slice(&fs::read(stored).ok()?).ok()?;
    Some(document["configsByKey"]["magmad"][key].clone())
}

/// What every gateway of these tests has in `magmad.yml`, with these services as child processes.
pub fn magmad_yml(services: &[(&str, &[&str])]) -> String {
    let names: Vec<&str> = services.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    let commands: String = services
        .iter()
        .map(|(name, command)| {
            let words: Vec<String> = command.iter().map(|word| Value::from(*word).to_string()).collect();
            format!("  {name}: [{}]\n", words.join(", "))
        })
        .collect();
    format!(
        "log_level: INFO\n\
         magma_services: [{names}]\n\
         non_service303_services: [{names}]\n\
         init_system: process\n\
         service_commands:\n{commands}\
         bootstrap_config:\n  challenge_key: /var/opt/magma/certs/gw_challenge.key\n\
         enable_config_streamer: True\n\
         enable_sync_rpc: True\n\
         generic_command_config:\n  timeout_secs: 15\n  shell_commands:\n  \
         - name: echo\n    command: \"echo {{}}\"\n    allow_params: True\n"
    )
}

/// A service that writes a line now and then.
pub const TICKER: (&str, &[&str]) = ("ticker", &["/bin/sh", "-c", "while echo tick; do sleep 0.1; done"]);
