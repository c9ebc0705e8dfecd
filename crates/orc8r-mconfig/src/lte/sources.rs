//! Where the entries of an LTE gateway come from: the parts of the network's and of the gateway's configuration.

use orc8r_model::{Entity, GatewayNeighbourhood, entity_type, network_config};
use serde::de::DeserializeOwned;
use serde_json::Value;
use wire_rest::types::{
    GatewayEpcConfigs, GatewayRanConfigs, NetworkEpcConfigs, NetworkRanConfigs, NetworkSentryConfig,
};

use crate::entries::{Entries, EntryError};
use crate::stored::{member, network_config, unusable};

const OF_NETWORK: &str = "network's cellular configuration";
const OF_GATEWAY: &str = "gateway's cellular configuration";

/// The configurations that an LTE gateway's entries are made from.
pub(super) struct Sources<'a> {
    neighbourhood: &'a GatewayNeighbourhood,
    network: &'a Value,
    gateway: &'a Value,
}

impl<'a> Sources<'a> {
    /// `None` for a gateway that is not one of an LTE network.
    pub(super) fn find(neighbourhood: &'a GatewayNeighbourhood) -> Option<Self> {
        let network = neighbourhood.network.configs.get(network_config::CELLULAR)?;
        let gateway = neighbourhood.side(entity_type::CELLULAR_GATEWAY)?.config.as_ref()?;
        Some(Self { neighbourhood, network, gateway })
    }

    /// The gateway's logical id.
    pub(super) fn gateway_id(&self) -> &'a str {
        &self.neighbourhood.gateway.id.key
    }

    pub(super) fn network_ran(&self) -> Result<NetworkRanConfigs, EntryError> {
        required(OF_NETWORK, self.network, "ran")
    }

    pub(super) fn network_epc(&self) -> Result<NetworkEpcConfigs, EntryError> {
        required(OF_NETWORK, self.network, "epc")
    }

    pub(super) fn gateway_ran(&self) -> Result<GatewayRanConfigs, EntryError> {
        required(OF_GATEWAY, self.gateway, "ran")
    }

    pub(super) fn gateway_epc(&self) -> Result<GatewayEpcConfigs, EntryError> {
        required(OF_GATEWAY, self.gateway, "epc")
    }

    /// A part of the gateway's configuration that need not be there.
    pub(super) fn gateway_part<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, EntryError> {
        member(OF_GATEWAY, self.gateway, name)
    }

    /// A part of the gateway's configuration that `service` can do without: a mistake in it is reported, and the part
    /// counts as absent.
    pub(super) fn gateway_extra<T: DeserializeOwned>(
        &self,
        name: &str,
        service: &'static str,
        entries: &mut Entries,
    ) -> Option<T> {
        let part = self.gateway_part(name);
        part.unwrap_or_else(|error| {
            entries.note(service, error);
            None
        })
    }

    /// `None` also for one with a mistake.
    pub(super) fn sentry(&self) -> Option<NetworkSentryConfig> {
        network_config(self.neighbourhood, "network's sentry configuration", network_config::SENTRY)
            .ok()
            .flatten()
    }

    /// How a network uses a federation network; `None` if it uses none.
    pub(super) fn federated<T: DeserializeOwned>(&self) -> Result<Option<T>, EntryError> {
        network_config(self.neighbourhood, "network's federation", network_config::FEDERATED)
    }

    /// The eNodeBs that are connected to the gateway.
    pub(super) fn enodebs(&self) -> impl Iterator<Item = &'a Entity> {
        self.neighbourhood.related_of_type(entity_type::CELLULAR_ENODEB)
    }

    /// The pools that the gateway is in.
    pub(super) fn pools(&self) -> impl Iterator<Item = &'a Entity> {
        self.neighbourhood.groups_of_type(entity_type::CELLULAR_GATEWAY_POOL)
    }

    /// The network's interception tasks.
    pub(super) fn tasks(&self) -> impl Iterator<Item = &'a Entity> {
        let is_task = |entity: &&Entity| entity.id.entity_type == entity_type::NETWORK_PROBE_TASK;
        self.neighbourhood.network_wide.iter().filter(is_task)
    }
}

fn required<T: DeserializeOwned>(what: &'static str, config: &Value, name: &str) -> Result<T, EntryError> {
    member(what, config, name)?.ok_or_else(|| unusable(what, format!("it has no `{name}`")))
}
