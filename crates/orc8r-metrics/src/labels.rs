//! The names and labels of a series, and the bytes that stand for them.

use std::cmp::Ordering;
use std::fmt;

/// The label that says which network a sample is of; only the Orchestrator writes it.
pub const NETWORK_LABEL: &str = "networkID";
/// The label that says which gateway a sample is of.
pub const GATEWAY_LABEL: &str = "gatewayID";
/// The label that holds a metric's name, as Prometheus has it.
pub const NAME_LABEL: &str = "__name__";

/// Names and values, each name once, in the order of the names; no value is empty.
///
/// A query holds those of thousands of series at once: they are one text each, and not one for each name and value.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Labels {
    /// Names and values, one after the other.
    text: String,
    /// Where each of them ends in the text.
    ends: Vec<u32>,
}

impl Labels {
    /// Sorts the pairs; of two with one name the later counts, and an empty value is no label.
    pub fn from_pairs<T: AsRef<str>>(pairs: impl IntoIterator<Item = (T, T)>) -> Self {
        let pairs: Vec<(T, T)> = pairs.into_iter().collect();
        Self::from_borrowed(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect())
    }

    /// The same of pairs that somebody else holds.
    pub fn from_borrowed(mut pairs: Vec<(&str, &str)>) -> Self {
        pairs.sort_by_key(|(name, _)| *name);
        let counts = |at: &usize| {
            let is_last = pairs.get(at + 1).is_none_or(|(next, _)| *next != pairs[*at].0);
            is_last && !pairs[*at].1.is_empty()
        };
        let bytes = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
        let mut labels =
            Self { text: String::with_capacity(bytes), ends: Vec::with_capacity(pairs.len() * 2) };
        (0..pairs.len()).filter(counts).for_each(|at| labels.push(pairs[at]));
        labels
    }

    /// Adds one whose name comes after all others.
    fn push(&mut self, (name, value): (&str, &str)) {
        for part in [name, value] {
            self.text.push_str(part);
            // Longer texts than 4 GiB never come in: messages are bounded.
            self.ends.push(self.text.len() as u32);
        }
    }

    /// The value of a label; empty when there is none, as in PromQL.
    pub fn get(&self, name: &str) -> &str {
        self.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// Writes a label; an empty value takes it away.
    pub fn set(&mut self, name: &str, value: &str) {
        let changed = self.iter().filter(|(known, _)| *known != name).chain([(name, value)]);
        *self = Self::from_borrowed(changed.collect());
    }

    /// Takes a label away.
    pub fn remove(&mut self, name: &str) {
        self.retain(|known| known != name);
    }

    /// Keeps the labels whose names are wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(&str) -> bool) {
        let mut kept = Self::default();
        self.iter().filter(|(name, _)| wanted(name)).for_each(|pair| kept.push(pair));
        *self = kept;
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut begin = 0;
        self.ends.chunks_exact(2).map(move |ends| {
            let (middle, end) = (ends[0] as usize, ends[1] as usize);
            let pair = (&self.text[begin..middle], &self.text[middle..end]);
            begin = end;
            pair
        })
    }

    /// How many labels there are.
    pub const fn len(&self) -> usize {
        self.ends.len() / 2
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

impl Ord for Labels {
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Labels {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self::from_pairs(pairs)
    }
}

impl fmt::Display for Labels {
    /// As PromQL writes a selector: `name{label="value"}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get(NAME_LABEL))?;
        f.write_str("{")?;
        let labels = self.iter().filter(|(name, _)| *name != NAME_LABEL);
        for (at, (name, value)) in labels.enumerate() {
            write!(f, "{}{name}={value:?}", if at == 0 { "" } else { "," })?;
        }
        f.write_str("}")
    }
}
