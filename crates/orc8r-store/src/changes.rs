//! What changed in the configuration graph since a moment, for whoever tells gateways of it.
//!
//! Every node asks for itself, again and again; so a change is found whichever node made it, and no node has to be told.

use crate::row::{Transaction, row, rows, signed, unsigned};
use crate::{Store, StoreError};
use orc8r_model::NetworkId;
use std::collections::BTreeSet;

/// With more changed entities than this, all gateways of their networks count as concerned: an import touches so many.
const ENTITIES_MAX: u64 = 1000;

/// The gateways whose surroundings have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The number of the last change that is in here.
    pub revision: u64,
    /// Networks all of whose gateways are concerned.
    pub networks: BTreeSet<NetworkId>,
    /// The hardware ids of other gateways that are concerned.
    pub hardware_ids: BTreeSet<String>,
}

impl Store {
    /// The number of the last change to the configuration graph; it never goes back.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn revision(&self) -> Result<u64, StoreError> {
        self.read(revision).await
    }

    /// What changed after the change with this number. It reads what changed and what lies above it, and a single row
    /// when nothing did. Who is gone is not named: whoever waits for changes asks now and then whether he still is.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn changes_after(&self, after: u64) -> Result<Changes, StoreError> {
        self.read(move |transaction| {
            let revision = revision(transaction)?;
            if revision <= after {
                return Ok(Changes { revision, ..Changes::default() });
            }
            let after = signed(after);
            let mut networks = networks(transaction, "SELECT id FROM networks WHERE revision > ?1", after)?;
            let mut hardware_ids = BTreeSet::new();
            if count(transaction, after)? > ENTITIES_MAX {
                let sql = "SELECT DISTINCT network_id FROM entities WHERE revision > ?1";
                networks.append(&mut self::networks(transaction, sql, after)?);
            } else {
                hardware_ids = rows(transaction, CONCERNED, [after], |row| row.get(0))?.into_iter().collect();
            }
            Ok(Changes { revision, networks, hardware_ids })
        })
        .await
    }
}

/// The hardware ids of the gateways above or in what changed after ?1. A tier, a pool or a pair concerns its members when
/// it changed itself, and one of its members does not concern the others; so from these it goes down, and never up to
/// a tier. Nor up to subscribers, who hang below no gateway.
pub(crate) const CONCERNED: &str = "WITH RECURSIVE above (network_id, type, entity_key) AS ( \
     SELECT network_id, type, entity_key FROM entities WHERE revision > ?1 \
     UNION ALL SELECT edges.network_id, edges.to_type, edges.to_key FROM entities AS changed CROSS JOIN edges \
     WHERE changed.revision > ?1 AND changed.type IN ('upgrade_tier', 'cellular_gateway_pool', 'cwf_ha_pair') \
     AND edges.network_id = changed.network_id AND edges.from_type = changed.type \
     AND edges.from_key = changed.entity_key \
     UNION SELECT edges.network_id, edges.from_type, edges.from_key FROM above CROSS JOIN edges \
     WHERE edges.network_id = above.network_id AND edges.to_type = above.type AND edges.to_key = above.entity_key \
     AND edges.from_type <> 'upgrade_tier' AND edges.from_type <> 'subscriber') \
     SELECT gateways.physical_id FROM above CROSS JOIN entities AS gateways \
     WHERE above.type = 'magmad_gateway' AND gateways.network_id = above.network_id \
     AND gateways.type = 'magmad_gateway' AND gateways.entity_key = above.entity_key \
     AND gateways.physical_id IS NOT NULL";

fn revision(transaction: &Transaction<'_>) -> Result<u64, StoreError> {
    let value = row(transaction, "SELECT value FROM revision", (), |row| row.get(0))?;
    value.map(unsigned).ok_or_else(|| StoreError::corrupt("the revision", "it is missing"))
}

fn networks(transaction: &Transaction<'_>, sql: &str, after: i64) -> Result<BTreeSet<NetworkId>, StoreError> {
    let ids: Vec<String> = rows(transaction, sql, [after], |row| row.get(0))?;
    Ok(ids.into_iter().filter_map(|id| NetworkId::parse(id).ok()).collect())
}

/// How many entities changed, counted to one more than matters.
fn count(transaction: &Transaction<'_>, after: i64) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM entities WHERE revision > ?1 LIMIT ?2) AS changed";
    let count = row(transaction, sql, (after, signed(ENTITIES_MAX + 1)), |row| row.get(0))?;
    Ok(count.map(unsigned).unwrap_or_default())
}
