//! Organisations that share an Orchestrator.

use std::collections::BTreeSet;

/// An organisation, and the networks that it owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Chosen by whoever makes it; the existing web UI takes the id that the organisation has there. Not negative.
    pub id: i64,
    /// A name for people.
    pub name: String,
    /// The ids of its networks. A network need not exist yet, and may belong to several.
    pub networks: BTreeSet<String>,
}
