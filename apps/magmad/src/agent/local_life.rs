//! What goes on between the agent and the services of its machine, cloud or no cloud.

use std::sync::Arc;

use anyhow::Result;

use crate::config_stream;
use crate::managed_config::ManagedConfig;
use crate::services::{Poller, Services};
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// Starts the gateway's services, and asks them how they are from then on.
pub struct LocalLife {
    /// Which dynamic services run.
    pub managed: ManagedConfig,
    /// The services.
    pub services: Arc<Services>,
    /// Who asks them.
    pub poller: Poller,
}

impl Task for LocalLife {
    async fn run(&mut self, mut shutdown: Shutdown) -> Result<()> {
        // Before anything new can come from the cloud.
        let unapplied = self.managed.unapplied();
        let starting = async {
            // What fails is logged by the services themselves, and their poller keeps saying so.
            self.services.switch_dynamic(&self.managed.current().magmad.dynamic_services).await;
            self.services.start_all().await;
            // Those that run since before this start may run with what was in effect then.
            config_stream::catch_up(&self.managed, &self.services, &unapplied).await;
        };
        tokio::select! {
            () = shutdown.wait() => {}
            ((), ()) = async { tokio::join!(starting, self.poller.run()) } => {}
        }
        Ok(())
    }
}
