//! Our Orchestrator with a gateway on Python's gRPC stack: all that a gateway does, all that it must not be able to
//! do, and an operator's commands to it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orc8r::{Config, Running};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::gateway_program::{self, Invitation, text};
use crate::operator::Operator;
use crate::python::{self, Program};

const DOMAIN: &str = "interop.localhost";
const NETWORK: &str = "foreign";
/// The gateway that enrols by token and has a key.
const GATEWAY: &str = "by_token";
/// The gateway that is known beforehand and has none.
const ECHO_GATEWAY: &str = "by_echo";
const ECHO_HARDWARE_ID: &str = "c0ffee00-5b1d-4f3e-8a51-8f1f0d6a7e21";

const SUBSCRIBERS: [&str; 3] = ["IMSI001010000000001", "IMSI001010000000002", "IMSI001010000000003"];

/// How long an open stream may take to be known.
const REACH_LIMIT: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_gateway_joins_our_cloud() {
    if !python::is_here().await {
        return;
    }
    let cloud = OurCloud::start().await;
    cloud.make_network().await;
    let registration = cloud.make_gateways().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut gateway = cloud.invite(&registration, &folder);

    let (hardware_id, key) = gateway_program::registers(&mut gateway).await;
    cloud.knows_the_device(&hardware_id, &key).await;
    gateway_program::bootstraps(&mut gateway, &hardware_id, ECHO_HARDWARE_ID).await;
    let mconfig = gateway_program::works(&mut gateway).await;
    assert_eq!(mconfig["configsByKey"]["magmad"]["checkinInterval"], 60, "{mconfig}");
    gateway_program::is_kept_in_bounds(&mut gateway).await;
    let refused = gateway.step("rest_with_gateway_certificate").await;
    assert!([json!(401), json!(403)].contains(&refused["status"]), "{refused}");
    cloud.sees_only_what_was_reported(&hardware_id).await;

    cloud.reaches("hello").await;
    cloud.commands_reach(&mut gateway, &hardware_id).await;
    cloud.commands_fail_in_words(&mut gateway).await;
    cloud.follows_a_reopened_stream(&mut gateway).await;
    cloud.streams_a_changed_configuration(&mut gateway).await;
    cloud.pushes_changes(&mut gateway).await;
    cloud.keeps_subscribers_current(&mut gateway).await;
    cloud.sends_a_short_message(&mut gateway).await;

    assert!(gateway.end().await.success());
    cloud.says_that_the_gateway_is_away().await;
    cloud.running.shutdown().await;
}

struct OurCloud {
    running: Running,
    operator: Operator,
    data: TempDir,
}

