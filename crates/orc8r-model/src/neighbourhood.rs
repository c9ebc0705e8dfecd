//! A gateway's surroundings: all that its mconfig is made from.

use crate::{Entity, Network};

/// A gateway, its network, its tier, and what hangs below it. Nothing of other gateways.
#[derive(Debug, Clone, PartialEq)]
pub struct GatewayNeighbourhood {
    /// The network with all its configurations.
    pub network: Network,
    /// The `magmad_gateway` entity.
    pub gateway: Entity,
    /// The upgrade tier, if it is in one; its edges are not loaded, since they name every gateway of the tier.
    pub tier: Option<Entity>,
    /// What the gateway points to, and what those point to, down to the leaves; in the order of their ids.
    pub related: Vec<Entity>,
    /// Differs from every earlier stamp of this gateway when anything above has changed since.
    pub stamp: String,
}
