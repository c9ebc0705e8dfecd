//! What the cloud is known to have.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};

/// A version that the cloud refused is offered again after this many rounds.
const REFUSED_ROUNDS: u64 = 10;

/// A version of a record. The contents count too: a table that was emptied counts its versions from 1 again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    number: u64,
    contents: u64,
}

impl Version {
    pub(crate) fn of(number: u64, message: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(message);
        Self { number, contents: hasher.finish() }
    }
}

/// The newest version of each record that the cloud has answered for.
#[derive(Debug, Default)]
pub(crate) struct Known {
    tables: Vec<BTreeMap<String, Answered>>,
    round: u64,
}

#[derive(Debug)]
struct Answered {
    version: Version,
    /// In which round it was seen last.
    seen: u64,
    /// When the cloud refused it: the round in which it is offered again.
    again: Option<u64>,
}

impl Known {
    pub(crate) fn new(tables: usize) -> Self {
        Self { tables: (0..tables).map(|_| BTreeMap::new()).collect(), round: 0 }
    }

    pub(crate) fn begin_round(&mut self) {
        self.round += 1;
    }

    /// Whether the cloud has to be told of this version.
    pub(crate) fn is_news(&mut self, table: usize, id: &str, version: Version) -> bool {
        let round = self.round;
        let Some(answered) = self.tables.get_mut(table).and_then(|table| table.get_mut(id)) else {
            return true;
        };
        answered.seen = round;
        answered.version != version || answered.again.is_some_and(|again| again <= round)
    }

    /// The cloud has this version.
    pub(crate) fn has(&mut self, table: usize, id: String, version: Version) {
        self.answer(table, id, version, None);
    }

    /// The cloud does not take this version.
    pub(crate) fn refuses(&mut self, table: usize, id: String, version: Version) {
        self.answer(table, id, version, Some(self.round + REFUSED_ROUNDS));
    }

    pub(crate) fn forget(&mut self, table: usize, id: &str) {
        if let Some(table) = self.tables.get_mut(table) {
            table.remove(id);
        }
    }

    pub(crate) fn forget_all(&mut self) {
        self.tables.iter_mut().for_each(BTreeMap::clear);
    }

    /// Forgets the records of a table that were not in it in this round.
    pub(crate) fn forget_unseen(&mut self, table: usize) {
        let round = self.round;
        if let Some(table) = self.tables.get_mut(table) {
            table.retain(|_, answered| answered.seen == round);
        }
    }

    fn answer(&mut self, table: usize, id: String, version: Version, again: Option<u64>) {
        let answered = Answered { version, seen: self.round, again };
        if let Some(table) = self.tables.get_mut(table) {
            table.insert(id, answered);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_cloud_does_not_have_is_news() {
        let mut known = Known::new(1);
        let (first, second) = (Version::of(1, b"a"), Version::of(2, b"b"));
        known.begin_round();
        assert!(known.is_news(0, "id", first));
        known.has(0, "id".into(), first);
        assert!(!known.is_news(0, "id", first));
        assert!(known.is_news(0, "id", second), "another version");
        assert!(known.is_news(0, "id", Version::of(1, b"x")), "the same number after the table was emptied");
        known.forget(0, "id");
        assert!(known.is_news(0, "id", first));
    }

    #[test]
    fn a_refused_version_waits_but_a_newer_one_does_not() {
        let mut known = Known::new(1);
        let version = Version::of(1, b"a");
        known.begin_round();
        known.refuses(0, "id".into(), version);
        for _ in 1..REFUSED_ROUNDS {
            known.begin_round();
            assert!(!known.is_news(0, "id", version));
        }
        assert!(known.is_news(0, "id", Version::of(2, b"a")));
        known.begin_round();
        assert!(known.is_news(0, "id", version));
    }

    #[test]
    fn records_that_are_gone_hold_no_memory() {
        let mut known = Known::new(2);
        known.begin_round();
        known.has(0, "gone".into(), Version::of(1, b""));
        known.has(0, "there".into(), Version::of(1, b""));
        known.has(1, "other".into(), Version::of(1, b""));
        known.begin_round();
        assert!(!known.is_news(0, "there", Version::of(1, b"")));
        known.forget_unseen(0);
        assert_eq!(known.tables.iter().map(BTreeMap::len).collect::<Vec<_>>(), [1, 1]);
    }
}
