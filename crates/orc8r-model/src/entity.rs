//! The entities of a network and the edges between them: the Orchestrator's configuration graph.

use crate::GatewayId;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// The types of entities that Magma knows.
pub mod entity_type {
    /// A gateway, by its logical id; its config is a [`wire_rest::types::MagmadGatewayConfigs`].
    pub const MAGMAD_GATEWAY: &str = "magmad_gateway";
    /// An upgrade tier; its config is a [`crate::TierConfig`].
    pub const UPGRADE_TIER: &str = "upgrade_tier";
    /// A release channel, in the internal network; its config is a [`crate::ChannelConfig`].
    pub const UPGRADE_RELEASE_CHANNEL: &str = "upgrade_release_channel";
    /// The LTE side of a gateway, under the same key.
    pub const CELLULAR_GATEWAY: &str = "cellular_gateway";
    /// An eNodeB, by its serial number.
    pub const CELLULAR_ENODEB: &str = "cellular_enodeb";
    /// A pool of LTE gateways.
    pub const CELLULAR_GATEWAY_POOL: &str = "cellular_gateway_pool";
    /// An access point name.
    pub const APN: &str = "apn";
    /// What one gateway adds to an access point name.
    pub const APN_RESOURCE: &str = "apn_resource";
    /// What one subscriber may do on one access point name.
    pub const APN_POLICY_PROFILE: &str = "apn_policy_profile";
    /// A policy rule.
    pub const POLICY: &str = "policy";
    /// A named set of policy rules.
    pub const BASE_NAME: &str = "base_name";
    /// The quality-of-service profile of policy rules.
    pub const POLICY_QOS_PROFILE: &str = "policy_qos_profile";
    /// Traffic that is charged alike, by its number.
    pub const RATING_GROUP: &str = "rating_group";
    /// A subscriber, by IMSI.
    pub const SUBSCRIBER: &str = "subscriber";
    /// Whose traffic is intercepted, by the task's id; concerns every gateway of the network.
    pub const NETWORK_PROBE_TASK: &str = "network_probe_task";
    /// Where intercepted events are delivered to.
    pub const NETWORK_PROBE_DESTINATION: &str = "network_probe_destination";
    /// The federation side of a gateway, under the same key.
    pub const FEDERATION_GATEWAY: &str = "federation_gateway";
    /// The carrier Wi-Fi side of a gateway, under the same key.
    pub const CARRIER_WIFI_GATEWAY: &str = "carrier_wifi_gateway";
    /// A pair of carrier Wi-Fi gateways of which one stands by.
    pub const CWF_HA_PAIR: &str = "cwf_ha_pair";
}

/// Which type may point to which (from, to).
const EDGES: &[(&str, &str)] = &[
    (entity_type::UPGRADE_TIER, entity_type::MAGMAD_GATEWAY),
    (entity_type::MAGMAD_GATEWAY, entity_type::CELLULAR_GATEWAY),
    (entity_type::MAGMAD_GATEWAY, entity_type::FEDERATION_GATEWAY),
    (entity_type::MAGMAD_GATEWAY, entity_type::CARRIER_WIFI_GATEWAY),
    (entity_type::CELLULAR_GATEWAY_POOL, entity_type::CELLULAR_GATEWAY),
    (entity_type::CELLULAR_GATEWAY, entity_type::CELLULAR_ENODEB),
    (entity_type::CELLULAR_GATEWAY, entity_type::APN_RESOURCE),
    (entity_type::APN_RESOURCE, entity_type::APN),
    (entity_type::SUBSCRIBER, entity_type::APN_POLICY_PROFILE),
    (entity_type::SUBSCRIBER, entity_type::APN),
    (entity_type::SUBSCRIBER, entity_type::POLICY),
    (entity_type::SUBSCRIBER, entity_type::BASE_NAME),
    (entity_type::APN_POLICY_PROFILE, entity_type::APN),
    (entity_type::APN_POLICY_PROFILE, entity_type::POLICY),
    (entity_type::BASE_NAME, entity_type::POLICY),
    (entity_type::POLICY, entity_type::POLICY_QOS_PROFILE),
    (entity_type::CWF_HA_PAIR, entity_type::CARRIER_WIFI_GATEWAY),
];

/// Whether an entity of type `from` may point to one of type `to`.
pub fn edge_is_known(from: &str, to: &str) -> bool {
    EDGES.contains(&(from, to))
}

/// Whether an entity of type `to` has at most one parent of type `from`, so that a new edge replaces the former.
///
/// Deviation: Magma lets a gateway be in two tiers, and then its package version is either's.
pub fn has_single_parent(from: &str, to: &str) -> bool {
    (from, to) == (entity_type::UPGRADE_TIER, entity_type::MAGMAD_GATEWAY)
}

/// Whether entities of this type are pools or pairs of gateways, whose configuration is part of each of them.
pub fn is_group(entity_type: &str) -> bool {
    [entity_type::CELLULAR_GATEWAY_POOL, entity_type::CWF_HA_PAIR].contains(&entity_type)
}

/// Whether an entity of this type concerns every gateway of its network, without an edge.
pub fn is_network_wide(entity_type: &str) -> bool {
    entity_type == entity_type::NETWORK_PROBE_TASK
}

