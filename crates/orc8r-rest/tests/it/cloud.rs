//! An Orchestrator to ask: the router, the store behind it, and gateways that only note what they are told.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use magma_rpc::tls::{ClientTls, TrustAnchors};
use orc8r_accounts::PasswordHash;
use orc8r_alerts::{Outbox, Targets};
use orc8r_logs::{ArchiveLimits, Archives, CloudEvents};
use orc8r_metrics::Metrics;
use orc8r_metrics::promql::Limits;
use orc8r_metrics::tsdb::{Settings, Tsdb};
use orc8r_model::{
    AccessList, GatewayId, HardwareId, HealthReport, NetworkId, ReportedState, ServiceHealth, StateId,
    SystemLoad,
};
use orc8r_rest::{
    Answer, Api, CommandError, ExpectedConfigurations, GatewayCommands, LastBackup, LogLines, Measured,
    Operator, OwnCertificate, Provider, Registration, Setup, TracerouteHop, TracerouteProbe,
    TracerouteRequest, TracerouteResponse, TracerouteResult, router,
};
use orc8r_store::{AlertDocument, AlertKind, AlertWrite, Store, UserToken};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tokio::sync::Notify;
use tower_service::Service;
use wire_rest::types::{
    CallTraceConfig, GenericCommandParams, GenericCommandResponse, PingRequest, PingResponse, PingResult,
    VersionInfo,
};

/// Hashing takes its time: once.
static HASH: LazyLock<String> =
    LazyLock::new(|| PasswordHash::of("correct horse").unwrap().as_str().to_owned());

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_else(|| panic!("no message: {self:?}")).to_owned()
    }
}

/// A router over a store of its own.
pub struct Cloud {
    pub store: Store,
    pub told: Arc<Gateways>,
    pub archives: Archives,
    _archive: TempDir,
    router: Router,
    api: Api,
}

impl Cloud {
    /// One that knows the administrator `admin` and nothing else.
    pub async fn empty() -> Self {
        let store = orc8r_store::testing::store().unwrap();
        store.put_operator("admin", AccessList::administrator()).await.unwrap();
        let told = Arc::new(Gateways::default());
        let tokens = AtomicUsize::new(0);
        let folder = tempfile::tempdir().unwrap();
        let mut limits = ArchiveLimits::default();
        // How full the disk of the test's machine is does not matter.
        (limits.events.reserve, limits.logs.reserve) = (0, 0);
        let archives = Archives::open(folder.path(), limits).unwrap();
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        let samples = Tsdb::open(&folder.path().join("metrics"), Settings::default(), now_ms).unwrap();
        let metrics = Metrics::new(samples, Limits::default());
        let tls = ClientTls::new(&TrustAnchors::usable_of_pem(&[]), None).unwrap();
        let api = Api {
            store: store.clone(),
            archives: archives.clone(),
            events: CloudEvents::start(archives.clone()),
            metrics,
            outbox: Some(Outbox::new(tls, Targets::public_and(Vec::new()))),
            measured: Measured::default(),
            alertmanager: None,
            commands: told.clone(),
            registration: Registration {
                root_ca_pem: Arc::new(|| "ROOT CA".into()),
                domain_name: "magma.test".into(),
                token_lifetime: Duration::from_secs(1800),
                new_token: Arc::new(move || format!("reg_{}", tokens.fetch_add(1, Ordering::Relaxed))),
            },
            require_token: false,
            setup: Setup::default(),
            provider: None,
            configurations: ExpectedConfigurations::default(),
            own_backup: Arc::new(|| LastBackup { made: Some(1_700_000_000), began: None }),
            own_certificates: Arc::new(|| {
                let certificate = |what: &str, not_after| OwnCertificate {
                    what: what.into(),
                    not_after,
                    soon: 3600,
                    next: "renew it".into(),
                };
                vec![certificate("root certificate", 4_000_000_000), certificate("server certificate", 1)]
            }),
            versions: VersionInfo { container_image_version: Some("0.1.0".into()), helm_chart_version: None },
        };
        Self { store, told, archives, _archive: folder, router: router(api.clone()), api }
    }

