//! Where the commands that read and replace the managed configuration get it.

use crate::services::Outcome;
use magma_rpc::{Status, tonic};
use wire_orc8r::orc8r::GatewayConfigs;

/// The managed configuration, as the wire knows it.
#[tonic::async_trait]
pub trait ConfigSource: Send + Sync + 'static {
    /// The configuration in effect, for the services of this gateway.
    ///
    /// # Errors
    /// When it cannot be expressed on the wire.
    async fn current(&self) -> Result<GatewayConfigs, Status>;

    /// Stores `configs` and puts them into effect; without any entry, forgets what was stored. The caller restarts the
    /// services.
    ///
    /// # Errors
    /// When they cannot be used or stored; nothing has changed then.
    async fn replace(&self, configs: GatewayConfigs) -> Result<(), Status>;

    /// The services were restarted for what is in effect, as far as `outcome` says.
    fn applied(&self, outcome: &Outcome);
}
