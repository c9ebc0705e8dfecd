//! The digests of the configurations that gateways are to have, kept from one look to the next: to build a configuration
//! takes a millisecond or so, and a network may have thousands.
//!
//! What changed since the last look is asked of the store, so that a change by another node or by a command counts, too.

use orc8r_mconfig::MconfigBuilder;
use orc8r_model::{GatewayId, NetworkId};
use orc8r_store::{Changes, Store, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many are built while a page waits, so that one gateway is compared at the first look; the others behind its back.
const BUILDS_AT_ONCE: usize = 2;

/// What is kept; a clone is the same one.
#[derive(Clone, Default)]
pub struct ExpectedConfigurations {
    kept: Arc<Mutex<Kept>>,
    builder: Arc<MconfigBuilder>,
    /// Held by the one task that builds for later looks.
    later: Arc<tokio::sync::Mutex<()>>,
}

/// The digests as of a revision of the configuration graph.
#[derive(Default)]
struct Kept {
    /// `None`: nobody has asked yet.
    revision: Option<u64>,
    digests: BTreeMap<NetworkId, BTreeMap<String, String>>,
}

impl ExpectedConfigurations {
    /// The digests for these gateways, by hardware id, as far as they are known; the others become known soon.
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
        let known = self.kept().digests.get(network).cloned().unwrap_or_default();
        let unknown = gateways.into_iter().filter(|(_, hardware_id)| !known.contains_key(hardware_id));
        let mut now: Vec<_> = unknown.collect();
        if now.is_empty() {
            return Ok(known);
        }
        let later = now.split_off(now.len().min(BUILDS_AT_ONCE));
        self.build(store, network, revision, now).await;
        self.build_later(store, network, revision, later);
        Ok(self.kept().digests.get(network).cloned().unwrap_or(known))
    }

    /// Builds these, as long as the configuration is the one that they were asked for at.
    async fn build(
        &self,
        store: &Store,
        network: &NetworkId,
        revision: u64,
        gateways: Vec<(GatewayId, String)>,
    ) {
        for (gateway, hardware_id) in gateways {
            // One that cannot be read is not known, and the others are all the same.
            let Ok(around) = store.neighbourhood(network, &gateway).await else { continue };
            let digest = self.builder.build(&around).digest;
            if !self.kept().keep(revision, network, hardware_id, digest) {
                break;
            }
        }
    }

    /// One task at a time; while it builds, looks do not begin another one.
    fn build_later(
        &self,
        store: &Store,
        network: &NetworkId,
        revision: u64,
        gateways: Vec<(GatewayId, String)>,
    ) {
        if gateways.is_empty() {
            return;
        }
        let Ok(turn) = self.later.clone().try_lock_owned() else { return };
        let (expected, store, network) = (self.clone(), store.clone(), network.clone());
        tokio::spawn(async move {
            expected.build(&store, &network, revision, gateways).await;
            drop(turn);
        });
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

    /// Whether it was kept: what was built before a later change that is known already is not.
    fn keep(&mut self, revision: u64, network: &NetworkId, hardware_id: String, digest: String) -> bool {
        let current = self.revision == Some(revision);
        if current {
            self.digests.entry(network.clone()).or_default().insert(hardware_id, digest);
        }
        current
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orc8r_model::{Entity, EntityId, Network};
    use orc8r_store::EntityWrite;
    use std::time::Duration;

    #[tokio::test]
    async fn one_look_is_enough_for_a_network() {
        const COUNT: usize = 10;
        let store = Store::in_memory().unwrap();
        let network = NetworkId::parse("n1").unwrap();
        store.create_network(Network::new(network.clone())).await.unwrap();
        let gateways: Vec<_> = (0..COUNT).map(|at| GatewayId::parse(format!("g{at}")).unwrap()).collect();
        let made = gateways.iter().map(|id| EntityWrite::Create(Entity::new(EntityId::gateway(id))));
        store.write_entities(&network, made.collect()).await.unwrap();
        let expected = ExpectedConfigurations::default();
        let asked = gateways.into_iter().enumerate().map(|(at, id)| (id, format!("h{at}"))).collect();
        let known = expected.digests(&store, &network, asked).await.unwrap();
        assert!(known.len() >= BUILDS_AT_ONCE, "{known:?}");
        // Nobody looks again.
        let all = async {
            while expected.kept().digests[&network].len() < COUNT {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), all).await.unwrap();
    }

    #[test]
    fn what_was_built_before_a_change_is_not_kept_after_it() {
        let network = NetworkId::parse("n1").unwrap();
        let keep =
            |kept: &mut Kept, revision| kept.keep(revision, &network, "h1".to_owned(), "old".to_owned());
        let mut kept = Kept::default();
        let changed = |revision| Changes { revision, ..Changes::default() };
        kept.forget(None, &changed(1));
        assert!(keep(&mut kept, 1));
        assert_eq!(kept.digests[&network]["h1"], "old");
        let hardware_ids = ["h1".to_owned()].into();
        kept.forget(Some(1), &Changes { hardware_ids, ..changed(2) });
        assert!(kept.digests[&network].is_empty());
        assert!(!keep(&mut kept, 1), "it was built at 1");
        assert!(kept.digests[&network].is_empty());
        kept.forget(Some(1), &changed(1));
        assert_eq!(kept.revision, Some(2), "it never goes back");
    }
}
