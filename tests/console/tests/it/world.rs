//! An Orchestrator with people, networks and gateways in it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use magma_rpc::channel::{Connection, Endpoint, Transport};
use magma_rpc::http_call;
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use orc8r::{Config, DataFolder, Running};
use orc8r_logs::{ArchiveLimits, Archives};
use orc8r_model::{NetworkId, ReportedState, StateId};
use orc8r_store::{NewRecord, Source, Store};
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
    /// An Orchestrator without a user.
    pub async fn empty() -> Self {
        Self::told(|config| config, Vec::new()).await
    }

    async fn told(change: impl FnOnce(Config) -> Config, lines: Vec<(&str, String)>) -> Self {
        let data = tempfile::tempdir().unwrap();
        write_logs(data.path(), lines).await;
        let mut config = Config::on_loopback(data.path(), DOMAIN);
        // So that a test of ours can be told of alerts.
        config.alerts.may_reach = vec!["127.0.0.0/8".parse().unwrap()];
        let running = orc8r::start(change(config)).await.unwrap();
        let store = Store::at(running.database()).unwrap();
        Self { running, store, data }
    }

    /// An Orchestrator with `ann`, who may do everything, and the network `n1`.
    pub async fn start() -> Self {
        Self::start_with(|config| config).await
    }

    /// The same, told otherwise.
    pub async fn start_with(change: impl FnOnce(Config) -> Config) -> Self {
        Self::told(change, Vec::new()).await.with_ann().await
    }

    /// The same, where the services of the gateway `gw1` of `n1` have just written lines: of which service, and what.
    pub async fn start_with_logs(lines: Vec<(&str, String)>) -> Self {
        Self::told(|config| config, lines).await.with_ann().await
    }

    async fn with_ann(self) -> Self {
        self.add_user("ann", json!([{"role": "owner"}])).await;
        self.add_network("n1", "North").await;
        self
    }

    /// The origin of the console.
    pub fn url(&self) -> String {
        format!("https://controller.{DOMAIN}:{}", self.running.addresses().rest.port())
    }

    /// Its domain.
    pub fn domain(&self) -> &'static str {
        DOMAIN
    }

    /// The folder of its certificates.
    pub fn certificates(&self) -> PathBuf {
        DataFolder::at(self.data.path()).certificates()
    }

    /// Has the last backup been made so many days ago.
    pub fn backed_up(&self, days: u64) {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let made = now.as_secs() - days * 24 * 3600;
        std::fs::write(self.data.path().join("backup.last"), format!("{made} /backups/a file\n")).unwrap();
    }

    /// The authority that gateways trust.
    pub fn root_certificate(&self) -> String {
        std::fs::read_to_string(self.certificates().join("rootCA.pem")).unwrap()
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

    /// Makes an LTE network with an APN, a policy and a subscriber.
    pub async fn add_lte_network(&self, id: &str) {
        let network = json!({
            "id": id, "name": "Radio", "description": "LTE",
            "dns": {"enable_caching": false, "local_ttl": 0, "records": [
                {"domain": "a.example", "a_record": ["10.0.0.1"], "aaaa_record": ["2001:db8::1"]}, {"domain": "b.example"}]},
            "features": {"features": {"one": "true", "two": ""}},
            "cellular": {
                "epc": {
                    "mcc": "001", "mnc": "01", "tac": 1, "gx_gy_relay_enabled": false, "hss_relay_enabled": false,
                    "lte_auth_amf": "gAA=", "lte_auth_op": "EREREREREREREREREREREQ==",
                    "network_services": ["policy_enforcement"], "mobility": {"ip_allocation_mode": "NAT"},
                    "sub_profiles": {"gold": {"max_dl_bit_rate": 1000, "max_ul_bit_rate": 500}, "default": {"max_dl_bit_rate": 1, "max_ul_bit_rate": 1}},
                },
                "ran": {"bandwidth_mhz": 20, "tdd_config": {"earfcndl": 44590, "special_subframe_pattern": 7, "subframe_assignment": 2}},
            },
        });
        self.rest("POST", "/lte", Some(network)).await;
        let tier = json!({"id": "default", "version": "0.0.0-0", "images": [{"name": "magma", "order": 1}], "gateways": []});
        self.rest("POST", &format!("/networks/{id}/tiers"), Some(tier)).await;
        let apn = json!({"apn_name": "internet", "apn_configuration": {
        "ambr": {"max_bandwidth_dl": 1000, "max_bandwidth_ul": 1000},
        "qos_profile": {"class_id": 9, "priority_level": 15, "preemption_capability": true, "preemption_vulnerability": false}}});
        self.rest("POST", &format!("/lte/{id}/apns"), Some(apn)).await;
        let policy = json!({"id": "p1", "priority": 5, "flow_list": [
        {"action": "PERMIT", "match": {"direction": "UPLINK", "ip_proto": "IPPROTO_TCP", "ip_dst": {"address": "10.0.0.0", "version": "IPv4"}, "tcp_dst": 80}},
        {"action": "DENY", "match": {"direction": "DOWNLINK", "ip_proto": "IPPROTO_IP"}}],
        "qos_profile": null, "rating_group": 0, "tracking_type": "NO_TRACKING"});
        self.rest("POST", &format!("/networks/{id}/policies/rules"), Some(policy)).await;
        let subscriber = json!({"id": "IMSI001010000000001", "name": "S", "active_apns": ["internet"],
        "lte": {"auth_algo": "MILENAGE", "auth_key": "AAAAAAAAAAAAAAAAAAAAAA==", "auth_opc": "AAECAwQFBgcICQoLDA0ODw==", "state": "ACTIVE", "sub_profile": "default"},
        "static_ips": {"internet": "192.168.128.7"}});
        self.rest("POST", &format!("/lte/{id}/subscribers"), Some(json!([subscriber]))).await;
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

    /// Something is reported of a device, such as a subscriber, now.
    pub async fn report_state(&self, network: &str, state_type: &str, device_id: &str, value: Value) {
        let id = StateId { state_type: state_type.into(), device_id: device_id.into() };
        let state = ReportedState { id, value: value.to_string().into_bytes(), version: 1 };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let time = u64::try_from(now.as_millis()).unwrap();
        let network = NetworkId::parse(network).unwrap();
        self.store.put_states(&network, "hw-gw1", vec![state], time).await.unwrap();
    }

    /// A call trace of a gateway that has captured something.
    pub async fn capture(&self, network: &str, gateway: &str, id: &str, capture: &[u8]) {
        let network = NetworkId::parse(network).unwrap();
        let config = json!({"trace_id": id, "trace_type": "GATEWAY", "gateway_id": gateway, "timeout": 60});
        self.store.create_call_trace(&network, id, gateway, config).await.unwrap();
        self.store.end_call_trace(&network, gateway, id, Some(capture.to_vec())).await.unwrap();
    }

    /// Samples of a series, each a time in seconds since 1970 and a value.
    pub async fn measure(&self, network: &str, name: &str, labels: &[(&str, &str)], samples: &[(u64, f64)]) {
        let labels: Vec<_> =
            labels.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        // The oldest first, as they are measured.
        let mut samples = samples.to_vec();
        samples.sort_by_key(|(time, _)| *time);
        let pushed = samples.iter().map(|(time, value)| {
            json!({"metricName": name, "labels": labels, "value": value, "timestamp": time.to_string()})
        });
        let pushed: Vec<Value> = pushed.collect();
        self.rest("POST", &format!("/networks/{network}/metrics/push"), Some(json!(pushed))).await;
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

async fn write_logs(data: &std::path::Path, lines: Vec<(&str, String)>) {
    let archives = Archives::open(&data.join("archive"), ArchiveLimits::default()).unwrap();
    let source = Source { network: "n1".into(), gateway: "gw1".into(), hardware_id: "hw-gw1".into() };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let record = |(service, message): (&str, String)| NewRecord {
        time_ms: i64::try_from(now.as_millis()).unwrap(),
        stream: service.into(),
        event_type: String::new(),
        event_tag: String::new(),
        document: json!({"ident": service, "gateway_id": "gw1", "message": message}).to_string(),
    };
    archives.logs.append(source, lines.into_iter().map(record).collect()).await.unwrap();
    archives.close().await;
}
