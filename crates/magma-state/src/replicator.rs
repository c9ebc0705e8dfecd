//! The rounds: what is compared, what is sent, what is removed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use magma_redis::{Record, Scan, StoreError, Stored};
use wire_orc8r::orc8r::{IdAndVersion, State, StateId};

use crate::cloud::Calls;
use crate::known::{Known, Version};
use crate::outgoing::{Element, Outgoing, STATE_BYTES_MAX, Subject};
use crate::{CloudError, StateCloud, Table};

/// Garbage is removed in each round of this number.
const GARBAGE_EVERY: u64 = 2;
/// How much garbage is taken up in one round, in bytes of records.
const GARBAGE_BYTES_MAX: usize = 1024 * 1024;

/// What a round did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Records that the cloud has now.
    pub reported: usize,
    /// Records that the cloud did not take.
    pub refused: usize,
    /// Garbage that is gone, here and in the cloud.
    pub deleted: usize,
}

/// Copies tables to the cloud, round by round.
#[derive(Debug)]
pub struct Replicator {
    hardware_id: String,
    tables: Vec<Table>,
    known: Known,
    /// Which cloud has told what it has.
    synced: Option<u64>,
    rounds: u64,
    /// By table, what was said of it in the log and goes on: nothing is said in each round.
    said: BTreeMap<usize, BTreeSet<String>>,
}

impl Replicator {
    /// Copies `tables` of the gateway of this hardware id.
    pub fn new(hardware_id: &str, tables: Vec<Table>) -> Self {
        let known = Known::new(tables.len());
        let hardware_id = hardware_id.to_owned();
        Self { hardware_id, tables, known, synced: None, rounds: 0, said: BTreeMap::new() }
    }

    /// Brings the cloud up to date once. A table that cannot be read is said and left for the next round.
    ///
    /// # Errors
    /// When the cloud cannot be reached; what it took by then is not sent again.
    pub async fn round(&mut self, cloud: &dyn StateCloud) -> Result<Round, CloudError> {
        let (channel, which) = cloud.channel().map_err(CloudError::NoWay)?;
        let mut calls = Calls::new(channel);
        self.known.begin_round();
        if self.synced != Some(which) {
            self.known.forget_all();
            self.sync(&mut calls).await?;
            self.synced = Some(which);
        }
        self.rounds += 1;
        let mut garbage = Garbage::default();
        let mut round = self.report(&mut calls, &mut garbage).await?;
        if self.rounds.is_multiple_of(GARBAGE_EVERY) {
            round.deleted = self.delete(&mut calls, garbage).await?;
        }
        Ok(round)
    }

    /// Asks which versions the cloud has, so that these are not sent.
    async fn sync(&mut self, calls: &mut Calls) -> Result<(), CloudError> {
        let mut request = Outgoing::<IdAndVersion>::default();
        for table in 0..self.tables.len() {
            let store = Arc::clone(&self.tables[table].store);
            let mut scan = Scan::new(&*store);
            // A table that cannot be read now is said by the report that follows.
            while let Ok(Some((id, stored))) = scan.next().await {
                let Some(record) = stored.as_ref().and_then(present) else { continue };
                let element = IdAndVersion { id: Some(self.state_id(table, &id)), version: record.version };
                if request.is_full_for(&element) {
                    self.send_sync(calls, &mut request).await?;
                }
                let version = Version::of(record.version, &record.message);
                request.push(element, Subject { table, id, version });
            }
        }
        self.send_sync(calls, &mut request).await
    }