    /// One with the networks `n1` (fully configured) and `n2` (not at all). In `n1`: the tiers `t1` (with image `a`) and `t2`, the
    /// gateways `g1` (device `h1`, with status) and `g2` (no device), both in `t1`. The channel `stable`.
    /// The call traces `tr1` (active) and `tr2` (over), both of `g1`. The tenant 1, which owns `n1`. The user `ann` with
    /// the password `correct horse`.
    pub async fn new() -> Self {
        let cloud = Self::empty().await;
        let network = |id| json!({"id": id, "name": "N", "description": "D", "dns": {"enable_caching": false, "local_ttl": 0}});
        let mut n1 = network("n1");
        n1["type"] = json!("lte");
        n1["features"] = json!({"features": {"a": "b"}});
        n1["sentry_config"] = json!({"url_python": "https://a@sentry.test/1", "exclusion_patterns": []});
        n1["state_config"] = json!({"sync_interval": 30});
        n1["dns"]["records"] =
            json!([{"domain": "a.test", "a_record": ["10.0.0.1"], "aaaa_record": [], "cname_record": []}]);
        let tier = |id| json!({"id": id, "name": "T", "version": "1.0.0-0", "images": [{"name": "a", "order": 1}], "gateways": []});
        let g2 = gateway("g2", None);
        for (path, body) in [
            ("/networks", n1),
            ("/networks", network("n2")),
            ("/networks/n1/tiers", tier("t1")),
            ("/networks/n1/tiers", tier("t2")),
            ("/networks/n1/gateways", gateway("g1", Some("h1"))),
            ("/networks/n1/gateways", g2),
            ("/tenants", json!({"id": 1, "name": "T", "networks": ["n1"]})),
            ("/channels", json!({"id": "stable", "name": "C", "supported_versions": ["1.0.0-0"]})),
        ] {
            assert_eq!(cloud.post(path, body).await.status, StatusCode::CREATED, "{path}");
        }
        cloud.store.set_tenant_control_proxy(1, "cloud_address: c\n").await.unwrap();
        cloud.store.create_user("ann", &HASH).await.unwrap();
        let shown = "op_shown00".to_owned();
        let token = UserToken { digest: "d".into(), shown, policies: Some(vec![]), expires_at: None };
        cloud.store.add_token("ann", token).await.unwrap();
        cloud.report_status("h1", json!({"meta": {"a": "b"}})).await;
        let n1 = NetworkId::parse("n1").unwrap();
        for id in ["tr1", "tr2"] {
            let config = json!({"trace_id": id, "trace_type": "GATEWAY", "gateway_id": "g1"});
            cloud.store.create_call_trace(&n1, id, "g1", config).await.unwrap();
        }
        cloud.store.end_call_trace(&n1, "g1", "tr2", Some(b"captured".to_vec())).await.unwrap();
        cloud
    }

    /// Adds the federation network `f1`, and the LTE network `fl1` that uses it. In `f1`: the tier `t1`, the gateways
    /// `fg1` (device `fh1`, with status, health and a configuration of its own) and `fg2` (without any of these).
    pub async fn add_federation(&self) {
        let f1 =
            json!({"id": "f1", "name": "F", "description": "D", "dns": dns(), "federation": federation()});
        let fl1 = json!({"id": "fl1", "name": "L", "description": "D", "dns": dns(), "cellular": cellular(),
                         "federation": {"feg_network_id": "f1"}});
        let mut fg1 = gateway("fg1", Some("fh1"));
        fg1["federation"] = federation();
        for (path, body) in [
            ("/feg", f1),
            ("/feg_lte", fl1),
            ("/networks/f1/tiers", json!({"id": "t1", "version": "1.0.0-0", "images": [], "gateways": []})),
            ("/feg/f1/gateways", fg1),
            ("/feg/f1/gateways", gateway("fg2", None)),
        ] {
            assert_eq!(self.post(path, body).await.status, StatusCode::CREATED, "{path}");
        }
        self.report_in("f1", "gw_state", "fh1", json!({"meta": {"a": "b"}})).await;
        let (f1, fg1) = (NetworkId::parse("f1").unwrap(), GatewayId::parse("fg1").unwrap());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now_ms = u64::try_from(now.as_millis()).unwrap();
        let health = |available| ServiceHealth { available, healthy: true, message: String::new() };
        let report = HealthReport {
            system: Some(SystemLoad { cpu: 0.1, memory_total: 10, memory_available: 9 }),
            services: [("SWX_PROXY".into(), health(true)), ("SESSION_PROXY".into(), health(false))].into(),
        };
        self.store.report_federation_health(&f1, &fg1, report, now_ms).await.unwrap();
    }

