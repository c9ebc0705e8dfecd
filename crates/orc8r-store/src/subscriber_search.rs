//! Subscribers that are looked for: a page of those that a filter lets through, whatever their number.

use crate::row::{Transaction, row, rows, unsigned};
use crate::subscriber_sync::batch;
use crate::subscriber_terms::{NAME, PLAN, STATE, STATIC_IP, USUAL_PLAN, USUAL_STATE};
use crate::subscribers::{BATCH, in_batches, places};
use crate::{Store, StoreError, entities, states};
use orc8r_model::{Entity, LinkKind, NetworkId, StoredState, entity_type};
use std::collections::{BTreeMap, BTreeSet};

/// So many are counted when something is looked for; whoever wants to see more types more.
const FOUND_MAX: usize = 10_000;
/// Comes after every text that begins alike.
const LAST: char = '\u{10ffff}';

/// Which subscribers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubscriberFilter {
    /// The beginning of an IMSI (with `IMSI` or without), of a telephone number, of an address that he has or always
    /// gets, or of a word of his name.
    pub text: String,
    /// `ACTIVE`, or another state; empty: any.
    pub state: String,
    /// The data plan; empty: any.
    pub plan: String,
    /// What he has: pairs of an entity's type and its key.
    pub has: Vec<(&'static str, String)>,
}

/// A page of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundSubscribers {
    /// In the order of their ids, with their edges downwards.
    pub subscribers: Vec<Entity>,
    /// How many the filter lets through.
    pub count: u64,
    /// There are more of them than were counted.
    pub is_cut: bool,
    /// How many the network has.
    pub total: u64,
}

impl Store {
    /// The subscribers that a filter lets through: `size` of them after the first `skip`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network.
    pub async fn find_subscribers(
        &self,
        network: &NetworkId,
        filter: SubscriberFilter,
        skip: u32,
        size: u32,
    ) -> Result<FoundSubscribers, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            entities::require_network(transaction, &network)?;
            let sql = "SELECT subscribers FROM subscriber_sync WHERE network_id = ?1";
            let total = row(transaction, sql, [network.as_str()], |row| row.get(0))?;
            let total = total.map(unsigned).unwrap_or_default();
            let (ids, count, is_cut): (Vec<String>, u64, bool) = if filter == SubscriberFilter::default() {
                let page = (network.as_str(), size, skip);
                (rows(transaction, EVERYBODY, page, |row| row.get(0))?, total, false)
            } else {
                let (found, is_cut) = Search { transaction, network: &network, filter: &filter }.ids()?;
                let count = found.len() as u64;
                let (skip, size) = (skip as usize, size as usize);
                (found.into_iter().skip(skip).take(size).collect(), count, is_cut)
            };
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let subscribers = entities::load_many(transaction, &network, entity_type::SUBSCRIBER, &ids)?;
            Ok(FoundSubscribers { subscribers, count, is_cut, total })
        })
        .await
    }

    /// How many subscribers have each APN, policy and base name: by the type and the key of what they have.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_holders(
        &self,
        network: &NetworkId,
    ) -> Result<BTreeMap<(String, String), u64>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let mut counts = BTreeMap::new();
            for entity_type in [entity_type::APN, entity_type::POLICY, entity_type::BASE_NAME] {
                let found = rows(transaction, COUNTS, (network.as_str(), entity_type), |row| {
                    Ok(((entity_type.to_owned(), row.get(0)?), unsigned(row.get(1)?)))
                })?;
                counts.extend(found);
            }
            Ok(counts)
        })
        .await
    }

    /// How many subscribers have each data plan but the one that every network has.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_plans(&self, network: &NetworkId) -> Result<BTreeMap<String, u64>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let sql = "SELECT term, COUNT(*) FROM subscriber_terms WHERE network_id = ?1 AND kind = ?2 GROUP BY term";
            let found =
                rows(transaction, sql, (network.as_str(), PLAN), |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?;
            Ok(found.into_iter().collect())
        })
        .await
    }

    /// The states of some types about the named devices and about what is theirs (`device.part`).
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn states_about(
        &self,
        network: &NetworkId,
        types: &'static [&'static str],
        devices: Vec<String>,
    ) -> Result<Vec<StoredState>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let devices: BTreeSet<&str> = devices.iter().map(String::as_str).collect();
            let devices: Vec<&str> = devices.into_iter().collect();
            let mut found = Vec::new();
            for state_type in types {
                let sql = states_query(state_type);
                found.extend(in_batches(transaction, &sql, &network, &devices, states::read_row)?);
            }
            Ok(found)
        })
        .await
    }
}

/// A page of all subscribers: ?2 of them after the first ?3.
pub(crate) const EVERYBODY: &str = "SELECT entity_key FROM entities WHERE network_id = ?1 AND type = 'subscriber' \
    ORDER BY entity_key LIMIT ?2 OFFSET ?3";

