//! Networks and their configurations.

use crate::row::{Transaction, execute, json, next_revision, row, rows, signed, unsigned};
use crate::{Store, StoreError};
use orc8r_model::{Network, NetworkId, NetworkUpdate};
use serde_json::Value;
use std::collections::BTreeMap;

impl Store {
    /// The ids of all networks, in order; the internal one is not among them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn network_ids(&self) -> Result<Vec<NetworkId>, StoreError> {
        self.read(ids).await
    }

    /// The ids of the networks of one type, in order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn network_ids_of_type(&self, network_type: &str) -> Result<Vec<NetworkId>, StoreError> {
        let network_type = network_type.to_owned();
        self.read(move |transaction| {
            let sql = "SELECT id FROM networks WHERE type = ?1 ORDER BY id";
            Ok(parsed(rows(transaction, sql, [network_type], |row| row.get(0))?))
        })
        .await
    }

    /// All networks without their configurations, by id; the internal one is not among them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn network_heads(&self) -> Result<Vec<Network>, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT id, type, name, description FROM networks ORDER BY id";
            let heads = rows(transaction, sql, (), |row| {
                let texts: [String; 4] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
                Ok(texts)
            })?;
            let parsed = heads.into_iter().filter_map(|[id, network_type, name, description]| {
                let id = NetworkId::parse(id).ok()?;
                Some(Network { network_type, name, description, ..Network::new(id) })
            });
            Ok(parsed.collect())
        })
        .await
    }

    /// One network.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn network(&self, id: &NetworkId) -> Result<Network, StoreError> {
        let id = id.clone();
        self.read(move |transaction| load(transaction, &id)).await
    }

    /// Makes a network.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`].
    pub async fn create_network(&self, network: Network) -> Result<(), StoreError> {
        let network = Network { configs: self.seal_configs(&network.id, network.configs)?, ..network };
        self.write(move |transaction| create(transaction, &network)).await
    }

    /// Changes a network and counts its version up.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Changed`] when it is no longer at `update.if_version`.
    pub async fn update_network(&self, id: &NetworkId, update: NetworkUpdate) -> Result<(), StoreError> {
        let id = id.clone();
        let update = NetworkUpdate { configs: self.seal_config_changes(&id, update.configs)?, ..update };
        self.write(move |transaction| change(transaction, &id, &update)).await
    }

    /// Deletes a network with everything in it: entities, devices, states, registration tokens.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_network(&self, id: &NetworkId) -> Result<(), StoreError> {
        let id = id.clone();
        self.write(move |transaction| delete(transaction, &id)).await
    }
}

/// What an operator calls a network.
pub(crate) fn named(id: &NetworkId) -> String {
    format!("network {id}")
}

/// Fails when there is no network of this name.
pub(crate) fn require_named(transaction: &Transaction<'_>, name: &str) -> Result<(), StoreError> {
    let found = row(transaction, "SELECT 1 FROM networks WHERE id = ?1", [name], |_| Ok(()))?;
    found.ok_or_else(|| StoreError::not_found(format_args!("network {name}")))
}

/// Fails when the network is not there; makes the internal one, which no request can make.
pub(crate) fn require(transaction: &Transaction<'_>, id: &NetworkId) -> Result<(), StoreError> {
    if exists(transaction, id)? {
        return Ok(());
    }
    if *id == NetworkId::internal() {
        return create(transaction, &Network::new(NetworkId::internal()));
    }
    Err(StoreError::not_found(named(id)))
}

pub(crate) fn load(transaction: &Transaction<'_>, id: &NetworkId) -> Result<Network, StoreError> {
    let sql = "SELECT type, name, description, version FROM networks WHERE id = ?1";
    let network = row(transaction, sql, [id.as_str()], |row| {
        Ok(Network {
            id: id.clone(),
            network_type: row.get(0)?,
            name: row.get(1)?,
            description: row.get(2)?,
            configs: BTreeMap::new(),
            version: unsigned(row.get(3)?),
        })
    })?;
    let network = network.ok_or_else(|| StoreError::not_found(named(id)))?;
    Ok(Network { configs: load_configs(transaction, id)?, ..network })
}

fn ids(transaction: &Transaction<'_>) -> Result<Vec<NetworkId>, StoreError> {
    let ids: Vec<String> = rows(transaction, "SELECT id FROM networks ORDER BY id", (), |row| row.get(0))?;
    Ok(parsed(ids))
}

