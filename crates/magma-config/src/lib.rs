//! The files of a gateway: `/etc/magma/*.yml` with their overrides, and `gateway.mconfig`, typed.
//!
//! Two phases: everything is parsed and every mistake reported with file, line and key ([`load`], [`inspect`]); then
//! the caller acts. Nothing here reads the environment.

pub mod atomic_file;
mod block;
mod control_proxy;
mod ctraced;
mod directoryd;
mod eventd;
#[cfg(test)]
mod every_key;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod layers;
mod magmad;
pub mod mconfig;
pub mod merged;
mod not_honoured;
pub mod override_file;
mod paths;
mod problem;
mod redis;
mod service_registry;
mod state;
pub mod stateless;
mod streamer;
mod value;
mod yaml;
mod yaml_json;

use std::collections::BTreeSet;
use std::path::PathBuf;

use block::{Block, Report};
pub use control_proxy::ControlProxy;
pub use ctraced::Ctraced;
pub use directoryd::{DirectoryStore, Directoryd};
pub use eventd::{EventType, Eventd};
pub use magmad::{
    CallPattern, EmbeddedService, GenericCommand, InitSystem, LogForwarding, LogLevel, Magmad, Metricsd,
    NetworkMonitor, Ping, PostProcessing, PostProcessingRule, Profile, RemoteAccess, ScrapeTarget,
    ShellCommand, UpgradeKind, Upgrader,
};
pub use paths::Paths;
pub use problem::{Problem, Severity};
pub use redis::Redis;
pub use service_registry::{ServiceAddress, ServiceRegistry};
pub use state::{ReplicatedTable, StateMessage, StateReplication, StateScope};
pub use streamer::Streamer;
pub use yaml_json::yaml_to_json;

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
    /// `eventd.yml`.
    pub eventd: Eventd,
    /// `redis.yml`; `None` when there is none.
    pub redis: Option<Redis>,
    /// `directoryd.yml`.
    pub directoryd: Directoryd,
    /// `state.yml`.
    pub state: StateReplication,
    /// `ctraced.yml`.
    pub ctraced: Ctraced,
    /// The files that were read, in the order of reading: each base before its override.
    pub files: Vec<PathBuf>,
}

impl GatewayConfig {
    /// The services that are not asked how they are: those of `non_service303_services`, and those that the agent serves
    /// itself without an address in the registry to ask at, as `td-agent-bit` is on existing gateways.
    pub fn unasked_services(&self) -> BTreeSet<String> {
        let embedded = self.magmad.embedded_services.iter().map(|service| service.name());
        let nowhere = embedded.filter(|name| self.registry.get(name).is_none()).map(str::to_owned);
        self.magmad.non_service303_services.iter().cloned().chain(nowhere).collect()
    }
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
    let report = Report::default();
    let config = read_all(paths, &report);
    (config, report.into_problems())
}

fn read_all(paths: &Paths, report: &Report) -> GatewayConfig {
    let unheard = Report::default();
    let mut files = Vec::new();
    let mut open = |service, presence: Presence| {
        let layers = layers::read(paths, service, report);
        let found = !layers.files.is_empty();
        files.extend(layers.files);
        if found {
            return layers.block;
        }
        presence.tell_absence(&layers.block);
        layers.block.reporting_to(&unheard)
    };
    let magmad = magmad::read(open("magmad", Presence::Needed));
    let control_proxy = control_proxy::read(open("control_proxy", Presence::Needed));
    let registry = service_registry::read(open("service_registry", Presence::Expected), &magmad);
    let streamer = streamer::read(open("streamer", Presence::Optional));
    let takes_events = [EmbeddedService::Eventd, EmbeddedService::TdAgentBit];
    let eventd = match takes_events.iter().any(|service| magmad.embedded_services.contains(service)) {
        true => eventd::read(open("eventd", Presence::Optional)),
        false => Eventd::default(),
    };
    let mut read_if_embedded = |service: EmbeddedService| {
        let embedded = magmad.embedded_services.contains(&service);
        embedded.then(|| open(service.name(), Presence::Optional))
    };
    let directoryd = read_if_embedded(EmbeddedService::Directoryd).map(directoryd::read).unwrap_or_default();
    let state = read_if_embedded(EmbeddedService::State).map(state::read).unwrap_or_default();
    let ctraced = read_if_embedded(EmbeddedService::Ctraced).map(ctraced::read).unwrap_or_default();
    let redis = redis::read(open("redis", Presence::Optional));
    let redis = files.iter().any(|file| file.ends_with("redis.yml")).then_some(redis);
    GatewayConfig {
        magmad,
        control_proxy,
        registry,
        streamer,
        eventd,
        redis,
        directoryd,
        state,
        ctraced,
        files,
    }
}

/// What the absence of a file means.
enum Presence {
    Needed,
    Expected,
    Optional,
}

impl Presence {
    fn tell_absence(&self, block: &Block<'_>) {
        match self {
            Self::Needed => {
                block
                    .report()
                    .error(block.place(), "does not exist; put it there, or name another --config-root");
            }
            Self::Expected => {
                let message = "does not exist, so no local service can be reached; put it there";
                block.report().warning(block.place(), message);
            }
            Self::Optional => {}
        }
    }
}
