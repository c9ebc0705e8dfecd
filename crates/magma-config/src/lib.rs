//! The files of a gateway: `/etc/magma/*.yml` with their overrides, and `gateway.mconfig`, typed.
//!
//! Two phases: everything is parsed and every mistake reported with file, line and key ([`load`], [`inspect`]); then
//! the caller acts. Nothing here reads the environment.

pub mod atomic_file;
mod control_proxy;
mod magmad;
pub mod mconfig;
mod paths;
mod problem;
mod service_registry;
mod streamer;

use std::path::PathBuf;

pub use control_proxy::ControlProxy;
pub use magmad::{
    GenericCommand, InitSystem, LogLevel, Magmad, Metricsd, NetworkMonitor, Ping, ScrapeTarget, ShellCommand,
    Upgrader,
};
pub use paths::Paths;
pub use problem::{Problem, Severity};
pub use service_registry::{ServiceAddress, ServiceRegistry};
pub use streamer::Streamer;

/// What the yml files of a gateway say.
#[derive(Clone, Debug, PartialEq)]
pub struct GatewayConfig {
    /// `magmad.yml`.
    pub magmad: Magmad,
    /// `control_proxy.yml`.
    pub control_proxy: ControlProxy,
    /// `service_registry.yml`.
    pub registry: ServiceRegistry,
    /// `streamer.yml`.
    pub streamer: Streamer,
    /// The files that were read, in the order of reading: each base before its override.
    pub files: Vec<PathBuf>,
}

/// Reads the gateway's configuration. Every problem is reported; the configuration is there unless one of them is an
/// [`Severity::Error`].
pub fn load(paths: &Paths) -> (Option<GatewayConfig>, Vec<Problem>) {
    let (config, problems) = inspect(paths);
    let usable = problems.iter().all(|problem| problem.severity != Severity::Error);
    (usable.then_some(config), problems)
}

/// Reads the gateway's configuration as far as it can be understood, to show it to a person: what could not be
/// understood has its default, and addresses without one are empty. To run the agent, use [`load`].
pub fn inspect(paths: &Paths) -> (GatewayConfig, Vec<Problem>) {
    let _ = paths;
    unimplemented!("being written")
}
