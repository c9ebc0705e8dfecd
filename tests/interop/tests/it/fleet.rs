//! Our agent between two foreign sides: services on Python's gRPC stack that it starts, polls, restarts and calls, and
//! an Orchestrator on the same stack that sees them through it.

use std::collections::BTreeMap;
use std::path::Path;

use magmad::registration::{Registration, register};
use serde_json::{Value, json};

use crate::cloud_program::{Called, Cloud};
use crate::fleet_service::FleetServices;
use crate::gateway_folder::GatewayFolder;
use crate::our_agent::OurAgent;
use crate::python;

const DOMAIN: &str = "fleet.localhost";
const TOKEN: &str = "reg_zyxwvutsrqponmlkjihgfedcba98765";
const CELLS: &str = "/interop.Cells/";

/// One is restarted by order and by configuration, one ends by itself, one hangs and has a watchdog.
const SERVICES: [&str; 3] = ["celld", "crashd", "hangd"];

/// Octets of one streamed answer: more than a frame of HTTP/2 and less than a message may have.
const NEIGHBOURS_BYTES: usize = 100_000;

/// The processes of the services, by name.
type Processes = BTreeMap<&'static str, String>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_agent_keeps_a_foreign_fleet_for_a_foreign_cloud() {
    if !python::is_here().await {
        return;
    }
    let mut cloud = Cloud::start(DOMAIN).await;
    cloud.command("token", json!(TOKEN)).await;
    cloud.command("config", configs(None)).await;
    let services = FleetServices::new(&SERVICES);
    let magmad_yml = magmad_yml(&services.commands(&cloud.program.stubs()));
    let folder = GatewayFolder::install_with(&cloud.root_ca, &magmad_yml, services.ports());
    let registration = Registration {
        domain: DOMAIN.to_owned(),
        token: TOKEN.to_owned(),
        ca_file: None,
        cloud_port: cloud.bootstrap_port,
        save_control_proxy: true,
    };
    let registered = register(&folder.paths(), &registration).await.expect("a fresh token");
    let agent = OurAgent::start(&folder);
    let mut fleet = Fleet { cloud, gateway: registered.hardware_id };

    fleet.cloud.program.step("sync_rpc_heartbeat").await;
    fleet.shows_what_services_say().await;
    fleet.collects_their_metrics().await;
    fleet.passes_calls_on().await;
    fleet.restarts_by_order().await;
    fleet.restarts_for_a_configuration().await;
    fleet.counts_what_ends_by_itself(&services).await;
    fleet.restarts_what_hangs(&services).await;

    agent.stop().await;
    assert!(fleet.cloud.program.end().await.success());
}

/// The gateway as its cloud sees it.
struct Fleet {
    cloud: Cloud,
    gateway: String,
}

impl Fleet {
    /// Life signs of a foreign server arrive in `gw_state`, and its states beside it.
    async fn shows_what_services_say(&mut self) {
        let complete = |line: &Value| {
            let told = |state: &&Value| state["type"] == "cell_state";
            processes(line).len() == SERVICES.len() && states(line).filter(told).count() == SERVICES.len()
        };
        let reported = self.cloud.program.step_where("states", complete).await;
        let processes = processes(&reported);
        for name in SERVICES {
            let state =
                states(&reported).find(|state| state["device_id"] == name).expect("one of each service");
            assert_eq!(state["value"], json!({"served_by": format!("{name} {}", processes[name])}));
        }
        let own = gw_state(&reported).expect("with the same check-in");
        for name in SERVICES {
            let started = own["meta"][format!("{name}_started")].as_str().expect("text");
            assert!(started.parse().is_ok_and(|seconds: u64| seconds > 1_500_000_000), "{own:#}");
        }
    }

    /// A foreign server's metrics arrive with their labels and the service's.
    async fn collects_their_metrics(&mut self) {
        for name in SERVICES {
            let labels = json!({"band": "b40", "service": name});
            let value = self.sample("cells_configured", move |told| told == &labels).await;
            assert_eq!(value, 3.0, "{name}");
        }
    }

