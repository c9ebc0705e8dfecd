//! The agent's parts as supervised tasks, and two small ones that tie parts together.

use std::sync::Arc;

use anyhow::Result;
use magma_config::GatewayConfig;
use tokio::sync::watch;

use crate::managed_config::ManagedConfig;
use crate::services::{self, Services};
use crate::shutdown::Shutdown;
use crate::supervise::Task;
use crate::{bootstrap, checkin, config_stream, settings, sync_rpc};

/// Services that read the certificate only when they start.
const PROXY: &str = "control_proxy";
const LOG_FORWARDER: &str = "td-agent-bit";

impl Task for bootstrap::Driver {
    async fn run(&mut self, shutdown: Shutdown) -> Result<()> {
        bootstrap::Driver::run(self, shutdown).await;
        Ok(())
    }
}

impl Task for settings::Watcher {
    async fn run(&mut self, shutdown: Shutdown) -> Result<()> {
        settings::Watcher::run(self, shutdown).await;
        Ok(())
    }
}

impl Task for checkin::Reporter {
    async fn run(&mut self, shutdown: Shutdown) -> Result<()> {
        checkin::Reporter::run(self, shutdown).await;
        Ok(())
    }
}

impl Task for config_stream::Poller {
    async fn run(&mut self, shutdown: Shutdown) -> Result<()> {
        config_stream::Poller::run(self, shutdown).await;
        Ok(())
    }
}

impl Task for sync_rpc::Client {
    async fn run(&mut self, shutdown: Shutdown) -> Result<()> {
        sync_rpc::Client::run(self, shutdown).await;
        Ok(())
    }
}

/// Starts the gateway's services, and asks them how they are from then on.
pub struct LocalLife {
    /// Which dynamic services run.
    pub managed: ManagedConfig,
    /// The services.
    pub services: Arc<Services>,
    /// Who asks them.
    pub poller: services::Poller,
}

impl Task for LocalLife {
    async fn run(&mut self, mut shutdown: Shutdown) -> Result<()> {
        let starting = async {
            // What fails is logged by the services themselves, and their poller keeps saying so.
            self.services.switch_dynamic(&self.managed.current().magmad.dynamic_services).await;
            self.services.start_all().await;
        };
        tokio::select! {
            () = shutdown.wait() => {}
            ((), ()) = async { tokio::join!(starting, self.poller.run()) } => {}
        }
        Ok(())
    }
}

/// Restarts the services that use the gateway's certificate when it is new. Others are left alone, and so is the agent:
/// this runs beside the bootstrapper, which does not wait for it.
pub struct CertificateUsers {
    /// Grows with each new certificate.
    pub renewals: watch::Receiver<u64>,
    /// Whether the cloud is reached through the local proxy.
    pub settings: watch::Receiver<Arc<GatewayConfig>>,
    /// The services of this gateway.
    pub services: Arc<Services>,
}

impl Task for CertificateUsers {
    async fn run(&mut self, mut shutdown: Shutdown) -> Result<()> {
        loop {
            tokio::select! {
                () = shutdown.wait() => return Ok(()),
                renewed = self.renewals.changed() => renewed?,
            }
            let users = self.users();
            // An empty list would mean all.
            if !users.is_empty() {
                tracing::info!(services = ?users, "restarting the services that use the new certificate");
                self.services.restart(&users).await;
            }
        }
    }
}

impl CertificateUsers {
    fn users(&self) -> Vec<String> {
        let proxied = self.settings.borrow().control_proxy.proxy_cloud_connections;
        let current = self.services.current();
        let concerned = |name: &&str| current.contains(*name) && (*name != PROXY || proxied);
        [PROXY, LOG_FORWARDER].iter().filter(|name| concerned(name)).map(|&name| name.to_owned()).collect()
    }
}
