//! The digests of the configurations that gateways are to have, kept from one look to the next: to build a configuration
//! takes a millisecond or so, and a network may have thousands.
//!
//! What changed since the last look is asked of the store, so that a change by another node or by a command counts, too.

use orc8r_mconfig::MconfigBuilder;
use orc8r_model::{GatewayId, NetworkId};
use orc8r_store::{Changes, Store, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many are built for one answer, for each makes a page wait; the others are not known until the next one.
const BUILDS_MAX: usize = 2;

/// What is kept; a clone is the same one.
#[derive(Clone, Default)]
pub struct ExpectedConfigurations {
    kept: Arc<Mutex<Kept>>,
    builder: Arc<MconfigBuilder>,
}

/// The digests as of a revision of the configuration graph.
#[derive(Default)]
struct Kept {
    /// `None`: nobody has asked yet.
    revision: Option<u64>,
    digests: BTreeMap<NetworkId, BTreeMap<String, String>>,
}

impl ExpectedConfigurations {
    /// The digests for these gateways, by hardware id, as far as they are known; of the others a few become known.
    pub(crate) async fn digests(
        &self,
        store: &Store,
        network: &NetworkId,
        gateways: Vec<(GatewayId, String)>,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        if gateways.is_empty() {
            return Ok(BTreeMap::new());
        }
        let revision = self.catch_up(store).await?;
        let mut known = self.kept().digests.get(network).cloned().unwrap_or_default();
        let unknown = gateways.into_iter().filter(|(_, hardware_id)| !known.contains_key(hardware_id));
        let mut built = BTreeMap::new();
        for (gateway, hardware_id) in unknown.take(BUILDS_MAX).collect::<Vec<_>>() {
            // One that cannot be read is not known, and the others are all the same.
            if let Ok(around) = store.neighbourhood(network, &gateway).await {
                built.insert(hardware_id, self.builder.build(&around).digest);
            }
        }
        self.kept().keep(revision, network, &built);
        known.append(&mut built);
        Ok(known)
    }

    /// Forgets what has changed; tells up to which revision.
    async fn catch_up(&self, store: &Store) -> Result<u64, StoreError> {
        let before = self.kept().revision;
        let changes = match before {
            Some(revision) => store.changes_after(revision).await?,
            None => Changes { revision: store.revision().await?, ..Changes::default() },
        };
        self.kept().forget(before, &changes);
        Ok(changes.revision)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Two looks at once: the one that began with less does not take back what the other one found.
    fn forget(&mut self, before: Option<u64>, changes: &Changes) {
        if self.revision != before {
            return;
        }
        self.revision = Some(changes.revision);
        self.digests.retain(|network, _| !changes.networks.contains(network));
        for digests in self.digests.values_mut() {
            digests.retain(|hardware_id, _| !changes.hardware_ids.contains(hardware_id));
        }
    }

    /// What was built before a later change that is known already is not kept.
    fn keep(&mut self, revision: u64, network: &NetworkId, built: &BTreeMap<String, String>) {
        if self.revision == Some(revision) && !built.is_empty() {
            self.digests.entry(network.clone()).or_default().extend(built.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_built_before_a_change_is_not_kept_after_it() {
        let network = NetworkId::parse("n1").unwrap();
        let built = BTreeMap::from([("h1".to_owned(), "old".to_owned())]);
        let mut kept = Kept::default();
        let changed = |revision| Changes { revision, ..Changes::default() };
        kept.forget(None, &changed(1));
        kept.keep(1, &network, &built);
        assert_eq!(kept.digests[&network], built);
        let hardware_ids = ["h1".to_owned()].into();
        kept.forget(Some(1), &Changes { hardware_ids, ..changed(2) });
        assert!(kept.digests[&network].is_empty());
        kept.keep(1, &network, &built);
        assert!(kept.digests[&network].is_empty(), "it was built at 1");
        kept.forget(Some(1), &changed(1));
        assert_eq!(kept.revision, Some(2), "it never goes back");
    }
}
