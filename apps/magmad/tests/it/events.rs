//! The events that the agent tells the cloud's operators, and the services that carry them.

use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use magma_free_port::free_port;
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::server::{Router, serve_plain};
use magma_rpc::{Request, Response, Status, tonic};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use wire_orc8r::orc8r as wire;
use wire_orc8r::orc8r::event_service_server::{EventService, EventServiceServer};
use wire_orc8r::orc8r::magmad_client::MagmadClient;
use wire_orc8r::orc8r::service303_client::Service303Client;

use crate::certificates::Authority;
use crate::cloud::{Cloud, Feed, mconfig};
use crate::gateway::{Gateway, HARDWARE_ID, MAGMAD_YML, registry_yml};

/// How long anything may take: much longer than it does.
const PATIENCE: Duration = Duration::from_secs(120);

fn magmad_entry(checkin_interval: u32) -> String {
    format!(r#"{{"@type":"type.googleapis.com/magma.mconfig.MagmaD","checkinInterval":{checkin_interval}}}"#)
}

fn feed(checkin_interval: u32) -> Feed {
    let shared = r#"{"@type":"type.googleapis.com/magma.mconfig.SharedMconfig"}"#;
    let elsewhere = r#"{"@type":"type.googleapis.com/magma.mconfig.State"}"#;
    let magmad = magmad_entry(checkin_interval);
    Feed::Once(mconfig(&[("magmad", &magmad), ("shared_mconfig", shared), ("elsewhere", elsewhere)]))
}

fn channel(port: u16) -> Channel {
    let host = "127.0.0.1".to_owned();
    let endpoint = Endpoint { server_name: host.clone(), host, port, transport: Transport::Plain };
    Connection::new(endpoint).channel("magmad.local")
}

/// An `eventd` of another process, as far as the agent sees it.
#[derive(Clone, Default)]
struct Eventd {
    seen: Arc<Mutex<Vec<wire::Event>>>,
    more: Arc<Notify>,
}

#[tonic::async_trait]
impl EventService for Eventd {
    async fn log_event(&self, request: Request<wire::Event>) -> Result<Response<wire::Void>, Status> {
        self.seen.lock().unwrap().push(request.into_inner());
        self.more.notify_one();
        Ok(Response::new(wire::Void {}))
    }
}

impl Eventd {
    async fn start(&self) -> (u16, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().add(EventServiceServer::new(self.clone()));
        (port, tokio::spawn(serve_plain(listener, router, std::future::pending::<()>())))
    }

    /// Types and values, once there are as many of `event_type` as `count`.
    async fn until(&self, event_type: &str, count: usize) -> Vec<(String, Value)> {
        let waiting = async {
            loop {
                let more = self.more.notified();
                let seen = self.seen.lock().unwrap().clone();
                if seen.iter().filter(|event| event.event_type == event_type).count() >= count {
                    return seen;
                }
                more.await;
            }
        };
        let seen = tokio::time::timeout(PATIENCE, waiting).await;
        let seen =
            seen.unwrap_or_else(|_| panic!("never: {event_type}; but {:?}", self.seen.lock().unwrap()));
        assert!(seen.iter().all(|event| event.stream_name == "magmad" && event.tag == HARDWARE_ID));
        let value = |event: &wire::Event| serde_json::from_str(&event.value).unwrap();
        seen.iter().map(|event| (event.event_type.clone(), value(event))).collect()
    }
}

fn of<'a>(events: &'a [(String, Value)], event_type: &str) -> Vec<&'a Value> {
    events.iter().filter(|(found, _)| found == event_type).map(|(_, value)| value).collect()
}

