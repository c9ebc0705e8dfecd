//! The document as a whole: entries by service, kept as raw JSON so that what this agent does not know survives.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::MagmadMconfig;

/// A whole `gateway.mconfig`. Entries are raw JSON: unknown fields, unknown `@type`s and 64-bit numbers in strings
/// stay as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GatewayMconfig {
    configs: BTreeMap<String, Value>,
    rest: Map<String, Value>,
}

/// Why a `gateway.mconfig` could not be used.
#[derive(Debug, thiserror::Error)]
pub enum MconfigError {
    /// It is not JSON, or not an object.
    #[error("not a gateway.mconfig: {0}")]
    Malformed(String),
    /// It has no entry for any service.
    #[error("it has no entries: neither configsByKey nor configs_by_key names a service")]
    Empty,
    /// It is larger than any real one.
    #[error("it has {bytes} bytes, more than the {limit} that are accepted")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The entry of a service that is needed is absent.
    #[error("it has no entry for {service}")]
    NoEntry {
        /// The service.
        service: &'static str,
    },
    /// A field of a typed entry has the wrong type.
    #[error("{service}.{field} is {found}, but must be {expected}")]
    Field {
        /// The service whose entry it is.
        service: &'static str,
        /// The field as the document spells it.
        field: String,
        /// What the document has, shortened.
        found: String,
        /// What it should have.
        expected: &'static str,
    },
    /// Neither a stored nor a shipped one could be read.
    #[error("no usable gateway.mconfig: {reasons}; restore one of them, or let the cloud send a new one")]
    NoneUsable {
        /// Each place that was tried, with what was wrong there.
        reasons: String,
    },
    /// The file could not be written or removed.
    #[error("cannot write {}: {source}; check the free space and permissions there", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl GatewayMconfig {
    /// Parses a document with either spelling, `configsByKey` or `configs_by_key`.
    pub fn parse(bytes: &[u8]) -> Result<Self, MconfigError> {
        let _ = bytes;
        unimplemented!("being written")
    }

    /// The entry of `service`.
    pub fn get(&self, service: &str) -> Option<&Value> {
        self.configs.get(service)
    }

    /// The services that have an entry, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.configs.keys().map(String::as_str)
    }

    /// The agent's own entry, typed.
    pub fn magmad(&self) -> Result<MagmadMconfig, MconfigError> {
        unimplemented!("being written")
    }

    /// The raw `shared_mconfig` entry, whose change concerns every service.
    pub fn shared(&self) -> Option<&Value> {
        self.get("shared_mconfig")
    }

    /// `metadata.created_at` in seconds since 1970; 0 when absent.
    pub fn created_at(&self) -> u64 {
        let _ = &self.rest;
        unimplemented!("being written")
    }

    /// `metadata.digest.md5_hex_digest`; empty when absent.
    pub fn digest(&self) -> &str {
        unimplemented!("being written")
    }

    /// The document for the disk.
    pub fn to_json(&self) -> String {
        unimplemented!("being written")
    }

    /// The services whose entry differs in `newer`: added, changed or removed.
    pub fn changed_keys(&self, newer: &Self) -> BTreeSet<String> {
        let _ = newer;
        unimplemented!("being written")
    }

    /// The document with only the entries of `services`.
    pub fn filtered(&self, services: &BTreeSet<String>) -> Self {
        let _ = services;
        unimplemented!("being written")
    }
}
