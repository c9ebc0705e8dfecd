//! How many states one gateway may have: a gateway that is broken or hostile must not fill the disk of all.
//!
//! Counting rows at each report would cost more than the report. So each node estimates, from above: a count is taken
//! once, grows by every report whether it is new or not, and is taken again when it passes the bound.

use crate::row::{Transaction, row, signed, unsigned};
use crate::{StoreError, states};
use orc8r_model::{NetworkId, StateId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The most states that one gateway reports: three for each of 30,000 subscribers, and more.
pub(crate) const STATES_MAX: u64 = if cfg!(test) { 300 } else { 100_000 };
/// How many gateways' estimates are kept; all are forgotten beyond.
const GATEWAYS_MAX: usize = 200_000;

/// What one node believes of each gateway, from above.
#[derive(Clone, Default)]
pub(crate) struct StateBound(Arc<Mutex<HashMap<(NetworkId, String), u64>>>);

impl StateBound {
    /// Fails when `reporter` would have more states than it may with these.
    pub(crate) fn check<'a>(
        &self,
        transaction: &Transaction<'_>,
        network: &NetworkId,
        reporter: &str,
        ids: impl ExactSizeIterator<Item = &'a StateId>,
    ) -> Result<(), StoreError> {
        let (place, more) = ((network.clone(), reporter.to_owned()), ids.len() as u64);
        let known = self.lock().get(&place).copied();
        if let Some(estimate) =
            known.map(|estimate| estimate + more).filter(|estimate| *estimate <= STATES_MAX)
        {
            self.remember(place, estimate);
            return Ok(());
        }
        let count = count(transaction, network, reporter)?;
        if count + more > STATES_MAX && count + new_among(transaction, network, ids)? > STATES_MAX {
            return Err(StoreError::invalid(format_args!(
                "gateway {reporter} has {count} states: it may have {STATES_MAX}"
            )));
        }
        self.remember(place, count + more);
        Ok(())
    }

    fn remember(&self, place: (NetworkId, String), estimate: u64) {
        let mut known = self.lock();
        if known.len() >= GATEWAYS_MAX {
            known.clear();
        }
        known.insert(place, estimate);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(NetworkId, String), u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many states a gateway reported last, counted to one more than it may have.
fn count(transaction: &Transaction<'_>, network: &NetworkId, reporter: &str) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM states WHERE network_id = ?1 AND reporter = ?2 LIMIT ?3) AS reported";
    let place = (network.as_str(), reporter, signed(STATES_MAX + 1));
    Ok(unsigned(row(transaction, sql, place, |row| row.get(0))?.unwrap_or_default()))
}

fn new_among<'a>(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    ids: impl Iterator<Item = &'a StateId>,
) -> Result<u64, StoreError> {
    let mut new = 0;
    for id in ids {
        new += u64::from(states::version(transaction, network, id)?.is_none());
    }
    Ok(new)
}
