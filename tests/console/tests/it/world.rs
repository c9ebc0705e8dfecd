//! An Orchestrator with people, networks and gateways in it.

use std::time::{Duration, SystemTime};

use magma_rpc::channel::{Connection, Endpoint, Transport};
use magma_rpc::http_call;
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use orc8r::{Config, DataFolder, Running};
use orc8r_model::{NetworkId, ReportedState, StateId};
use orc8r_store::Store;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

const DOMAIN: &str = "magma.localhost";
const LIMIT: Duration = Duration::from_secs(60);

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

pub struct World {
    pub running: Running,
    pub store: Store,
    data: TempDir,
}

impl World {
    /// An Orchestrator with `ann`, who may do everything, and the network `n1`.
    pub async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let running = orc8r::start(Config::on_loopback(data.path(), DOMAIN)).await.unwrap();
        let store = Store::at(running.database()).unwrap();
        let world = Self { running, store, data };
        world.add_user("ann", json!([{"role": "owner"}])).await;
        world.add_network("n1", "North").await;
        world
    }

    /// The origin of the console.
    pub fn url(&self) -> String {
        format!("https://controller.{DOMAIN}:{}", self.running.addresses().rest.port())
    }

    /// Makes a user with these roles and everybody's password.
    pub async fn add_user(&self, name: &str, roles: Value) {
        self.rest("POST", "/user", Some(json!({"username": name, "password": PASSWORD}))).await;
        self.rest("PUT", &format!("/user/{name}/roles"), Some(roles)).await;
    }

    /// Makes a network with the tier `default`.
    pub async fn add_network(&self, id: &str, name: &str) {
        let dns = json!({"enable_caching": false, "local_ttl": 0});
        let network = json!({"id": id, "name": name, "description": "a network of the tests", "dns": dns});
        self.rest("POST", "/networks", Some(network)).await;
        let tier = json!({"id": "default", "version": "0.0.0-0", "images": [], "gateways": []});
        self.rest("POST", &format!("/networks/{id}/tiers"), Some(tier)).await;
    }

    /// Makes a gateway whose device is `hw-ID`.
    pub async fn add_gateway(&self, network: &str, id: &str) {
        let gateway = json!({
            "id": id, "name": format!("Gateway {id}"), "description": "made by a test", "tier": "default",
            "device": {"hardware_id": format!("hw-{id}"), "key": {"key_type": "ECHO"}},
            "magmad": {
                "autoupgrade_enabled": false, "autoupgrade_poll_interval": 300,
                "checkin_interval": 60, "checkin_timeout": 10,
            },
        });
        self.rest("POST", &format!("/networks/{network}/gateways"), Some(gateway)).await;
    }

    /// A gateway reports, as if it had done so some time ago.
    pub async fn report(&self, network: &str, id: &str, ago: Duration) {
        let version = json!({"platform_info": {"packages": [{"name": "magma", "version": "1.9.0"}]}});
        let hardware_id = format!("hw-{id}");
        let state = ReportedState {
            id: StateId { state_type: "gw_state".into(), device_id: hardware_id.clone() },
            value: version.to_string().into_bytes(),
            version: 1,
        };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let time = u64::try_from((now - ago).as_millis()).unwrap();
        let network = NetworkId::parse(network).unwrap();
        self.store.put_states(&network, &hardware_id, vec![state], time).await.unwrap();
    }

    /// A REST call of the administrator that must succeed.
    pub async fn rest(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.try_rest(method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// A REST call of the administrator.
    pub async fn try_rest(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let certificates = DataFolder::at(self.data.path()).certificates();
        let read = |name: &str| std::fs::read(certificates.join(name)).unwrap();
        let trust = TrustAnchors::from_pem(&read("rootCA.pem")).unwrap();
        let identity =
            Identity::from_pem(&read("admin_operator.pem"), &read("admin_operator.key.pem")).unwrap();
        let connection = Connection::new(Endpoint {
            host: "127.0.0.1".into(),
            port: self.running.addresses().rest.port(),
            server_name: format!("controller.{DOMAIN}"),
            transport: Transport::Tls(ClientTls::new(&trust, Some(&identity)).unwrap()),
        });
        let channel = connection.channel(&format!("controller.{DOMAIN}"));
        let body = body.map(|body| body.to_string().into_bytes());
        let call = async {
            let path = format!("/magma/v1{path}");
            let answer = http_call::request(&channel, method, &path, body).await.unwrap();
            (answer.status, answer.bytes().await.unwrap())
        };
        let (status, bytes) = timeout(LIMIT, call).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Ends it.
    pub async fn stop(self) {
        self.running.shutdown().await;
    }
}
