//! What streams show of a whole network: all entities of some types, and a stamp that says whether they changed.

use crate::row::{Transaction, row, rows, unsigned};
use crate::{Store, StoreError};
use orc8r_model::{EntityId, NetworkId};
use std::collections::BTreeMap;

/// The edges by which policies reach subscribers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyEdges {
    /// Every subscriber, in order, with what it points to.
    pub subscribers: Vec<(String, Vec<EntityId>)>,
    /// What each `apn_policy_profile` points to.
    pub profiles: BTreeMap<String, Vec<EntityId>>,
}

impl Store {
    /// The number of the last change to the network's record or to any entity of these types. It never goes back.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn types_stamp(
        &self,
        network: &NetworkId,
        types: &'static [&'static str],
    ) -> Result<u64, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let sql = "SELECT type, revision FROM type_revisions WHERE network_id = ?1";
            let revisions: Vec<(String, i64)> =
                rows(transaction, sql, [network.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let own =
                row(transaction, "SELECT revision FROM networks WHERE id = ?1", [network.as_str()], |row| {
                    row.get::<i64>(0)
                })?;
            let of_types = revisions.iter().filter(|(name, _)| types.contains(&name.as_str()));
            Ok(unsigned(of_types.map(|(_, revision)| *revision).chain(own).max().unwrap_or_default()))
        })
        .await
    }

    /// Who gets which policies.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn policy_edges(&self, network: &NetworkId) -> Result<PolicyEdges, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let sql = "SELECT entity_key FROM entities WHERE network_id = ?1 AND type = 'subscriber' ORDER BY entity_key";
            let keys: Vec<String> = rows(transaction, sql, [network.as_str()], |row| row.get(0))?;
            let mut edges = edges(transaction, &network, "subscriber")?;
            let subscribers =
                keys.into_iter().map(|key| { let to = edges.remove(&key).unwrap_or_default(); (key, to) }).collect();
            Ok(PolicyEdges { subscribers, profiles: self::edges(transaction, &network, "apn_policy_profile")? })
        })
        .await
    }

    /// What the named `apn_policy_profile`s point to; `from` and `to` are the first and last of their keys.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn profile_edges(
        &self,
        network: &NetworkId,
        from: &str,
        to: &str,
    ) -> Result<BTreeMap<String, Vec<EntityId>>, StoreError> {
        let (network, from, to) = (network.clone(), from.to_owned(), to.to_owned());
        self.read(move |transaction| {
            let sql = "SELECT from_key, to_type, to_key FROM edges WHERE network_id = ?1 \
                       AND from_type = 'apn_policy_profile' AND from_key >= ?2 AND from_key <= ?3";
            let place = (network.as_str(), from, to);
            grouped(rows(transaction, sql, place, |row| {
                Ok((row.get(0)?, EntityId { entity_type: row.get(1)?, key: row.get(2)? }))
            })?)
        })
        .await
    }
}

fn edges(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    from_type: &str,
) -> Result<BTreeMap<String, Vec<EntityId>>, StoreError> {
    let sql = "SELECT from_key, to_type, to_key FROM edges WHERE network_id = ?1 AND from_type = ?2";
    grouped(rows(transaction, sql, (network.as_str(), from_type), |row| {
        Ok((row.get(0)?, EntityId { entity_type: row.get(1)?, key: row.get(2)? }))
    })?)
}

fn grouped(edges: Vec<(String, EntityId)>) -> Result<BTreeMap<String, Vec<EntityId>>, StoreError> {
    let mut grouped: BTreeMap<String, Vec<EntityId>> = BTreeMap::new();
    for (from, to) in edges {
        grouped.entry(from).or_default().push(to);
    }
    for to in grouped.values_mut() {
        to.sort_unstable();
    }
    Ok(grouped)
}
