//! Objects of all networks that somebody sees, found by a text: one question a kind, whatever the number of networks.
//! Of subscribers, who are many, by the beginning of what is indexed; of the others by any part of their names.

use crate::row::{Transaction, rows};
use crate::subscriber_search::{Lookup, lookups, of_device};
use crate::subscribers::{BATCH, places};
use crate::{Store, StoreError};
use orc8r_model::{Network, entity_type};
use std::collections::BTreeMap;

/// Kinds of objects, in the order in which equally good ones are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A network.
    Network,
    /// A gateway, of whatever kind.
    Gateway,
    /// A base station.
    Enodeb,
    /// A citizens broadband radio; its name is its serial number.
    Cbsd,
    /// A subscriber.
    Subscriber,
    /// An access point name.
    Apn,
    /// A policy rule.
    Policy,
    /// Policies under one name.
    BaseName,
    /// A rating group.
    RatingGroup,
    /// Gateways that share the work of an MME.
    GatewayPool,
    /// A version that gateways are brought to.
    Tier,
}

/// The kinds of which there are few enough to look at each, and where they are kept.
const FEW: [(ObjectKind, Kept); 9] = [
    (ObjectKind::Gateway, Kept::Entities(entity_type::MAGMAD_GATEWAY)),
    (ObjectKind::Enodeb, Kept::Entities(entity_type::CELLULAR_ENODEB)),
    (ObjectKind::Cbsd, Kept::Cbsds),
    (ObjectKind::Apn, Kept::Entities(entity_type::APN)),
    (ObjectKind::Policy, Kept::Entities(entity_type::POLICY)),
    (ObjectKind::BaseName, Kept::Entities(entity_type::BASE_NAME)),
    (ObjectKind::RatingGroup, Kept::Entities(entity_type::RATING_GROUP)),
    (ObjectKind::GatewayPool, Kept::Entities(entity_type::CELLULAR_GATEWAY_POOL)),
    (ObjectKind::Tier, Kept::Entities(entity_type::UPGRADE_TIER)),
];

/// Where objects of a kind are kept.
#[derive(Clone, Copy)]
enum Kept {
    /// As entities of this type.
    Entities(&'static str),
    /// In a table of their own.
    Cbsds,
}

impl Kept {
    /// All of them, each with what it is known by.
    fn rows(self) -> String {
        match self {
            Self::Entities(of) => {
                format!("SELECT network_id, entity_key, name, physical_id FROM entities WHERE type = '{of}'")
            }
            Self::Cbsds => "SELECT network_id, CAST(id AS TEXT) AS entity_key, serial_number AS name, \
                            CAST(NULL AS TEXT) AS physical_id FROM cbsds"
                .to_owned(),
        }
    }
}

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// The text.
    pub text: String,
    /// Where: nothing of another network is found.
    pub networks: Vec<Network>,
    /// The id of the network whose objects come first; empty: none.
    pub first: String,
    /// At most so many of each kind.
    pub limit: u32,
}

/// An object that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundObject {
    /// What it is.
    pub kind: ObjectKind,
    /// The id of its network.
    pub network: String,
    /// Its id.
    pub id: String,
    /// Its name, which may be empty.
    pub name: String,
    /// What the text was found in, when that is neither its id nor its name: a hardware id, a number, an address.
    pub matched: String,
    fit: Fit,
}

/// How well something fits a text, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Exact,
    Beginning,
    Part,
}

impl Fit {
    fn of(text: &str, found: &str) -> Option<Self> {
        let found = found.to_ascii_lowercase();
        match found.find(text)? {
            0 if found.len() == text.len() => Some(Self::Exact),
            0 => Some(Self::Beginning),
            _ => Some(Self::Part),
        }
    }
}

impl Store {
    /// What a text finds: the best first, and of equally good ones those of the first network.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn search(&self, wanted: Wanted) -> Result<Vec<FoundObject>, StoreError> {
        if wanted.text.trim().is_empty() {
            return Ok(Vec::new());
        }
        self.read(move |transaction| Search { transaction, wanted: &wanted }.all()).await
    }
}