/// How many subscribers have each entity of type ?2.
pub(crate) const COUNTS: &str = "SELECT to_key, COUNT(*) FROM edges WHERE network_id = ?1 AND to_type = ?2 \
    AND from_type = 'subscriber' GROUP BY to_key";

/// The states of a type about each of a batch; the order is kept by both databases.
pub(crate) fn states_query(state_type: &str) -> String {
    let places: Vec<String> = (2..2 + BATCH).map(|place| format!("(?{place})")).collect();
    format!(
        "WITH wanted (id) AS (SELECT DISTINCT column1 FROM (VALUES {}) AS given) SELECT states.type, states.device_id, states.value, states.version, \
         states.reporter, states.time_ms FROM wanted CROSS JOIN states WHERE states.network_id = ?1 \
         AND states.type = '{state_type}' AND states.device_id >= wanted.id AND states.device_id < wanted.id || '/'",
        places.join(", ")
    )
}

/// Who has something: by what points to it.
const HOLDERS: &str = "edges d WHERE d.network_id = ?1 AND d.from_type = 'subscriber' AND e.network_id = ?1 \
    AND e.type = 'subscriber' AND e.entity_key = d.from_key";
/// Who has an unusual state or data plan.
const UNUSUAL: &str = "subscriber_terms d WHERE d.network_id = ?1 AND e.network_id = ?1 \
    AND e.type = 'subscriber' AND e.entity_key = d.subscriber_id";

/// Somewhere a text may stand, and how what stands there begins.
pub(crate) struct Lookup {
    /// The table.
    pub(crate) what: &'static str,
    /// Which of its rows.
    pub(crate) kind: &'static str,
    /// The beginning.
    pub(crate) text: String,
}

impl Lookup {
    fn new(what: &'static str, kind: &'static str, text: impl Into<String>) -> Self {
        Self { what, kind, text: text.into() }
    }

    /// What is after all that begins so.
    pub(crate) fn end(&self) -> String {
        format!("{}{LAST}", self.text)
    }

    /// Whether whoever it finds is configured; a number and an address may be of somebody who is not.
    fn is_sure(&self) -> bool {
        !matches!(self.what, "msisdns" | "state_links")
    }

    /// Whether it finds by an id or a name.
    pub(crate) fn is_by_name(&self) -> bool {
        self.what == "entities" || self.kind == NAME
    }

    /// The columns of whom it finds and of what begins so, and the condition with the beginning as ?2 and the end as ?3.
    pub(crate) fn parts(&self) -> (&'static str, &'static str, String) {
        let kind = self.kind;
        let (whom, found, of_kind) = match self.what {
            "entities" => ("entity_key", "entity_key", format!("type = '{kind}' AND ")),
            "msisdns" => ("subscriber_id", "msisdn", String::new()),
            "state_links" => ("device_id", "name", format!("kind = '{kind}' AND ")),
            _ => ("subscriber_id", "term", format!("kind = '{kind}' AND ")),
        };
        (whom, found, format!("{of_kind}{found} >= ?2 AND {found} < ?3"))
    }

    fn query(&self) -> String {
        let (whom, _, condition) = self.parts();
        let (what, limit) = (self.what, FOUND_MAX + 1);
        format!("SELECT {whom} FROM {what} WHERE network_id = ?1 AND {condition} LIMIT {limit}")
    }
}

/// Where a text is looked for.
pub(crate) fn lookups(text: &str) -> Vec<Lookup> {
    let text = text.trim();
    let is_imsi = text.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("IMSI"));
    let digits = if is_imsi { &text[4..] } else { text };
    let mut lookups = Vec::new();
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        lookups.push(Lookup::new("entities", entity_type::SUBSCRIBER, format!("IMSI{digits}")));
    }
    if !is_imsi {
        let numbers = BTreeSet::from([text, text.trim_start_matches('+')]);
        lookups.extend(numbers.into_iter().map(|number| Lookup::new("msisdns", "", number)));
    }
    if text.contains(['.', ':']) {
        let text = text.to_lowercase();
        lookups.push(Lookup::new("state_links", LinkKind::Ip.as_str(), text.as_str()));
        lookups.push(Lookup::new("subscriber_terms", STATIC_IP, text));
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    lookups.push(Lookup::new("subscriber_terms", NAME, words.join(" ").to_lowercase()));
    lookups
}

/// The subscriber of a device: an address is of a subscriber's APN, `IMSI….internet`.
pub(crate) fn of_device(device: &str) -> String {
    device.split('.').next().unwrap_or_default().to_owned()
}

/// The queries of all lookups, for the tests.
#[cfg(test)]
pub(crate) fn text_queries() -> Vec<String> {
    let lookups = lookups("1.1").into_iter().chain(lookups("IMSI1"));
    lookups.map(|lookup| lookup.query()).collect()
}

/// Ids that a text finds.
#[derive(Default)]
struct Named {
    /// Of subscribers.
    sure: BTreeSet<String>,
    /// Of who has a number or an address, and may not be configured.
    unsure: BTreeSet<String>,
}

