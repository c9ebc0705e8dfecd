//! A real agent in this process, for pages that ask a gateway for something.

use std::path::Path;
use std::time::Duration;

use magma_config::Paths;
use magma_free_port::free_port;
use magmad::http_proxies::HttpProxies;
use magmad::options::Options;
use magmad::registration::{Registration, register_through};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::world::World;

/// Its only service writes a line now and then; one command may be run from afar.
const MAGMAD: &str = "log_level: INFO
magma_services: [ticker]
non_service303_services: [ticker]
init_system: process
service_commands:
  ticker: [\"/bin/sh\", \"-c\", \"while echo tick; do sleep 0.1; done\"]
bootstrap_config:
  challenge_key: /var/opt/magma/certs/gw_challenge.key
enable_config_streamer: True
enable_sync_rpc: True
generic_command_config:
  timeout_secs: 15
  shell_commands:
  - name: echo
    command: \"echo {}\"
    allow_params: True
";

/// What it captures packets with: writes its arguments into its file, and goes on until it is ended.
const TRACE_TOOL: &str = "#!/bin/sh\nsaid=\"$*\"\nwhile [ \"$1\" != -w ]; do shift; done\nprintf '%s' \"$said\" > \"$2\"\nexec sleep 1000\n";

const CONTROL_PROXY: &str = "gateway_cert: /var/opt/magma/certs/gateway.crt
gateway_key: /var/opt/magma/certs/gateway.key
rootca_cert: /var/opt/magma/certs/rootCA.pem
cloud_address: unknown.localhost
cloud_port: 1
bootstrap_address: unknown.localhost
bootstrap_port: 1
local_port: 1
proxy_cloud_connections: False
";

pub struct Agent {
    _root: TempDir,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Agent {
    /// Registers with a token, as the page of a new gateway says, and starts.
    pub async fn start(world: &World, token: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), world, token, MAGMAD).await
    }

    /// The same, which also makes call traces; a capture has the arguments of the tool.
    pub async fn start_with_call_traces(world: &World, token: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let tool = root.path().join("tool");
        // Another process writes the file: were it open for writing here while a test beside this one forks, it could not
        // be run ("text file busy").
        let mut shell = std::process::Command::new("/bin/sh");
        shell.args(["-c", r#"printf %s "$1" > "$0" && chmod 755 "$0""#]).arg(&tool).arg(TRACE_TOOL);
        assert!(shell.status().unwrap().success());
        let text =
            format!("trace_tool: {}\ntrace_directory: /var/trace\ntrace_interfaces: [any]\n", tool.display());
        write(root.path(), "etc/magma/ctraced.yml", &text);
        let services = "magma_services: [ticker, ctraced]\nembedded_services: [ctraced]";
        let magmad = MAGMAD.replacen("magma_services: [ticker]", services, 1);
        Self::start_in(root, world, token, &magmad).await
    }

    async fn start_in(root: TempDir, world: &World, token: &str, magmad: &str) -> Self {
        let entry = |name: &str| format!("  {name}:\n    ip_address: 127.0.0.1\n    port: {}\n", free_port());
        let registry = format!("services:\n{}{}", entry("magmad"), entry("ctraced"));
        for (name, text) in [
            ("etc/magma/magmad.yml", magmad),
            ("etc/magma/control_proxy.yml", CONTROL_PROXY),
            ("etc/magma/service_registry.yml", &registry),
            ("var/opt/magma/certs/rootCA.pem", &world.root_certificate()),
        ] {
            write(root.path(), name, text);
        }
        let paths = Paths::under(root.path());
        let registration = Registration {
            domain: world.domain().into(),
            token: token.into(),
            ca_file: None,
            cloud_port: world.running.addresses().bootstrap.port(),
            save_control_proxy: true,
        };
        register_through(&paths, &registration, &HttpProxies::default()).await.unwrap();
        let mut options = Options::new(paths);
        let short = Duration::from_millis(200);
        options.timings.checkin.interval = Some(short);
        options.timings.config_stream.pause = Some(short);
        options.timings.bootstrap.retry_first = short;
        options.timings.bootstrap.retry_max = short;
        options.timings.sync_rpc.retry_first = short;
        options.timings.sync_rpc.retry_max = short;
        options.timings.settings = short;
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let shutdown = async {
                stopped.await.ok();
            };
            magmad::agent::run(options, shutdown).await.unwrap();
        });
        Self { _root: root, stop, task }
    }

    /// Ends it, and its service with it.
    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
