//! Subscribers, read many at a time: pages, the changed, the named. No question is asked for each of them.

use crate::row::{Transaction, execute, json, row, rows, signed, unsigned};
use crate::subscriber_sync::{batch, digest_of};
use crate::{Edges, Page, Store, StoreError, entities};
use orc8r_model::{Entity, EntityId, GatewayId, NetworkId, entity_type};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How many a query names.
pub(crate) const BATCH: usize = 200;

/// A position on the history of a network's subscribers: the last change, and the hash over all up to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncPoint {
    /// The number of the change. At 0, nothing is known of what somebody has.
    pub revision: u64,
    /// The hash.
    pub root: String,
}

/// What the subscribers of a gateway are made from besides themselves, at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubscriberView {
    /// The position of the network's subscribers.
    pub point: SyncPoint,
    /// The configurations of the network's APNs, by name.
    pub apns: BTreeMap<String, Value>,
    /// What the gateway adds to an APN, by the APN's name.
    pub resources: BTreeMap<String, Value>,
}

impl SubscriberView {
    /// A short digest of what the gateway adds to each APN.
    pub fn resource_digests(&self) -> BTreeMap<String, String> {
        let digest = |value: &Value| digest_of(&value.to_string())[..16].to_owned();
        self.resources.iter().map(|(apn, value)| (apn.clone(), digest(value))).collect()
    }

    /// A short digest of all that the gateway adds.
    pub fn resources_digest(&self) -> String {
        let all = self.resource_digests().into_iter().map(|(apn, digest)| format!("{apn}\n{digest}\n"));
        digest_of(&all.collect::<String>())[..16].to_owned()
    }
}

/// A position that a gateway reached: all of it, or only as far as one subscriber.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncPosition {
    /// What it has at least.
    pub point: SyncPoint,
    /// What it has of [`SubscriberView::resources`], at `point`.
    pub resources: BTreeMap<String, String>,
    /// How far it is on the way to a later point.
    pub progress: Option<SyncProgress>,
}

/// How far a gateway is on the way to a point.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncProgress {
    /// The point.
    pub point: SyncPoint,
    /// [`SubscriberView::resources_digest`] at that point.
    pub resources: String,
    /// It has reached the point with the subscribers up to and with this id.
    pub upto: String,
}

/// What changed after a position.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedSubscribers {
    /// What to make the subscribers of, and the position that is reached by taking all changes.
    pub view: SubscriberView,
    /// Those that are there, in the order of their ids, with their edges to APNs.
    pub present: Vec<Entity>,
    /// Those that are not there.
    pub deleted: Vec<String>,
    /// The last id that was looked at, when there are more changes than were asked for.
    pub cut_after: Option<String>,
}

/// A page of subscribers.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscriberPage {
    /// What to make them of.
    pub view: SubscriberView,
    /// In the order of their ids, with their edges downwards.
    pub subscribers: Vec<Entity>,
}

