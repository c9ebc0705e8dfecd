//! A gateway's surroundings in one read, and a cheap answer to whether they changed.
//!
//! Magma labels whole connected components and loads all of one for every poll; here nothing beyond the gateway's own
//! tier, descendants and pools is touched, so a poll costs the same in a network of one gateway and of ten thousand.

use crate::edges::read_id;
use crate::row::{Transaction, row, rows};
use crate::{Edges, Page, Store, StoreError, entities, gateways, networks};
use orc8r_model::{Entity, EntityId, GatewayId, GatewayNeighbourhood, NetworkId, entity_type};
use std::collections::BTreeMap;

/// The entities below gateway ?2 of network ?1. It ends, since the known edges lead only downwards.
///
/// `CROSS JOIN` makes SQLite begin with what was found: left to itself, it begins with everything in the network.
const BELOW: &str = "WITH RECURSIVE below (type, entity_key) AS ( \
     SELECT to_type, to_key FROM edges WHERE network_id = ?1 AND from_type = 'magmad_gateway' AND from_key = ?2 \
     UNION SELECT edges.to_type, edges.to_key FROM below CROSS JOIN edges \
     WHERE edges.network_id = ?1 AND edges.from_type = below.type AND edges.from_key = below.entity_key)";

/// The edges from pools and pairs ([`orc8r_model::is_group`]) to what hangs below the gateway.
const GROUPS: &str = "below CROSS JOIN edges";
const IN_GROUP: &str = "edges.network_id = ?1 AND edges.to_type = below.type AND edges.to_key = below.entity_key \
     AND edges.from_type IN ('cellular_gateway_pool', 'cwf_ha_pair')";

impl Store {
    /// A gateway with its network, its tier, what hangs below it, and the pools and pairs that it is in; with all secrets
    /// open, as the gateway's configuration has them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Locked`] when a secret does not open.
    pub async fn neighbourhood(
        &self,
        network: &NetworkId,
        gateway: &GatewayId,
    ) -> Result<GatewayNeighbourhood, StoreError> {
        let (network, gateway) = (network.clone(), EntityId::gateway(gateway));
        let mut around = self.read(move |transaction| load(transaction, &network, &gateway)).await?;
        self.open_neighbourhood(&mut around)?;
        Ok(around)
    }

    /// The stamp of the neighbourhood of the gateway that a device stands for: a new one whenever the network, the
    /// gateway, its tier, what hangs below it or a pool or pair that it is in has changed. `None`: the device is not registered.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn gateway_stamp(&self, hardware_id: &str) -> Result<Option<String>, StoreError> {
        let hardware_id = hardware_id.to_owned();
        self.read(move |transaction| {
            let place = gateways::locate(transaction, &hardware_id)?;
            place.map(|(network, gateway)| stamp(transaction, &network, &gateway)).transpose()
        })
        .await
    }
}

fn load(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    gateway: &EntityId,
) -> Result<GatewayNeighbourhood, StoreError> {
    let stamp = stamp(transaction, network, gateway)?;
    let gateway = entities::load(transaction, network, gateway)?;
    let tier = gateway.tier().map(EntityId::tier);
    let tier = tier.map(|tier| entities::load_without_edges(transaction, network, &tier)).transpose()?;
    let related = related(transaction, network, &gateway.id)?;
    let groups = rows(transaction, &groups_query(), (network.as_str(), &gateway.id.key), read_id)?;
    let groups = groups
        .iter()
        .map(|id| entities::load_without_edges(transaction, network, id))
        .collect::<Result<_, _>>()?;
    let tasks = entity_type::NETWORK_PROBE_TASK;
    let network_wide = entities::load_page(transaction, network, tasks, &Page::all(), Edges::None)?;
    let network = networks::load(transaction, network)?;
    Ok(GatewayNeighbourhood { network, gateway, tier, related, groups, network_wide, stamp })
}

/// What hangs below a gateway, with the edges downwards.
fn related(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    gateway: &EntityId,
) -> Result<Vec<Entity>, StoreError> {
    let place = (network.as_str(), &gateway.key);
    let found = rows(transaction, &below_query(), place, entities::read_row)?;
    let mut related = found.into_iter().map(entities::with_config).collect::<Result<Vec<_>, _>>()?;
    let edges = rows(transaction, &edges_below_query(), place, |row| {
        let from = EntityId { entity_type: row.get(0)?, key: row.get(1)? };
        Ok((from, EntityId { entity_type: row.get(2)?, key: row.get(3)? }))
    })?;
    let mut children: BTreeMap<EntityId, _> = BTreeMap::new();
    for (from, to) in edges {
        children.entry(from).or_insert_with(Vec::new).push(to);
    }
    for entity in &mut related {
        entity.children.extend(children.remove(&entity.id).unwrap_or_default());
    }
    Ok(related)
}

/// The highest revision in the neighbourhood. Revisions only grow, and whatever changes, comes or goes leaves its
/// revision on something that is in the neighbourhood afterwards: so a stamp never comes back.
fn stamp(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    gateway: &EntityId,
) -> Result<String, StoreError> {
    let newest: Option<Option<i64>> =
        row(transaction, &stamp_query(), (network.as_str(), &gateway.key), |row| row.get(0))?;
    Ok(newest.flatten().unwrap_or_default().to_string())
}

/// The query of a stamp: of gateway ?2 of network ?1. What concerns every gateway is in the network's revision.
pub(crate) fn stamp_query() -> String {
    format!(
        "{BELOW} SELECT MAX(revision) FROM ( \
         SELECT revision FROM networks WHERE id = ?1 \
         UNION ALL SELECT revision FROM entities \
         WHERE network_id = ?1 AND type = 'magmad_gateway' AND entity_key = ?2 \
         UNION ALL SELECT entities.revision FROM entities JOIN edges ON edges.network_id = ?1 \
         AND edges.to_type = 'magmad_gateway' AND edges.to_key = ?2 AND edges.from_type = 'upgrade_tier' \
         AND entities.network_id = ?1 AND entities.type = edges.from_type AND entities.entity_key = edges.from_key \
         UNION ALL SELECT entities.revision FROM below CROSS JOIN entities WHERE entities.network_id = ?1 \
         AND entities.type = below.type AND entities.entity_key = below.entity_key \
         UNION ALL SELECT entities.revision FROM {GROUPS} CROSS JOIN entities WHERE {IN_GROUP} \
         AND entities.network_id = ?1 AND entities.type = edges.from_type \
         AND entities.entity_key = edges.from_key) AS revisions"
    )
}

/// The query of what hangs below gateway ?2 of network ?1.
pub(crate) fn below_query() -> String {
    format!(
        "{BELOW} SELECT entities.type, entities.entity_key, name, description, physical_id, version, config \
         FROM below CROSS JOIN entities WHERE entities.network_id = ?1 AND entities.type = below.type \
         AND entities.entity_key = below.entity_key ORDER BY entities.type, entities.entity_key"
    )
}

/// The query of the edges between what hangs below gateway ?2 of network ?1.
pub(crate) fn edges_below_query() -> String {
    format!(
        "{BELOW} SELECT from_type, from_key, to_type, to_key FROM below CROSS JOIN edges \
         WHERE edges.network_id = ?1 AND from_type = below.type AND from_key = below.entity_key"
    )
}

/// The query of the pools and pairs that gateway ?2 of network ?1 is in.
pub(crate) fn groups_query() -> String {
    format!(
        "{BELOW} SELECT DISTINCT edges.from_type, edges.from_key FROM {GROUPS} WHERE {IN_GROUP} \
         ORDER BY edges.from_type, edges.from_key"
    )
}