#[tokio::test]
async fn events_have_magmas_types_and_values_and_an_identical_poll_raises_none() {
    let (cloud, eventd) = (Cloud::start().await, Eventd::default());
    let (port, server) = eventd.start().await;
    cloud.behave(|b| b.feed = feed(7));
    let gateway = Gateway::with_certificate(&cloud);
    gateway.write("etc/magma/service_registry.yml", &registry_yml(gateway.port, &[("eventd", port)]));
    let running = gateway.start();
    let session = cloud.session().await;
    let events = eventd.until("processed_updates", 1).await;
    assert_eq!(of(&events, "updated_stored_mconfig"), [&json!({})]);
    let processed = of(&events, "processed_updates")[0].as_object().unwrap();
    assert_eq!(
        processed.keys().collect::<Vec<_>>(),
        ["magmad", "shared_mconfig"],
        "what is of no use here is left out"
    );
    assert_eq!(processed["magmad"]["checkinInterval"], 7);
    eventd.until("established_sync_rpc_stream", 1).await;

    let polls = cloud.seen().polls.len();
    cloud.behave(|b| b.feed = feed(7));
    cloud.until("three more polls", |seen| seen.polls.len() >= polls + 3).await;
    // Events keep their order: what the polls had raised would come before this.
    cloud.behave(|b| b.feed = feed(8));
    let events = eventd.until("processed_updates", 2).await;
    assert_eq!(of(&events, "updated_stored_mconfig").len(), 2);
    assert_eq!(of(&events, "processed_updates")[1]["magmad"]["checkinInterval"], 8);

    session.break_off(Status::unavailable("the cloud goes away")).await;
    let events = eventd.until("disconnected_sync_rpc_stream", 1).await;
    assert_eq!(of(&events, "disconnected_sync_rpc_stream"), [&json!({})]);

    let mut magmad = MagmadClient::new(channel(running.gateway.port));
    magmad.set_configs(wire::GatewayConfigs::default()).await.unwrap();
    let events = eventd.until("deleted_stored_mconfig", 1).await;
    assert_eq!(of(&events, "deleted_stored_mconfig"), [&json!({})]);
    running.stop().await;
    server.abort();
}

/// A gateway that serves these services itself; `td-agent-bit` takes events on `port`.
fn embedding(cloud: &Cloud, services: &str, eventd: u16, port: u16) -> Gateway {
    let gateway = Gateway::with_certificate(cloud);
    let yml = format!(
        "{MAGMAD_YML}embedded_services: [{services}]\nlog_forwarding: {{forward_port: 0, syslog_port: 0}}\n"
    );
    gateway.write("etc/magma/magmad.yml", &yml);
    gateway.write("etc/magma/eventd.yml", &format!("fluent_bit_port: {port}\nevent_registry: {{}}\n"));
    gateway.write("etc/magma/service_registry.yml", &registry_yml(gateway.port, &[("eventd", eventd)]));
    gateway
}

/// Restarts `eventd` through the agent's own gRPC service.
async fn restart_eventd(agent: u16) {
    let request = wire::RestartServicesRequest { services: vec!["eventd".to_owned()] };
    MagmadClient::new(channel(agent)).restart_services(request).await.unwrap();
}