    /// Adds the carrier Wi-Fi network `w1`. In it: the tier `t1`, the gateways `wg1` (device `wh1`, with status and
    /// health) and `wg2` to `wg4` (without), the pair `p1` of `wg2` and `wg3` (with status), and where a subscriber is.
    pub async fn add_carrier_wifi(&self) {
        let w1 = json!({"id": "w1", "name": "W", "description": "D", "dns": dns(), "carrier_wifi": carrier_wifi(),
                        "federation": {"feg_network_id": ""}, "features": {"features": {}}});
        let wifi = |id, device| {
            let mut gateway = gateway(id, device);
            gateway["carrier_wifi"] = json!({"allowed_gre_peers": [{"ip": "10.0.0.1/24"}]});
            gateway
        };
        for (path, body) in [
            ("/cwf", w1),
            ("/networks/w1/tiers", json!({"id": "t1", "version": "1.0.0-0", "images": [], "gateways": []})),
            ("/cwf/w1/gateways", wifi("wg1", Some("wh1"))),
            ("/cwf/w1/gateways", wifi("wg2", None)),
            ("/cwf/w1/gateways", wifi("wg3", None)),
            ("/cwf/w1/gateways", wifi("wg4", None)),
            ("/cwf/w1/ha_pairs", ha_pair("p1", "wg2", "wg3")),
        ] {
            assert_eq!(self.post(path, body).await.status, StatusCode::CREATED, "{path}");
        }
        for (state_type, device, value) in [
            ("gw_state", "wh1", json!({"meta": {"a": "b"}})),
            ("cwf_gateway_health", "wg1", json!({"status": "HEALTHY", "description": "OK"})),
            ("cwf_ha_pair_status", "p1", json!({"active_gateway": "wg2"})),
            (
                "directory_record",
                "IMSI001010000000001",
                json!({"location_history": ["wh1"], "identifiers": {"mac_addr": "aa:bb", "ipv4_addr": "10.0.0.9", "x": 1}}),
            ),
        ] {
            self.report_in("w1", state_type, device, value).await;
        }
    }

    /// Adds the radio `s1` to `n1`; its number is 1.
    pub async fn add_cbsd(&self) {
        assert_eq!(self.post("/dp/n1/cbsds", cbsd("s1")).await.status, StatusCode::CREATED);
    }

    /// A gateway of a network reports a state.
    pub async fn report_in(&self, network: &str, state_type: &str, device: &str, value: Value) {
        let id = StateId { state_type: state_type.into(), device_id: device.into() };
        let report = ReportedState { id, value: value.to_string().into_bytes(), version: 0 };
        let network = NetworkId::parse(network).unwrap();
        self.store.put_states(&network, "h", vec![report], 1_700_000_000_123).await.unwrap();
    }