    /// Answers, streams and refusals come through as the foreign server gave them.
    async fn passes_calls_on(&mut self) {
        let served_by = format!("celld {}", self.now().await["celld"]);
        let called = self.call("celld", "Describe", json!({"number": 7})).await;
        assert_eq!(called.answer(), &json!({"number": 7, "served_by": served_by}));
        let headers = &called.end["headers"];
        assert_eq!((&headers["cell-head"], &headers["cell-trailer"]), (&json!("first"), &json!("last")));
        // Base64 of 00 ff 2c 80, as servers write it: without padding.
        assert_eq!(headers["cell-trailer-bin"], "AP8sgA");

        let range = json!({"first": 10, "count": 5, "neighbours_bytes": NEIGHBOURS_BYTES});
        let called = self.call("celld", "List", range).await;
        assert_eq!((called.grpc_status(), &called.end["bytes_left"]), ("0", &json!(0)), "{}", called.end);
        assert_eq!(called.end["headers"]["cells-told"], "5");
        let numbers: Vec<&Value> = called.answers.iter().map(|answer| &answer["number"]).collect();
        assert_eq!(numbers, [10, 11, 12, 13, 14]);
        for answer in &called.answers {
            let octets = answer["neighbours"].as_str().expect("base64");
            assert_eq!(octets.trim_end_matches('=').len(), (NEIGHBOURS_BYTES * 4).div_ceil(3));
            assert!(
                octets.starts_with("AAECAwQFBgcICQoLDA0ODxAREhMU"),
                "the octets from 0 on, again and again"
            );
        }

        let called = self.call("celld", "Unlock", json!({"number": 7})).await;
        assert_eq!(called.grpc_status(), "9", "FAILED_PRECONDITION: {}", called.end);
        assert_eq!((called.answers.len(), &called.end["error"]), (0, &json!("")));
        let headers = &called.end["headers"];
        assert_eq!(headers["cell-locked-by"], "somebody else");
        assert_eq!(headers["grpc-message"], "cell 7 is locked%2C 100 %25 %E2%80%93 try later");
    }

    async fn restarts_by_order(&mut self) {
        let before = self.now().await;
        let order = json!({"services": ["celld"]});
        let (gateway, path) = (self.gateway.clone(), "/magma.orc8r.Magmad/RestartServices");
        let called = self.cloud.call(&gateway, "magmad", path, order).await;
        assert_eq!(called.answer(), &json!({}));
        self.restarted("celld", &before).await;
    }

    async fn restarts_for_a_configuration(&mut self) {
        let before = self.now().await;
        self.cloud.command("config", configs(Some("another band"))).await;
        self.restarted("celld", &before).await;
    }

    async fn counts_what_ends_by_itself(&mut self, services: &FleetServices) {
        let before = self.now().await;
        services.exit("crashd");
        self.restarted("crashd", &before).await;
        self.cloud.program.forget("metrics");
        assert_eq!(self.unexpected_restarts("crashd").await, 1.0);
    }

    /// The watchdog replaces a process that is there and does not answer; neither that nor an order counts as
    /// unexpected.
    async fn restarts_what_hangs(&mut self, services: &FleetServices) {
        let before = self.now().await;
        services.hang("hangd");
        self.restarted("hangd", &before).await;
        self.cloud.program.forget("metrics");
        assert_eq!(self.unexpected_restarts("crashd").await, 1.0);
        let line = self.cloud.program.step("metrics").await;
        let counted = samples(&line).filter(|sample| sample["name"] == "unexpected_service_restarts");
        let others = counted.filter(|sample| sample["labels"]["service_name"] != "crashd");
        assert!(others.clone().all(|sample| sample["value"] == 0.0), "{:#?}", others.collect::<Vec<_>>());
    }

