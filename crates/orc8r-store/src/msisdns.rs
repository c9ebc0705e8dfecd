//! Telephone numbers: which subscriber has which. A number belongs to one subscriber of a network.

use crate::row::{Transaction, execute, row, rows};
use crate::subscribers::{in_batches, places};
use crate::{Store, StoreError, entities, networks};
use orc8r_model::{EntityId, NetworkId, entity_type};
use std::collections::{BTreeMap, BTreeSet};

impl Store {
    /// The subscribers of a network by their numbers.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network.
    pub async fn msisdns(&self, network: &NetworkId) -> Result<BTreeMap<String, String>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            networks::require(transaction, &network)?;
            let sql = "SELECT msisdn, subscriber_id FROM msisdns WHERE network_id = ?1";
            let found: Vec<(String, String)> =
                rows(transaction, sql, [network.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(found.into_iter().collect())
        })
        .await
    }

    /// The numbers of the named subscribers, the first of each.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn msisdns_of(
        &self,
        network: &NetworkId,
        subscribers: Vec<String>,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let ids: BTreeSet<&str> = subscribers.iter().map(String::as_str).collect();
            let ids: Vec<&str> = ids.into_iter().collect();
            let sql = format!(
                "SELECT subscriber_id, MIN(msisdn) FROM msisdns WHERE network_id = ?1 AND subscriber_id IN ({}) \
                 GROUP BY subscriber_id",
                places(2)
            );
            let found: Vec<(String, String)> =
                in_batches(transaction, &sql, &network, &ids, |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(found.into_iter().collect())
        })
        .await
    }

    /// The subscriber that has a number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn subscriber_of_msisdn(
        &self,
        network: &NetworkId,
        msisdn: &str,
    ) -> Result<String, StoreError> {
        let (network, msisdn) = (network.clone(), msisdn.to_owned());
        self.read(move |transaction| {
            networks::require(transaction, &network)?;
            owner(transaction, &network, &msisdn)?.ok_or_else(|| not_found(&msisdn))
        })
        .await
    }

    /// Gives a subscriber a number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that subscriber, [`StoreError::AlreadyExists`] when somebody has the number.
    pub async fn add_msisdn(
        &self,
        network: &NetworkId,
        msisdn: &str,
        subscriber: &str,
    ) -> Result<(), StoreError> {
        let (network, msisdn) = (network.clone(), msisdn.to_owned());
        let subscriber = EntityId::new(entity_type::SUBSCRIBER, subscriber);
        self.write(move |transaction| {
            networks::require(transaction, &network)?;
            if !entities::exists(transaction, &network, &subscriber)? {
                return Err(StoreError::not_found(&subscriber));
            }
            if owner(transaction, &network, &msisdn)?.is_some() {
                return Err(StoreError::AlreadyExists { what: format!("msisdn {msisdn}") });
            }
            let sql = "INSERT INTO msisdns (network_id, msisdn, subscriber_id) VALUES (?1, ?2, ?3)";
            execute(transaction, sql, (network.as_str(), &msisdn, &subscriber.key)).map(drop)
        })
        .await
    }

    /// Takes a number away.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_msisdn(&self, network: &NetworkId, msisdn: &str) -> Result<(), StoreError> {
        let (network, msisdn) = (network.clone(), msisdn.to_owned());
        self.write(move |transaction| {
            networks::require(transaction, &network)?;
            let sql = "DELETE FROM msisdns WHERE network_id = ?1 AND msisdn = ?2";
            match execute(transaction, sql, (network.as_str(), &msisdn))? {
                0 => Err(not_found(&msisdn)),
                _ => Ok(()),
            }
        })
        .await
    }
}

fn owner(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    msisdn: &str,
) -> Result<Option<String>, StoreError> {
    let sql = "SELECT subscriber_id FROM msisdns WHERE network_id = ?1 AND msisdn = ?2";
    row(transaction, sql, (network.as_str(), msisdn), |row| row.get(0))
}

fn not_found(msisdn: &str) -> StoreError {
    StoreError::not_found(format_args!("msisdn {msisdn}"))
}