    /// Makes of `n1` a whole LTE network, and of `g1` a gateway of it: with the eNodeB `e1` and the APN resource `r1` of
    /// the APN `internet`, and in the gateway pool `pool1`. Beside them: the eNodeB `e2`, the pool `pool2`, the gateway
    /// `g3`, the interception task `task1` and the destination `dest1`; the short message 1.
    pub async fn add_lte(&self) {
        assert_eq!(self.put("/lte/n1/cellular", cellular()).await.status, StatusCode::NO_CONTENT);
        assert_eq!(self.delete("/networks/n1/gateways/g1").await.status, StatusCode::NO_CONTENT);
        let mut g1 = lte_gateway("g1", Some("h1"));
        g1["connected_enodeb_serials"] = json!(["e1"]);
        g1["apn_resources"] = json!({"internet": {"id": "r1", "apn_name": "internet", "vlan_id": 4}});
        g1["cellular"]["pooling"] =
            json!([{"gateway_pool_id": "pool1", "mme_code": 3, "mme_relative_capacity": 20}]);
        g1["cellular"]["ngc"] = json!({"amf_name": "amf"});
        g1["cellular"]["non_eps_service"] = json!({"non_eps_service_control": 1});
        g1["cellular"]["dns"] =
            json!({"enable_caching": false, "local_ttl": 60, "dhcp_server_enabled": true, "records": []});
        g1["magmad"]["vpn"] = json!({"enable_shell": false});
        let suci = json!({"suci_profiles": [{"home_network_public_key_identifier": 1}]});
        assert_eq!(self.put("/lte/n1/cellular/ngc", suci).await.status, StatusCode::NO_CONTENT);
        let config = json!({"network_wide_base_names": ["b1"], "network_wide_rule_names": ["r1"]});
        assert_eq!(self.put("/lte/n1/subscriber_config", config).await.status, StatusCode::NO_CONTENT);
        let task = json!({"target_id": "IMSI001010000000001", "target_type": "imsi", "delivery_type": "all"});
        let destination = json!({"delivery_address": "10.0.0.9:443", "delivery_type": "all", "certificate": "AA==",
                                 "private_key": "AA==", "skip_verify_server": false});
        for (path, body) in [
            ("apns", apn("internet")),
            ("enodebs", enodeb("e1")),
            ("enodebs", enodeb("e2")),
            ("gateway_pools", json!({"gateway_pool_id": "pool1", "config": {"mme_group_id": 2}})),
            ("gateway_pools", json!({"gateway_pool_id": "pool2", "config": {"mme_group_id": 3}})),
            ("gateways", g1),
            ("gateways", lte_gateway("g3", None)),
            ("network_probe/tasks", json!({"task_id": "task1", "task_details": task})),
            (
                "network_probe/destinations",
                json!({"destination_id": "dest1", "destination_details": destination}),
            ),
        ] {
            let reply = self.post(&format!("/lte/n1/{path}"), body).await;
            assert_eq!(reply.status, StatusCode::CREATED, "{path}: {reply:?}");
        }
        let message = json!({"imsi": "IMSI001010000000001", "source_msisdn": "611", "message": "hello"});
        assert_eq!(self.post("/lte/n1/sms", message).await.status, StatusCode::CREATED);
        self.report_status("h1", json!({"meta": {"a": "b"}})).await;
        self.report("h1", "single_enodeb", "e1", enodeb_state()).await;
    }

    /// Adds to `n1` the APN `a1`, the profile `q1`, the policy `r1`, the base name `b1`, the rating group 7, the subscribers
    /// `IMSI001010000000001` (number 1) and `IMSI001010000000002`, and what gateways report of the first.
    pub async fn add_subscribers(&self) {
        let (first, second) = ("IMSI001010000000001", "IMSI001010000000002");
        for (path, body) in [
            ("lte/n1/apns", apn("a1")),
            (
                "lte/n1/policy_qos_profiles",
                json!({"id": "q1", "max_req_bw_ul": 1, "max_req_bw_dl": 2, "class_id": 9}),
            ),
            (
                "networks/n1/policies/rules",
                json!({"id": "r1", "priority": 1, "flow_list": [], "qos_profile": "q1"}),
            ),
            ("networks/n1/policies/base_names", json!({"name": "b1", "rule_names": ["r1"]})),
            ("networks/n1/rating_groups", json!({"id": 7, "limit_type": "FINITE"})),
            ("lte/n1/subscribers", json!([subscriber(first), subscriber(second)])),
            ("lte/n1/msisdns", json!({"id": first, "msisdn": "1"})),
        ] {
            let reply = self.post(&format!("/{path}"), body).await;
            assert_eq!(reply.status, StatusCode::CREATED, "{path}: {reply:?}");
        }
        self.report("h1", "directory_record", first, json!({"location_history": ["h1"]})).await;
    }

