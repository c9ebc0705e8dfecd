//! A network: the tenant of everything else, with its configurations by type.

use crate::NetworkId;
use serde_json::Value;
use std::collections::BTreeMap;

/// The types of network configurations, and the REST model that each holds as JSON.
pub mod network_config {
    /// [`wire_rest::types::NetworkDnsConfig`].
    pub const DNS: &str = "dnsd_network";
    /// [`wire_rest::types::NetworkFeatures`].
    pub const FEATURES: &str = "orc8r_features";
    /// [`wire_rest::types::NetworkSentryConfig`].
    pub const SENTRY: &str = "sentry_config";
    /// [`wire_rest::types::StateConfig`].
    pub const STATE: &str = "state_config";
    /// `network_cellular_configs` of the REST contract.
    pub const CELLULAR: &str = "cellular_network";
    /// `network_subscriber_config` of the REST contract.
    pub const SUBSCRIBER: &str = "network_subscriber_config";
    /// `network_federation_configs` of the REST contract, of a federation network.
    pub const FEDERATION: &str = "federation_network";
    /// `federated_network_configs` of the REST contract, of a network that uses a federation network.
    pub const FEDERATED: &str = "federated_network";
    /// `network_carrier_wifi_configs` of the REST contract.
    pub const CARRIER_WIFI: &str = "carrier_wifi_network";
}

/// The types of networks that have resources of their own.
pub mod network_type {
    /// An LTE or 5G network.
    pub const LTE: &str = "lte";
    /// A federation network: the gateways to an operator's own core network.
    pub const FEDERATION: &str = "feg";
    /// An LTE or 5G network that uses a federation network.
    pub const FEDERATED_LTE: &str = "feg_lte";
    /// A carrier Wi-Fi network.
    pub const CARRIER_WIFI: &str = "carrier_wifi_network";
}

/// A network as the store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Its id.
    pub id: NetworkId,
    /// `lte`, `feg`, `feg_lte`, `carrier_wifi_network`, or any text for a generic network.
    pub network_type: String,
    /// A name for people.
    pub name: String,
    /// A description for people.
    pub description: String,
    /// Its configurations, by [`network_config`] type.
    pub configs: BTreeMap<String, Value>,
    /// Counts the updates, from 0.
    pub version: u64,
}

impl Network {
    /// A network with nothing but its id.
    pub fn new(id: NetworkId) -> Self {
        Self {
            id,
            network_type: String::new(),
            name: String::new(),
            description: String::new(),
            configs: BTreeMap::new(),
            version: 0,
        }
    }
}

/// What to change about a network; what is `None` or not named stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkUpdate {
    /// Its new type.
    pub network_type: Option<String>,
    /// Its new name.
    pub name: Option<String>,
    /// Its new description.
    pub description: Option<String>,
    /// New configurations by type; `None` takes one away.
    pub configs: BTreeMap<String, Option<Value>>,
    /// Only if it is still at this version: for changes that were computed from what was read.
    pub if_version: Option<u64>,
}

impl NetworkUpdate {
    /// An update that sets, or takes away, one configuration.
    pub fn config(config_type: &str, value: Option<Value>) -> Self {
        Self { configs: BTreeMap::from([(config_type.to_owned(), value)]), ..Self::default() }
    }
}
