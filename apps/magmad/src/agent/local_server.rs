//! Serves gRPC services of this program at their address in `service_registry.yml`, as any other local service.

use anyhow::{Context, Result};
use magma_config::{ServiceAddress, ServiceRegistry};
use magma_rpc::server::{Router, serve_plain};
use magma_service303::Lifecycle;
use tokio::net::TcpListener;

use crate::events::{Event, Events};
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// Where a service listens when the registry does not say.
const DEFAULT_HOST: &str = "127.0.0.1";

/// The task that serves them.
pub struct LocalServer {
    name: &'static str,
    address: ServiceAddress,
    router: Router,
    lifecycle: Lifecycle,
    events: Option<Events>,
}

impl LocalServer {
    /// Serves `router` as the service `name`, at its address in `registry` or at `default_port`, Magma's own, on
    /// loopback. `lifecycle` is what the service's `GetServiceInfo` says.
    pub fn new(
        name: &'static str,
        registry: &ServiceRegistry,
        default_port: u16,
        router: Router,
        lifecycle: Lifecycle,
    ) -> Self {
        let address = registry.get(name).cloned().unwrap_or_else(|| {
            tracing::warn!(
                "service_registry.yml does not name {name}: it is at {DEFAULT_HOST}:{default_port}"
            );
            ServiceAddress { host: DEFAULT_HOST.to_owned(), port: default_port }
        });
        Self { name, address, router, lifecycle, events: None }
    }

    /// Tells `events` where it listens.
    pub fn telling(self, events: Events) -> Self {
        Self { events: Some(events), ..self }
    }

    async fn listen(&self) -> Result<TcpListener> {
        let ServiceAddress { host, port, .. } = &self.address;
        let listener = TcpListener::bind((host.as_str(), *port)).await;
        listener.with_context(|| {
            let name = self.name;
            format!("cannot listen on {host}:{port} (is another {name} running? see {name} in service_registry.yml)")
        })
    }
}

impl Task for LocalServer {
    async fn run(&mut self, mut shutdown: Shutdown) -> Result<()> {
        let listener = self.listen().await?;
        let address = listener.local_addr().context("no local address")?;
        self.lifecycle.alive();
        if let Some(events) = &self.events {
            events.emit(Event::Serving { address });
        }
        serve_plain(listener, self.router.clone(), shutdown.wait()).await;
        self.lifecycle.stopping();
        Ok(())
    }
}