    /// Adds to `n1` a rule, a receiver and a silence, each called `have`.
    pub async fn add_alerts(&self) {
        let silence = json!({"comment": "c", "created_by": "me", "starts_ms": 0, "ends_ms": i64::MAX, "updated_ms": 0, "matchers": []});
        for (kind, body) in [
            (AlertKind::Rule, json!({"alert": "have", "expr": "up"})),
            (AlertKind::Receiver, json!({"name": "have"})),
            (AlertKind::Silence, silence),
        ] {
            let document =
                AlertDocument { network: "n1".into(), kind, name: "have".into(), body: body.to_string() };
            self.store.write_alert_document(document, AlertWrite::Create).await.unwrap();
        }
    }

    /// A gateway's device reports its status.
    pub async fn report_status(&self, hardware_id: &str, status: Value) {
        self.report(hardware_id, "gw_state", hardware_id, status).await;
    }

    /// A device reports a state in `n1`.
    pub async fn report(&self, hardware_id: &str, state_type: &str, device_id: &str, state: Value) {
        let id = StateId { state_type: state_type.into(), device_id: device_id.into() };
        let report = ReportedState { id, value: state.to_string().into_bytes(), version: 0 };
        let n1 = NetworkId::parse("n1").unwrap();
        self.store.put_states(&n1, hardware_id, vec![report], 1_700_000_000_123).await.unwrap();
    }

    /// Asks as `operator`, or as nobody.
    pub async fn ask(
        &self,
        operator: Option<&str>,
        method: &str,
        path: &str,
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::new(body.into());
        *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
        *request.uri_mut() = path.parse().unwrap();
        if let Some(name) = operator {
            request.extensions_mut().insert(self.operator(name).await);
        }
        self.answer(request).await
    }

    /// An operator as the door finds him by his certificate.
    async fn operator(&self, name: &str) -> Operator {
        let access = match self.store.operator_acl(name).await {
            Ok(access) => access.unwrap_or_default(),
            // The door would turn him away; what comes behind it is looked at here.
            Err(_) => AccessList::administrator(),
        };
        Operator { name: name.into(), access }
    }