/// Objects of a kind by a part of a name: ?1 is the text, ?2 what has it, ?3 what begins with it, ?4 the first network,
/// and from ?5 on are the networks.
fn few_query(kept: Kept, limit: u32) -> String {
    let any = |condition: &str| {
        ["entity_key", "name", "physical_id"]
            .map(|column| format!("lower({column}) {condition}"))
            .join(" OR ")
    };
    let (exact, part, beginning) = (any("= ?1"), any("LIKE ?2 ESCAPE '!'"), any("LIKE ?3 ESCAPE '!'"));
    format!(
        "SELECT * FROM ({}) AS found WHERE network_id IN ({}) \
         AND ({part}) ORDER BY CASE WHEN {exact} THEN 0 WHEN {beginning} THEN 1 ELSE 2 END, \
         CASE WHEN network_id = ?4 THEN 0 ELSE 1 END, network_id, entity_key LIMIT {limit}",
        kept.rows(),
        places(5)
    )
}

/// Whom a lookup finds, in the first network ?1 and in the networks from ?4 on, so many of each: without an order,
/// so that no more are read than are told.
fn many_query(lookup: &Lookup, limit: u32) -> String {
    let (whom, found, condition) = lookup.parts();
    let select = format!("SELECT network_id, {whom}, {found} FROM {} WHERE", lookup.what);
    format!(
        "SELECT * FROM ({select} network_id = ?1 AND {condition} LIMIT {limit}) AS own UNION ALL \
         SELECT * FROM ({select} network_id IN ({}) AND {condition} LIMIT {limit}) AS others",
        places(4)
    )
}

/// The names of so many subscribers, each given by its network and its id.
fn names_query(count: usize) -> String {
    let pairs: Vec<String> = (0..count).map(|at| format!("(?{}, ?{})", 2 * at + 1, 2 * at + 2)).collect();
    format!(
        "WITH wanted (network, id) AS (VALUES {}) SELECT s.network_id, s.entity_key, s.name FROM wanted \
         CROSS JOIN entities s WHERE s.network_id = wanted.network AND s.type = 'subscriber' AND s.entity_key = wanted.id",
        pairs.join(", ")
    )
}

/// All queries, for the tests.
#[cfg(test)]
pub(crate) fn queries() -> Vec<String> {
    let many = lookups("1.1").into_iter().chain(lookups("IMSI1"));
    let many = many.map(|lookup| many_query(&lookup, 8));
    many.chain(FEW.map(|(_, kept)| few_query(kept, 8))).chain([names_query(3)]).collect()
}

struct Search<'a> {
    transaction: &'a Transaction<'a>,
    wanted: &'a Wanted,
}

/// Of a subscriber: its network and its id.
type Place = (String, String);

