//! The edges between entities, and which entities a changed edge touches.

use crate::row::{Row, Transaction, execute, rows};
use crate::{Edges, StoreError, entities};
use orc8r_model::{
    EdgeChange, Entity, EntityId, NetworkId, edge_is_known, entity_type, has_single_parent, is_group,
};
use std::collections::{BTreeMap, BTreeSet};

/// What points to entity ?2, ?3 of network ?1.
pub(crate) const PARENTS: &str =
    "SELECT from_type, from_key FROM edges WHERE network_id = ?1 AND to_type = ?2 AND to_key = ?3";

/// The edges downwards of the entities of type ?2 of network ?1 with keys from ?3 to ?4; the upper key first.
pub(crate) const DOWNWARDS: &str = "SELECT from_key, to_type, to_key FROM edges \
     WHERE network_id = ?1 AND from_type = ?2 AND from_key >= ?3 AND from_key <= ?4";

/// The edges upwards of the entities of type ?2 of network ?1 with keys from ?3 to ?4; the lower key first.
pub(crate) const UPWARDS: &str = "SELECT to_key, from_type, from_key FROM edges \
     WHERE network_id = ?1 AND to_type = ?2 AND to_key >= ?3 AND to_key <= ?4";

/// An edge inside a network.
struct Edge<'a> {
    from: &'a EntityId,
    to: &'a EntityId,
}

/// Where an entity's edges are changed, and by which change of the configuration graph.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) transaction: &'a Transaction<'a>,
    pub(crate) network: &'a NetworkId,
    pub(crate) revision: i64,
}

pub(crate) fn children(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    id: &EntityId,
) -> Result<BTreeSet<EntityId>, StoreError> {
    let sql = "SELECT to_type, to_key FROM edges WHERE network_id = ?1 AND from_type = ?2 AND from_key = ?3";
    Ok(rows(transaction, sql, (network.as_str(), &id.entity_type, &id.key), read_id)?.into_iter().collect())
}

pub(crate) fn parents(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    id: &EntityId,
) -> Result<BTreeSet<EntityId>, StoreError> {
    Ok(rows(transaction, PARENTS, (network.as_str(), &id.entity_type, &id.key), read_id)?
        .into_iter()
        .collect())
}

/// Reads the edges of a page of entities of one type, which are in the order of their keys and without a gap.
pub(crate) fn fill(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    page: &mut [Entity],
    wanted: Edges,
) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(()) };
    let (first, last) = (first.id.clone(), last.id.key.clone());
    let of_page = |sql| -> Result<Vec<(String, EntityId)>, StoreError> {
        rows(transaction, sql, (network.as_str(), &first.entity_type, &first.key, &last), |row| {
            Ok((row.get(0)?, EntityId { entity_type: row.get(1)?, key: row.get(2)? }))
        })
    };
    let downwards = if wanted == Edges::None { Vec::new() } else { of_page(DOWNWARDS)? };
    let upwards = if wanted == Edges::Both { of_page(UPWARDS)? } else { Vec::new() };
    let places: BTreeMap<String, usize> =
        page.iter().enumerate().map(|(place, entity)| (entity.id.key.clone(), place)).collect();
    for (key, child) in downwards {
        places.get(&key).map(|place| page[*place].children.insert(child));
    }
    for (key, parent) in upwards {
        places.get(&key).map(|place| page[*place].parents.insert(parent));
    }
    Ok(())
}

pub(crate) fn read_id(row: &Row<'_>) -> Result<EntityId, StoreError> {
    Ok(EntityId { entity_type: row.get(0)?, key: row.get(1)? })
}