    /// Asks as the administrator, with one header more.
    pub async fn ask_with(&self, header: (&'static str, &str), method: &str, path: &str) -> Reply {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
        *request.uri_mut() = path.parse().unwrap();
        request.headers_mut().insert(header.0, header.1.parse().unwrap());
        request.extensions_mut().insert(self.operator("admin").await);
        self.answer(request).await
    }

    /// Asks without a certificate, with an `Authorization`.
    pub async fn ask_as(
        &self,
        authorization: &str,
        method: &str,
        path: &str,
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::new(body.into());
        *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
        *request.uri_mut() = path.parse().unwrap();
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
        self.answer(request).await
    }

    /// Asks as the administrator, below `/magma/v1`, with one header more and a body.
    pub async fn ask_with_body(
        &self,
        header: (&'static str, &str),
        method: &str,
        path: &str,
        body: String,
    ) -> Reply {
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
        *request.uri_mut() = format!("/magma/v1{path}").parse().unwrap();
        request.headers_mut().insert(header.0, header.1.parse().unwrap());
        request.extensions_mut().insert(self.operator("admin").await);
        self.answer(request).await
    }

    /// The same cloud with an OpenID provider.
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.api.provider = Some(provider);
        self.router = router(self.api.clone());
        self
    }

    /// The same cloud, and the code with which its first user is made.
    pub fn with_setup(mut self) -> (Self, String) {
        let (setup, code) = Setup::open().unwrap();
        self.api.setup = setup;
        self.router = router(self.api.clone());
        (self, code)
    }

    /// The same cloud with everything that measures itself.
    pub fn measured(mut self, metrics: Metrics, outbox: Outbox, measured: Measured) -> Self {
        let api = Api { metrics, outbox: Some(outbox), measured, ..self.api };
        self.router = router(api.clone());
        Self { api, ..self }
    }

    /// One that tells nobody of alerts.
    pub fn silent(mut self) -> Self {
        let api = Api { outbox: None, ..self.api };
        self.router = router(api.clone());
        Self { api, ..self }
    }

    /// The metrics that it has.
    pub fn metrics(&self) -> Metrics {
        self.api.metrics.clone()
    }

    /// The whole answer to a request as it is.
    pub async fn pass(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().call(request).await.unwrap()
    }

    /// The whole answer to a GET, for its headers, or for a body that goes on.
    pub async fn respond(&self, authorization: Option<&str>, path: &str) -> axum::response::Response {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = path.parse().unwrap();
        if let Some(text) = authorization {
            request.headers_mut().insert("authorization", text.parse().unwrap());
        }
        self.router.clone().call(request).await.unwrap()
    }

    /// The whole answer to a request with an `Authorization`.
    pub async fn respond_to(
        &self,
        authorization: &str,
        method: &str,
        path: &str,
        body: Body,
    ) -> axum::response::Response {
        let request = Request::builder().method(method).uri(path).header("authorization", authorization);
        self.router.clone().call(request.body(body).unwrap()).await.unwrap()
    }

    async fn answer(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().call(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Reply { status, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// Asks as the administrator, below `/magma/v1`.
    pub async fn send(&self, method: &str, path: &str, body: impl Into<Body>) -> Reply {
        self.ask(Some("admin"), method, &format!("/magma/v1{path}"), body).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send("POST", path, body.to_string()).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.send("PUT", path, body.to_string()).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, Body::empty()).await
    }

    /// Sends each row, and compares the status and the message (or the JSON, when one is expected).
    pub async fn check(&self, rows: &[(&str, &str, &str, Value, u16, &str)]) {
        for (name, method, path, body, status, expect) in rows {
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let reply = self.send(method, path, body).await;
            assert_eq!(reply.status.as_u16(), *status, "{name}: {reply:?}");
            if *status < 300 {
                assert_eq!(reply.text, *expect, "{name}");
            } else {
                assert_eq!(reply.message(), *expect, "{name}");
            }
        }
    }
}

/// The least DNS configuration of a network.
pub fn dns() -> Value {
    json!({"enable_caching": false, "local_ttl": 0})
}

/// The least federation configuration.
pub fn federation() -> Value {
    json!({"s6a": {}, "hss": {}, "gx": {}, "gy": {}, "swx": {}, "eap_aka": {}, "aaa_server": {}, "health": {},
           "served_network_ids": ["fl1"]})
}

/// The least LTE configuration of a network.
pub fn cellular() -> Value {
    json!({
        "epc": {"gx_gy_relay_enabled": false, "hss_relay_enabled": false, "lte_auth_amf": "gAA=",
                "lte_auth_op": "EREREREREREREREREREREQ==", "mcc": "001", "mnc": "01", "tac": 1},
        "ran": {"bandwidth_mhz": 20,
                "tdd_config": {"earfcndl": 44590, "special_subframe_pattern": 7, "subframe_assignment": 2}},
    })
}

/// The least configuration of a carrier Wi-Fi network.
pub fn carrier_wifi() -> Value {
    json!({"eap_aka": {}, "aaa_server": {}, "default_rule_id": "r", "network_services": ["dpi"]})
}

/// A radio that shares spectrum.
pub fn cbsd(serial_number: &str) -> Value {
    json!({
        "user_id": "u", "fcc_id": "f", "serial_number": serial_number, "cbsd_category": "b",
        "desired_state": "registered", "single_step_enabled": false, "carrier_aggregation_enabled": false,
        "grant_redundancy": true, "installation_param": {"antenna_gain": 15.5},
        "capabilities": {"max_power": 20.0, "min_power": 0.5, "number_of_antennas": 2, "max_ibw_mhz": 150},
        "frequency_preferences": {"bandwidth_mhz": 20, "frequencies_mhz": [3600, 3620]},
    })
}

/// A pair of carrier Wi-Fi gateways.
pub fn ha_pair(id: &str, one: &str, other: &str) -> Value {
    json!({"ha_pair_id": id, "gateway_id_1": one, "gateway_id_2": other,
           "config": {"transport_virtual_ip": "10.10.10.11/24"}})
}

/// A whole gateway in tier `t1`.
pub fn gateway(id: &str, hardware_id: Option<&str>) -> Value {
    let mut gateway = json!({"id": id, "name": "N", "description": "D", "tier": "t1", "magmad": magmad()});
    if let Some(hardware_id) = hardware_id {
        gateway["device"] = json!({"hardware_id": hardware_id, "key": {"key_type": "ECHO"}});
    }
    gateway
}

/// A whole LTE gateway in tier `t1`.
pub fn lte_gateway(id: &str, hardware_id: Option<&str>) -> Value {
    let mut gateway = gateway(id, hardware_id);
    gateway["cellular"] = json!({
        "ran": {"pci": 260, "transmit_enabled": true},
        "epc": {"nat_enabled": true, "ip_block": "192.168.128.0/24"},
    });
    gateway["connected_enodeb_serials"] = json!([]);
    gateway
}

/// A whole eNodeB.
pub fn enodeb(serial: &str) -> Value {
    let config = json!({"transmit_enabled": true, "cell_id": 1, "device_class": "FreedomFi One"});
    json!({"serial": serial, "name": "E", "config": config})
}

/// What a gateway reports of an eNodeB.
pub fn enodeb_state() -> Value {
    json!({
        "enodeb_configured": true, "gps_longitude": "1", "gps_latitude": "2", "enodeb_connected": true,
        "opstate_enabled": true, "rf_tx_on": true, "rf_tx_desired": true, "gps_connected": true,
        "ptp_connected": false, "mme_connected": true, "fsm_state": "S", "ip_address": "10.0.0.2", "ues_connected": 3,
    })
}

/// A whole APN.
pub fn apn(name: &str) -> Value {
    let qos = json!({"class_id": 9, "priority_level": 15, "preemption_capability": true, "preemption_vulnerability": false});
    let ambr = json!({"max_bandwidth_ul": 1, "max_bandwidth_dl": 2});
    json!({"apn_name": name, "apn_configuration": {"ambr": ambr, "qos_profile": qos}})
}

/// A whole subscriber.
pub fn subscriber(id: &str) -> Value {
    let key = "AAECAwQFBgcICQoLDA0ODw==";
    json!({"id": id, "active_apns": ["a1"],
           "lte": {"state": "ACTIVE", "auth_algo": "MILENAGE", "auth_key": key, "auth_opc": key, "sub_profile": "default"}})
}

/// The configuration of an agent.
pub fn magmad() -> Value {
    json!({"autoupgrade_enabled": true, "autoupgrade_poll_interval": 60, "checkin_interval": 60,
           "checkin_timeout": 30, "dynamic_services": []})
}

/// Gateways that note what they are told. Some devices fail by name: `offline`, `slow`, `refusing`, `defect`.
#[derive(Default)]
pub struct Gateways {
    notes: Mutex<Vec<String>>,
    keeps_following: AtomicBool,
    /// Their answers wait, each for one notice.
    holds: AtomicBool,
    released: Notify,
}

impl Gateways {
    /// A followed log has no end from now on.
    pub fn keep_following(&self) {
        self.keeps_following.store(true, Ordering::Relaxed);
    }

    /// Their answers wait from now on.
    pub fn hold(&self) {
        self.holds.store(true, Ordering::Relaxed);
    }

    /// One answer that waits comes.
    pub fn release(&self) {
        self.released.notify_one();
    }

    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.notes.lock().unwrap())
    }

    fn tell<T: Send + 'static>(&self, gateway: HardwareId, what: String, answer: T) -> Answer<'_, T> {
        let result = match gateway.as_str() {
            "offline" => Err(CommandError::NotConnected { hardware_id: gateway }),
            "slow" => Err(CommandError::TimedOut { hardware_id: gateway }),
            "refusing" => {
                Err(CommandError::Refused { code: "Internal".into(), message: "no such service".into() })
            }
            "defect" => panic!("a defect for the test"),
            _ => {
                self.notes.lock().unwrap().push(format!("{gateway}: {what}"));
                Ok(answer)
            }
        };
        Box::pin(async move {
            if self.holds.load(Ordering::Relaxed) {
                self.released.notified().await;
            }
            result
        })
    }
}

impl GatewayCommands for Gateways {
    fn reboot(&self, gateway: HardwareId) -> Answer<'_, ()> {
        self.tell(gateway, "reboot".into(), ())
    }

