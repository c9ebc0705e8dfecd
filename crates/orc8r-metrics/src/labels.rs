//! The names and labels of a series, and the bytes that stand for them.

use std::fmt;

/// The label that says which network a sample is of; only the Orchestrator writes it.
pub const NETWORK_LABEL: &str = "networkID";
/// The label that says which gateway a sample is of.
pub const GATEWAY_LABEL: &str = "gatewayID";
/// The label that holds a metric's name, as Prometheus has it.
pub const NAME_LABEL: &str = "__name__";

/// Names and values, each name once, in the order of the names; no value is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// Sorts the pairs; of two with one name the later counts, and an empty value is no label.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut labels = Self::default();
        for (name, value) in pairs {
            labels.set(&name, &value);
        }
        labels
    }

    /// The value of a label; empty when there is none, as in PromQL.
    pub fn get(&self, name: &str) -> &str {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name)).map_or("", |at| self.0[at].1.as_str())
    }

    /// Writes a label; an empty value takes it away.
    pub fn set(&mut self, name: &str, value: &str) {
        match self.0.binary_search_by(|(known, _)| known.as_str().cmp(name)) {
            Ok(at) if value.is_empty() => drop(self.0.remove(at)),
            Ok(at) => value.clone_into(&mut self.0[at].1),
            Err(_) if value.is_empty() => {}
            Err(at) => self.0.insert(at, (name.to_owned(), value.to_owned())),
        }
    }

    /// Takes a label away.
    pub fn remove(&mut self, name: &str) {
        self.set(name, "");
    }

    /// Keeps the labels whose names are wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(&str) -> bool) {
        self.0.retain(|(name, _)| wanted(name));
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Labels {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
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
