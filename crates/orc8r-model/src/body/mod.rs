//! The bodies of the REST API, one type per schema of Magma's published contract.
//!
//! Reading is as tolerant as Magma's: unknown fields are ignored, `null` is absent, a required text that is empty is
//! missing. What a body must hold beyond that is checked by [`Body::validate`], which names every field that is wrong.

mod command;
mod dns;
mod gateway;
mod magmad;
mod network;
mod status;
mod text;
mod upgrade;

pub use command::{
    GenericCommandParams, GenericCommandResponse, PingRequest, PingResponse, PingResult, TailLogsRequest,
};
pub use dns::{DnsConfigRecord, NetworkDnsConfig};
pub use gateway::{ChallengeKey, GatewayDevice, MagmadGateway, PaginatedGateways, RegistrationInfo};
pub use magmad::{AggregationLoggingConfigs, GatewayLoggingConfigs, GatewayVpnConfigs, MagmadGatewayConfigs};
pub use network::{Network, NetworkFeatures, NetworkSentryConfig, StateConfig};
pub use status::gateway_status;
pub use text::{
    GatewayDescription, GatewayIdText, GatewayName, NetworkDescription, NetworkName, NetworkType, TierIdText,
    TierName, TierVersion,
};
pub use upgrade::{ChannelConfig, ReleaseChannel, Tier, TierConfig, TierImage};

use crate::{Checks, Invalid};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// A body that a request may carry.
pub trait Body: DeserializeOwned + Send + 'static {
    /// Notes what is wrong with it.
    fn check(&self, checks: &mut Checks);

    /// Checks it.
    ///
    /// # Errors
    /// [`Invalid`] names every field that is wrong.
    fn validate(&self) -> Result<(), Invalid> {
        let mut checks = Checks::default();
        self.check(&mut checks);
        checks.finish()
    }
}

/// A list of service names, as `restart_services` takes it; an empty one means all of them.
impl Body for Vec<String> {
    fn check(&self, _checks: &mut Checks) {}
}

/// Takes `null` for an absent value, as Go does.
fn null_is_absent<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(value: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}
