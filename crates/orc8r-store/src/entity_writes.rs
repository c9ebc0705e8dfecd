//! Changes to the configuration graph: several together, all or none.

use crate::edges::Scope;
use crate::row::{Transaction, execute, next_revision, row, unsigned};
use crate::subscriber_sync::Touched;
use crate::{Store, StoreError, devices, entities, networks, subscriber_terms};
use orc8r_model::{
    Device, EdgeChange, Entity, EntityId, EntityUpdate, NetworkId, entity_type, is_network_wide,
};
use std::collections::BTreeSet;

/// One change among those that are made together.
#[derive(Debug, Clone, PartialEq)]
pub enum EntityWrite {
    /// Makes an entity with its edges.
    Create(Entity),
    /// Changes an entity and counts its version up.
    Update(EntityUpdate),
    /// Deletes an entity with its edges; of a gateway also its device, its states and its registration token.
    Delete(EntityId),
    /// Makes or replaces the record of a device.
    PutDevice(Device),
}

impl Store {
    /// Makes all changes, in this order but edges last, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::AlreadyExists`], [`StoreError::AlreadyMapped`] for a hardware id in use,
    /// [`StoreError::Invalid`] for an edge to nothing, [`StoreError::Changed`] for a version that is no longer.
    pub async fn write_entities(
        &self,
        network: &NetworkId,
        writes: Vec<EntityWrite>,
    ) -> Result<(), StoreError> {
        let network = network.clone();
        let writes = self.seal_entities(&network, writes)?;
        self.write(move |transaction| write_all(transaction, &network, &writes)).await
    }
}

pub(crate) fn write_all(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    writes: &[EntityWrite],
) -> Result<(), StoreError> {
    networks::require(transaction, network)?;
    let scope = Scope { transaction, network, revision: next_revision(transaction)? };
    let touched = Touched::by(scope, writes)?;
    writes.iter().try_for_each(|write| scope.write_entity(write))?;
    writes.iter().try_for_each(|write| scope.write_edges(write))?;
    scope.record(&touched)?;
    let of_all = |write: &EntityWrite| write.entity_type().is_some_and(is_network_wide);
    if writes.iter().any(of_all) { networks::touch(transaction, network, scope.revision) } else { Ok(()) }
}

impl EntityWrite {
    fn entity_type(&self) -> Option<&str> {
        match self {
            Self::Create(entity) => Some(&entity.id.entity_type),
            Self::Update(update) => Some(&update.id.entity_type),
            Self::Delete(id) => Some(&id.entity_type),
            Self::PutDevice(_) => None,
        }
    }
}