/// Something that is looked for.
struct Search<'a> {
    transaction: &'a Transaction<'a>,
    network: &'a NetworkId,
    filter: &'a SubscriberFilter,
}

impl Search<'_> {
    /// The ids of who is let through, in order, and whether there may be more of them.
    fn ids(&self) -> Result<(Vec<String>, bool), StoreError> {
        let mut found = if self.filter.text.trim().is_empty() {
            self.driven()?
        } else {
            let Named { mut sure, unsure } = self.named()?;
            sure.extend(self.confirmed(unsure, false)?);
            let is_cut = sure.len() > FOUND_MAX;
            let SubscriberFilter { state, plan, has, .. } = self.filter;
            if !(state.is_empty() && plan.is_empty() && has.is_empty()) {
                return Ok((self.confirmed(sure.into_iter().take(FOUND_MAX).collect(), true)?, is_cut));
            }
            sure.into_iter().collect()
        };
        let is_cut = found.len() > FOUND_MAX;
        found.truncate(FOUND_MAX);
        Ok((found, is_cut))
    }

    /// Those of the ids that are subscribers, and meet the conditions when they are to.
    fn confirmed(&self, ids: BTreeSet<String>, is_filtered: bool) -> Result<Vec<String>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut found = Vec::new();
        for ids in ids.chunks(BATCH) {
            let mut parameters = batch(self.network, ids);
            let conditions = if is_filtered { self.conditions(&mut parameters) } else { String::new() };
            let sql = format!(
                "SELECT e.entity_key FROM entities e WHERE e.network_id = ?1 AND e.type = 'subscriber' \
                 AND e.entity_key IN ({}){conditions} ORDER BY e.entity_key",
                places(2),
            );
            found.extend(rows::<String>(self.transaction, &sql, parameters, |row| row.get(0))?);
        }
        Ok(found)
    }

    /// The ids that the text finds.
    fn named(&self) -> Result<Named, StoreError> {
        let mut named = Named::default();
        for lookup in lookups(&self.filter.text) {
            let place = (self.network.as_str(), &lookup.text, &lookup.end());
            let found: Vec<String> = rows(self.transaction, &lookup.query(), place, |row| row.get(0))?;
            let into = if lookup.is_sure() { &mut named.sure } else { &mut named.unsure };
            into.extend(found.iter().map(|whom| of_device(whom)));
        }
        Ok(named)
    }

    /// Who meets the conditions, without a text: beginning with the one that the fewest meet most likely.
    fn driven(&self) -> Result<Vec<String>, StoreError> {
        let SubscriberFilter { state, plan, has, .. } = self.filter;
        let mut parameters = vec![self.network.to_string()];
        let mut from = "entities e WHERE e.network_id = ?1 AND e.type = 'subscriber'".to_owned();
        if let Some((entity_type, key)) = has.first() {
            parameters.push(key.clone());
            from = format!("entities e, {HOLDERS} AND d.to_type = '{entity_type}' AND d.to_key = ?2");
        } else {
            let unusual = [(STATE, state, USUAL_STATE), (PLAN, plan, USUAL_PLAN)];
            let first = unusual.into_iter().find(|(_, value, usual)| !value.is_empty() && value != usual);
            if let Some((kind, value, _)) = first {
                parameters.push(value.clone());
                from = format!("entities e, {UNUSUAL} AND d.kind = '{kind}' AND d.term = ?2");
            }
        }
        let conditions = self.conditions(&mut parameters);
        let limit = FOUND_MAX + 1;
        let sql = format!("SELECT e.entity_key FROM {from}{conditions} ORDER BY e.entity_key LIMIT {limit}");
        rows(self.transaction, &sql, parameters, |row| row.get(0))
    }

    /// What else is asked for, as the end of a condition on `e`.
    fn conditions(&self, parameters: &mut Vec<String>) -> String {
        let SubscriberFilter { state, plan, has, .. } = self.filter;
        let mut place = |value: &str| {
            parameters.push(value.to_owned());
            format!("?{}", parameters.len())
        };
        let mut conditions = String::new();
        for (kind, value, usual) in [(STATE, state, USUAL_STATE), (PLAN, plan, USUAL_PLAN)] {
            let terms = format!(
                "EXISTS (SELECT 1 FROM subscriber_terms t WHERE t.network_id = e.network_id \
                 AND t.subscriber_id = e.entity_key AND t.kind = '{kind}'"
            );
            match value.as_str() {
                "" => {}
                value if value == usual => conditions += &format!(" AND NOT {terms})"),
                value => conditions += &format!(" AND {terms} AND t.term = {})", place(value)),
            }
        }
        for (entity_type, key) in has {
            conditions += &format!(
                " AND EXISTS (SELECT 1 FROM edges h WHERE h.network_id = e.network_id AND h.from_type = 'subscriber' \
                 AND h.from_key = e.entity_key AND h.to_type = '{entity_type}' AND h.to_key = {})",
                place(key)
            );
        }
        conditions
    }
}