impl Search<'_> {
    fn all(&self) -> Result<Vec<FoundObject>, StoreError> {
        let mut all = self.best(self.networks());
        for (kind, kept) in FEW {
            all.extend(self.best(self.few(kind, kept)?));
        }
        all.extend(self.best(self.subscribers()?));
        self.order(&mut all);
        Ok(all)
    }

    fn order(&self, found: &mut [FoundObject]) {
        let is_elsewhere = |one: &FoundObject| one.network != self.wanted.first;
        found.sort_by(|one, other| {
            let key = |one: &FoundObject| (one.fit, is_elsewhere(one), one.kind);
            key(one).cmp(&key(other)).then_with(|| (&one.network, &one.id).cmp(&(&other.network, &other.id)))
        });
    }

    /// As many as are wanted of one kind.
    fn best(&self, mut found: Vec<FoundObject>) -> Vec<FoundObject> {
        self.order(&mut found);
        found.truncate(self.wanted.limit as usize);
        found
    }

    /// The text as both databases compare it: neither knows the small letters of all alphabets.
    fn text(&self) -> String {
        self.wanted.text.trim().to_ascii_lowercase()
    }

    fn networks(&self) -> Vec<FoundObject> {
        let text = self.text();
        let found = self.wanted.networks.iter().filter_map(|network| {
            let fit =
                [network.id.as_str(), &network.name].iter().filter_map(|of| Fit::of(&text, of)).min()?;
            let id = network.id.to_string();
            let (kind, name, matched) = (ObjectKind::Network, network.name.clone(), String::new());
            Some(FoundObject { kind, network: id.clone(), id, name, matched, fit })
        });
        found.collect()
    }

    /// Batches of networks, each filled up with its last one.
    fn batches(&self) -> impl Iterator<Item = Vec<String>> {
        let batch = |networks: &[Network]| {
            let ids = networks.iter().chain(networks.last().into_iter().cycle());
            ids.take(BATCH).map(|network| network.id.to_string()).collect()
        };
        self.wanted.networks.chunks(BATCH).map(batch)
    }

    fn few(&self, kind: ObjectKind, kept: Kept) -> Result<Vec<FoundObject>, StoreError> {
        let (text, sql) = (self.text(), few_query(kept, self.wanted.limit));
        let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        let mut found = Vec::new();
        for networks in self.batches() {
            let texts =
                [text.clone(), format!("%{escaped}%"), format!("{escaped}%"), self.wanted.first.clone()];
            let parameters: Vec<String> = texts.into_iter().chain(networks).collect();
            found.extend(rows(self.transaction, &sql, parameters, |row| {
                let (network, id, name): (_, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let physical_id = row.get::<Option<String>>(3)?.unwrap_or_default();
                let by_name = Fit::of(&text, &id).into_iter().chain(Fit::of(&text, &name)).min();
                let by_hardware = Fit::of(&text, &physical_id);
                let fit = by_name.into_iter().chain(by_hardware).min().unwrap_or(Fit::Part);
                let matched = if by_name.is_none() { physical_id } else { String::new() };
                Ok(FoundObject { kind, network, id, name, matched, fit })
            })?);
        }
        Ok(found)
    }

    fn subscribers(&self) -> Result<Vec<FoundObject>, StoreError> {
        let mut best: BTreeMap<Place, (Fit, String)> = BTreeMap::new();
        for lookup in lookups(&self.wanted.text) {
            for (place, found) in self.many(&lookup)? {
                let fit = if found == lookup.text { Fit::Exact } else { Fit::Beginning };
                let new = (fit, if lookup.is_by_name() { String::new() } else { found });
                let known = best.entry(place).or_insert_with(|| new.clone());
                *known = new.min(known.clone());
            }
        }
        self.named(best)
    }

    fn many(&self, lookup: &Lookup) -> Result<Vec<(Place, String)>, StoreError> {
        let sql = many_query(lookup, self.wanted.limit);
        let mut found = Vec::new();
        for networks in self.batches() {
            let own = networks.iter().find(|id| **id == self.wanted.first).cloned().unwrap_or_default();
            let texts = [own, lookup.text.clone(), lookup.end()];
            let parameters: Vec<String> = texts.into_iter().chain(networks).collect();
            found.extend(rows(self.transaction, &sql, parameters, |row| {
                let whom: String = row.get(1)?;
                Ok(((row.get(0)?, of_device(&whom)), row.get(2)?))
            })?);
        }
        Ok(found)
    }

    /// Those who are configured, with their names.
    fn named(&self, best: BTreeMap<Place, (Fit, String)>) -> Result<Vec<FoundObject>, StoreError> {
        let places: Vec<&Place> = best.keys().collect();
        let mut found = Vec::new();
        for places in places.chunks(BATCH) {
            let parameters: Vec<&str> =
                places.iter().flat_map(|(network, id)| [network.as_str(), id.as_str()]).collect();
            found.extend(rows(self.transaction, &names_query(places.len()), parameters, |row| {
                let place: Place = (row.get(0)?, row.get(1)?);
                Ok((place, row.get::<String>(2)?))
            })?);
        }
        let found = found.into_iter().filter_map(|(place, name)| {
            let (fit, matched) = best.get(&place)?.clone();
            let (network, id) = place;
            Some(FoundObject { kind: ObjectKind::Subscriber, network, id, name, matched, fit })
        });
        Ok(found.collect())
    }
}
