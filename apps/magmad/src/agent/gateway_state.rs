//! The gateway's own state, put together from what its parts know at this moment.

use std::sync::Arc;

use magma_identity::HardwareId;
use magma_rpc::tonic;
use serde_json::json;

use crate::checkin::GatewayState;
use crate::managed_config::ManagedConfig;
use crate::services::Services;

/// Where the facts come from.
pub struct Facts {
    /// Who this gateway is.
    pub hardware_id: HardwareId,
    /// The configuration in effect.
    pub managed: ManagedConfig,
    /// What the services say.
    pub services: Arc<Services>,
}

#[tonic::async_trait]
impl GatewayState for Facts {
    async fn json(&self) -> String {
        let config_info = json!({ "mconfig_created_at": self.managed.current().mconfig.created_at() });
        json!({
            "hardware_id": self.hardware_id.as_str(),
            "meta": self.services.watch().meta(),
            "platform_info": { "config_info": config_info },
        })
        .to_string()
    }
}
