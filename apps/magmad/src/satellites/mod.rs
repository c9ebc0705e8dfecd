//! The services that the agent serves itself, in place of programs of their own: each switched on by
//! `embedded_services` in magmad.yml, and compiled in by a feature of its own.
//!
//! What each does is in a crate of its own; the modules here tie it to the agent's configuration, connections and tasks.

#[cfg(feature = "control-proxy")]
mod control_proxy;
#[cfg(feature = "ctraced")]
mod ctraced;
#[cfg(feature = "directoryd")]
mod directoryd;
#[cfg(feature = "eventd")]
mod eventd;
#[cfg(feature = "log-forwarding")]
mod log_forwarding;
mod rereading;
#[cfg(feature = "metrics")]
pub mod service_exit;
#[cfg(feature = "metrics")]
mod service_restarts;
#[cfg(feature = "state-replication")]
mod state;
#[cfg(any(feature = "directoryd", feature = "metrics", feature = "state-replication"))]
mod tables;

use std::net::Ipv4Addr;
use std::sync::Arc;

use magma_config::{EmbeddedService, GatewayConfig, Paths};
use magma_identity::HardwareId;
use magma_rpc::server::Router;
use magma_service303::{Lifecycle, Registry, Reload};
use tokio::sync::watch;

use crate::agent::local_server::LocalServer;
use crate::agent::own_services::Part;
use crate::cloud::Cloud;
use crate::event_log::{Destination, EventLog};
use crate::events::Events;
use crate::local_services::LocalServices;
use crate::logging::LogControl;
use crate::managed_config::ManagedConfig;
use crate::services::{Action, Services, WhileOn};
use crate::settings::Reloader;
use crate::supervise::{Task, Tasks};

/// The embedded service whose code has this target in the log: its adapter here, or its crate.
pub(crate) fn of_target(target: &str) -> Option<&'static str> {
    let of_ours = ["magmad::satellites::", "magma_"].iter().find_map(|start| target.strip_prefix(start))?;
    match of_ours.split("::").next()? {
        "fluent" | "log_forwarding" => Some(EmbeddedService::TdAgentBit.name()),
        part => EmbeddedService::from_name(part).map(EmbeddedService::name),
    }
}

/// What the embedded services share with the agent. A clone shares the same.
#[derive(Clone)]
pub struct Context {
    /// Where the gateway's files are.
    pub paths: Paths,
    /// The gateway's identity.
    pub hardware_id: HardwareId,
    /// The yml files; `control_proxy.yml` may change while the agent runs.
    pub settings: watch::Receiver<Arc<GatewayConfig>>,
    /// Reads the yml files again.
    pub reloader: Reloader,
    /// The configuration from the cloud.
    pub managed: ManagedConfig,
    /// The agent's own metrics.
    pub registry: Registry,
    /// The gateway's services.
    pub services: Arc<Services>,
    /// Channels to them.
    pub channels: LocalServices,
    /// Connections to the cloud.
    pub cloud: Cloud,
    /// What observers in this process are told.
    pub events: Events,
    /// What the cloud's operators are told.
    pub event_log: EventLog,
    /// The log, if its level is the agent's to change.
    pub log: Option<LogControl>,
    /// Where the control proxy listens.
    pub front_end_address: Ipv4Addr,
}

