//! A gateway's surroundings: all that its mconfig is made from.

use crate::{Entity, Network};

/// A gateway, its network, its tier, what hangs below it, and the pools and pairs that it is in. Nothing of other
/// gateways.
#[derive(Debug, Clone, PartialEq)]
pub struct GatewayNeighbourhood {
    /// The network with all its configurations.
    pub network: Network,
    /// The `magmad_gateway` entity.
    pub gateway: Entity,
    /// The upgrade tier, if it is in one; its edges are not loaded, since they name every gateway of the tier.
    pub tier: Option<Entity>,
    /// What the gateway points to, and what those point to, down to the leaves; in the order of their ids. What points
    /// to them is not loaded.
    pub related: Vec<Entity>,
    /// The pools and pairs ([`crate::is_group`]) that point to something in `related`, in the order of their ids;
    /// without their edges, which name other gateways.
    pub groups: Vec<Entity>,
    /// What concerns every gateway of the network ([`crate::is_network_wide`]): its interception tasks; without edges, in
    /// the order of their ids.
    pub network_wide: Vec<Entity>,
    /// Differs from every earlier stamp of this gateway when anything above has changed since.
    pub stamp: String,
}

impl GatewayNeighbourhood {
    /// A gateway alone in its network.
    pub fn new(network: Network, gateway: Entity) -> Self {
        Self {
            network,
            gateway,
            tier: None,
            related: Vec::new(),
            groups: Vec::new(),
            network_wide: Vec::new(),
            stamp: String::new(),
        }
    }

    /// One side of the gateway: the entity below it that has this type and the gateway's key.
    pub fn side(&self, entity_type: &str) -> Option<&Entity> {
        let key = &self.gateway.id.key;
        self.related.iter().find(|entity| entity.id.entity_type == entity_type && entity.id.key == *key)
    }

    /// What hangs below the gateway and has this type, in the order of the keys.
    pub fn related_of_type<'a>(&'a self, entity_type: &'a str) -> impl Iterator<Item = &'a Entity> {
        of_type(&self.related, entity_type)
    }

    /// The pools or pairs of this type that the gateway is in, in the order of the keys.
    pub fn groups_of_type<'a>(&'a self, entity_type: &'a str) -> impl Iterator<Item = &'a Entity> {
        of_type(&self.groups, entity_type)
    }
}

fn of_type<'a>(entities: &'a [Entity], entity_type: &'a str) -> impl Iterator<Item = &'a Entity> {
    entities.iter().filter(move |entity| entity.id.entity_type == entity_type)
}