    async fn send_sync(
        &mut self,
        calls: &mut Calls,
        request: &mut Outgoing<IdAndVersion>,
    ) -> Result<(), CloudError> {
        if request.is_empty() {
            return Ok(());
        }
        let Outgoing { elements, subjects, .. } = std::mem::take(request);
        let ids: Vec<Option<StateId>> = elements.iter().map(|element| element.id.clone()).collect();
        let unsynced = calls.sync(elements).await?;
        let unsynced: BTreeSet<(String, String)> =
            unsynced.into_iter().filter_map(|state| state.id).map(|id| (id.r#type, id.device_id)).collect();
        for (id, subject) in ids.into_iter().flatten().zip(subjects) {
            if !unsynced.contains(&(id.r#type, id.device_id)) {
                self.known.has(subject.table, subject.id, subject.version);
            }
        }
        Ok(())
    }

    /// Sends what the cloud does not have, and notes what is garbage.
    async fn report(&mut self, calls: &mut Calls, garbage: &mut Garbage) -> Result<Round, CloudError> {
        let (mut round, mut request) = (Round::default(), Outgoing::<State>::default());
        for table in 0..self.tables.len() {
            let store = Arc::clone(&self.tables[table].store);
            let (mut scan, mut troubles) = (Scan::new(&*store), BTreeSet::new());
            let whole = loop {
                let (id, stored) = match scan.next().await {
                    Ok(Some((id, Some(stored)))) => (id, stored),
                    Ok(Some((_, None))) => {
                        troubles.insert("some records are too large and are left out".to_owned());
                        continue;
                    }
                    Ok(None) => break true,
                    Err(error) => {
                        troubles.insert(unreadable(&error));
                        break false;
                    }
                };
                let Some(state) = self.take_up(table, id, stored, garbage, &mut troubles) else {
                    continue;
                };
                if request.is_full_for(&state.0) {
                    self.send_report(calls, &mut request, &mut round).await?;
                }
                request.push(state.0, state.1);
            };
            if whole {
                self.known.forget_unseen(table);
            }
            self.say(table, troubles);
        }
        self.send_report(calls, &mut request, &mut round).await?;
        Ok(round)
    }

    /// The state to be sent of a record; none when the cloud has it, or when it is garbage or cannot be read.
    fn take_up(
        &mut self,
        table: usize,
        id: String,
        stored: Stored,
        garbage: &mut Garbage,
        troubles: &mut BTreeSet<String>,
    ) -> Option<(State, Subject)> {
        let record = match stored.record() {
            Ok(record) if record.garbage => {
                garbage.take_up(table, id, stored);
                return None;
            }
            Ok(record) => record,
            Err(error) => {
                troubles.insert(format!("a record is no RedisState ({error}) and is left out"));
                return None;
            }
        };
        let version = Version::of(record.version, &record.message);
        if !self.known.is_news(table, &id, version) {
            return None;
        }
        let StateId { r#type, device_id } = self.state_id(table, &id);
        const TOO_LARGE: &str = "a record is too large for the cloud and is left out";
        // No message is shorter as JSON.
        if record.message.len() > STATE_BYTES_MAX {
            troubles.insert(TOO_LARGE.to_owned());
            return None;
        }
        match self.tables[table].format.json(record.message) {
            Ok(value) => {
                let state = State { r#type, device_id, value, version: record.version };
                if state.bytes() > STATE_BYTES_MAX {
                    troubles.insert(TOO_LARGE.to_owned());
                    return None;
                }
                Some((state, Subject { table, id, version }))
            }
            Err(why) => {
                troubles.insert(format!("a record is left out: {why}"));
                None
            }
        }
    }

    async fn send_report(
        &mut self,
        calls: &mut Calls,
        request: &mut Outgoing<State>,
        round: &mut Round,
    ) -> Result<(), CloudError> {
        if request.is_empty() {
            return Ok(());
        }
        let Outgoing { elements, subjects, .. } = std::mem::take(request);
        let refused = calls.report(elements).await?;
        if let Some(first) = refused.first() {
            let (count, why) = (refused.len(), &first.error);
            tracing::warn!(count, why, "the cloud did not take some states; they are offered again later");
        }
        let refused: BTreeSet<(String, String)> =
            refused.into_iter().map(|state| (state.r#type, state.device_id)).collect();
        for Subject { table, id, version } in subjects {
            let StateId { r#type, device_id } = self.state_id(table, &id);
            if refused.contains(&(r#type, device_id)) {
                round.refused += 1;
                self.known.refuses(table, id, version);
            } else {
                round.reported += 1;
                self.known.has(table, id, version);
            }
        }
        Ok(())
    }

    /// Has the cloud forget what is garbage, and then removes exactly that: what was written meanwhile stays.
    async fn delete(&mut self, calls: &mut Calls, garbage: Garbage) -> Result<usize, CloudError> {
        let (mut deleted, mut records) = (0, garbage.records);
        while !records.is_empty() {
            let mut request = Outgoing::<StateId>::default();
            let mut asked = Vec::new();
            while let Some((table, id, stored)) = records.pop() {
                let element = self.state_id(table, &id);
                if request.is_full_for(&element) {
                    records.push((table, id, stored));
                    break;
                }
                request.push(element, Subject { table, id: id.clone(), version: Version::of(0, &[]) });
                asked.push((table, id, stored));
            }
            calls.delete(request.elements).await?;
            for (table, id, stored) in asked {
                // The cloud has forgotten it, so whatever stands there now is news.
                self.known.forget(table, &id);
                match self.tables[table].store.remove(&id, &stored).await {
                    Ok(removed) => deleted += usize::from(removed),
                    Err(error) => self.say(table, [unreadable(&error)].into()),
                }
            }
        }
        Ok(deleted)
    }

    fn state_id(&self, table: usize, id: &str) -> StateId {
        let table = &self.tables[table];
        StateId { r#type: table.record_type.clone(), device_id: table.device_id(&self.hardware_id, id) }
    }

    /// Warns of what is new among a table's troubles.
    fn say(&mut self, table: usize, troubles: BTreeSet<String>) {
        let record_type = &self.tables[table].record_type;
        let said = self.said.entry(table).or_default();
        for trouble in troubles.difference(said) {
            tracing::warn!(table = record_type, "state replication: {trouble}");
        }
        *said = troubles;
    }
}

/// Records that are garbage, as they were seen.
#[derive(Default)]
struct Garbage {
    records: Vec<(usize, String, Stored)>,
    bytes: usize,
}

impl Garbage {
    /// What is too much for one round stays for another.
    fn take_up(&mut self, table: usize, id: String, stored: Stored) {
        if self.bytes < GARBAGE_BYTES_MAX {
            self.bytes += id.len() + stored.0.len();
            self.records.push((table, id, stored));
        }
    }
}

/// The record, if it is neither garbage nor damaged.
fn present(stored: &Stored) -> Option<Record> {
    stored.record().ok().filter(|record| !record.garbage)
}

fn unreadable(error: &StoreError) -> String {
    format!("the table cannot be used now: {error}")
}