/// Starts the tasks of the embedded services that the configuration names; each runs while its service is switched on.
/// Returns who takes the agent's own events then.
pub fn spawn(context: &Context, tasks: &mut Tasks) -> Destination {
    // A core build spawns nothing here.
    let _ = &tasks;
    let embedded = context.settings.borrow().magmad.embedded_services.clone();
    #[allow(unused_mut, reason = "a full build changes it")]
    let mut destination = Destination::Registered(context.channels.clone());
    #[cfg(feature = "eventd")]
    #[allow(unused_mut, reason = "a full build changes it")]
    let mut behind = eventd::Behind::TdAgentBit;
    #[cfg(any(feature = "directoryd", feature = "metrics", feature = "state-replication"))]
    let tables = tables::Tables::new(context);
    #[cfg(feature = "metrics")]
    context.spawn_service_restarts(tasks, &tables);
    // Backwards: what forwards events begins before what takes them.
    for service in embedded.into_iter().rev() {
        match service {
            #[cfg(feature = "control-proxy")]
            EmbeddedService::ControlProxy => {
                context.spawn_embedded(tasks, service, control_proxy::ControlProxy::new(context));
                if let Some(server) = control_proxy::how_it_is(context) {
                    context.spawn_embedded(tasks, service, server);
                }
            }
            #[cfg(feature = "log-forwarding")]
            EmbeddedService::TdAgentBit => match log_forwarding::LogForwarding::new(context) {
                Ok(forwarding) => {
                    #[cfg(feature = "eventd")]
                    {
                        behind = eventd::Behind::Forwarder(forwarding.intake());
                    }
                    context.spawn_embedded(tasks, service, forwarding);
                }
                Err(error) => tracing::error!("logs are not forwarded: {error:#}"),
            },
            #[cfg(feature = "eventd")]
            EmbeddedService::Eventd => {
                let behind = std::mem::replace(&mut behind, eventd::Behind::TdAgentBit);
                match eventd::Eventd::new(context, behind) {
                    Ok(eventd) => {
                        destination = Destination::Embedded(eventd.direct(context.services.clone()));
                        context.spawn_embedded(tasks, service, eventd);
                    }
                    Err(error) => tracing::error!("events are not taken: {error:#}"),
                }
            }
            #[cfg(feature = "directoryd")]
            EmbeddedService::Directoryd => {
                context.spawn_embedded(tasks, service, directoryd::Directoryd::new(context, &tables));
            }
            #[cfg(feature = "state-replication")]
            EmbeddedService::State => {
                let (of_task, tables) = (context.clone(), tables.clone());
                let task = rereading::Anew(move || state::State::new(&of_task.rereading(service), &tables));
                context.spawn_embedded(tasks, service, task);
            }
            #[cfg(feature = "ctraced")]
            EmbeddedService::Ctraced => {
                let of_task = context.clone();
                let task = rereading::Anew(move || ctraced::Ctraced::new(&of_task.rereading(service)));
                context.spawn_embedded(tasks, service, task);
            }
            // Each feature has an arm of its own above.
            #[allow(unreachable_patterns, reason = "a full build has them all")]
            _ => tracing::error!(
                "this magmad was built without {name}: remove it from embedded_services in magmad.yml, or install a full build",
                name = service.name()
            ),
        }
    }
    destination
}

impl Context {
    /// Spawns what serves an embedded service, while its switch is on.
    pub fn spawn_embedded(&self, tasks: &mut Tasks, service: EmbeddedService, task: impl Task) {
        if let Some(switch) = self.services.embedded().switch(service.name()) {
            tasks.spawn(service.name(), WhileOn { switch, task });
        }
    }

    /// Spawns what reads how services ended, where there may be something to read.
    #[cfg(feature = "metrics")]
    fn spawn_service_restarts(&self, tasks: &mut Tasks, tables: &tables::Tables) {
        let config = self.settings.borrow().clone();
        if config.redis.is_some() {
            let period = config.magmad.network_monitor.as_ref().map(|monitor| monitor.sampling_period);
            let task = service_restarts::ServiceRestarts::new(tables.redis.clone(), &self.registry, period);
            tasks.spawn("service_restart_status", task);
        }
    }

    /// A server of `router` and of the service's `Service303`, at its address in the registry. `metrics` are what
    /// its `GetMetrics` answers.
    pub fn server(
        &self,
        service: EmbeddedService,
        default_port: u16,
        router: Router,
        metrics: Registry,
    ) -> LocalServer {
        let lifecycle = Lifecycle::new();
        let services = Arc::downgrade(&self.services);
        let stop = move || {
            if let Some(services) = services.upgrade() {
                services.embedded().control(Action::Stop, service.name());
            }
        };
        let (reloader, services) = (self.reloader.clone(), Arc::downgrade(&self.services));
        let reload = move || match services.upgrade() {
            Some(services) => rereading::reload(&reloader, &services, service),
            None => Reload::Unsupported,
        };
        let part =
            Part { stop: Box::new(stop), reload: Box::new(reload), log: self.log.clone(), recent: None };
        let common = part.service303(service.name(), lifecycle.clone(), metrics);
        let registry = &self.settings.borrow().registry;
        LocalServer::new(service.name(), registry, default_port, router.add(common.into_server()), lifecycle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_log_are_told_apart_by_their_code() {
        for (target, service) in [
            ("magma_ctraced::trace", Some("ctraced")),
            ("magmad::satellites::ctraced", Some("ctraced")),
            ("magma_control_proxy", Some("control_proxy")),
            ("magma_directoryd::service", Some("directoryd")),
            ("magma_eventd", Some("eventd")),
            ("magma_fluent::output", Some("td-agent-bit")),
            ("magmad::satellites::log_forwarding", Some("td-agent-bit")),
            ("magma_state::replicator", Some("state")),
            ("magmad::satellites::state", Some("state")),
            ("magmad::satellites", None),
            ("magmad::checkin::report", None),
            ("magma_rpc::server", None),
            ("audit", None),
        ] {
            assert_eq!(of_target(target), service, "{target}");
        }
    }
}