impl Scope<'_> {
    /// Carries out both changes of an entity's edges.
    pub(crate) fn change_edges(
        self,
        id: &EntityId,
        children_change: &EdgeChange,
        parents_change: &EdgeChange,
    ) -> Result<(), StoreError> {
        let (add, remove) = difference(children_change, || children(self.transaction, self.network, id))?;
        remove.iter().try_for_each(|to| self.remove(&Edge { from: id, to }))?;
        add.iter().try_for_each(|to| self.add(&Edge { from: id, to }))?;
        let (add, remove) = difference(parents_change, || parents(self.transaction, self.network, id))?;
        remove.iter().try_for_each(|from| self.remove(&Edge { from, to: id }))?;
        add.iter().try_for_each(|from| self.add(&Edge { from, to: id }))
    }

    /// Notes that everything on the other side of the entity's edges changes: it is about to go.
    pub(crate) fn touch_neighbours(self, id: &EntityId) -> Result<(), StoreError> {
        let below = children(self.transaction, self.network, id)?;
        let above = parents(self.transaction, self.network, id)?;
        below.iter().try_for_each(|to| self.touch(&Edge { from: id, to }))?;
        above.iter().try_for_each(|from| self.touch(&Edge { from, to: id }))
    }

    fn add(self, edge: &Edge<'_>) -> Result<(), StoreError> {
        let Edge { from, to } = edge;
        if !edge_is_known(&from.entity_type, &to.entity_type) {
            return Err(StoreError::invalid(format_args!("{from} cannot point to {to}")));
        }
        for end in [from, to] {
            if !entities::exists(self.transaction, self.network, end)? {
                return Err(StoreError::invalid(format_args!("{end} does not exist")));
            }
        }
        if has_single_parent(&from.entity_type, &to.entity_type) {
            self.leave_other_parents(edge)?;
        }
        let sql = "INSERT INTO edges (network_id, from_type, from_key, to_type, to_key) VALUES (?1, ?2, ?3, ?4, ?5) \
                   ON CONFLICT DO NOTHING";
        self.execute_and_touch(sql, edge)
    }

    fn leave_other_parents(self, edge: &Edge<'_>) -> Result<(), StoreError> {
        let of_type = |id: &EntityId| id.entity_type == edge.from.entity_type && id != edge.from;
        let former = parents(self.transaction, self.network, edge.to)?;
        former.iter().filter(|id| of_type(id)).try_for_each(|from| self.remove(&Edge { from, to: edge.to }))
    }

    fn remove(self, edge: &Edge<'_>) -> Result<(), StoreError> {
        let sql = "DELETE FROM edges WHERE network_id = ?1 AND from_type = ?2 AND from_key = ?3 \
                   AND to_type = ?4 AND to_key = ?5";
        self.execute_and_touch(sql, edge)
    }

    fn execute_and_touch(self, sql: &str, edge: &Edge<'_>) -> Result<(), StoreError> {
        let Edge { from, to } = edge;
        let ends = (self.network.as_str(), &from.entity_type, &from.key, &to.entity_type, &to.key);
        if execute(self.transaction, sql, ends)? == 0 { Ok(()) } else { self.touch(edge) }
    }

    /// Gives the end of a changed edge whose surroundings change the revision of this change.
    ///
    /// Surroundings reach downwards, so that is the upper end: an access point name does not change with each of its
    /// subscribers. A group is the other way round: its members have it in their surroundings, but which members it
    /// has is no concern of the others, and their mconfigs need not be built again.
    fn touch(self, edge: &Edge<'_>) -> Result<(), StoreError> {
        let group = is_group(&edge.from.entity_type) || edge.from.entity_type == entity_type::UPGRADE_TIER;
        self.touch_entity(if group { edge.to } else { edge.from })
    }

    fn touch_entity(self, id: &EntityId) -> Result<(), StoreError> {
        let sql = "UPDATE entities SET revision = ?4 WHERE network_id = ?1 AND type = ?2 AND entity_key = ?3";
        let place = (self.network.as_str(), &id.entity_type, &id.key, self.revision);
        execute(self.transaction, sql, place).map(drop)
    }
}

/// What to add and what to remove.
fn difference(
    change: &EdgeChange,
    present: impl FnOnce() -> Result<BTreeSet<EntityId>, StoreError>,
) -> Result<(BTreeSet<EntityId>, BTreeSet<EntityId>), StoreError> {
    match change {
        EdgeChange::Keep => Ok((BTreeSet::new(), BTreeSet::new())),
        EdgeChange::Change { add, remove } => Ok((add.clone(), remove.clone())),
        EdgeChange::Set(wanted) => {
            let present = present()?;
            Ok((wanted - &present, &present - wanted))
        }
    }
}
