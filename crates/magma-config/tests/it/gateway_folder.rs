//! A folder with the files of a small gateway, to be changed by each test.

use std::fs;
use std::path::PathBuf;

use magma_config::Paths;
use tempfile::TempDir;

/// A configuration without any problem.
pub const MAGMAD: &str = "---
magma_services:
  - control_proxy
  - state
non_service303_services:
  - control_proxy
init_system: systemd
bootstrap_config:
  challenge_key: /var/opt/magma/certs/gw_challenge.key
enable_config_streamer: True
enable_sync_rpc: True
";

/// Ditto.
pub const CONTROL_PROXY: &str = "---
cloud_address: controller.magma.test
cloud_port: 8443
bootstrap_address: bootstrapper-controller.magma.test
bootstrap_port: 8444
proxy_cloud_connections: False
";

/// Ditto.
pub const SERVICE_REGISTRY: &str = "---
services:
  magmad:
    ip_address: 127.0.0.1
    port: 50052
  state:
    ip_address: 127.0.0.1
    port: 50074
";

/// The folder, removed with the value.
pub struct GatewayFolder {
    root: TempDir,
}

impl GatewayFolder {
    /// An empty root.
    pub fn empty() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    /// The three files without problems in `dir`.
    pub fn good_in(dir: &str) -> Self {
        let folder = Self::empty();
        folder.write(&format!("{dir}/magmad.yml"), MAGMAD);
        folder.write(&format!("{dir}/control_proxy.yml"), CONTROL_PROXY);
        folder.write(&format!("{dir}/service_registry.yml"), SERVICE_REGISTRY);
        folder
    }

    pub fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    pub fn paths(&self) -> Paths {
        Paths::under(self.root.path())
    }
}