impl Scope<'_> {
    fn write_entity(self, write: &EntityWrite) -> Result<(), StoreError> {
        match write {
            EntityWrite::Create(entity) => self.create(entity),
            EntityWrite::Update(update) => self.update(update),
            EntityWrite::Delete(id) => self.delete(id),
            EntityWrite::PutDevice(device) => devices::put(self.transaction, device),
        }
    }

    fn write_edges(self, write: &EntityWrite) -> Result<(), StoreError> {
        match write {
            EntityWrite::Create(entity) => {
                // Not `Set`: another entity of the batch may have its edge to this one already.
                let added = |ids: &BTreeSet<EntityId>| EdgeChange::Change {
                    add: ids.clone(),
                    remove: BTreeSet::new(),
                };
                self.change_edges(&entity.id, &added(&entity.children), &added(&entity.parents))
            }
            EntityWrite::Update(update) => self.change_edges(&update.id, &update.children, &update.parents),
            EntityWrite::Delete(_) | EntityWrite::PutDevice(_) => Ok(()),
        }
    }

    fn create(self, entity: &Entity) -> Result<(), StoreError> {
        let Entity { id, name, description, physical_id, config, .. } = entity;
        if entities::exists(self.transaction, self.network, id)? {
            return Err(StoreError::AlreadyExists { what: id.to_string() });
        }
        self.require_free(physical_id.as_deref(), id)?;
        let sql = "INSERT INTO entities \
                   (network_id, type, entity_key, name, description, physical_id, config, version, revision) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)";
        let config = config.as_ref().map(ToString::to_string);
        let (entity_type, key) = (&id.entity_type, &id.key);
        let fields =
            (self.network.as_str(), entity_type, key, name, description, physical_id, config, self.revision);
        execute(self.transaction, sql, fields)?;
        if id.entity_type == entity_type::SUBSCRIBER {
            let place = (self.network.as_str(), key.as_str());
            subscriber_terms::add(self.transaction, place, name, entity.config.as_ref())?;
        }
        Ok(())
    }

    fn update(self, update: &EntityUpdate) -> Result<(), StoreError> {
        let (version, former) = self.version_and_physical_id(&update.id)?;
        if update.if_version.is_some_and(|expected| expected != version) {
            return Err(StoreError::Changed { what: update.id.to_string() });
        }
        if let Some(physical_id) = &update.physical_id {
            self.require_free(physical_id.as_deref(), &update.id)?;
            self.release(
                &update.id,
                former.as_deref().filter(|former| physical_id.as_deref() != Some(*former)),
            )?;
        }
        self.write_fields(update)
    }

    fn write_fields(self, update: &EntityUpdate) -> Result<(), StoreError> {
        let EntityUpdate { id, name, description, physical_id, config, .. } = update;
        let visible = name.is_some() || description.is_some() || physical_id.is_some() || config.is_some();
        let sql = "UPDATE entities SET version = version + 1, name = COALESCE(?4, name), \
                   description = COALESCE(?5, description), \
                   physical_id = CASE WHEN ?6 THEN ?7 ELSE physical_id END, \
                   config = CASE WHEN ?8 THEN ?9 ELSE config END, \
                   revision = COALESCE(?10, revision) \
                   WHERE network_id = ?1 AND type = ?2 AND entity_key = ?3";
        let fields = (
            self.network.as_str(),
            &id.entity_type,
            &id.key,
            name,
            description,
            physical_id.is_some(),
            physical_id.as_ref().and_then(Option::as_ref),
            config.is_some(),
            config.as_ref().and_then(Option::as_ref).map(ToString::to_string),
            visible.then_some(self.revision),
        );
        execute(self.transaction, sql, fields)?;
        if id.entity_type == entity_type::SUBSCRIBER && (name.is_some() || config.is_some()) {
            subscriber_terms::renew(self.transaction, (self.network.as_str(), &id.key))?;
        }
        Ok(())
    }

    fn delete(self, id: &EntityId) -> Result<(), StoreError> {
        let (_, physical_id) = self.version_and_physical_id(id)?;
        self.touch_neighbours(id)?;
        self.release(id, physical_id.as_deref())?;
        if id.entity_type == entity_type::MAGMAD_GATEWAY {
            let sql = "DELETE FROM registration_tokens WHERE network_id = ?1 AND gateway_id = ?2";
            execute(self.transaction, sql, (self.network.as_str(), &id.key))?;
        }
        if id.entity_type == entity_type::SUBSCRIBER {
            subscriber_terms::remove(self.transaction, (self.network.as_str(), &id.key))?;
        }
        let sql = "DELETE FROM entities WHERE network_id = ?1 AND type = ?2 AND entity_key = ?3";
        execute(self.transaction, sql, (self.network.as_str(), &id.entity_type, &id.key)).map(drop)
    }

    /// A gateway's former device goes, with what it reported.
    fn release(self, id: &EntityId, hardware_id: Option<&str>) -> Result<(), StoreError> {
        match hardware_id {
            Some(hardware_id) if id.entity_type == entity_type::MAGMAD_GATEWAY => {
                devices::delete(self.transaction, hardware_id)?;
                let sql = "DELETE FROM states WHERE network_id = ?1 AND (reporter = ?2 OR device_id = ?2)";
                execute(self.transaction, sql, (self.network.as_str(), hardware_id))?;
                let sql = "DELETE FROM enodeb_states WHERE network_id = ?1 AND reporter = ?2";
                execute(self.transaction, sql, (self.network.as_str(), hardware_id)).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn version_and_physical_id(self, id: &EntityId) -> Result<(u64, Option<String>), StoreError> {
        let sql = "SELECT version, physical_id FROM entities WHERE network_id = ?1 AND type = ?2 AND entity_key = ?3";
        let place = (self.network.as_str(), &id.entity_type, &id.key);
        let found = row(self.transaction, sql, place, |row| Ok((unsigned(row.get(0)?), row.get(1)?)))?;
        found.ok_or_else(|| StoreError::not_found(id))
    }

    /// A hardware id stands for one entity only, over all networks.
    fn require_free(self, physical_id: Option<&str>, wanted_by: &EntityId) -> Result<(), StoreError> {
        let Some(hardware_id) = physical_id else { return Ok(()) };
        let sql = "SELECT entity_key FROM entities WHERE physical_id = ?1 \
                   AND NOT (network_id = ?2 AND type = ?3 AND entity_key = ?4)";
        let wanted = (hardware_id, self.network.as_str(), &wanted_by.entity_type, &wanted_by.key);
        match row(self.transaction, sql, wanted, |row| row.get(0))? {
            Some(gateway) => Err(StoreError::AlreadyMapped { hardware_id: hardware_id.to_owned(), gateway }),
            None => Ok(()),
        }
    }
}