    fn restart_services(&self, gateway: HardwareId, services: Vec<String>) -> Answer<'_, ()> {
        self.tell(gateway, format!("restart {services:?}"), ())
    }

    fn ping(&self, gateway: HardwareId, request: PingRequest) -> Answer<'_, PingResponse> {
        let packets = request.packets.unwrap_or(4);
        let ping = |host: &String| PingResult {
            host_or_ip: host.clone(),
            num_packets: packets,
            ..PingResult::default()
        };
        let pings = request.hosts.iter().map(ping).collect();
        self.tell(gateway, format!("ping {packets}"), PingResponse { pings })
    }

    fn traceroute(&self, gateway: HardwareId, request: TracerouteRequest) -> Answer<'_, TracerouteResponse> {
        let probe = TracerouteProbe { hostname: "r1".into(), ip: "192.0.2.1".into(), rtt_ms: 1.5 };
        let way = |host: &String| TracerouteResult {
            host_or_ip: host.clone(),
            error: String::new(),
            hops: vec![TracerouteHop { number: 1, probes: vec![probe.clone()] }],
        };
        let traceroutes = request.hosts.iter().map(way).collect();
        self.tell(gateway, format!("trace {}", request.max_hops), TracerouteResponse { traceroutes })
    }

    fn generic(
        &self,
        gateway: HardwareId,
        request: GenericCommandParams,
    ) -> Answer<'_, GenericCommandResponse> {
        let response = GenericCommandResponse { response: request.params };
        self.tell(gateway, format!("generic {}", request.command), response)
    }

    fn start_call_trace(&self, gateway: HardwareId, config: CallTraceConfig) -> Answer<'_, bool> {
        let begins = config.capture_filters.as_deref() != Some("refused");
        self.tell(gateway, format!("start trace {}", config.trace_id), begins)
    }

    fn end_call_trace(&self, gateway: HardwareId, trace_id: String) -> Answer<'_, Option<Vec<u8>>> {
        let capture = (!trace_id.starts_with("gone")).then(|| b"pcap".to_vec());
        self.tell(gateway, format!("end trace {trace_id}"), capture)
    }

    fn tail_logs(&self, gateway: HardwareId, service: String) -> Answer<'_, LogLines> {
        let broken = CommandError::TimedOut { hardware_id: gateway.clone() };
        let lines = match gateway.as_str() {
            "breaking" => vec![Ok("first".to_owned()), Err(broken)],
            _ => vec![Ok("first".to_owned()), Ok(String::new()), Ok("third ä".to_owned())],
        };
        let follows = self.keeps_following.load(Ordering::Relaxed);
        let lines: LogLines = match follows {
            true => {
                Box::pin(tokio_stream::StreamExt::chain(tokio_stream::iter(lines), tokio_stream::pending()))
            }
            false => Box::pin(tokio_stream::iter(lines)),
        };
        self.tell(gateway, format!("tail {service:?}"), lines)
    }
}
