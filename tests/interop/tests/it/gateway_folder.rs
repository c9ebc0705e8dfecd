//! The files of a gateway that has just been installed, in a temporary folder, and what the agent adds to them.

use std::fs;
use std::path::{Path, PathBuf};

use magma_config::Paths;
use magma_free_port::free_port;
use serde_json::Value;
use tempfile::TempDir;

const CONTROL_PROXY_YML: &str = "\
rootca_cert: /var/opt/magma/certs/rootCA.pem
gateway_cert: /var/opt/magma/certs/gateway.crt
gateway_key: /var/opt/magma/certs/gateway.key
local_port: 8443
cloud_address: controller.not-registered.localhost
cloud_port: 8443
bootstrap_address: bootstrapper-controller.not-registered.localhost
bootstrap_port: 8444
proxy_cloud_connections: False
";

const MAGMAD_YML: &str = r#"
log_level: INFO
magma_services: [clock]
non_service303_services: [clock]
init_system: process
service_commands:
  clock: [/bin/sh, -c, "while echo tick; do sleep 1; done"]
bootstrap_config:
  challenge_key: /var/opt/magma/certs/gw_challenge.key
enable_config_streamer: True
enable_sync_rpc: True
generic_command_config:
  module: magma.magmad.generic_command.shell_command_executor
  class: ShellCommandExecutor
  shell_commands:
    - name: echo
      command: "echo {}"
      allow_params: True
"#;

/// As existing gateways are shipped: both spellings of the fields occur.
const SHIPPED_MCONFIG: &str = r#"{"configs_by_key": {"magmad": {
  "@type": "type.googleapis.com/magma.mconfig.MagmaD", "logLevel": "INFO",
  "checkinInterval": 5, "checkinTimeout": 10, "autoupgradeEnabled": false, "autoupgradePollInterval": 300,
  "package_version": "0.0.0-0", "dynamic_services": []
}}}
"#;

/// The root folder of one gateway.
pub struct GatewayFolder {
    root: TempDir,
}

impl GatewayFolder {
    /// Writes the configuration and the root certificate of the cloud.
    pub fn install(root_ca: &str) -> Self {
        Self::install_with(root_ca, MAGMAD_YML, &[])
    }

    /// The same with another `magmad.yml`, and with further services at these ports of loopback.
    pub fn install_with(root_ca: &str, magmad_yml: &str, services: &[(&str, u16)]) -> Self {
        let folder = Self { root: tempfile::tempdir().expect("a temporary folder") };
        folder.write("var/opt/magma/certs/rootCA.pem", root_ca);
        folder.write("etc/magma/control_proxy.yml", CONTROL_PROXY_YML);
        folder.write("etc/magma/magmad.yml", magmad_yml);
        let mut registry = String::from("services:\n");
        for (name, port) in services.iter().copied().chain([("magmad", free_port())]) {
            registry += &format!("  {name}: {{ip_address: 127.0.0.1, port: {port}}}\n");
        }
        folder.write("etc/magma/service_registry.yml", &registry);
        folder.write("etc/magma/streamer.yml", "reconnect_sec: 5\nstream_timeout: 150\n");
        folder.write("etc/magma/gateway.mconfig", SHIPPED_MCONFIG);
        folder
    }

    /// For the agent.
    pub fn paths(&self) -> Paths {
        Paths::under(self.root.path())
    }

    /// The stored configuration, if there is one already.
    pub fn mconfig(&self) -> Option<Value> {
        let text = fs::read(self.path("var/opt/magma/configs/gateway.mconfig")).ok()?;
        Some(serde_json::from_slice(&text).expect("a stored configuration is whole at any time"))
    }

    /// The text of a file below the root.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("the folder can be written");
        fs::write(path, text).expect("the folder can be written");
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }
}
