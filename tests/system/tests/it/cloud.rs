//! An Orchestrator that can be killed, and an operator who calls its REST API.

use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::http_call::{self, HttpAnswer};
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use orc8r::{Addresses, Config};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Names below `.localhost` are this machine, by standard.
pub const DOMAIN: &str = "magma.localhost";
pub const NETWORK: &str = "n1";
pub const GATEWAY: &str = "gw1";
/// How long anything may take that is waited for: generous, for a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// orc8r in a runtime of its own, so that it can be ended in the middle of whatever it does.
pub struct Cloud {
    data: TempDir,
    addresses: Addresses,
    runtime: Option<Runtime>,
    rest: Channel,
}

impl Cloud {
    pub async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let (runtime, addresses) = launch(Config::on_loopback(data.path(), DOMAIN)).await;
        let rest = open_rest(&data.path().join("certs"), addresses.rest.port());
        Self { data, addresses, runtime: Some(runtime), rest }
    }

    /// Ends it as a power cut would: no goodbye to anybody.
    pub fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// Starts it again where it was.
    pub async fn restart(&mut self) {
        let mut config = Config::on_loopback(self.data.path(), DOMAIN);
        config.listen = self.addresses;
        let begun = Instant::now();
        // The ports of a killed process are free at once; those of a killed runtime, when its tasks are dropped.
        let Addresses { gateways, bootstrap, rest, logs } = self.addresses;
        while [gateways, bootstrap, rest, logs].iter().any(|port| std::net::TcpListener::bind(port).is_err())
        {
            assert!(begun.elapsed() < PATIENCE, "the ports do not become free");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let (runtime, addresses) = launch(config).await;
        assert_eq!(addresses, self.addresses);
        self.runtime = Some(runtime);
    }

    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    pub fn certificates(&self) -> PathBuf {
        self.data.path().join("certs")
    }

    /// One REST call: the status code and the JSON of the answer.
    pub async fn rest(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let answer = self.open(method, path, body).await;
        let status = answer.status;
        let bytes = answer.bytes().await.unwrap();
        (status, if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() })
    }

    /// One REST call whose answer is read piece by piece.
    pub async fn open(&self, method: &str, path: &str, body: Option<Value>) -> HttpAnswer {
        let body = body.map(|value| value.to_string().into_bytes());
        http_call::request(&self.rest, method, &format!("/magma/v1{path}"), body).await.unwrap()
    }

    /// A REST call that must succeed.
    pub async fn do_rest(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.rest(method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// Waits until a command gets through to the gateway: its proxy may just be starting again.
    pub async fn until_connected(&self) {
        let begun = Instant::now();
        let nothing = json!({"hosts": [], "packets": 1});
        while self.rest("POST", &gateway_path("/command/ping"), Some(nothing.clone())).await.0 != 200 {
            assert!(begun.elapsed() < PATIENCE, "no command gets through");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Makes a network with a gateway, and returns its registration token.
    pub async fn make_gateway(&self) -> String {
        let dns = json!({"enable_caching": false, "local_ttl": 0});
        let network = json!({"id": NETWORK, "name": "One", "description": "first", "dns": dns});
        self.do_rest("POST", "/networks", Some(network)).await;
        let tier = json!({"id": "default", "version": "0.0.0-0", "images": [], "gateways": []});
        self.do_rest("POST", &format!("/networks/{NETWORK}/tiers"), Some(tier)).await;
        self.make_another_gateway(GATEWAY).await
    }

    /// Makes a gateway in that network, and returns its registration token.
    pub async fn make_another_gateway(&self, id: &str) -> String {
        let magmad = magmad_config(60);
        let gateway =
            json!({"id": id, "name": "One", "description": "first", "tier": "default", "magmad": magmad});
        self.do_rest("POST", &format!("/networks/{NETWORK}/gateways"), Some(gateway)).await;
        let made = self.do_rest("GET", &format!("/networks/{NETWORK}/gateways/{id}"), None).await;
        made["registration_info"]["registration_token"].as_str().unwrap().to_owned()
    }

    /// Waits for a status that `fits`.
    pub async fn status(&self, fits: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let (code, status) = self.rest("GET", &gateway_path("/status"), None).await;
            if code == 200 && fits(&status) {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "no such status: {code} {status}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The path of the gateway's resource.
pub fn gateway_path(rest: &str) -> String {
    format!("/networks/{NETWORK}/gateways/{GATEWAY}{rest}")
}

pub fn magmad_config(checkin_interval: u32) -> Value {
    json!({
        "autoupgrade_enabled": false, "autoupgrade_poll_interval": 300,
        "checkin_interval": checkin_interval, "checkin_timeout": 10,
    })
}

async fn launch(config: Config) -> (Runtime, Addresses) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let running = runtime.spawn(orc8r::start(config)).await.unwrap().unwrap();
    let addresses = running.addresses();
    // It serves until it is told to stop, or its runtime is no more.
    runtime.spawn(async move {
        let _running = running;
        std::future::pending::<()>().await;
    });
    (runtime, addresses)
}

fn open_rest(certificates: &Path, port: u16) -> Channel {
    let read = |name: &str| std::fs::read(certificates.join(name)).unwrap();
    let trust = TrustAnchors::from_pem(&read("rootCA.pem")).unwrap();
    let identity = Identity::from_pem(&read("admin_operator.pem"), &read("admin_operator.key.pem")).unwrap();
    let name = format!("controller.{DOMAIN}");
    let connection = Connection::new(Endpoint {
        host: "127.0.0.1".into(),
        port,
        server_name: name.clone(),
        transport: Transport::Tls(ClientTls::new(&trust, Some(&identity)).unwrap()),
    });
    connection.channel(&name)
}