impl OurCloud {
    async fn start() -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let config = Config::on_loopback(data.path(), DOMAIN);
        let running = orc8r::start(config).await.expect("it starts in an empty folder");
        let operator = Operator::new(running.addresses().rest.port(), DOMAIN, &data.path().join("certs"));
        Self { running, operator, data }
    }

    fn invite(&self, registration: &Value, folder: &TempDir) -> Program {
        let addresses = self.running.addresses();
        let own = std::fs::read_to_string(self.data.path().join("certs/rootCA.pem")).expect("its root CA");
        let (token, root_ca) = (text(registration, "registration_token"), text(registration, "root_ca"));
        assert_eq!(root_ca.trim(), own.trim());
        assert_eq!(registration["domain_name"], DOMAIN);
        let invitation = Invitation {
            cloud_port: addresses.gateways.port(),
            bootstrap_port: addresses.bootstrap.port(),
            rest_port: Some(addresses.rest.port()),
            domain: DOMAIN,
            root_ca: &root_ca,
            network: NETWORK,
            gateway: GATEWAY,
            token: &token,
            echo_hardware_id: ECHO_HARDWARE_ID,
        };
        gateway_program::start(&invitation, folder.path())
    }

    async fn make_network(&self) {
        let dns = json!({"enable_caching": false, "local_ttl": 0});
        let network = json!({"id": NETWORK, "name": "Foreign", "description": "of strangers", "dns": dns});
        self.operator.expect(201, "POST", "/networks", Some(&network)).await;
        let tier =
            json!({"id": "default", "name": "Default", "version": "1.8.0-0", "images": [], "gateways": []});
        self.operator.expect(201, "POST", &in_network("tiers"), Some(&tier)).await;
    }

    /// Makes one gateway without a device and one of kind ECHO; returns what the first may register with.
    async fn make_gateways(&self) -> Value {
        let device = json!({"hardware_id": ECHO_HARDWARE_ID, "key": {"key_type": "ECHO"}});
        for (id, device) in [(GATEWAY, None), (ECHO_GATEWAY, Some(device))] {
            let mut gateway = json!({
                "id": id, "name": id, "description": "on Python's stack", "tier": "default",
                "magmad": magmad(60),
            });
            if let Some(device) = device {
                gateway["device"] = device;
            }
            self.operator.expect(201, "POST", &in_network("gateways"), Some(&gateway)).await;
        }
        let gateway = self.operator.expect(200, "GET", &of_gateway(""), None).await;
        assert!(gateway.get("device").is_none(), "it has no device yet: {gateway}");
        gateway["registration_info"].clone()
    }

    async fn knows_the_device(&self, hardware_id: &str, key: &str) {
        let device = self.operator.expect(200, "GET", &of_gateway("/device"), None).await;
        let expected =
            json!({"hardware_id": hardware_id, "key": {"key_type": "SOFTWARE_ECDSA_SHA256", "key": key}});
        assert_eq!(device, expected);
        let gateway = self.operator.expect(200, "GET", &of_gateway(""), None).await;
        assert!(gateway.get("registration_info").is_none(), "{gateway}");
    }

    async fn sees_only_what_was_reported(&self, hardware_id: &str) {
        let status = self.operator.expect(200, "GET", &of_gateway("/status"), None).await;
        assert_eq!(status["hardware_id"], hardware_id);
        // The last report came with the headers of the other gateway, and counts for this one all the same.
        assert_eq!(status["meta"]["from"], "state_with_headers_of_another", "{status}");
        let age = now_ms() - status["checkin_time"].as_i64().expect("milliseconds");
        assert!((0..60_000).contains(&age), "checked in {age} ms ago");
        let other = in_network(&format!("gateways/{ECHO_GATEWAY}/status"));
        let (code, status) = self.operator.call("GET", &other, None).await;
        assert_eq!(code, 404, "it has not reported anything itself: {status}");
    }

    async fn command(&self, name: &str, body: Value) -> (u16, Value) {
        self.operator.call("POST", &of_gateway(&format!("/command/{name}")), Some(&body)).await
    }

    /// Waits until a command gets through: what the gateway has sent may still be on its way when it says so.
    async fn reaches(&self, word: &str) {
        let begun = Instant::now();
        loop {
            let echo = json!({"command": "echo", "params": {"shell_params": [word]}});
            let (status, answer) = self.command("generic", echo).await;
            if status == 200 {
                assert_eq!(answer["response"]["stdout"], format!("{word}\n"));
                return;
            }
            assert!(begun.elapsed() < REACH_LIMIT, "no command gets through: {answer}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn commands_reach(&self, gateway: &mut Program, hardware_id: &str) {
        let echo = json!({"command": "echo", "params": {"shell_params": ["to", "and", "fro"]}});
        let (status, answer) = self.command("generic", echo).await;
        assert_eq!((status, &answer["response"]["stdout"]), (200, &json!("to and fro\n")), "{answer}");
        let three =
            |line: &Value| line["parameters"]["params"]["shell_params"] == json!(["to", "and", "fro"]);
        let request = gateway.step_where("sync_rpc_request", three).await;
        assert_eq!(request["gateway"], hardware_id);
        assert_eq!(request["authority"], "magmad");
        assert_eq!(request["path"], "/magma.orc8r.Magmad/GenericCommand");
        assert_eq!(request["headers"]["content-type"], "application/grpc");
        assert_eq!(request["headers"]["te"], "trailers");
        assert!(request["request"].as_u64().is_some_and(|id| id > 0), "0 is no request: {request}");

        let (status, answer) = self.command("ping", json!({"hosts": ["198.51.100.7"], "packets": 2})).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["pings"][0]["host_or_ip"], "198.51.100.7");
        assert_eq!(answer["pings"][0]["packets_received"], 2);

        let (status, answer) = self.command("tail_logs", json!({"service": "mme"})).await;
        assert_eq!((status, answer), (200, json!("first line of mme\nsecond line of mme\n")));

        let (status, answer) = self.command("restart_services", json!(["mme", "sessiond"])).await;
        assert_eq!(status, 200, "{answer}");
        let restart = |line: &Value| line["path"] == "/magma.orc8r.Magmad/RestartServices";
        let request = gateway.step_where("sync_rpc_request", restart).await;
        assert_eq!(request["parameters"]["services"], json!(["mme", "sessiond"]));

        let (status, answer) = self.command("generic", json!({"command": "as_go_agents_do"})).await;
        assert_eq!((status, &answer["response"]["result"]), (200, &json!(0)), "{answer}");
    }

    async fn commands_fail_in_words(&self, gateway: &mut Program) {
        for (command, words) in [
            ("refuse", "no config for refuse"),
            ("unreachable", "connection to the local service is refused"),
        ] {
            let (status, answer) = self.command("generic", json!({"command": command})).await;
            assert!((400..600).contains(&status), "{status} {answer}");
            let message = answer["message"].as_str().unwrap_or_default();
            assert!(message.contains(words), "{answer}");
            let sent = |line: &Value| line["parameters"]["command"] == command;
            gateway.step_where("sync_rpc_request", sent).await;
        }
    }

    async fn follows_a_reopened_stream(&self, gateway: &mut Program) {
        gateway.command("reopen").await;
        let ended = gateway.step("sync_rpc_ended").await;
        assert!([json!("OK"), json!("CANCELLED")].contains(&ended["code"]), "it ends at once: {ended}");
        self.reaches("again").await;
    }

    async fn streams_a_changed_configuration(&self, gateway: &mut Program) {
        self.operator.expect(204, "PUT", &of_gateway("/magmad"), Some(&magmad(120))).await;
        gateway.command("configs").await;
        let mconfig = gateway_program::mconfig(&gateway.step("configs").await);
        assert_eq!(mconfig["configsByKey"]["magmad"]["checkinInterval"], 120);
    }

    /// A stream that was asked to stay is told of each change; the polls before it were not kept waiting.
    async fn pushes_changes(&self, gateway: &mut Program) {
        gateway.command("follow").await;
        for interval in [120, 130, 140] {
            if interval > 120 {
                self.operator.expect(204, "PUT", &of_gateway("/magmad"), Some(&magmad(interval))).await;
            }
            let mconfig = gateway_program::mconfig(&gateway.step("pushed").await);
            assert_eq!(mconfig["configsByKey"]["magmad"]["checkinInterval"], interval);
        }
    }

    /// A gateway has what the cloud has after each of its questions, and is told no more than what changed.
    async fn keeps_subscribers_current(&self, gateway: &mut Program) {
        let path = format!("/lte/{NETWORK}/subscribers");
        let made: Vec<Value> = SUBSCRIBERS.iter().map(|id| subscriber(id)).collect();
        self.operator.expect(201, "POST", &path, Some(&made.into())).await;
        let first = asks_for_subscribers(gateway).await;
        assert_eq!(first["in_sync"], false);
        for id in SUBSCRIBERS {
            let held =
                json!({"state": 1, "auth_key": "000102030405060708090a0b0c0d0e0f", "network": NETWORK});
            assert_eq!(first["subscribers"][id], held, "{first}");
        }
        let [kept, changed, gone] = SUBSCRIBERS;
        let again = asks_for_subscribers(gateway).await;
        assert_eq!((&again["in_sync"], &again["subscribers"]), (&json!(true), &first["subscribers"]));
        self.operator.expect(200, "POST", &format!("{path}/{changed}/deactivate"), None).await;
        self.operator.expect(204, "DELETE", &format!("{path}/{gone}"), None).await;
        let later = asks_for_subscribers(gateway).await;
        let told = json!([later["in_sync"], later["listed"], later["renewed"], later["deleted"]]);
        assert_eq!(told, json!([false, false, [changed], [gone]]), "{later}");
        assert_eq!(later["subscribers"][changed]["state"], 0, "{later}");
        assert_eq!(later["subscribers"][kept], first["subscribers"][kept]);
        assert_eq!(asks_for_subscribers(gateway).await["in_sync"], true);
    }

    async fn sends_a_short_message(&self, gateway: &mut Program) {
        let path = format!("/lte/{NETWORK}/sms");
        let message =
            json!({"imsi": SUBSCRIBERS[0], "source_msisdn": "18658675309", "message": "hellohello"});
        let number = self.operator.expect(201, "POST", &path, Some(&message)).await;
        gateway.command("sms").await;
        let fetched = gateway.step("sms").await;
        let message = &fetched["messages"][0];
        assert_eq!(message["imsi"], SUBSCRIBERS[0], "{fetched}");
        assert!(text(message, "octets").ends_with("0ae8329bfd4697d9ec37"), "{fetched}");
        let path = format!("{path}/{}", number.as_str().expect("a number"));
        assert_eq!(self.operator.expect(200, "GET", &path, None).await["status"], "Delivered");
        gateway.command("sms").await;
        assert_eq!(gateway.step("sms").await["messages"], json!([]));
    }

    async fn says_that_the_gateway_is_away(&self) {
        let echo = json!({"command": "echo", "params": {"shell_params": []}});
        let (status, answer) = self.command("generic", echo).await;
        assert!((400..600).contains(&status), "{status} {answer}");
        assert_ne!(answer["message"], "", "{answer}");
    }
}

fn magmad(checkin_interval: u32) -> Value {
    json!({
        "autoupgrade_enabled": false,
        "autoupgrade_poll_interval": 300,
        "checkin_interval": checkin_interval,
        "checkin_timeout": 10,
    })
}

fn subscriber(id: &str) -> Value {
    let key = "AAECAwQFBgcICQoLDA0ODw==";
    json!({"id": id, "lte": {"state": "ACTIVE", "auth_algo": "MILENAGE", "auth_key": key, "sub_profile": "default"}})
}

async fn asks_for_subscribers(gateway: &mut Program) -> Value {
    gateway.command("subscribers").await;
    gateway.step("subscribers").await
}

fn in_network(path: &str) -> String {
    format!("/networks/{NETWORK}/{path}")
}

fn of_gateway(path: &str) -> String {
    in_network(&format!("gateways/{GATEWAY}{path}"))
}

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(now.as_millis()).expect("before the year 292 million")
}
