//! The gateway's own state, put together from what the machine and the agent know at this moment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use magma_identity::HardwareId;
use magma_rpc::tonic;

use crate::bootstrap::Bootstrapper;
use crate::checkin::GatewayState;
use crate::config_stream::Known;
use crate::host::{AgentFacts, Host, gw_state};
use crate::managed_config::ManagedConfig;
use crate::services::Services;

/// Where the facts come from.
pub struct Facts {
    /// Who this gateway is.
    pub hardware_id: HardwareId,
    /// The machine.
    pub host: Host,
    /// The configuration in effect.
    pub managed: ManagedConfig,
    /// What the cloud calls it.
    pub known: Arc<Known>,
    /// What the services say.
    pub services: Arc<Services>,
    /// When the certificate ends.
    pub bootstrapper: Bootstrapper,
    /// How upgrades go.
    #[cfg(feature = "upgrades")]
    pub upgrades: crate::upgrade::Progress,
    /// The version that runs.
    pub version: String,
}

#[tonic::async_trait]
impl GatewayState for Facts {
    async fn json(&self) -> String {
        let host = self.host.facts().await;
        let agent = AgentFacts {
            hardware_id: self.hardware_id.as_str().to_owned(),
            version: self.version.clone(),
            mconfig_created_at_secs: self.managed.current().mconfig.created_at(),
            mconfig_path: self.managed.path().map(|path| path.display().to_string()),
            mconfig_digest: self.known.digest(&self.managed),
            certificate_not_after: self.bootstrapper.certificate_not_after(),
            meta: self.meta(),
        };
        gw_state(host, agent, SystemTime::now())
    }
}

impl Facts {
    /// What the services tell of themselves, and the agent of upgrades.
    fn meta(&self) -> BTreeMap<String, String> {
        #[cfg_attr(not(feature = "upgrades"), expect(unused_mut, reason = "nothing is added"))]
        let mut meta = self.services.watch().meta();
        #[cfg(feature = "upgrades")]
        meta.extend(self.upgrades.meta());
        meta
    }
}