/// Ids without the internal one.
fn parsed(ids: Vec<String>) -> Vec<NetworkId> {
    ids.into_iter().filter_map(|id| NetworkId::parse(id).ok()).collect()
}

fn exists(transaction: &Transaction<'_>, id: &NetworkId) -> Result<bool, StoreError> {
    Ok(row(transaction, "SELECT 1 FROM networks WHERE id = ?1", [id.as_str()], |_| Ok(()))?.is_some())
}

fn load_configs(
    transaction: &Transaction<'_>,
    id: &NetworkId,
) -> Result<BTreeMap<String, Value>, StoreError> {
    let sql = "SELECT type, value FROM network_configs WHERE network_id = ?1";
    let configs: Vec<(String, String)> =
        rows(transaction, sql, [id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let read = |(config_type, text): (String, String)| {
        let value = json(format_args!("config {config_type} of {}", named(id)), &text)?;
        Ok((config_type, value))
    };
    configs.into_iter().map(read).collect()
}

fn create(transaction: &Transaction<'_>, network: &Network) -> Result<(), StoreError> {
    if exists(transaction, &network.id)? {
        return Err(StoreError::AlreadyExists { what: named(&network.id) });
    }
    let revision = next_revision(transaction)?;
    let sql = "INSERT INTO networks (id, type, name, description, version, revision) VALUES (?1, ?2, ?3, ?4, 0, ?5)";
    let Network { id, network_type, name, description, .. } = network;
    execute(transaction, sql, (id.as_str(), network_type, name, description, revision))?;
    network
        .configs
        .iter()
        .try_for_each(|(config_type, value)| put_config(transaction, id, config_type, Some(value)))
}

fn change(transaction: &Transaction<'_>, id: &NetworkId, update: &NetworkUpdate) -> Result<(), StoreError> {
    require(transaction, id)?;
    let sql = "UPDATE networks SET type = COALESCE(?2, type), name = COALESCE(?3, name), \
               description = COALESCE(?4, description), version = version + 1, revision = ?5 \
               WHERE id = ?1 AND (CAST(?6 AS BIGINT) IS NULL OR version = ?6)";
    let revision = next_revision(transaction)?;
    let if_version = update.if_version.map(signed);
    let fields = (id.as_str(), &update.network_type, &update.name, &update.description, revision, if_version);
    if execute(transaction, sql, fields)? == 0 {
        return Err(StoreError::Changed { what: named(id) });
    }
    let configs = update.configs.iter();
    configs
        .into_iter()
        .try_for_each(|(config_type, value)| put_config(transaction, id, config_type, value.as_ref()))
}

/// Gives the network the revision of a change that concerns all its gateways.
pub(crate) fn touch(transaction: &Transaction<'_>, id: &NetworkId, revision: i64) -> Result<(), StoreError> {
    let sql = "UPDATE networks SET revision = ?2 WHERE id = ?1";
    execute(transaction, sql, (id.as_str(), revision)).map(drop)
}

fn put_config(
    transaction: &Transaction<'_>,
    id: &NetworkId,
    config_type: &str,
    value: Option<&Value>,
) -> Result<(), StoreError> {
    match value {
        Some(value) => execute(
            transaction,
            "INSERT INTO network_configs (network_id, type, value) VALUES (?1, ?2, ?3) \
             ON CONFLICT (network_id, type) DO UPDATE SET value = excluded.value",
            (id.as_str(), config_type, value.to_string()),
        ),
        None => execute(
            transaction,
            "DELETE FROM network_configs WHERE network_id = ?1 AND type = ?2",
            (id.as_str(), config_type),
        ),
    }
    .map(drop)
}

fn delete(transaction: &Transaction<'_>, id: &NetworkId) -> Result<(), StoreError> {
    require(transaction, id)?;
    let sql = "DELETE FROM devices WHERE hardware_id IN \
               (SELECT physical_id FROM entities WHERE network_id = ?1 AND physical_id IS NOT NULL)";
    execute(transaction, sql, [id.as_str()])?;
    // Deviation: Magma keeps alert rules and receivers, which go on firing, and fall to a later network of this name.
    execute(transaction, "DELETE FROM alert_objects WHERE network_id = ?1", [id.as_str()])?;
    execute(transaction, "DELETE FROM networks WHERE id = ?1", [id.as_str()])?;
    Ok(())
}
