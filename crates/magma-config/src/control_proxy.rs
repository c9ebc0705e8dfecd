//! `control_proxy.yml`: where the cloud is, and which certificates belong to it.

use std::path::PathBuf;

/// Every key of `control_proxy.yml`. Paths are as the file names them, without the root.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlProxy {
    /// `rootca_cert` (`/var/opt/magma/certs/rootCA.pem`).
    pub rootca_cert: PathBuf,
    /// `gateway_cert` (`/var/opt/magma/certs/gateway.crt`).
    pub gateway_cert: PathBuf,
    /// `gateway_key` (`/var/opt/magma/certs/gateway.key`).
    pub gateway_key: PathBuf,
    /// `local_port`: where the local proxy listens (8443).
    pub local_port: u16,
    /// `cloud_address`: the controller's host name, and the end of every `:authority`.
    pub cloud_address: String,
    /// `cloud_port` (443).
    pub cloud_port: u16,
    /// `bootstrap_address`: the bootstrapper's host name.
    pub bootstrap_address: String,
    /// `bootstrap_port` (443).
    pub bootstrap_port: u16,
    /// `proxy_cloud_connections` (true): through the local proxy, or directly with TLS.
    pub proxy_cloud_connections: bool,
    /// `allow_http_proxy` (false).
    pub allow_http_proxy: bool,
    /// `fluentd_address`.
    pub fluentd_address: Option<String>,
    /// `fluentd_port`.
    pub fluentd_port: Option<u16>,
}
