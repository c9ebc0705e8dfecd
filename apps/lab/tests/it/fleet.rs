//! `lab fleet`: toward an Orchestrator of its own, toward one that is there, and ended from outside.

use magma_rpc::channel::{Connection, Endpoint, Transport};
use magma_rpc::http_call;
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use orc8r::{Config, Running};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

const DOMAIN: &str = "magma.test";
/// Bounds what hangs; nothing is expected to take so long.
const LIMIT: Duration = Duration::from_secs(300);

fn lab(arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.arg("fleet").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

fn report(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let report = text.lines().next_back().and_then(|line| serde_json::from_str(line).ok());
    report.unwrap_or_else(|| panic!("no report: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

fn calls(report: &Value, phase: &str, kind: &str) -> u64 {
    report[phase]["calls"][kind]["calls"].as_u64().unwrap_or_default()
}

#[tokio::test]
async fn a_fleet_of_its_own_lives_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--gateways", "3", "--interval", "1", "--duration", "4", "--commands", "4", "--json"];
    let mut lab = lab(&arguments);
    let output = timeout(LIMIT, lab.env("TMPDIR", folder.path()).output()).await.unwrap().unwrap();
    let report = report(&output);
    assert!(output.status.success(), "{report}");
    assert_eq!((report["connected"].as_u64(), calls(&report, "joining", "bootstrap")), (Some(3), 3));
    for kind in ["check-in", "configuration", "metrics", "command"] {
        assert!(calls(&report, "steady", kind) > 0, "{kind}: {report}");
    }
    assert_eq!(report["steady"]["errors"], serde_json::json!([]));
    assert!(report["server_bytes_per_gateway"].is_u64() && report["start_ms"].is_f64(), "{report}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "its folder is gone");
}

#[tokio::test]
async fn in_an_orchestrator_that_stays_nothing_stays() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = orc8r::start(Config::on_loopback(folder.path(), DOMAIN)).await.unwrap();
    let there = Existing::of(&cloud, folder.path());
    let mut lab = lab(&there.arguments(&["--gateways", "4", "--interval", "1", "--duration", "2", "--push"]));
    let output = timeout(LIMIT, lab.output()).await.unwrap().unwrap();
    let report = report(&output);
    assert!(output.status.success(), "{report}");
    assert_eq!((report["connected"].as_u64(), calls(&report, "joining", "creation")), (Some(4), 4));
    let configured = calls(&report, "joining", "configuration") + calls(&report, "steady", "configuration");
    assert_eq!(configured, 4, "each is pushed to on one stream: {report}");
    assert!(report["server"].is_null(), "its process is not known");
    assert_eq!(there.networks().await, "[]");
    cloud.shutdown().await;
}

#[tokio::test]
async fn ended_from_outside_it_tells_what_it_knows_and_takes_its_gateways_away() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = orc8r::start(Config::on_loopback(folder.path(), DOMAIN)).await.unwrap();
    let there = Existing::of(&cloud, folder.path());
    let arguments = there.arguments(&["--gateways", "2", "--interval", "1", "--duration", "3600"]);
    let child = lab(&arguments).spawn().unwrap();
    let status = "/magma/v1/networks/fleet/gateways/fleet000001/status";
    let checked_in = async {
        while !String::from_utf8_lossy(&there.get(status).await).contains("checkin_time") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LIMIT, checked_in).await.unwrap();
    let process = Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
    kill_process(process, Signal::INT).unwrap();
    let output = timeout(LIMIT, child.wait_with_output()).await.unwrap().unwrap();
    let report = report(&output);
    assert_eq!(report["interrupted"], true);
    assert_eq!(there.networks().await, "[]");
    cloud.shutdown().await;
}

/// An Orchestrator as the options of `lab fleet` name one.
struct Existing {
    root: String,
    certificate: String,
    key: String,
    ports: [u16; 3],
}

impl Existing {
    fn of(cloud: &Running, folder: &Path) -> Self {
        let file = |name: &str| folder.join("certs").join(name).to_string_lossy().into_owned();
        let addresses = cloud.addresses();
        let (gateways, bootstrap, rest) = (addresses.gateways, addresses.bootstrap, addresses.rest);
        Self {
            root: file("rootCA.pem"),
            certificate: file("admin_operator.pem"),
            key: file("admin_operator.key.pem"),
            ports: [gateways.port(), bootstrap.port(), rest.port()],
        }
    }

    fn arguments(&self, others: &[&str]) -> Vec<String> {
        let [gateways, bootstrap, rest] = self.ports.map(|port| port.to_string());
        let name = format!("controller.{DOMAIN}");
        let own = [
            ("--orchestrator", "127.0.0.1"),
            ("--domain", DOMAIN),
            ("--root-ca", &self.root),
            ("--operator-cert", &self.certificate),
            ("--operator-key", &self.key),
            ("--rest-name", &name),
            ("--rest-port", &rest),
            ("--gateway-port", &gateways),
            ("--bootstrap-port", &bootstrap),
        ];
        let own = own.into_iter().flat_map(|(name, value)| [name.to_owned(), value.to_owned()]);
        own.chain(others.iter().map(|word| (*word).to_owned())).chain(["--json".to_owned()]).collect()
    }

    async fn networks(&self) -> String {
        String::from_utf8(self.get("/magma/v1/networks").await).unwrap()
    }

    async fn get(&self, path: &str) -> Vec<u8> {
        let read = |path: &str| std::fs::read(path).unwrap();
        let identity = Identity::from_pem(&read(&self.certificate), &read(&self.key)).unwrap();
        let tls =
            ClientTls::new(&TrustAnchors::from_pem(&read(&self.root)).unwrap(), Some(&identity)).unwrap();
        let server_name = format!("controller.{DOMAIN}");
        let (host, transport) = ("127.0.0.1".to_owned(), Transport::Tls(tls));
        let endpoint = Endpoint { host, port: self.ports[2], server_name: server_name.clone(), transport };
        let channel = Connection::new(endpoint).channel(&server_name);
        http_call::request(&channel, "GET", path, None).await.unwrap().bytes().await.unwrap()
    }
}