/// The name of an entity inside its network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId {
    /// One of [`entity_type`].
    pub entity_type: String,
    /// Unique among the entities of this type in the network.
    pub key: String,
}

impl EntityId {
    /// The entity `key` of type `entity_type`.
    pub fn new(entity_type: impl Into<String>, key: impl Into<String>) -> Self {
        Self { entity_type: entity_type.into(), key: key.into() }
    }

    /// The `magmad_gateway` entity of a gateway.
    pub fn gateway(id: &GatewayId) -> Self {
        Self::new(entity_type::MAGMAD_GATEWAY, id.as_str())
    }

    /// The `upgrade_tier` entity of a tier.
    pub fn tier(id: impl Into<String>) -> Self {
        Self::new(entity_type::UPGRADE_TIER, id)
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.entity_type.as_str() {
            entity_type::MAGMAD_GATEWAY => "gateway",
            entity_type::UPGRADE_TIER => "tier",
            entity_type::UPGRADE_RELEASE_CHANNEL => "channel",
            other => other,
        };
        write!(f, "{kind} {}", self.key)
    }
}

/// One node of a network's configuration graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Its name inside the network.
    pub id: EntityId,
    /// A name for people.
    pub name: String,
    /// A description for people.
    pub description: String,
    /// The hardware id of the device that stands for it; unique over all networks.
    pub physical_id: Option<String>,
    /// The JSON of the REST model of its type.
    pub config: Option<Value>,
    /// What it points to.
    pub children: BTreeSet<EntityId>,
    /// What points to it.
    pub parents: BTreeSet<EntityId>,
    /// Counts the updates, from 0.
    pub version: u64,
}

impl Entity {
    /// An entity with nothing but its id.
    pub fn new(id: EntityId) -> Self {
        Self {
            id,
            name: String::new(),
            description: String::new(),
            physical_id: None,
            config: None,
            children: BTreeSet::new(),
            parents: BTreeSet::new(),
            version: 0,
        }
    }

    /// The keys of its children of one type, in order.
    pub fn children_of_type<'a>(&'a self, entity_type: &'a str) -> impl Iterator<Item = &'a str> {
        keys_of_type(&self.children, entity_type)
    }

    /// The upgrade tier that a gateway is in.
    pub fn tier(&self) -> Option<&str> {
        keys_of_type(&self.parents, entity_type::UPGRADE_TIER).next()
    }
}

fn keys_of_type<'a>(ids: &'a BTreeSet<EntityId>, entity_type: &'a str) -> impl Iterator<Item = &'a str> {
    ids.iter().filter(move |id| id.entity_type == entity_type).map(|id| id.key.as_str())
}

/// What is to become of the edges on one side of an entity.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum EdgeChange {
    /// They stay.
    #[default]
    Keep,
    /// They become exactly these.
    Set(BTreeSet<EntityId>),
    /// Some come, some go. Adding one that is there and removing one that is not are no errors.
    Change {
        /// To be there afterwards.
        add: BTreeSet<EntityId>,
        /// Not to be there afterwards.
        remove: BTreeSet<EntityId>,
    },
}

impl EdgeChange {
    /// One edge more.
    pub fn add(id: EntityId) -> Self {
        Self::Change { add: BTreeSet::from([id]), remove: BTreeSet::new() }
    }

    /// One edge less.
    pub fn remove(id: EntityId) -> Self {
        Self::Change { add: BTreeSet::new(), remove: BTreeSet::from([id]) }
    }
}

/// What to change about an entity; what is `None` or `Keep` stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityUpdate {
    /// Which entity.
    pub id: EntityId,
    /// Its new name.
    pub name: Option<String>,
    /// Its new description.
    pub description: Option<String>,
    /// Its new hardware id; `Some(None)` takes it away.
    pub physical_id: Option<Option<String>>,
    /// Its new config; `Some(None)` takes it away.
    pub config: Option<Option<Value>>,
    /// Its edges downwards.
    pub children: EdgeChange,
    /// Its edges upwards.
    pub parents: EdgeChange,
    /// Only if it is still at this version: for changes that were computed from what was read.
    pub if_version: Option<u64>,
}

impl EntityUpdate {
    /// An update that changes nothing yet.
    pub fn of(id: EntityId) -> Self {
        Self {
            id,
            name: None,
            description: None,
            physical_id: None,
            config: None,
            children: EdgeChange::Keep,
            parents: EdgeChange::Keep,
            if_version: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_points_to_gateways_and_never_the_other_way() {
        assert!(edge_is_known("upgrade_tier", "magmad_gateway"));
        assert!(!edge_is_known("magmad_gateway", "upgrade_tier"));
        assert!(!edge_is_known("subscriber", "magmad_gateway"));
        assert!(has_single_parent("upgrade_tier", "magmad_gateway"));
        assert!(!has_single_parent("subscriber", "apn"));
    }

    #[test]
    fn an_entity_is_named_as_people_call_it() {
        assert_eq!(EntityId::new("magmad_gateway", "g1").to_string(), "gateway g1");
        assert_eq!(EntityId::tier("t1").to_string(), "tier t1");
        assert_eq!(EntityId::new("apn", "oai").to_string(), "apn oai");
    }
}
