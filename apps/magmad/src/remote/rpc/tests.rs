//! The service is called over a real gRPC connection, as SyncRPC does.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use magma_config::{GenericCommand, ShellCommand};
use magma_rpc::Code;
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::server::{Router, serve_plain};
use magma_service303::Registry;
use prost_types::Any;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio_stream::StreamExt;
use wire_orc8r::orc8r::magmad_client::MagmadClient;

use super::*;
use crate::program::testing::{ended, install};
use crate::remote::NetworkPrograms;
use crate::services::{ServiceController, ServiceNames, ServiceWatch, Systemd};

/// Counts instead of restarting anything.
#[derive(Default)]
struct CountingMachine {
    reboots: AtomicU32,
}

#[tonic::async_trait]
impl Machine for CountingMachine {
    async fn reboot(&self) -> Result<(), String> {
        self.reboots.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[derive(Default)]
struct StoredConfigs(Mutex<GatewayConfigs>);

#[tonic::async_trait]
impl ConfigSource for StoredConfigs {
    async fn current(&self) -> Result<GatewayConfigs, Status> {
        Ok(self.0.lock().await.clone())
    }

    fn applied(&self, outcome: &Outcome) {
        assert!(outcome.failed.is_empty(), "{outcome}");
    }

    async fn replace(&self, configs: GatewayConfigs) -> Result<(), Status> {
        if configs.configs_by_key.contains_key("bad") {
            return Err(Status::invalid_argument("no entry for magmad"));
        }
        *self.0.lock().await = configs;
        Ok(())
    }
}

/// Longer than any answer takes, however busy the machine is; a test makes it pass.
const LET_PASS: Duration = Duration::from_secs(3600);

struct Gateway {
    folder: TempDir,
    client: MagmadClient<Channel>,
    machine: Arc<CountingMachine>,
}

async fn gateway(services: &[&str]) -> Gateway {
    gateway_with(services, Duration::from_secs(30), true).await
}

async fn gateway_with(services: &[&str], wait_for_services: Duration, exec: bool) -> Gateway {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display();
    let systemctl = install(
        folder.path(),
        "systemctl",
        &format!(
            "echo \"$2 $3\" >> {path}/calls\ncase $3 in *broken) echo no >&2; exit 1;; *slow) sleep 1000;; esac"
        ),
    );
    let journalctl = install(
        folder.path(),
        "journalctl",
        &format!("echo $$ >> {path}/readers; echo \"$@\"; exec sleep 1000"),
    );
    let names = ServiceNames {
        fixed: services.iter().map(|name| (*name).to_owned()).collect(),
        ..Default::default()
    };
    let services = Arc::new(Services::new(
        ServiceController::Systemd(Systemd::with_programs(&systemctl, &journalctl)),
        names,
        ServiceWatch::default(),
        Registry::new().counter_family("unexpected_service_restarts", ["service_name"]),
    ));
    let echo = ShellCommand { command: "echo {}".to_owned(), allow_params: true };
    let commands = GenericCommand {
        timeout: Duration::from_secs(30),
        shell_commands: BTreeMap::from([("echo".to_owned(), echo)]),
    };
    let machine = Arc::new(CountingMachine::default());
    let service = MagmadService::new(Parts {
        hardware_id: "22ffea10-7fc4-4427-975a-b9e4ce8f6f4d".to_owned(),
        services: Arc::clone(&services),
        commands: GenericCommands::new(&commands),
        network: NetworkTests::new(NetworkPrograms::default()),
        configs: Arc::new(StoredConfigs::default()),
        machine: Arc::<CountingMachine>::clone(&machine),
        stateless: Statelessness::new(magma_config::Paths::under(folder.path()), Arc::clone(&services)),
        exec,
        times: AnswerTimes { wait_for_services, let_pass: LET_PASS },
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(serve_plain(
        listener,
        Router::new().add(service.into_server()),
        std::future::pending::<()>(),
    ));
    let (host, server_name) = ("127.0.0.1".to_owned(), "magmad".to_owned());
    let connection = Connection::new(Endpoint { host, port, server_name, transport: Transport::Plain });
    Gateway { folder, client: MagmadClient::new(connection.channel("magmad.local")), machine }
}

/// The time is over for which operations wait for their answers.
async fn let_pass() {
    tokio::time::pause();
    tokio::time::advance(LET_PASS).await;
    tokio::time::resume();
}

impl Gateway {
    async fn restart(&mut self, services: &[&str]) -> Result<(), Status> {
        let services = services.iter().map(|name| (*name).to_owned()).collect();
        self.client.restart_services(RestartServicesRequest { services }).await.map(|_| ())
    }

    fn calls(&self) -> String {
        let mut calls: Vec<String> = fs::read_to_string(self.folder.path().join("calls"))
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect();
        calls.sort();
        calls.join(" ")
    }
}

#[tokio::test]
async fn services_are_started_stopped_and_restarted() {
    let mut gateway = gateway(&["mme", "sessiond"]).await;
    gateway.client.start_services(Void {}).await.expect("started");
    gateway.client.stop_services(Void {}).await.expect("stopped");
    gateway.restart(&["mme"]).await.expect("restarted");
    assert_eq!(
        gateway.calls(),
        "reload-or-restart magma@mme start magma@mme start magma@sessiond stop magma@mme stop magma@sessiond"
    );
}

#[tokio::test]
async fn what_could_not_be_restarted_is_named_and_the_rest_is_restarted() {
    let mut gateway = gateway(&["mme", "broken"]).await;
    let status = gateway.restart(&["nope", "mme"]).await.expect_err("unknown");
    assert_eq!(status.code(), Code::NotFound);
    let said =
        "this gateway has no service named \"nope\" (magma_services in magmad.yml names them); done: mme";
    assert_eq!(status.message(), said);
    let status = gateway.restart(&[]).await.expect_err("one refuses");
    assert_eq!(status.code(), Code::Internal);
    assert!(status.message().starts_with("cannot restart broken: "), "{status}");
    assert!(status.message().ends_with("; done: mme"), "{status}");
}

#[tokio::test]
async fn the_way_of_the_answer_is_cut_after_the_answer() {
    let mut gateway = gateway(&["control_proxy"]).await;
    gateway.restart(&["control_proxy"]).await.expect("answered");
    assert_eq!(gateway.calls(), "");
    let status = gateway.restart(&["control_proxy", "nope"]).await.expect_err("unknown");
    assert_eq!((status.code(), gateway.calls().as_str()), (Code::NotFound, ""));
    let_pass().await;
    while gateway.calls() != "reload-or-restart magma@control_proxy reload-or-restart magma@control_proxy" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_slow_service_does_not_hold_the_answer_for_ever() {
    let mut gateway = gateway_with(&["slow"], Duration::from_millis(100), true).await;
    gateway.restart(&["slow"]).await.expect("answered while it goes on");
}

#[tokio::test]
async fn a_reboot_is_answered_first_and_done_once() {
    let mut gateway = gateway(&[]).await;
    gateway.client.reboot(Void {}).await.expect("answered");
    assert_eq!(gateway.machine.reboots.load(Ordering::Relaxed), 0);
    let_pass().await;
    while gateway.machine.reboots.load(Ordering::Relaxed) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(gateway.machine.reboots.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn configurations_are_replaced_and_then_everything_restarts() {
    let mut gateway = gateway(&["mme"]).await;
    let with = |key: &str| GatewayConfigs {
        configs_by_key: BTreeMap::from([(key.to_owned(), Any::default())]),
        ..Default::default()
    };
    let status = gateway.client.set_configs(with("bad")).await.expect_err("refused");
    assert_eq!((status.code(), gateway.calls().as_str()), (Code::InvalidArgument, ""));
    gateway.client.set_configs(with("mme")).await.expect("replaced");
    assert_eq!(gateway.calls(), "reload-or-restart magma@mme");
    let configs = gateway.client.get_configs(Void {}).await.expect("configs").into_inner();
    assert_eq!(configs.configs_by_key.keys().collect::<Vec<_>>(), ["mme"]);
}

#[tokio::test]
async fn a_log_is_followed_until_the_caller_goes_away() {
    let mut gateway = gateway(&["mme"]).await;
    for (service, expected) in [
        ("mme", "--follow --no-pager --lines 100 --unit magma@mme\n"),
        ("", "--follow --no-pager --lines 100\n"),
    ] {
        let request = TailLogsRequest { service: service.to_owned() };
        let mut log = gateway.client.tail_logs(request).await.expect("known").into_inner();
        assert_eq!(log.next().await.expect("a line").expect("no error").line, expected);
        drop(log);
    }
    let readers = fs::read_to_string(gateway.folder.path().join("readers")).expect("readers");
    assert_eq!(readers.lines().count(), 2);
    for reader in readers.lines() {
        ended(reader.parse().expect("a process id")).await;
    }
    let request = TailLogsRequest { service: "sshd".to_owned() };
    assert_eq!(gateway.client.tail_logs(request).await.expect_err("unknown").code(), Code::NotFound);
}

#[tokio::test]
async fn logs_at_once_are_bounded_and_the_place_is_given_back() {
    let mut gateway = gateway(&["mme"]).await;
    let request = || TailLogsRequest { service: "mme".to_owned() };
    let mut open = Vec::new();
    for _ in 0..LOGS_AT_ONCE {
        open.push(gateway.client.tail_logs(request()).await.expect("a place").into_inner());
    }
    let status = gateway.client.tail_logs(request()).await.expect_err("full");
    assert_eq!(status.code(), Code::ResourceExhausted);
    open.clear();
    while gateway.client.tail_logs(request()).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_small_commands_answer() {
    let mut gateway = gateway(&[]).await;
    let id = gateway.client.get_gateway_id(Void {}).await.expect("an id").into_inner().gateway_id;
    assert_eq!(id, "22ffea10-7fc4-4427-975a-b9e4ce8f6f4d");
    let request = GenericCommandParams { command: "nope".to_owned(), params: None };
    assert_eq!(
        gateway.client.generic_command(request).await.expect_err("unknown").code(),
        Code::InvalidArgument
    );
    let tests = gateway.client.run_network_tests(NetworkTestRequest::default()).await.expect("nothing to do");
    assert_eq!(tests.into_inner(), NetworkTestResponse::default());
}

#[tokio::test]
async fn an_access_gateway_is_made_stateless_and_sctpd_restarted() {
    let mut gateway = gateway(&["mme"]).await;
    let status = gateway.client.check_stateless(Void {}).await.expect_err("no access gateway yet");
    assert_eq!(status.code(), Code::FailedPrecondition);
    let folder = gateway.folder.path().join("etc/magma");
    fs::create_dir_all(&folder).expect("a folder");
    for service in ["mme", "pipelined", "sessiond"] {
        fs::write(folder.join(format!("{service}.yml")), "clean_restart: True\n").expect("a file");
    }
    for (command, expected, calls) in [(0, 2, 0), (2, 1, 1), (0, 1, 1), (1, 2, 2)] {
        let request = ConfigureStatelessRequest { config_cmd: command };
        gateway.client.configure_stateless(request).await.expect("configured");
        let mode = gateway.client.check_stateless(Void {}).await.expect("a mode").into_inner().agw_mode;
        assert_eq!(mode, expected, "after command {command}");
        assert_eq!(gateway.calls(), ["reload-or-restart sctpd"; 2][..calls].join(" "));
    }
    let unknown = gateway.client.configure_stateless(ConfigureStatelessRequest { config_cmd: 9 }).await;
    assert_eq!(unknown.expect_err("unknown").code(), Code::InvalidArgument);
}

#[tokio::test]
async fn without_remote_exec_nothing_is_run_and_the_rest_works() {
    let mut gateway = gateway_with(&["mme"], Duration::from_secs(30), false).await;
    let echo = GenericCommandParams { command: "echo".to_owned(), params: None };
    let enable = ConfigureStatelessRequest { config_cmd: 2 };
    let refused = [
        gateway.client.generic_command(echo).await.expect_err("refused"),
        gateway.client.reboot(Void {}).await.expect_err("refused"),
        gateway.client.configure_stateless(enable).await.expect_err("refused"),
    ];
    for status in refused {
        assert_eq!(status.code(), Code::PermissionDenied);
        assert!(status.message().contains("remote_exec"), "{status}");
    }
    gateway.restart(&["mme"]).await.expect("restarted");
    assert_eq!(gateway.calls(), "reload-or-restart magma@mme");
    gateway.client.run_network_tests(NetworkTestRequest::default()).await.expect("network tests stay");
    assert_eq!(gateway.machine.reboots.load(Ordering::Relaxed), 0);
}