#[cfg(feature = "eventd")]
#[tokio::test]
async fn eventd_in_the_agent_takes_events_and_passes_them_on_to_td_agent_bit() {
    let (cloud, eventd_port) = (Cloud::start().await, free_port());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    cloud.behave(|b| b.feed = feed(7));
    let mut running = embedding(&cloud, "eventd", eventd_port, port).start();
    running.until_serving().await;
    let info = async {
        loop {
            match Service303Client::new(channel(eventd_port)).get_service_info(wire::Void {}).await {
                Ok(info) => return info.into_inner(),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    assert_eq!(tokio::time::timeout(PATIENCE, info).await.expect("it serves").name, "eventd");
    cloud.session().await;
    restart_eventd(running.gateway.port).await;
    let mut wanted = vec!["updated_stored_mconfig", "processed_updates", "restarted_services"];
    let taking = async {
        while !wanted.is_empty() {
            let mut lines = BufReader::new(listener.accept().await.unwrap().0).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let record: Value = serde_json::from_str(&line).unwrap();
                assert_eq!(
                    (&record["stream_name"], &record["event_tag"]),
                    (&json!("magmad"), &json!(HARDWARE_ID))
                );
                assert_eq!(record["retry_on_failure"], "False");
                if record["event_type"] == "restarted_services" {
                    assert_eq!(record["value"], "{\"services\":[\"eventd\"]}");
                }
                wanted.retain(|event_type| record["event_type"] != *event_type);
                if wanted.is_empty() {
                    break;
                }
            }
        }
    };
    tokio::time::timeout(PATIENCE, taking).await.expect("all events in time");
    running.stop().await;
}

#[cfg(all(feature = "eventd", feature = "log-forwarding"))]
#[tokio::test]
async fn events_and_logs_reach_the_cloud_from_one_process_with_the_gateways_certificate() {
    let probe = Command::new("python3").args(["-c", "import msgpack, ssl"]).output().await;
    if !probe.is_ok_and(|output| output.status.success()) {
        return println!("skipped: python3 with msgpack is not installed");
    }
    let (cloud, root, folder) =
        (Cloud::start().await, Authority::new("fluentd's"), tempfile::tempdir().unwrap());
    let (cert, key) = root.server(&["localhost"]);
    for (file, text) in [("server.crt", cert), ("server.key", key), ("clients.pem", cloud.certifier().pem())]
    {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    let script =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../crates/magma-fluent/tests/python/fluentd.py");
    let mut fluentd = Command::new("python3");
    fluentd.arg("-B").arg(script).arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut fluentd = fluentd.kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(fluentd.stdout.take().unwrap()).lines();
    let port = lines.next_line().await.unwrap().unwrap();

    let log = folder.path().join("mme.log");
    let td_agent_bit = json!({"@type": "type.googleapis.com/magma.mconfig.FluentBit",
        "extraTags": {"network_id": "n1"}, "filesByTag": {"mme": "/var/log/mme.log"}});
    cloud.behave(|b| {
        let (magmad, td_agent_bit) = (magmad_entry(7), td_agent_bit.to_string());
        b.feed = Feed::Once(mconfig(&[("magmad", &magmad), ("td-agent-bit", &td_agent_bit)]));
    });
    let gateway = embedding(&cloud, "eventd, td-agent-bit", free_port(), free_port());
    let control_proxy =
        format!("{}fluentd_address: localhost\nfluentd_port: {port}\n", cloud.control_proxy(false));
    gateway.write("etc/magma/control_proxy.yml", &control_proxy);
    gateway.write("var/opt/magma/certs/rootCA.pem", &format!("{}{}", cloud.root_pem(), root.pem()));
    let followed = gateway.path("var/log/mme.log");
    std::fs::create_dir_all(followed.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&log, &followed).unwrap();
    let running = gateway.start();
    // Again and again: what is written before the cloud's configuration is in effect is nobody's.
    let writing = tokio::spawn(async move {
        loop {
            let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&log).unwrap();
            writeln!(file, "a line").unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let mut wanted = vec!["processed_updates", "updated_stored_mconfig", "a line"];
    let taking = async {
        while !wanted.is_empty() {
            let line = lines.next_line().await.unwrap().expect("the receiver runs");
            let message: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(message["client"], HARDWARE_ID, "{message}");
            for record in message["records"].as_array().unwrap() {
                assert_eq!(record["hw_id"], HARDWARE_ID, "{record}");
                if record["log"] == "a line" {
                    assert_eq!((&message["tag"], &record["network_id"]), (&json!("mme"), &json!("n1")));
                } else {
                    assert_eq!(
                        (&message["tag"], &record["stream_name"]),
                        (&json!("eventd"), &json!("magmad"))
                    );
                }
                wanted.retain(|found| record["event_type"] != *found && record["log"] != *found);
            }
        }
    };
    tokio::time::timeout(PATIENCE, taking).await.expect("all records in time");
    writing.abort();
    running.stop().await;
}
