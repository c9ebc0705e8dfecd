//! The directory, the state replication and call traces in the agent's own process, against a real Orchestrator, and with
//! a real Redis where one is installed.

use crate::cloud::{Cloud, DOMAIN, PATIENCE};
use crate::gateway::{Gateway, Running, magmad_yml};
use magma_free_port::free_port;
use magma_redis::testing::RedisServer;
use magma_redis::{ExitStatuses, Record, RecordStore, RedisTable, ServiceEnd};
use magma_rpc::Status;
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use wire_orc8r::orc8r as wire;
use wire_orc8r::orc8r::call_trace_service_client::CallTraceServiceClient;
use wire_orc8r::orc8r::gateway_directory_service_client::GatewayDirectoryServiceClient;
use wire_orc8r::orc8r::service303_client::Service303Client;
use wire_orc8r::orc8r::state_service_client::StateServiceClient;

const SERVICES: [&str; 4] = ["magmad", "directoryd", "state", "ctraced"];

/// Writes its arguments into its file, tells its process id, and captures until it is ended.
const TOOL: &str = "#!/bin/sh\nsaid=\"$*\"\nwhile [ \"$1\" != -w ]; do shift; done\n\
                    echo $$ > \"$0.pid\"\nprintf '%s' \"$said\" > \"$2\"\nexec sleep 1000\n";

/// A gateway that serves these itself, and its services' ports.
struct Local {
    ports: BTreeMap<&'static str, u16>,
}

impl Local {
    /// A gateway that has joined the network and runs. `prepare` writes what else it has.
    async fn start(cloud: &Cloud, prepare: impl FnOnce(&Gateway)) -> (Self, Running) {
        let ports = SERVICES.map(|service| (service, free_port())).into();
        let local = Self { ports };
        let entry =
            |(name, port): (&&str, &u16)| format!("  {name}:\n    ip_address: 127.0.0.1\n    port: {port}\n");
        let registry = format!("services:\n{}", local.ports.iter().map(entry).collect::<String>());
        let embedded = "[directoryd, state, ctraced]";
        let magmad =
            magmad_yml(&[]).replacen("magma_services: []", &format!("magma_services: {embedded}"), 1);
        let magmad = format!("{magmad}embedded_services: {embedded}\n");
        let gateway =
            Gateway::new(cloud, &magmad, "local_port: 1\nproxy_cloud_connections: False\n", &registry);
        prepare(&gateway);
        gateway.register(cloud, &cloud.make_gateway().await).await.unwrap();
        let mut agent = gateway.start();
        agent.until_bootstrapped().await;
        (local, agent)
    }

    fn channel(&self, service: &str) -> Channel {
        let host = "127.0.0.1".to_owned();
        let endpoint = Endpoint {
            server_name: host.clone(),
            host,
            port: self.ports[service],
            transport: Transport::Plain,
        };
        Connection::new(endpoint).channel(&format!("{service}.local"))
    }

    fn directory(&self) -> GatewayDirectoryServiceClient<Channel> {
        GatewayDirectoryServiceClient::new(self.channel("directoryd"))
    }

    async fn update_record(&self, id: &str) -> Result<(), Status> {
        let request = wire::UpdateRecordRequest { id: id.to_owned(), ..Default::default() };
        self.directory().update_record(request).await.map(drop)
    }
}

