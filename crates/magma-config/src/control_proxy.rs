//! `control_proxy.yml`: where the cloud is, and which certificates belong to it.

use std::path::PathBuf;

use crate::block::Block;
use crate::value::{absolute_path, boolean, host, port, text, word};
use crate::yaml::Node;

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
    /// `allow_http_proxy` (false): connections to the cloud go through the HTTP proxy that the environment names.
    pub allow_http_proxy: bool,
    /// `trust_system_cas` (false): the certificate authorities that this machine trusts are trusted beside
    /// `rootca_cert`, for a cloud whose certificate is bought.
    pub trust_system_cas: bool,
    /// `fluentd_address`.
    pub fluentd_address: Option<String>,
    /// `fluentd_port`.
    pub fluentd_port: Option<u16>,
    /// `sentry_url_python`: where errors of the log are told, with the key in it (Sentry's DSN); `None` leaves it to the
    /// cloud's `shared_mconfig`.
    pub sentry_url: Option<String>,
    /// `sentry_sample_rate` (1.0): which part of the errors is told, 0 to 1; `None` leaves it to `shared_mconfig`.
    pub sentry_sample_rate: Option<f64>,
}

pub(crate) fn read(mut block: Block<'_>) -> ControlProxy {
    let certs = |name: &str| PathBuf::from("/var/opt/magma/certs").join(name);
    let config = ControlProxy {
        rootca_cert: block.read("rootca_cert", absolute_path).unwrap_or_else(|| certs("rootCA.pem")),
        gateway_cert: block.read("gateway_cert", absolute_path).unwrap_or_else(|| certs("gateway.crt")),
        gateway_key: block.read("gateway_key", absolute_path).unwrap_or_else(|| certs("gateway.key")),
        local_port: block.read("local_port", port).unwrap_or(8443),
        cloud_address: address(&mut block, "cloud_address", "controller.<domain>"),
        cloud_port: block.read("cloud_port", port).unwrap_or(443),
        bootstrap_address: address(&mut block, "bootstrap_address", "bootstrapper-controller.<domain>"),
        bootstrap_port: block.read("bootstrap_port", port).unwrap_or(443),
        proxy_cloud_connections: block.read("proxy_cloud_connections", boolean).unwrap_or(true),
        allow_http_proxy: block.read("allow_http_proxy", boolean).unwrap_or(false),
        trust_system_cas: block.read("trust_system_cas", boolean).unwrap_or(false),
        fluentd_address: block.read("fluentd_address", host),
        fluentd_port: block.read("fluentd_port", port),
        sentry_url: read_sentry_url(&mut block),
        sentry_sample_rate: sample_rate(&mut block),
    };
    block.finish();
    config
}

/// An address that there is no default for; empty when it is missing or was refused.
fn address(block: &mut Block<'_>, key: &str, example: &str) -> String {
    let place = block.place_of(key);
    match block.take(key) {
        Some(field) => host(&field.node).unwrap_or_else(|message| {
            block.report().error(&field.place, message);
            String::new()
        }),
        None => {
            block
                .report()
                .error(&place, format!("is missing; add `{key}: {example}`, or run `magmad register`"));
            String::new()
        }
    }
}

/// No gateway stands still for want of reports: a mistake is reported, and counts as if nothing stood there.
fn sample_rate(block: &mut Block<'_>) -> Option<f64> {
    let field = block.take("sentry_sample_rate")?;
    share(&field.node).map_err(|message| block.report().warning(&field.place, message)).ok()
}

/// The text itself is not repeated, since it holds a key. Without it, the agent runs all the same.
fn read_sentry_url(block: &mut Block<'_>) -> Option<String> {
    let field = block.take("sentry_url_python")?;
    let url = text(&field.node).unwrap_or_else(|_| "?".to_owned());
    let server = ["https://", "http://"].into_iter().find_map(|scheme| url.strip_prefix(scheme));
    if !url.is_empty() && !server.is_some_and(|server| server.contains('@')) {
        let message =
            "is no address of a Sentry, so it is told nothing; write one like https://KEY@HOST/PROJECT";
        block.report().warning(&field.place, message);
        return None;
    }
    Some(url).filter(|url| !url.is_empty())
}

fn share(node: &Node) -> Result<f64, String> {
    let text = word(node)?;
    let number = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    number.ok_or_else(|| format!("is {text}, but must be a number from 0 to 1"))
}