impl Store {
    /// What a gateway's subscribers are made from; without a gateway, what it adds is empty.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn subscriber_view(
        &self,
        network: &NetworkId,
        gateway: Option<&GatewayId>,
    ) -> Result<SubscriberView, StoreError> {
        let (network, gateway) = (network.clone(), gateway.cloned());
        self.read(move |transaction| view(transaction, &network, gateway.as_ref())).await
    }

    /// How many subscribers a network has.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_subscribers(&self, network: &NetworkId) -> Result<u64, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let sql = "SELECT subscribers FROM subscriber_sync WHERE network_id = ?1";
            let count = row(transaction, sql, [network.as_str()], |row| row.get(0))?;
            Ok(count.map(unsigned).unwrap_or_default())
        })
        .await
    }

    /// A page of subscribers, for a gateway.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network.
    pub async fn subscriber_page(
        &self,
        network: &NetworkId,
        gateway: Option<&GatewayId>,
        page: Page,
    ) -> Result<SubscriberPage, StoreError> {
        let (network, gateway) = (network.clone(), gateway.cloned());
        self.read(move |transaction| {
            entities::require_network(transaction, &network)?;
            let view = view(transaction, &network, gateway.as_ref())?;
            let subscribers =
                entities::load_page(transaction, &network, entity_type::SUBSCRIBER, &page, Edges::Downwards)?;
            Ok(SubscriberPage { view, subscribers })
        })
        .await
    }

    /// The named subscribers, those that are there, in the order of their ids, with their edges downwards.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn subscribers(
        &self,
        network: &NetworkId,
        ids: Vec<String>,
    ) -> Result<Vec<Entity>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
            let ids: Vec<&str> = ids.into_iter().collect();
            entities::load_many(transaction, &network, entity_type::SUBSCRIBER, &ids)
        })
        .await
    }

    /// What changed after a position, at most `count_max` subscribers. `None`: the position is none of our history, or
    /// too old.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn subscribers_changed_after(
        &self,
        network: &NetworkId,
        gateway: &GatewayId,
        position: SyncPosition,
        count_max: usize,
    ) -> Result<Option<ChangedSubscribers>, StoreError> {
        let (network, gateway) = (network.clone(), gateway.clone());
        self.read(move |transaction| {
            let view = view(transaction, &network, Some(&gateway))?;
            let since = Since { transaction, network: &network, view: &view, position: &position };
            let Some(changed) = since.ids()? else { return Ok(None) };
            let cut_after =
                changed.keys().nth(count_max).and(changed.keys().nth(count_max.saturating_sub(1))).cloned();
            let (deleted, present): (Vec<_>, Vec<_>) =
                changed.into_iter().take(count_max).partition(|(_, is_deleted)| *is_deleted);
            let ids: Vec<&str> = present.iter().map(|(id, _)| id.as_str()).collect();
            let present = entities::load_many(transaction, &network, entity_type::SUBSCRIBER, &ids)?;
            let deleted = deleted.into_iter().map(|(id, _)| id).collect();
            Ok(Some(ChangedSubscribers { view, present, deleted, cut_after }))
        })
        .await
    }

    /// When a gateway was last given everything, in seconds since 1970.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn last_subscriber_resync(
        &self,
        network: &NetworkId,
        gateway: &GatewayId,
    ) -> Result<Option<i64>, StoreError> {
        let (network, gateway) = (network.clone(), gateway.clone());
        self.read(move |transaction| {
            let sql = "SELECT resynced_at FROM subscriber_resyncs WHERE network_id = ?1 AND gateway_id = ?2";
            row(transaction, sql, (network.as_str(), gateway.as_str()), |row| row.get(0))
        })
        .await
    }

    /// Notes that a gateway was given everything.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn note_subscriber_resync(
        &self,
        network: &NetworkId,
        gateway: &GatewayId,
        now: i64,
    ) -> Result<(), StoreError> {
        let (network, gateway) = (network.clone(), gateway.clone());
        self.write_concurrently(move |transaction| {
            let sql = "INSERT INTO subscriber_resyncs (network_id, gateway_id, resynced_at) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (network_id, gateway_id) DO UPDATE SET resynced_at = excluded.resynced_at";
            execute(transaction, sql, (network.as_str(), gateway.as_str(), now)).map(drop)
        })
        .await
    }

    /// Which of the ids are no subscribers of the network.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn not_subscribers(
        &self,
        network: &NetworkId,
        mut ids: Vec<String>,
    ) -> Result<Vec<String>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let sql = "SELECT entity_key FROM entities WHERE network_id = ?1 AND type = 'subscriber'";
            let present: Vec<String> = rows(transaction, sql, [network.as_str()], |row| row.get(0))?;
            let present: BTreeSet<String> = present.into_iter().collect();
            ids.retain(|id| !present.contains(id));
            Ok(ids)
        })
        .await
    }
}

/// What is asked about changes.
struct Since<'a> {
    transaction: &'a Transaction<'a>,
    network: &'a NetworkId,
    view: &'a SubscriberView,
    position: &'a SyncPosition,
}

