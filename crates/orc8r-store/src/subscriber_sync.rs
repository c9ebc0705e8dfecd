//! What changed about subscribers, in the transaction that changes it: so that a gateway is told what is new, and a
//! digest never speaks of other data than what is there.
//!
//! Each change of what gateways see of a subscriber (its configuration and its APNs) or of an APN has the number of its
//! transaction, its *revision*. `root` is a hash over all changes up to a revision; it tells a gateway's position on our
//! history from one on another, such as that of a database before it was restored from a backup. An edit costs what it
//! touches, whatever the number of subscribers.

use crate::edges::{Scope, parents};
use crate::row::{Transaction, execute, row, rows};
use crate::subscribers::{BATCH, places};
use crate::{EntityWrite, StoreError};
use orc8r_model::{EdgeChange, EntityId, NetworkId, entity_type};
use ring::digest::{Context, SHA256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// How many positions are known at least. A gateway that was away for more changes gets everything anew.
const POINTS_KEPT: i64 = 100_000;
/// How many more there may be, so that not every change looks for the oldest.
const POINTS_SPARE: i64 = 1_000;

/// What a list of writes may change about subscribers.
#[derive(Default)]
pub(crate) struct Touched {
    subscribers: BTreeSet<String>,
    apns: BTreeSet<String>,
    types: BTreeSet<&'static str>,
}

/// Types of which a stream shows all entities.
const STREAMED: &[&str] = &[
    entity_type::SUBSCRIBER,
    entity_type::APN,
    entity_type::APN_POLICY_PROFILE,
    entity_type::POLICY,
    entity_type::BASE_NAME,
    entity_type::POLICY_QOS_PROFILE,
    entity_type::RATING_GROUP,
];

impl Touched {
    /// Looks at writes before they are made: afterwards, the edges of what is deleted are gone.
    pub(crate) fn by(scope: Scope<'_>, writes: &[EntityWrite]) -> Result<Self, StoreError> {
        let mut touched = Self::default();
        for write in writes {
            match write {
                EntityWrite::Create(entity) => {
                    touched.note(&entity.id);
                    touched.note_subscribers(&entity.parents);
                }
                EntityWrite::Update(update) => {
                    touched.note(&update.id);
                    if update.parents != EdgeChange::Keep {
                        touched.note_edges(scope, &update.id, &update.parents)?;
                    }
                }
                EntityWrite::Delete(id) => {
                    touched.note(id);
                    if id.entity_type == entity_type::APN {
                        touched.note_subscribers(&parents(scope.transaction, scope.network, id)?);
                    }
                }
                EntityWrite::PutDevice(_) => {}
            }
        }
        Ok(touched)
    }

    fn note(&mut self, id: &EntityId) {
        self.types.extend(STREAMED.iter().copied().filter(|streamed| *streamed == id.entity_type));
        match id.entity_type.as_str() {
            entity_type::SUBSCRIBER => self.subscribers.insert(id.key.clone()),
            entity_type::APN => self.apns.insert(id.key.clone()),
            _ => false,
        };
    }

    fn note_edges(&mut self, scope: Scope<'_>, id: &EntityId, change: &EdgeChange) -> Result<(), StoreError> {
        if let EdgeChange::Set(ids) = change {
            self.note_subscribers(ids);
            self.note_subscribers(&parents(scope.transaction, scope.network, id)?);
        } else if let EdgeChange::Change { add, remove } = change {
            self.note_subscribers(add);
            self.note_subscribers(remove);
        }
        Ok(())
    }

    fn note_subscribers(&mut self, ids: &BTreeSet<EntityId>) {
        let subscribers = ids.iter().filter(|id| id.entity_type == entity_type::SUBSCRIBER);
        self.subscribers.extend(subscribers.map(|id| id.key.clone()));
    }
}

/// Finds the digests of what gateways see of the named.
type Visible = fn(&Transaction<'_>, &NetworkId, &[&str]) -> Result<BTreeMap<String, String>, StoreError>;

/// A change that gateways see.
struct Change {
    id: String,
    /// `None`: it is gone.
    digest: Option<String>,
    /// Whether it was there before.
    was_there: bool,
}

impl Scope<'_> {
    /// Records, after the writes, what of the touched has become something else.
    pub(crate) fn record(self, touched: &Touched) -> Result<(), StoreError> {
        for entity_type in &touched.types {
            let sql = "INSERT INTO type_revisions (network_id, type, revision) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (network_id, type) DO UPDATE SET revision = excluded.revision";
            execute(self.transaction, sql, (self.network.as_str(), *entity_type, self.revision))?;
        }
        let mut changes = Vec::new();
        let subscribers: Vec<&str> = touched.subscribers.iter().map(String::as_str).collect();
        for ids in subscribers.chunks(BATCH) {
            changes.extend(self.changed(ids, "subscriber_changes", "subscriber_id", visible_subscribers)?);
        }
        let apns: Vec<&str> = touched.apns.iter().map(String::as_str).collect();
        let mut apn_changes = Vec::new();
        for ids in apns.chunks(BATCH) {
            apn_changes.extend(self.changed(ids, "apn_changes", "apn", visible_apns)?);
        }
        if changes.is_empty() && apn_changes.is_empty() {
            return Ok(());
        }
        self.put(&changes, "subscriber_changes", "subscriber_id")?;
        self.put(&apn_changes, "apn_changes", "apn")?;
        for change in changes.iter().filter(|change| change.digest.is_none()) {
            let sql = "DELETE FROM msisdns WHERE network_id = ?1 AND subscriber_id = ?2";
            execute(self.transaction, sql, (self.network.as_str(), &change.id))?;
        }
        self.advance(&changes, &apn_changes)
    }

    fn changed(
        self,
        ids: &[&str],
        table: &str,
        column: &str,
        visible: Visible,
    ) -> Result<Vec<Change>, StoreError> {
        let sql = format!(
            "SELECT {column}, digest FROM {table} WHERE network_id = ?1 AND {column} IN ({})",
            places(2)
        );
        let known: BTreeMap<String, Option<String>> =
            rows(self.transaction, &sql, batch(self.network, ids), |row| Ok((row.get(0)?, row.get(1)?)))?
                .into_iter()
                .collect();
        let mut now = visible(self.transaction, self.network, ids)?;
        let changes = ids.iter().filter_map(|id| {
            let (before, after) = (known.get(*id).cloned().flatten(), now.remove(*id));
            let was_there = before.is_some();
            (before != after).then(|| Change { id: (*id).to_owned(), digest: after, was_there })
        });
        Ok(changes.collect())
    }

    fn put(self, changes: &[Change], table: &str, column: &str) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO {table} (network_id, {column}, revision, digest) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (network_id, {column}) DO UPDATE SET revision = excluded.revision, digest = excluded.digest"
        );
        changes.iter().try_for_each(|change| {
            let fields = (self.network.as_str(), &change.id, self.revision, &change.digest);
            execute(self.transaction, &sql, fields).map(drop)
        })
    }

    /// Goes on to the position after these changes.
    fn advance(self, subscribers: &[Change], apns: &[Change]) -> Result<(), StoreError> {
        let sql = "SELECT root, points FROM subscriber_sync WHERE network_id = ?1";
        let before: Option<(String, i64)> =
            row(self.transaction, sql, [self.network.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (root, points) = before.unwrap_or_default();
        let root = self.root_after(&root, subscribers.iter().chain(apns));
        let come = subscribers.iter().filter(|change| !change.was_there).count();
        let gone = subscribers.iter().filter(|change| change.digest.is_none()).count();
        let more = i64::try_from(come).unwrap_or_default() - i64::try_from(gone).unwrap_or_default();
        let points = self.forget_oldest(points + 1)?;
        let sql = "INSERT INTO subscriber_sync (network_id, revision, root, points, subscribers) \
                   VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (network_id) DO UPDATE SET \
                   revision = excluded.revision, root = excluded.root, points = excluded.points, \
                   subscribers = subscriber_sync.subscribers + excluded.subscribers";
        execute(self.transaction, sql, (self.network.as_str(), self.revision, &root, points, more))?;
        let sql = "INSERT INTO subscriber_sync_points (network_id, revision, root) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (network_id, revision) DO UPDATE SET root = excluded.root";
        execute(self.transaction, sql, (self.network.as_str(), self.revision, &root)).map(drop)
    }

    fn root_after<'a>(self, root: &str, changes: impl Iterator<Item = &'a Change>) -> String {
        let mut hash = Hash::new();
        hash.add(root);
        hash.add(&self.revision.to_string());
        for Change { id, digest, .. } in changes {
            hash.add(id);
            hash.add(digest.as_deref().unwrap_or_default());
        }
        hash.finish()
    }

    /// Forgets the oldest positions when there are too many, with what was deleted before them; returns how many remain.
    fn forget_oldest(self, points: i64) -> Result<i64, StoreError> {
        if points <= POINTS_KEPT + POINTS_SPARE {
            return Ok(points);
        }
        let network = self.network.as_str();
        let sql = "SELECT revision FROM subscriber_sync_points WHERE network_id = ?1 ORDER BY revision LIMIT 1 OFFSET ?2";
        let oldest: Option<i64> =
            row(self.transaction, sql, (network, points - POINTS_KEPT), |row| row.get(0))?;
        let Some(oldest) = oldest else { return Ok(points) };
        let sql = "DELETE FROM subscriber_sync_points WHERE network_id = ?1 AND revision < ?2";
        let forgotten = execute(self.transaction, sql, (network, oldest))?;
        let sql =
            "DELETE FROM subscriber_changes WHERE network_id = ?1 AND revision <= ?2 AND digest IS NULL";
        execute(self.transaction, sql, (network, oldest))?;
        Ok(points - i64::try_from(forgotten).unwrap_or(points))
    }
}

