//! By what else than his id a subscriber is looked for: written with him, in one transaction, so never older than he is.

use crate::StoreError;
use crate::row::{Transaction, execute, row, rows};
use serde_json::Value;
use std::collections::BTreeSet;

/// Each word of the name with all that follows it, in small letters: so that a search for the beginning of any finds it.
pub(crate) const NAME: &str = "name";
/// The addresses that he always gets.
pub(crate) const STATIC_IP: &str = "static_ip";
/// The state of who is not active.
pub(crate) const STATE: &str = "state";
/// The data plan of who has not the one that all networks have.
pub(crate) const PLAN: &str = "plan";

/// The state that most are in.
pub(crate) const USUAL_STATE: &str = "ACTIVE";
/// The data plan that every network has.
pub(crate) const USUAL_PLAN: &str = "default";

/// Words of a name that are looked for, and letters of each.
const WORDS_MAX: usize = 8;
const LETTERS_MAX: usize = 60;
/// Static addresses of one subscriber that are looked for.
const ADDRESSES_MAX: usize = 32;
/// Subscribers that are read at once when all are.
const PAGE: i64 = 1_000;

type Terms = BTreeSet<(&'static str, String)>;

/// What a subscriber of this name and configuration is found by.
fn terms(name: &str, config: Option<&Value>) -> Terms {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split_whitespace().collect();
    let from = |at: usize| words[at..].join(" ").chars().take(LETTERS_MAX).collect::<String>();
    let mut terms: Terms = (0..words.len().min(WORDS_MAX)).map(|at| (NAME, from(at))).collect();
    let Some(config) = config else { return terms };
    let text = |name: &str| config["lte"][name].as_str().unwrap_or_default();
    for (kind, value, usual) in [(STATE, text("state"), USUAL_STATE), (PLAN, text("sub_profile"), USUAL_PLAN)]
    {
        if !value.is_empty() && value != usual {
            terms.insert((kind, value.to_owned()));
        }
    }
    let addresses = config["static_ips"].as_object().into_iter().flatten().filter_map(|(_, ip)| ip.as_str());
    terms.extend(addresses.take(ADDRESSES_MAX).map(|ip| (STATIC_IP, ip.to_owned())));
    terms
}

/// Writes what a new subscriber is found by.
pub(crate) fn add(
    transaction: &Transaction<'_>,
    (network, subscriber): (&str, &str),
    name: &str,
    config: Option<&Value>,
) -> Result<(), StoreError> {
    terms(name, config).iter().try_for_each(|(kind, term)| {
        let sql = "INSERT INTO subscriber_terms (network_id, kind, term, subscriber_id) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT DO NOTHING";
        execute(transaction, sql, (network, *kind, term, subscriber)).map(drop)
    })
}

/// Writes what of it has changed after a subscriber was changed.
pub(crate) fn renew(transaction: &Transaction<'_>, place: (&str, &str)) -> Result<(), StoreError> {
    let sql =
        "SELECT name, config FROM entities WHERE network_id = ?1 AND type = 'subscriber' AND entity_key = ?2";
    let found: Option<(String, Option<String>)> =
        row(transaction, sql, place, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((name, config)) = found else { return remove(transaction, place) };
    let config = config.and_then(|text| serde_json::from_str(&text).ok());
    let sql = "SELECT kind, term FROM subscriber_terms WHERE network_id = ?1 AND subscriber_id = ?2";
    let present: Vec<(String, String)> = rows(transaction, sql, place, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let wanted = terms(&name, config.as_ref());
    let is_same = present.len() == wanted.len()
        && present.iter().all(|(kind, term)| wanted.iter().any(|(one, other)| one == kind && other == term));
    if is_same {
        return Ok(());
    }
    remove(transaction, place)?;
    add(transaction, place, &name, config.as_ref())
}

/// Forgets a subscriber.
pub(crate) fn remove(transaction: &Transaction<'_>, place: (&str, &str)) -> Result<(), StoreError> {
    let sql = "DELETE FROM subscriber_terms WHERE network_id = ?1 AND subscriber_id = ?2";
    execute(transaction, sql, place).map(drop)
}

/// Writes what all subscribers are found by, for a database that did not do so.
pub(crate) fn fill(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    type Read = (String, String, String, Option<String>);
    let mut after = (String::new(), String::new());
    loop {
        let sql = "SELECT network_id, entity_key, name, config FROM entities WHERE type = 'subscriber' \
                   AND (network_id, entity_key) > (?1, ?2) ORDER BY network_id, entity_key LIMIT ?3";
        let found: Vec<Read> = rows(transaction, sql, (&after.0, &after.1, PAGE), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        let Some((network, key, ..)) = found.last() else { return Ok(()) };
        after = (network.clone(), key.clone());
        for (network, key, name, config) in found {
            let config = config.and_then(|text| serde_json::from_str(&text).ok());
            add(transaction, (&network, &key), &name, config.as_ref())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_subscriber_is_found_by_each_word_and_by_what_is_not_usual() {
        let config =
            json!({"lte": {"state": "INACTIVE", "sub_profile": "gold"}, "static_ips": {"a": "10.0.0.1"}});
        let expect = [
            (NAME, "ann smith"),
            (NAME, "smith"),
            (PLAN, "gold"),
            (STATE, "INACTIVE"),
            (STATIC_IP, "10.0.0.1"),
        ];
        assert_eq!(
            terms("  Ann  SMITH ", Some(&config)),
            expect.map(|(kind, term)| (kind, term.to_owned())).into()
        );
        let usual = json!({"lte": {"state": "ACTIVE", "sub_profile": "default"}});
        assert_eq!(terms("", Some(&usual)), Terms::new());
        assert_eq!(terms("", None), Terms::new());
        let long = terms(&"wörter ".repeat(40), None);
        assert!(long.len() <= WORDS_MAX && long.iter().all(|(_, term)| term.chars().count() <= LETTERS_MAX));
    }
}
