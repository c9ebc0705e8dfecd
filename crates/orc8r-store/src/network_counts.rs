//! How much there is in each network: for the metrics that say so.

use crate::row::{Transaction, rows, signed, unsigned};
use crate::value::Parameters;
use crate::{Store, StoreError};
use orc8r_model::{LinkKind, entity_type, state_type};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is configured in a network, and what its gateways see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkCounts {
    /// The network.
    pub network: String,
    /// Its type, for example `lte`; empty for one without.
    pub network_type: String,
    /// Subscribers that are configured.
    pub subscribers: u64,
    /// Subscribers who have a session, as gateways said last.
    pub subscribers_with_sessions: u64,
    /// Addresses that are lent to subscribers.
    pub addresses: u64,
    /// Base stations that are configured.
    pub enodebs: u64,
    /// Base stations that are connected to a gateway, as one said lately.
    pub enodebs_connected: u64,
}

impl Store {
    /// Every network. What a gateway said of a base station before `since_ms` does not count.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn network_counts(&self, since_ms: u64) -> Result<Vec<NetworkCounts>, StoreError> {
        self.read(move |transaction| {
            let mut networks: BTreeMap<String, NetworkCounts> = networks(transaction)?;
            for (state_type, kind, field) in [
                (state_type::GATEWAY_SUBSCRIBERS, LinkKind::Subscriber, sessions as Field),
                (state_type::IP_LEASE, LinkKind::Ip, addresses),
            ] {
                let sql = "SELECT network_id, COUNT(DISTINCT name) FROM state_links \
                           WHERE type = ?1 AND kind = ?2 GROUP BY network_id";
                fill(&mut networks, field, counted(transaction, sql, (state_type, kind.as_str()))?);
            }
            for (entity, field) in
                [(entity_type::SUBSCRIBER, subscribers as Field), (entity_type::CELLULAR_ENODEB, enodebs)]
            {
                let sql = "SELECT network_id, COUNT(*) FROM entities WHERE type = ?1 GROUP BY network_id";
                fill(&mut networks, field, counted(transaction, sql, [entity])?);
            }
            fill(&mut networks, connected, connected_enodebs(transaction, since_ms)?);
            Ok(networks.into_values().collect())
        })
        .await
    }
}

/// A count of a network.
type Field = fn(&mut NetworkCounts) -> &mut u64;

fn sessions(counts: &mut NetworkCounts) -> &mut u64 {
    &mut counts.subscribers_with_sessions
}

fn addresses(counts: &mut NetworkCounts) -> &mut u64 {
    &mut counts.addresses
}

fn subscribers(counts: &mut NetworkCounts) -> &mut u64 {
    &mut counts.subscribers
}

fn enodebs(counts: &mut NetworkCounts) -> &mut u64 {
    &mut counts.enodebs
}

fn connected(counts: &mut NetworkCounts) -> &mut u64 {
    &mut counts.enodebs_connected
}

fn networks(transaction: &Transaction<'_>) -> Result<BTreeMap<String, NetworkCounts>, StoreError> {
    let found = rows(transaction, "SELECT id, type FROM networks ORDER BY id", (), |row| {
        Ok(NetworkCounts { network: row.get(0)?, network_type: row.get(1)?, ..NetworkCounts::default() })
    })?;
    Ok(found.into_iter().map(|counts| (counts.network.clone(), counts)).collect())
}

fn counted(
    transaction: &Transaction<'_>,
    sql: &str,
    parameters: impl Parameters,
) -> Result<Vec<(String, u64)>, StoreError> {
    rows(transaction, sql, parameters, |row| Ok((row.get(0)?, unsigned(row.get(1)?))))
}

fn fill(networks: &mut BTreeMap<String, NetworkCounts>, field: Field, counts: Vec<(String, u64)>) {
    for (network, count) in counts {
        if let Some(counts) = networks.get_mut(&network) {
            *field(counts) = count;
        }
    }
}

/// Several gateways may see one base station; it is connected when one of them says so.
fn connected_enodebs(transaction: &Transaction<'_>, since_ms: u64) -> Result<Vec<(String, u64)>, StoreError> {
    let sql = "SELECT network_id, enodeb_serial, value FROM enodeb_states WHERE time_ms >= ?1";
    let found = rows(transaction, sql, [signed(since_ms)], |row| {
        let value: Vec<u8> = row.get(2)?;
        let value: Value = serde_json::from_slice(&value).unwrap_or_default();
        Ok((value["enodeb_connected"] == true).then_some((row.get(0)?, row.get(1)?)))
    })?;
    let connected: BTreeSet<(String, String)> = found.into_iter().flatten().collect();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (network, _) in connected {
        *counts.entry(network).or_default() += 1;
    }
    Ok(counts.into_iter().collect())
}