/// The parameters of a query about many: the network, then ids, of which the last is repeated to fill the query's places.
pub(crate) fn batch(network: &NetworkId, ids: &[&str]) -> Vec<String> {
    let last = ids.last().copied().unwrap_or_default();
    let ids = ids.iter().copied().chain(std::iter::repeat(last)).take(BATCH);
    std::iter::once(network.as_str()).chain(ids).map(str::to_owned).collect()
}

/// The digest of what gateways see of each subscriber: its configuration, and which APNs it has.
fn visible_subscribers(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    ids: &[&str],
) -> Result<BTreeMap<String, String>, StoreError> {
    let sql = format!(
        "SELECT from_key, to_key FROM edges WHERE network_id = ?1 AND from_type = 'subscriber' \
         AND from_key IN ({}) AND to_type = 'apn'",
        places(2)
    );
    let edges: BTreeSet<(String, String)> =
        rows(transaction, &sql, batch(network, ids), |row| Ok((row.get(0)?, row.get(1)?)))?
            .into_iter()
            .collect();
    let mut apns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (subscriber, apn) in edges {
        apns.entry(subscriber).or_default().push(apn);
    }
    let configs = configs(transaction, network, entity_type::SUBSCRIBER, ids)?;
    Ok(configs
        .into_iter()
        .map(|(id, config)| {
            let mut hash = Hash::new();
            hash.add(&config);
            apns.get(&id).into_iter().flatten().for_each(|apn| hash.add(apn));
            (id, hash.finish())
        })
        .collect())
}

fn visible_apns(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    ids: &[&str],
) -> Result<BTreeMap<String, String>, StoreError> {
    let configs = configs(transaction, network, entity_type::APN, ids)?;
    Ok(configs.into_iter().map(|(id, config)| (id, digest_of(&config))).collect())
}

fn configs(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    entity_type: &str,
    ids: &[&str],
) -> Result<BTreeMap<String, String>, StoreError> {
    let sql = format!(
        "SELECT entity_key, COALESCE(config, '') FROM entities WHERE network_id = ?1 AND type = '{entity_type}' \
         AND entity_key IN ({})",
        places(2)
    );
    Ok(rows(transaction, &sql, batch(network, ids), |row| Ok((row.get(0)?, row.get(1)?)))?
        .into_iter()
        .collect())
}

/// The digest of one text.
pub(crate) fn digest_of(text: &str) -> String {
    let mut hash = Hash::new();
    hash.add(text);
    hash.finish()
}

/// SHA-256 over texts, cut to 128 bits: what is compared is our own, and nobody gains by two that are equal.
struct Hash(Context);

impl Hash {
    fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    fn add(&mut self, text: &str) {
        self.0.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn finish(self) -> String {
        let digest = self.0.finish();
        digest.as_ref().iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}
