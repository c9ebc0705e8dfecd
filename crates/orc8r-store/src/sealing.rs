//! Secrets are sealed before they reach the database, whoever writes them, and stay sealed in what is read.
//!
//! Nothing that the vault does not know is written: without a vault, a secret is refused.

use crate::migrations;
use crate::row::{Transaction, execute, rows};
use crate::{EntityWrite, Store, StoreError};
use orc8r_model::{Entity, EntityId, GatewayNeighbourhood, NetworkId};
use orc8r_vault::{Secret, Vault, entity_secrets, network_secrets, receiver_secrets, seal};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What proves that a key is the one that sealed: this text, sealed with it.
const PROOF: &str = "orc8r";

fn prove(transaction: &Transaction<'_>, keys: &Vault) -> Result<(), StoreError> {
    let sql = "SELECT key_id, proof FROM sealing_keys ORDER BY key_id";
    let known: Vec<(String, String)> = rows(transaction, sql, (), |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (key_id, proof) in &known {
        let opened = keys.open(&place(key_id), proof);
        if opened.as_deref() != Ok(PROOF) {
            let why = match opened {
                Err(orc8r_vault::SealError::MissingKey { .. }) => "is not in the key file",
                _ => "is another one in the key file",
            };
            return Err(StoreError::Locked { reason: format!("key {key_id} {why}") });
        }
    }
    Ok(())
}

impl Store {
    /// Takes the keys with which secrets are sealed and opened, and notes the newest one in the database.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when the database has secrets that these keys do not open.
    pub async fn unlock(self, vault: Arc<Vault>) -> Result<Self, StoreError> {
        let keys = vault.clone();
        self.write(move |transaction| {
            prove(transaction, &keys)?;
            let newest = keys.newest_key_id();
            let proof = keys.seal(&place(newest), PROOF).map_err(StoreError::invalid)?;
            let sql =
                "INSERT INTO sealing_keys (key_id, proof) VALUES (?1, ?2) ON CONFLICT (key_id) DO NOTHING";
            execute(transaction, sql, (newest, proof)).map(drop)
        })
        .await?;
        Ok(Self { vault: Some(vault), ..self })
    }

    /// Whether these are the keys of this database; nothing is noted.
    ///
    /// # Errors
    /// As [`Store::unlock`].
    pub async fn opens_with(&self, vault: Arc<Vault>) -> Result<(), StoreError> {
        self.read(move |transaction| prove(transaction, &vault)).await
    }

    /// The version of the database's schema.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn schema_version(&self) -> Result<i64, StoreError> {
        self.read(migrations::version).await
    }

    /// Whether the database has secrets that were sealed with some key.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn is_sealed(&self) -> Result<bool, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT key_id FROM sealing_keys";
            let keys: Vec<String> = rows(transaction, sql, (), |row| row.get(0))?;
            Ok(!keys.is_empty())
        })
        .await
    }

    /// Opens the secrets of an entity: only for a gateway that works with them, or for who may change it.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when a secret does not open.
    pub fn open_entity(&self, network: &NetworkId, entity: &mut Entity) -> Result<(), StoreError> {
        let Some(config) = &mut entity.config else { return Ok(()) };
        self.open_secrets(entity_secrets(network.as_str(), kind_and_key(&entity.id), config))
    }

    /// Opens the secrets of a network's configuration, on the same condition.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when a secret does not open.
    pub fn open_network_config(
        &self,
        network: &NetworkId,
        config_type: &str,
        config: &mut Value,
    ) -> Result<(), StoreError> {
        self.open_secrets(network_secrets(network.as_str(), config_type, config))
    }

    /// Opens the secrets of a receiver of alerts: for who tells it.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when a secret does not open.
    pub fn open_receiver(&self, network: &str, name: &str, body: &mut Value) -> Result<(), StoreError> {
        self.open_secrets(receiver_secrets(network, name, body))
    }

    /// Opens whatever a gateway's configuration is made from.
    pub(crate) fn open_neighbourhood(&self, around: &mut GatewayNeighbourhood) -> Result<(), StoreError> {
        let GatewayNeighbourhood { network, related, .. } = around;
        for (config_type, config) in &mut network.configs {
            self.open_network_config(&network.id, config_type, config)?;
        }
        related.iter_mut().try_for_each(|entity| self.open_entity(&network.id, entity))
    }

    fn open_secrets(&self, mut secrets: Vec<Secret<'_>>) -> Result<(), StoreError> {
        secrets.retain(|secret| Vault::is_sealed(secret.text));
        if secrets.is_empty() {
            return Ok(());
        }
        let vault = self.vault.as_ref().ok_or_else(no_keys)?;
        orc8r_vault::open(vault, secrets).map_err(|error| StoreError::Locked { reason: error.to_string() })
    }

    pub(crate) fn seal_entities(
        &self,
        network: &NetworkId,
        mut writes: Vec<EntityWrite>,
    ) -> Result<Vec<EntityWrite>, StoreError> {
        for write in &mut writes {
            match write {
                EntityWrite::Create(Entity { id, config: Some(config), .. }) => {
                    self.seal_entity(network, id, config)?;
                }
                EntityWrite::Update(update) => {
                    if let Some(Some(config)) = &mut update.config {
                        self.seal_entity(network, &update.id, config)?;
                    }
                }
                EntityWrite::Create(_) | EntityWrite::Delete(_) | EntityWrite::PutDevice(_) => {}
            }
        }
        Ok(writes)
    }

    fn seal_entity(&self, network: &NetworkId, id: &EntityId, config: &mut Value) -> Result<(), StoreError> {
        self.seal(id, entity_secrets(network.as_str(), kind_and_key(id), config))
    }

    pub(crate) fn seal_configs(
        &self,
        network: &NetworkId,
        mut configs: BTreeMap<String, Value>,
    ) -> Result<BTreeMap<String, Value>, StoreError> {
        for (config_type, config) in &mut configs {
            self.seal(network, network_secrets(network.as_str(), config_type, config))?;
        }
        Ok(configs)
    }

    pub(crate) fn seal_config_changes(
        &self,
        network: &NetworkId,
        mut configs: BTreeMap<String, Option<Value>>,
    ) -> Result<BTreeMap<String, Option<Value>>, StoreError> {
        for (config_type, config) in &mut configs {
            if let Some(config) = config {
                self.seal(network, network_secrets(network.as_str(), config_type, config))?;
            }
        }
        Ok(configs)
    }

    /// A receiver of alerts with its secrets sealed; JSON that cannot be read has none.
    pub(crate) fn seal_receiver(
        &self,
        network: &str,
        name: &str,
        body: String,
    ) -> Result<String, StoreError> {
        let Ok(mut json) = serde_json::from_str::<Value>(&body) else { return Ok(body) };
        self.seal(format_args!("receiver {name}"), receiver_secrets(network, name, &mut json))?;
        Ok(json.to_string())
    }

    fn seal(&self, what: impl std::fmt::Display, secrets: Vec<Secret<'_>>) -> Result<(), StoreError> {
        if secrets.is_empty() {
            return Ok(());
        }
        let vault = self.vault.as_ref().ok_or_else(no_keys)?;
        seal(vault, secrets).map_err(|error| StoreError::invalid(format_args!("a secret of {what}: {error}")))
    }
}

fn kind_and_key(id: &EntityId) -> (&str, &str) {
    (&id.entity_type, &id.key)
}

fn place(key_id: &str) -> String {
    format!("sealing_keys/{key_id}")
}

fn no_keys() -> StoreError {
    StoreError::Locked { reason: "no key file was opened".to_owned() }
}
