//! The agent's own gRPC services, at its address in `service_registry.yml`, as any other local service.

use std::sync::Arc;

use anyhow::{Context, Result};
use magma_config::{LogLevel, ServiceAddress};
use magma_rpc::server::{Router, serve_plain};
use magma_service303::{Application, Lifecycle};
use tokio::net::TcpListener;
use wire_orc8r::orc8r::LogLevel as WireLevel;

use crate::events::{Event, Events};
use crate::logging::LogControl;
use crate::shutdown::{Shutdown, Trigger};
use crate::supervise::Task;

/// The agent's name among the services.
pub const NAME: &str = "magmad";

/// Where the agent listens when the registry does not say. Magma's own port.
const DEFAULT_ADDRESS: (&str, u16) = ("127.0.0.1", 50052);

/// The task that serves them.
pub struct OwnServices {
    /// From the registry.
    pub address: Option<ServiceAddress>,
    /// The services.
    pub router: Router,
    /// What `GetServiceInfo` says of the agent.
    pub lifecycle: Lifecycle,
    /// Who wants to know.
    pub events: Events,
}

impl Task for OwnServices {
    async fn run(&mut self, mut shutdown: Shutdown) -> Result<()> {
        let listener = self.listen().await?;
        let address = listener.local_addr().context("no local address")?;
        self.lifecycle.alive();
        self.events.emit(Event::Serving { address });
        serve_plain(listener, self.router.clone(), shutdown.wait()).await;
        self.lifecycle.stopping();
        Ok(())
    }
}

impl OwnServices {
    async fn listen(&self) -> Result<TcpListener> {
        let (host, port) = match &self.address {
            Some(address) => (address.host.as_str(), address.port),
            None => {
                tracing::warn!(
                    "service_registry.yml does not name {NAME}: its services are at {DEFAULT_ADDRESS:?}"
                );
                DEFAULT_ADDRESS
            }
        };
        let listener = TcpListener::bind((host, port)).await;
        listener.with_context(|| {
            format!("cannot listen on {host}:{port} (is another magmad running? see {NAME} in service_registry.yml)")
        })
    }
}

/// The agent as an application of the common service.
pub struct Agent {
    /// Ends the program.
    pub trigger: Arc<Trigger>,
    /// The log, if its level is the agent's to change.
    pub log: Option<LogControl>,
}

impl Application for Agent {
    fn set_log_level(&self, level: WireLevel) -> Result<(), String> {
        let Some(log) = &self.log else {
            return Err("the log of this process is not the agent's to change".into());
        };
        log.set(match level {
            WireLevel::Debug => LogLevel::Debug,
            WireLevel::Info => LogLevel::Info,
            WireLevel::Warning => LogLevel::Warning,
            WireLevel::Error => LogLevel::Error,
            WireLevel::Fatal => LogLevel::Fatal,
        });
        Ok(())
    }

    fn stop(&self) {
        self.trigger.fire();
    }
}
