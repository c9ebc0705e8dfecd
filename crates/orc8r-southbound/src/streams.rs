//! The streams that show a whole network: policies, base names, rating groups, who gets which, and subscribers.
//!
//! Every gateway of a network gets the same, so what was built is kept until one of the entities that it shows changes.
//! The stream of subscribers is not kept: it has their keys in it.

mod policies;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use magma_rpc::Status;
use orc8r_model::{Entity, NetworkId, entity_type};
use orc8r_store::{Edges, Page, Store};
use prost::Message;
use wire_orc8r::orc8r::{DataUpdate, DataUpdateBatch};

use crate::failure::store_failure;
use crate::principal::GatewayPrincipal;
use crate::subscribers::subscriber_data;

/// How large a batch may become. The Python gateway takes no message above 4 MiB.
const BATCH_BYTES_MAX: usize = 3 << 20;
/// How much of what was built is kept, for all networks together, in bytes.
const KEPT_BYTES_MAX: usize = 64 << 20;
/// How many subscribers are read at a time.
const PAGE: u32 = 5_000;

/// A stream that all gateways of a network share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NetworkStream {
    Policies,
    BaseNames,
    ApnRules,
    NetworkWideRules,
    RatingGroups,
    Subscribers,
}

impl NetworkStream {
    /// The stream of this name, if there is one.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "policydb" => Some(Self::Policies),
            "base_names" => Some(Self::BaseNames),
            "apn_rule_mappings" => Some(Self::ApnRules),
            "network_wide_rules" => Some(Self::NetworkWideRules),
            "rating_groups" => Some(Self::RatingGroups),
            "subscriberdb" => Some(Self::Subscribers),
            _ => None,
        }
    }

    /// The entities that it shows; what it shows of the network's own record counts always.
    fn types(self) -> &'static [&'static str] {
        match self {
            Self::Policies => &[entity_type::POLICY, entity_type::POLICY_QOS_PROFILE],
            Self::BaseNames => &[entity_type::BASE_NAME, entity_type::POLICY],
            Self::ApnRules => &[
                entity_type::SUBSCRIBER,
                entity_type::APN,
                entity_type::APN_POLICY_PROFILE,
                entity_type::POLICY,
                entity_type::BASE_NAME,
            ],
            Self::NetworkWideRules => &[],
            Self::RatingGroups => &[entity_type::RATING_GROUP],
            Self::Subscribers => &[entity_type::SUBSCRIBER, entity_type::APN],
        }
    }
}

/// The contents of streams, as they were built last.
pub(crate) struct NetworkStreams {
    store: Store,
    kept: Mutex<BTreeMap<(NetworkId, NetworkStream), Kept>>,
}

struct Kept {
    bytes: usize,
    content: Arc<Content>,
}

/// What all gateways of a network get of a stream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Content {
    /// The number of the last change that may be in it; never less for a newer one.
    pub(crate) stamp: u64,
    /// The same for the same content in this process.
    pub(crate) digest: u64,
    /// The first replaces everything, others add to it.
    pub(crate) batches: Vec<DataUpdateBatch>,
}

impl Content {
    fn of(stamp: u64, batches: Vec<DataUpdateBatch>) -> Self {
        let mut hasher = DefaultHasher::new();
        for batch in &batches {
            hasher.write(&batch.encode_to_vec());
        }
        Self { stamp, digest: hasher.finish(), batches }
    }
}

