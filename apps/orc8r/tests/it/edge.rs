//! An Orchestrator with its own folder, and the ways to call it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::http_call;
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use orc8r::{Config, DataFolder, NodeConfig, Running};
use orc8r_store::Store;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

pub const DOMAIN: &str = "magma.localhost";
/// Generous, for a slow machine: nothing here takes a second.
pub const LIMIT: Duration = Duration::from_secs(60);

/// A certificate and its key, in PEM form.
#[derive(Clone)]
pub struct Client {
    pub certificate: String,
    pub key: String,
}

pub struct Edge {
    pub running: Running,
    pub data: TempDir,
}

#[derive(Clone, Copy)]
pub enum Door {
    Gateways,
    Bootstrap,
    Rest,
    Nodes,
}

impl Edge {
    pub async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap()).await
    }

    pub async fn start_in(data: TempDir) -> Self {
        // Where the program and its commands look for it.
        if let Some(url) = orc8r_store::testing::database().unwrap() {
            std::fs::write(data.path().join("database.url"), url).unwrap();
        }
        Self::start_again_in(data).await
    }

    pub async fn start_again_in(data: TempDir) -> Self {
        let running = orc8r::start(Config::on_loopback(data.path(), DOMAIN)).await.unwrap();
        Self { running, data }
    }

    /// One of several nodes: on this database, and with the certificates of `of`, if there is one already.
    pub async fn start_node(database: &str, of: Option<&Edge>) -> Self {
        let data = tempfile::tempdir().unwrap();
        if let Some(first) = of {
            first.copy_secrets(data.path());
        }
        let mut config = Config::on_loopback(data.path(), DOMAIN);
        config.database = Some(database.into());
        config.node = Some(NodeConfig { listen: config.listen.rest, address: None });
        let running = orc8r::start(config).await.unwrap();
        Self { running, data }
    }

    /// Gives another node's data folder the certificates of this one, and the keys that seal subscribers' keys.
    pub fn copy_secrets(&self, data: &Path) {
        let keys = |folder: &Path| DataFolder::at(folder).subscriber_keys();
        std::fs::copy(keys(self.data.path()), keys(data)).unwrap();
        let certificates = DataFolder::at(data).certificates();
        std::fs::create_dir_all(&certificates).unwrap();
        for file in std::fs::read_dir(self.certificates()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), certificates.join(file.file_name())).unwrap();
        }
    }

    /// A connection as a gateway's proxy makes it: the TLS server name is the plain controller.
    pub fn connection(&self, door: Door, client: Option<&Client>) -> Connection {
        let addresses = self.running.addresses();
        let address = match door {
            Door::Gateways => addresses.gateways,
            Door::Bootstrap => addresses.bootstrap,
            Door::Rest => addresses.rest,
            Door::Nodes => self.running.node_address().unwrap().parse().unwrap(),
        };
        self.connection_to(address, client)
    }

    /// The same to a door of another node.
    pub fn connection_to(&self, address: SocketAddr, client: Option<&Client>) -> Connection {
        connection(&self.certificate_file("rootCA.pem"), address, client)
    }

    /// A channel to one service on a connection of its own.
    pub fn channel(&self, door: Door, client: Option<&Client>, service: &str) -> Channel {
        self.connection(door, client).channel(&format!("{service}-controller.{DOMAIN}"))
    }

    pub fn admin(&self) -> Client {
        Client {
            certificate: self.certificate_file("admin_operator.pem"),
            key: self.certificate_file("admin_operator.key.pem"),
        }
    }

    /// One REST call as somebody: the status code and the answer.
    pub async fn rest_as(
        &self,
        client: &Client,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let channel = self.connection(Door::Rest, Some(client)).channel(&format!("controller.{DOMAIN}"));
        let body = body.map(|body| body.to_string().into_bytes());
        let call = async {
            let path = format!("/magma/v1{path}");
            let answer = http_call::request(&channel, method, &path, body).await.unwrap();
            (answer.status, answer.bytes().await.unwrap())
        };
        let (status, bytes) = timeout(LIMIT, call).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// A REST call of the administrator that must succeed.
    pub async fn rest(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.rest_as(&self.admin(), method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// Makes network `n1` with a gateway for each device; `None`: one that has to register.
    pub async fn make_gateways(&self, gateways: &[(&str, Option<Value>)]) {
        let dns = json!({"enable_caching": false, "local_ttl": 0});
        let network = json!({"id": "n1", "name": "One", "description": "first", "dns": dns});
        self.rest("POST", "/networks", Some(network)).await;
        let tier = json!({"id": "default", "version": "0.0.0-0", "images": [], "gateways": []});
        self.rest("POST", "/networks/n1/tiers", Some(tier)).await;
        for (id, device) in gateways {
            let mut gateway = json!({
                "id": id, "name": id, "description": "first", "tier": "default",
                "magmad": {
                    "autoupgrade_enabled": false, "autoupgrade_poll_interval": 300,
                    "checkin_interval": 60, "checkin_timeout": 10,
                },
            });
            if let Some(device) = device {
                gateway["device"] = device.clone();
            }
            self.rest("POST", "/networks/n1/gateways", Some(gateway)).await;
        }
    }

    pub fn certificate_file(&self, name: &str) -> String {
        std::fs::read_to_string(self.certificates().join(name)).unwrap()
    }

    pub fn certificates(&self) -> PathBuf {
        DataFolder::at(self.data.path()).certificates()
    }

    /// The database, as a second process sees it.
    pub fn store(&self) -> Store {
        Store::at(self.running.database()).unwrap()
    }

    pub async fn restart(self) -> Self {
        self.running.shutdown().await;
        Self::start_again_in(self.data).await
    }
}

/// A connection of somebody who trusts `root`, in PEM form.
pub fn connection(root: &str, address: SocketAddr, client: Option<&Client>) -> Connection {
    let trust = TrustAnchors::from_pem(root.as_bytes()).unwrap();
    let identity = client
        .map(|client| Identity::from_pem(client.certificate.as_bytes(), client.key.as_bytes()).unwrap());
    Connection::new(Endpoint {
        host: address.ip().to_string(),
        port: address.port(),
        server_name: format!("controller.{DOMAIN}"),
        transport: Transport::Tls(ClientTls::new(&trust, identity.as_ref()).unwrap()),
    })
}

pub fn echo_device(hardware_id: &str) -> Option<Value> {
    Some(json!({"hardware_id": hardware_id, "key": {"key_type": "ECHO"}}))
}