    /// Awaits another process of `name`, and sees that the others are the same as before; hangd's watchdog may have
    /// been hasty on a slow machine.
    async fn restarted(&mut self, name: &str, before: &Processes) {
        let all = |now: &Processes| now.len() == SERVICES.len() && now[name] != before[name];
        let now = self.processes(all).await;
        let old = Path::new("/proc").join(&before[name]);
        assert!(!old.exists(), "two processes of {name}: {} and {}", before[name], now[name]);
        for other in SERVICES.into_iter().filter(|other| *other != name && *other != "hangd") {
            assert_eq!(now[other], before[other], "{other} was restarted with {name}");
        }
    }

    /// The processes as the next check-in has them.
    async fn now(&mut self) -> Processes {
        self.cloud.program.forget("states");
        self.processes(|processes| processes.len() == SERVICES.len()).await
    }

    /// Awaits a check-in with such processes.
    async fn processes(&mut self, wanted: impl Fn(&Processes) -> bool) -> Processes {
        processes(&self.cloud.program.step_where("states", |line| wanted(&processes(line))).await)
    }

    async fn unexpected_restarts(&mut self, service: &'static str) -> f64 {
        let of_service = move |labels: &Value| labels["service_name"] == service;
        self.sample("unexpected_service_restarts", of_service).await
    }

    /// Awaits a sample of this family with such labels.
    async fn sample(&mut self, name: &str, labels: impl Fn(&Value) -> bool) -> f64 {
        let wanted = |sample: &&Value| sample["name"] == name && labels(&sample["labels"]);
        let line =
            self.cloud.program.step_where("metrics", |line| samples(line).any(|sample| wanted(&sample)));
        let line = line.await;
        assert_eq!(line["gateway"], self.gateway);
        let value = &samples(&line).find(wanted).expect("awaited")["value"];
        value.as_f64().unwrap_or_else(|| panic!("{name} is {value}"))
    }

    async fn call(&mut self, service: &str, method: &str, parameters: Value) -> Called {
        let gateway = self.gateway.clone();
        self.cloud.call(&gateway, service, &format!("{CELLS}{method}"), parameters).await
    }
}

fn samples(line: &Value) -> impl Iterator<Item = &Value> + Clone {
    line["samples"].as_array().expect("a list").iter()
}

fn states(line: &Value) -> impl Iterator<Item = &Value> {
    line["states"].as_array().expect("a list").iter()
}

/// The gateway's own state in a check-in.
fn gw_state(line: &Value) -> Option<&Value> {
    states(line).find(|state| state["type"] == "gw_state").map(|state| &state["value"])
}

/// The processes that a check-in tells of.
fn processes(line: &Value) -> Processes {
    let Some(own) = gw_state(line) else { return Processes::new() };
    let process = |name| own["meta"][format!("{name}_pid")].as_str().map(|id| (name, id.to_owned()));
    SERVICES.into_iter().filter_map(process).collect()
}

/// What the cloud streams: the agent's entry, and one of celld if it says so.
fn configs(celld: Option<&str>) -> Value {
    let mut configs = json!({"magmad": {
        "@type": "type.googleapis.com/magma.mconfig.MagmaD",
        "logLevel": "INFO", "checkinInterval": 5, "checkinTimeout": 10, "autoupgradePollInterval": 300,
    }});
    if let Some(note) = celld {
        configs["celld"] = json!({"@type": "type.googleapis.com/interop.CellConfig", "note": note});
    }
    configs
}

fn magmad_yml(commands: &str) -> String {
    let services = SERVICES.join(", ");
    format!(
        "\
log_level: INFO
magma_services: [{services}]
init_system: process
service_commands:
{commands}
services_to_restart: [hangd]
restart_timeout_threshold: 2
bootstrap_config: {{challenge_key: /var/opt/magma/certs/gw_challenge.key}}
enable_config_streamer: True
enable_sync_rpc: True
metricsd:
  collect_interval: 3
  sync_interval: 3
  services: [magmad, {services}]
"
    )
}