impl NetworkStreams {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, kept: Mutex::default() }
    }

    /// The whole content of a stream for a gateway.
    ///
    /// # Errors
    /// `Unavailable` when the store fails.
    pub(crate) async fn content(
        &self,
        gateway: &GatewayPrincipal,
        stream: NetworkStream,
    ) -> Result<Arc<Content>, Status> {
        if stream == NetworkStream::Subscribers {
            return Ok(Arc::new(Content::of(0, batches(self.subscribers(gateway).await?))));
        }
        self.shared(&gateway.network, stream).await
    }

    /// The same of a stream that all gateways of a network share.
    ///
    /// # Errors
    /// `Unavailable` when the store fails.
    pub(crate) async fn shared(
        &self,
        network: &NetworkId,
        stream: NetworkStream,
    ) -> Result<Arc<Content>, Status> {
        // Before what it describes is read: what changes in between is found the next time.
        let stamp = self.store.types_stamp(network, stream.types()).await.map_err(store_failure)?;
        let key = (network.clone(), stream);
        let kept = self.with_kept(|kept| {
            kept.get(&key).filter(|kept| kept.content.stamp == stamp).map(|kept| kept.content.clone())
        });
        if let Some(content) = kept {
            return Ok(content);
        }
        let content = Arc::new(Content::of(stamp, batches(self.build(network, stream).await?)));
        let bytes = content.batches.iter().map(Message::encoded_len).sum();
        self.with_kept(|kept| {
            kept.remove(&key);
            if kept.values().map(|kept| kept.bytes).sum::<usize>() + bytes > KEPT_BYTES_MAX {
                kept.clear();
            }
            if bytes <= KEPT_BYTES_MAX {
                kept.insert(key, Kept { bytes, content: content.clone() });
            }
        });
        Ok(content)
    }

    async fn build(&self, network: &NetworkId, stream: NetworkStream) -> Result<Vec<DataUpdate>, Status> {
        match stream {
            NetworkStream::Policies => {
                let profiles = self.all(network, entity_type::POLICY_QOS_PROFILE).await?;
                Ok(policies::rules(&self.all(network, entity_type::POLICY).await?, &profiles))
            }
            NetworkStream::BaseNames => {
                Ok(policies::base_names(&self.all(network, entity_type::BASE_NAME).await?))
            }
            NetworkStream::RatingGroups => {
                Ok(policies::rating_groups(&self.all(network, entity_type::RATING_GROUP).await?))
            }
            NetworkStream::ApnRules => {
                let edges = self.store.policy_edges(network).await.map_err(store_failure)?;
                Ok(policies::apn_rules(&edges))
            }
            NetworkStream::NetworkWideRules => {
                let network = self.store.network(network).await.map_err(store_failure)?;
                Ok(policies::network_wide_rules(&network))
            }
            NetworkStream::Subscribers => Ok(Vec::new()),
        }
    }

    async fn all(&self, network: &NetworkId, entity_type: &str) -> Result<Vec<Entity>, Status> {
        let found = self.store.entities_with(network, entity_type, Page::all(), Edges::Downwards).await;
        found.map_err(store_failure)
    }

    /// Magma-compat: the whole list, with keys, as gateways took it before they synced by digests.
    async fn subscribers(&self, gateway: &GatewayPrincipal) -> Result<Vec<DataUpdate>, Status> {
        let GatewayPrincipal { network, gateway, .. } = gateway;
        let (mut updates, mut after) = (Vec::new(), None);
        loop {
            let page = Page { size_max: Some(PAGE), after };
            let found =
                self.store.subscriber_page(network, Some(gateway), page).await.map_err(store_failure)?;
            after = found.subscribers.last().map(|last| last.id.key.clone());
            for mut subscriber in found.subscribers {
                self.store.open_entity(network, &mut subscriber).map_err(store_failure)?;
                let value = subscriber_data(network, &subscriber, &found.view).encode_to_vec();
                updates.push(DataUpdate { key: subscriber.id.key, value });
            }
            if after.is_none() {
                return Ok(updates);
            }
        }
    }

    fn with_kept<T>(&self, action: impl FnOnce(&mut BTreeMap<(NetworkId, NetworkStream), Kept>) -> T) -> T {
        // The map is whole after every action, so a panic elsewhere does not spoil it.
        action(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One batch that replaces everything. Where that would be more than a gateway takes, others follow that add to it;
/// an existing Orchestrator cuts such a list off.
fn batches(updates: Vec<DataUpdate>) -> Vec<DataUpdateBatch> {
    let mut batches = vec![DataUpdateBatch { updates: Vec::new(), resync: true }];
    let mut room = BATCH_BYTES_MAX;
    for update in updates {
        let bytes = update.encoded_len();
        if bytes > room && batches.last().is_some_and(|batch| !batch.updates.is_empty()) {
            batches.push(DataUpdateBatch { updates: Vec::new(), resync: false });
            room = BATCH_BYTES_MAX;
        }
        room = room.saturating_sub(bytes);
        if let Some(batch) = batches.last_mut() {
            batch.updates.push(update);
        }
    }
    batches
}