/// Waits until `done`.
async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// The version that the cloud has of a state, up to 3; 0 when it has none. It is asked as the gateway.
async fn version_in_cloud(
    cloud: &Cloud,
    gateway: &Gateway,
    record_type: &str,
    device_id: &str,
) -> Option<u64> {
    let read = |name: &str| fs::read(gateway.certificates().join(name)).unwrap();
    let trust = TrustAnchors::from_pem(&read("rootCA.pem")).unwrap();
    let identity = Identity::from_pem(&read("gateway.crt"), &read("gateway.key")).unwrap();
    let name = format!("state-controller.{DOMAIN}");
    let endpoint = Endpoint {
        host: "127.0.0.1".into(),
        port: cloud.addresses().gateways.port(),
        server_name: name.clone(),
        transport: Transport::Tls(ClientTls::new(&trust, Some(&identity)).unwrap()),
    };
    let mut client = StateServiceClient::new(Connection::new(endpoint).channel(&name));
    for version in 0..=3 {
        let id = wire::StateId { r#type: record_type.to_owned(), device_id: device_id.to_owned() };
        let states = vec![wire::IdAndVersion { id: Some(id), version }];
        let answer = client.sync_states(wire::SyncStatesRequest { states }).await.unwrap().into_inner();
        if answer.unsynced_states.is_empty() {
            return Some(version);
        }
    }
    None
}

fn write_tool(gateway: &Gateway) {
    let tool = gateway.path("tool");
    // Another process writes the file: were it open for writing here while a test beside this one forks, it could not be
    // run ("text file busy").
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", r#"printf %s "$1" > "$0" && chmod 755 "$0""#]).arg(&tool).arg(TOOL);
    assert!(shell.status().unwrap().success());
    let ctraced =
        format!("trace_tool: {}\ntrace_directory: /var/trace\ntrace_interfaces: [any]\n", tool.display());
    gateway.write("etc/magma/ctraced.yml", &ctraced);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_without_redis_has_a_directory_that_the_cloud_sees_and_call_traces() {
    let cloud = Cloud::start().await;
    let (local, agent) = Local::start(&cloud, |gateway| {
        gateway.write("etc/magma/directoryd.yml", "store: file\n");
        let state =
            "sync_interval: 4\njson_state:\n  - redis_key: directory_record\n    state_scope: network\n";
        gateway.write("etc/magma/state.yml", state);
        write_tool(gateway);
    })
    .await;
    until("a record", async || local.update_record("IMSI001").await.is_ok()).await;
    let version = async || version_in_cloud(&cloud, &agent.gateway, "directory_record", "IMSI001").await;
    until("the record in the cloud", async || version().await == Some(1)).await;
    local.directory().delete_record(wire::DeleteRecordRequest { id: "IMSI001".into() }).await.unwrap();
    until("no record in the cloud", async || version().await == Some(0)).await;

    for service in ["directoryd", "state", "ctraced"] {
        let mut common = Service303Client::new(local.channel(service));
        let info = common.get_service_info(wire::Void {}).await.unwrap().into_inner();
        assert_eq!(
            (info.name.as_str(), info.state),
            (service, wire::service_info::ServiceState::Alive.into())
        );
    }

    let mut traces = CallTraceServiceClient::new(local.channel("ctraced"));
    let start =
        |id: &str| wire::StartTraceRequest { trace_id: id.into(), timeout: 3600, ..Default::default() };
    assert!(traces.start_call_trace(start("t1")).await.unwrap().into_inner().success);
    let ended =
        traces.end_call_trace(wire::EndTraceRequest { trace_id: "t1".into() }).await.unwrap().into_inner();
    assert!(ended.success && ended.trace_content.starts_with(b"-n -q -i any -a filesize:4000"));

    assert!(traces.start_call_trace(start("t2")).await.unwrap().into_inner().success);
    let id = fs::read_to_string(agent.gateway.path("tool.pid")).unwrap();
    let process = Path::new("/proc").join(id.trim()).join("status");
    assert!(process.exists());
    let _gateway = agent.stop().await;
    let runs = || fs::read_to_string(&process).is_ok_and(|status| !status.contains("State:\tZ"));
    until("the end of the tool", async || !runs()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tables_of_an_existing_gateways_redis_are_replicated_and_measured() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let ended = ServiceEnd { service_result: "exit-code", exit_code: "exited", exit_status: "3" };
    ExitStatuses::new(server.redis()).note("mme", ended).await.unwrap();
    // An `IPDesc` that is allocated.
    let record = Record { message: b"\x18\x01".to_vec(), version: 2, garbage: false };
    let table = RedisTable::new(server.redis(), "mobilityd_ipdesc_record");
    assert!(table.replace("IMSI001,ipv4", None, record.into()).await.unwrap());

    let cloud = Cloud::start().await;
    let (local, agent) = Local::start(&cloud, |gateway| {
        gateway.write("etc/magma/redis.yml", "unixsocket: /run/redis.sock\n");
        fs::create_dir_all(gateway.path("run")).unwrap();
        symlink(server.socket(), gateway.path("run/redis.sock")).unwrap();
        let state = "sync_interval: 4\nstate_protos:\n  - proto_file: lte.protos.keyval_pb2\n    proto_msg: IPDesc\n    \
                     redis_key: mobilityd_ipdesc_record\n    state_scope: network\n  - proto_file: lte.protos.unknown_pb2\n    \
                     proto_msg: Unknown\n    redis_key: unknown\njson_state:\n  - redis_key: directory_record\n";
        gateway.write("etc/magma/state.yml", state);
        write_tool(gateway);
    })
    .await;
    let version =
        async |record_type: &str, id: &str| version_in_cloud(&cloud, &agent.gateway, record_type, id).await;
    until("the address in the cloud", async || {
        version("mobilityd_ipdesc_record", "IMSI001,ipv4").await == Some(2)
    })
    .await;
    until("a record", async || local.update_record("IMSI001").await.is_ok()).await;
    let in_redis = RedisTable::new(server.redis(), "directory_record").get("IMSI001").await.unwrap();
    assert_eq!(in_redis.unwrap().record().unwrap().version, 1);
    let hardware_id = fs::read_to_string(agent.gateway.path("etc/snowflake")).unwrap();
    let device_id = format!("{}:IMSI001", hardware_id.trim());
    until("the record in the cloud", async || version("directory_record", &device_id).await == Some(1)).await;

    let mut magmad = Service303Client::new(local.channel("magmad"));
    until("the metric", async || {
        let families = magmad.get_metrics(wire::Void {}).await.unwrap().into_inner().family;
        let family = families.iter().find(|family| family.name() == "service_restart_status");
        family.is_some_and(|family| family.metric.iter().any(|metric| metric.gauge.unwrap().value() == 1.0))
    })
    .await;
    agent.stop().await;
}
