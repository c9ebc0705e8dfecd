//! The services that have to know when the gateway's certificate is new.

use std::sync::Arc;

use anyhow::Result;
use magma_config::GatewayConfig;
use tokio::sync::watch;

use crate::services::Services;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// Services that read the certificate only when they start.
const PROXY: &str = "control_proxy";
const LOG_FORWARDER: &str = "td-agent-bit";

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
        // What the agent serves itself takes a new certificate without a restart.
        let own = |name: &str| self.services.embedded().contains(name);
        let concerned = |name: &&str| current.contains(*name) && !own(name) && (*name != PROXY || proxied);
        [PROXY, LOG_FORWARDER].iter().filter(|name| concerned(name)).map(|&name| name.to_owned()).collect()
    }
}