impl Since<'_> {
    /// Who changed, and whether he is deleted. `None`: the position is not known.
    fn ids(&self) -> Result<Option<BTreeMap<String, bool>>, StoreError> {
        let SyncPosition { point, resources, progress } = self.position;
        if !self.is_known(point)? {
            return Ok(None);
        }
        let (reached, upto) = match progress {
            Some(progress) if !self.is_known(&progress.point)? => return Ok(None),
            Some(progress) if progress.resources == self.view.resources_digest() => {
                (&progress.point, progress.upto.as_str())
            }
            // What the gateway adds has changed on the way: from the beginning, then.
            _ => (point, ""),
        };
        let mut changed = BTreeMap::new();
        self.add_changed(&mut changed, reached, |id| id <= upto)?;
        self.add_changed(&mut changed, point, |id| id > upto)?;
        let now = self.view.resource_digests();
        for apn in resources.keys().chain(now.keys()) {
            if resources.get(apn) != now.get(apn) {
                self.add_holders(&mut changed, apn, |id| id > upto)?;
            }
        }
        Ok(Some(changed))
    }

    /// Adds whom the changes after a point concern: their own, and those of their APNs.
    fn add_changed(
        &self,
        changed: &mut BTreeMap<String, bool>,
        point: &SyncPoint,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(), StoreError> {
        let after = signed(point.revision);
        let sql = "SELECT apn FROM apn_changes WHERE network_id = ?1 AND revision > ?2";
        let apns: Vec<String> =
            rows(self.transaction, sql, (self.network.as_str(), after), |row| row.get(0))?;
        apns.iter().try_for_each(|apn| self.add_holders(changed, apn, &wanted))?;
        let found: Vec<(String, bool)> =
            rows(self.transaction, CHANGED, (self.network.as_str(), after), |row| {
                Ok((row.get(0)?, row.get::<Option<String>>(1)?.is_none()))
            })?;
        changed.extend(found.into_iter().filter(|(id, _)| wanted(id)));
        Ok(())
    }

    /// Adds those who have an APN.
    fn add_holders(
        &self,
        changed: &mut BTreeMap<String, bool>,
        apn: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(), StoreError> {
        let holders: Vec<String> =
            rows(self.transaction, HOLDERS, (self.network.as_str(), apn), |row| row.get(0))?;
        for id in holders.into_iter().filter(|id| wanted(id)) {
            changed.entry(id).or_insert(false);
        }
        Ok(())
    }

    fn is_known(&self, point: &SyncPoint) -> Result<bool, StoreError> {
        if point.revision == 0 {
            return Ok(true);
        }
        let sql =
            "SELECT 1 FROM subscriber_sync_points WHERE network_id = ?1 AND revision = ?2 AND root = ?3";
        let place = (self.network.as_str(), signed(point.revision), &point.root);
        Ok(row(self.transaction, sql, place, |_| Ok(()))?.is_some())
    }
}

/// The subscribers of network ?1 that changed after ?2; no digest: deleted.
pub(crate) const CHANGED: &str =
    "SELECT subscriber_id, digest FROM subscriber_changes WHERE network_id = ?1 AND revision > ?2";
/// The subscribers of network ?1 that have APN ?2.
pub(crate) const HOLDERS: &str = "SELECT from_key FROM edges WHERE network_id = ?1 AND to_type = 'apn' AND to_key = ?2 \
     AND from_type = 'subscriber'";

fn view(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    gateway: Option<&GatewayId>,
) -> Result<SubscriberView, StoreError> {
    let sql = "SELECT revision, root FROM subscriber_sync WHERE network_id = ?1";
    let point = row(transaction, sql, [network.as_str()], |row| {
        Ok(SyncPoint { revision: unsigned(row.get(0)?), root: row.get(1)? })
    })?;
    let sql = "SELECT entity_key, config FROM entities WHERE network_id = ?1 AND type = 'apn' AND config IS NOT NULL";
    let apns: Vec<(String, String)> =
        rows(transaction, sql, [network.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let read = |(name, text): (String, String)| {
        let config = json(format_args!("the config of apn {name}"), &text)?;
        Ok((name, config))
    };
    let apns = apns.into_iter().map(read).collect::<Result<_, StoreError>>()?;
    let resources = match gateway {
        Some(gateway) => resources(transaction, network, gateway)?,
        None => BTreeMap::new(),
    };
    Ok(SubscriberView { point: point.unwrap_or_default(), apns, resources })
}

fn resources(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    gateway: &GatewayId,
) -> Result<BTreeMap<String, Value>, StoreError> {
    let cell = EntityId::new(entity_type::CELLULAR_GATEWAY, gateway.as_str());
    let children = crate::edges::children(transaction, network, &cell)?;
    let mut resources = BTreeMap::new();
    for id in children.iter().filter(|id| id.entity_type == entity_type::APN_RESOURCE) {
        let mut resource = entities::load_without_edges(transaction, network, id)?;
        resource.children = crate::edges::children(transaction, network, id)?;
        let Some(config) = resource.config else { continue };
        let named = config.get("apn_name").and_then(Value::as_str).map(str::to_owned);
        let of_edge = || {
            resource.children.iter().find(|id| id.entity_type == entity_type::APN).map(|id| id.key.clone())
        };
        if let Some(apn) = named.or_else(of_edge) {
            resources.insert(apn, config);
        }
    }
    Ok(resources)
}

/// The places of a batch in a query, from parameter `first`.
pub(crate) fn places(first: usize) -> String {
    let places: Vec<String> = (first..first + BATCH).map(|place| format!("?{place}")).collect();
    places.join(", ")
}

/// Asks about many, a batch at a time.
pub(crate) fn in_batches<T>(
    transaction: &Transaction<'_>,
    sql: &str,
    network: &NetworkId,
    ids: &[&str],
    mut read: impl FnMut(&crate::row::Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    for ids in ids.chunks(BATCH) {
        found.extend(rows(transaction, sql, batch(network, ids), &mut read)?);
    }
    Ok(found)
}
