//! Entities, read: one, or a page of those of one type, with the edges that are asked for.

use crate::row::{Row, Transaction, json, row, rows, signed, unsigned};
use crate::subscribers::{in_batches, places};
use crate::{Store, StoreError, edges, networks};
use orc8r_model::{Entity, EntityId, NetworkId};

/// Which part of a list, in the order of the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// At most so many; `None`: all.
    pub size_max: Option<u32>,
    /// Only keys after this one.
    pub after: Option<String>,
}

impl Page {
    /// The whole list.
    pub fn all() -> Self {
        Self::default()
    }
}

/// Which edges are read with an entity; the others are empty. There may be very many upwards: every subscriber points
/// to an access point name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edges {
    /// Neither.
    None,
    /// What it points to.
    Downwards,
    /// Also what points to it.
    Both,
}

impl Store {
    /// One entity, with all its edges.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn entity(&self, network: &NetworkId, id: &EntityId) -> Result<Entity, StoreError> {
        self.entity_with(network, id, Edges::Both).await
    }

    /// One entity, with some of its edges.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn entity_with(
        &self,
        network: &NetworkId,
        id: &EntityId,
        edges: Edges,
    ) -> Result<Entity, StoreError> {
        let (network, id) = (network.clone(), id.clone());
        self.read(move |transaction| load_with(transaction, &network, &id, edges)).await
    }

    /// A page of the entities of one type, in the order of their keys, with all their edges.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network.
    pub async fn entities_of_type(
        &self,
        network: &NetworkId,
        entity_type: &str,
        page: Page,
    ) -> Result<Vec<Entity>, StoreError> {
        self.entities_with(network, entity_type, page, Edges::Both).await
    }

    /// A page of the entities of one type, in the order of their keys, with some of their edges.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network.
    pub async fn entities_with(
        &self,
        network: &NetworkId,
        entity_type: &str,
        page: Page,
        edges: Edges,
    ) -> Result<Vec<Entity>, StoreError> {
        let (network, entity_type) = (network.clone(), entity_type.to_owned());
        self.read(move |transaction| load_page(transaction, &network, &entity_type, &page, edges)).await
    }

    /// The keys of all entities of one type, in order.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network.
    pub async fn entity_keys(
        &self,
        network: &NetworkId,
        entity_type: &str,
    ) -> Result<Vec<String>, StoreError> {
        let (network, entity_type) = (network.clone(), entity_type.to_owned());
        self.read(move |transaction| {
            require_network(transaction, &network)?;
            let sql =
                "SELECT entity_key FROM entities WHERE network_id = ?1 AND type = ?2 ORDER BY entity_key";
            rows(transaction, sql, (network.as_str(), entity_type), |row| row.get(0))
        })
        .await
    }

    /// How many entities of one type there are.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network.
    pub async fn count_entities(&self, network: &NetworkId, entity_type: &str) -> Result<u64, StoreError> {
        let (network, entity_type) = (network.clone(), entity_type.to_owned());
        self.read(move |transaction| count(transaction, &network, &entity_type)).await
    }
}

pub(crate) fn count(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    entity_type: &str,
) -> Result<u64, StoreError> {
    require_network(transaction, network)?;
    let sql = "SELECT COUNT(*) FROM entities WHERE network_id = ?1 AND type = ?2";
    let count = row(transaction, sql, (network.as_str(), entity_type), |row| row.get(0))?;
    Ok(unsigned(count.unwrap_or_default()))
}

pub(crate) fn exists(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    id: &EntityId,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM entities WHERE network_id = ?1 AND type = ?2 AND entity_key = ?3";
    Ok(row(transaction, sql, (network.as_str(), &id.entity_type, &id.key), |_| Ok(()))?.is_some())
}

pub(crate) fn load(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    id: &EntityId,
) -> Result<Entity, StoreError> {
    load_with(transaction, network, id, Edges::Both)
}

fn load_with(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    id: &EntityId,
    wanted: Edges,
) -> Result<Entity, StoreError> {
    let mut entity = load_without_edges(transaction, network, id)?;
    if wanted != Edges::None {
        entity.children = edges::children(transaction, network, id)?;
    }
    if wanted == Edges::Both {
        entity.parents = edges::parents(transaction, network, id)?;
    }
    Ok(entity)
}

