//! `eventd` in the agent's own process: it takes the events of local services and of the agent itself.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use magma_config::{EmbeddedService, GatewayConfig, Paths};
use magma_eventd::{Delivery, DiskQueue, EventTaker, EventTypes, Metrics, Timings};
use magma_rpc::Status;
use magma_rpc::server::Router;
use magma_service303::Registry;
use tokio::sync::watch;
use wire_orc8r::orc8r::Event;

use super::Context;
use crate::agent::local_server::LocalServer;
use crate::event_log::{EventSink, Taken};
use crate::services::Services;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// The port when the registry does not say. Magma's own.
const DEFAULT_PORT: u16 = 50075;
/// Where events wait for a `td-agent-bit` in another process.
const FOLDER: &str = "/var/opt/magma/queue/eventd";

/// The task that serves it.
pub struct Eventd {
    server: LocalServer,
    settings: watch::Receiver<Arc<GatewayConfig>>,
    paths: Paths,
    taker: EventTaker,
    /// None when what is behind is in this process, too.
    delivery: Option<Delivery>,
}

impl Eventd {
    /// The `eventd` of a gateway. Events wait on disk from now on.
    ///
    /// # Errors
    /// When the queue's bound is nothing.
    pub fn new(context: &Context, behind: Behind) -> Result<Self> {
        let config = context.settings.borrow().eventd.clone();
        let registry = Registry::new();
        let metrics = Metrics::new(&registry, EmbeddedService::Eventd.name());
        let types = types(&config, &context.paths);
        let (taker, delivery) = match behind {
            #[cfg(feature = "log-forwarding")]
            Behind::Forwarder(intake) => {
                (EventTaker::new(types, Arc::new(forwarder::Forwarder(intake)), metrics), None)
            }
            Behind::TdAgentBit => {
                let (folder, bytes_max) =
                    (context.paths.resolve(Path::new(FOLDER)), config.buffer_bytes_max as u64);
                let queue = DiskQueue::open(&folder, bytes_max, metrics.dropped.clone());
                let queue = queue.context("buffer_mb in eventd.yml")?;
                let delivery = Delivery {
                    queue: queue.clone(),
                    port: config.fluent_bit_port,
                    delivered: metrics.delivered.clone(),
                    timings: Timings::with_limit(config.tcp_timeout),
                };
                (EventTaker::new(types, Arc::new(queue), metrics), Some(delivery))
            }
        };
        let router = Router::new().add(taker.clone().into_server());
        let server = context.server(EmbeddedService::Eventd, DEFAULT_PORT, router, registry);
        let (settings, paths) = (context.settings.clone(), context.paths.clone());
        Ok(Self { server, settings, paths, taker, delivery })
    }

    /// The way of the agent's own events, without a detour through the network.
    pub fn direct(&self, services: Arc<Services>) -> Arc<dyn EventSink> {
        Arc::new(Direct { taker: self.taker.clone(), services })
    }
}

/// The events of this gateway, as `eventd.yml` says.
fn types(config: &magma_config::Eventd, paths: &Paths) -> EventTypes {
    EventTypes::new(config.event_registry.clone(), paths.resolve(&config.schema_dir))
}

/// Takes other types of events as soon as the settings have them.
async fn follow(mut settings: watch::Receiver<Arc<GatewayConfig>>, paths: &Paths, taker: &EventTaker) {
    let mut known = settings.borrow_and_update().eventd.clone();
    while settings.changed().await.is_ok() {
        let now = settings.borrow_and_update().eventd.clone();
        if now != known {
            taker.change(types(&now, paths));
            known = now;
        }
    }
    std::future::pending().await
}

/// What takes the events from `eventd`.
pub enum Behind {
    /// The log forwarder in this process.
    #[cfg(feature = "log-forwarding")]
    Forwarder(magma_fluent::Intake),
    /// The program of that name.
    TdAgentBit,
}

impl Task for Eventd {
    async fn run(&mut self, shutdown: Shutdown) -> Result<()> {
        let delivering = async {
            match &self.delivery {
                Some(delivery) => delivery.run().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            ended = self.server.run(shutdown) => ended,
            () = delivering => Ok(()),
            () = follow(self.settings.clone(), &self.paths, &self.taker) => Ok(()),
        }
    }
}

/// The agent's own events.
struct Direct {
    taker: EventTaker,
    services: Arc<Services>,
}

impl EventSink for Direct {
    fn take(&self, event: Event) -> Taken<'_> {
        Box::pin(async move {
            match self.services.embedded().is_on(EmbeddedService::Eventd.name()) {
                Some(true) => self.taker.take(event).await,
                _ => Err(Status::unavailable("eventd is switched off")),
            }
        })
    }
}

#[cfg(feature = "log-forwarding")]
mod forwarder {
    use magma_eventd::{Sink, Stored};
    use magma_fluent::{Entry, Intake, Time};
    use serde_json::{Map, Value};

    /// Magma's tag for events.
    const TAG: &str = "eventd";

    /// Events go straight into the forwarder's buffer.
    pub struct Forwarder(pub Intake);

    impl Sink for Forwarder {
        fn store(&self, event: Map<String, Value>) -> Stored<'_> {
            Box::pin(async move { self.0.take(TAG, vec![Entry::of_json(Time::now(), &event)]).await })
        }
    }
}