/// The entity with both sets of edges empty: for one whose edges are many and not asked for.
pub(crate) fn load_without_edges(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    id: &EntityId,
) -> Result<Entity, StoreError> {
    let sql = "SELECT type, entity_key, name, description, physical_id, version, config FROM entities \
               WHERE network_id = ?1 AND type = ?2 AND entity_key = ?3";
    let found = row(transaction, sql, (network.as_str(), &id.entity_type, &id.key), read_row)?;
    match found {
        Some(found) => with_config(found),
        None => {
            require_network(transaction, network)?;
            Err(StoreError::not_found(id))
        }
    }
}

pub(crate) fn load_page(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    entity_type: &str,
    page: &Page,
    wanted: Edges,
) -> Result<Vec<Entity>, StoreError> {
    require_network(transaction, network)?;
    let after = page.after.as_deref().unwrap_or_default();
    let limit = page.size_max.map_or(i64::MAX, |size| signed(u64::from(size)));
    let found = rows(transaction, PAGE, (network.as_str(), entity_type, after, limit), read_row)?;
    let mut entities = found.into_iter().map(with_config).collect::<Result<Vec<_>, _>>()?;
    edges::fill(transaction, network, &mut entities, wanted)?;
    Ok(entities)
}

/// The named entities of one type without what points to them, those that are there, in the order of their keys. `keys`
/// are in order.
pub(crate) fn load_many(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    entity_type: &'static str,
    keys: &[&str],
) -> Result<Vec<Entity>, StoreError> {
    let places = places(2);
    let sql = format!(
        "SELECT type, entity_key, name, description, physical_id, version, config FROM entities \
         WHERE network_id = ?1 AND type = '{entity_type}' AND entity_key IN ({places}) ORDER BY entity_key"
    );
    let found = in_batches(transaction, &sql, network, keys, read_row)?;
    let found = found.into_iter().map(with_config).collect::<Result<_, _>>()?;
    let sql = format!(
        "SELECT from_key, to_type, to_key FROM edges WHERE network_id = ?1 AND from_type = '{entity_type}' \
         AND from_key IN ({places}) ORDER BY from_key"
    );
    Ok(with_children(found, in_batches(transaction, &sql, network, keys, read_edge)?))
}

/// A page of the entities of type ?2 of network ?1, after ?3, at most ?4.
pub(crate) const PAGE: &str = "SELECT type, entity_key, name, description, physical_id, version, config FROM entities \
    WHERE network_id = ?1 AND type = ?2 AND entity_key > ?3 ORDER BY entity_key LIMIT ?4";

fn read_edge(row: &Row<'_>) -> Result<(String, EntityId), StoreError> {
    Ok((row.get(0)?, EntityId { entity_type: row.get(1)?, key: row.get(2)? }))
}

/// Gives entities their edges; both are in the order of the entities' keys.
fn with_children(mut entities: Vec<Entity>, edges: Vec<(String, EntityId)>) -> Vec<Entity> {
    let mut edges = edges.into_iter().peekable();
    for entity in &mut entities {
        while edges.next_if(|(from, _)| *from < entity.id.key).is_some() {}
        while let Some((_, to)) = edges.next_if(|(from, _)| *from == entity.id.key) {
            entity.children.insert(to);
        }
    }
    entities
}

/// The internal network holds nothing until something is put in; reading it is no error.
pub(crate) fn require_network(transaction: &Transaction<'_>, network: &NetworkId) -> Result<(), StoreError> {
    if *network == NetworkId::internal() { Ok(()) } else { networks::require(transaction, network) }
}

/// An entity without its config, and the config's text.
pub(crate) fn read_row(row: &Row<'_>) -> Result<(Entity, Option<String>), StoreError> {
    let entity = Entity {
        name: row.get(2)?,
        description: row.get(3)?,
        physical_id: row.get(4)?,
        version: unsigned(row.get(5)?),
        ..Entity::new(EntityId { entity_type: row.get(0)?, key: row.get(1)? })
    };
    Ok((entity, row.get(6)?))
}

pub(crate) fn with_config((entity, config): (Entity, Option<String>)) -> Result<Entity, StoreError> {
    let config = config.map(|text| json(format_args!("the config of {}", entity.id), &text)).transpose()?;
    Ok(Entity { config, ..entity })
}
