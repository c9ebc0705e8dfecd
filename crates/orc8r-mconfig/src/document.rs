//! The document as gateways get it on the `configs` stream.

use std::collections::BTreeMap;

use orc8r_model::GatewayNeighbourhood;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use wire_json::MconfigTypes;

use crate::entries::{Builder, Entries, EntryError};
use crate::{base, carrier_wifi, federation, lte};

/// Every builder, in the order in which they are asked.
const BUILDERS: &[Builder] = &[base::build, lte::build, federation::build, carrier_wifi::build];

/// Builds documents.
pub struct MconfigBuilder {
    types: MconfigTypes,
    builders: Vec<Builder>,
}

/// A gateway's document, and what had to be left out of it.
#[derive(Debug)]
pub struct BuiltMconfig {
    /// The services' configurations as JSON, each with its `@type`.
    pub configs: BTreeMap<&'static str, Value>,
    /// SHA-256 of the configurations, in hex: the same for the same content, whenever it was built.
    pub digest: String,
    /// What could not be built.
    pub problems: Vec<EntryProblem>,
}

/// An entry that is missing or lacks something, and why.
#[derive(Debug, thiserror::Error)]
#[error("{} for {service}: {error}", if *.delivered { "incomplete configuration" } else { "no configuration" })]
pub struct EntryProblem {
    /// The service that is concerned.
    pub service: &'static str,
    /// Whether the service gets a configuration all the same.
    pub delivered: bool,
    /// Why.
    pub error: EntryError,
}

impl MconfigBuilder {
    /// A builder of all that this version knows.
    pub fn new() -> Self {
        Self { types: MconfigTypes::load(), builders: BUILDERS.to_vec() }
    }

    /// Builds the document of one gateway. Equal neighbourhoods give equal documents.
    pub fn build(&self, neighbourhood: &GatewayNeighbourhood) -> BuiltMconfig {
        let mut entries = Entries::default();
        for builder in &self.builders {
            builder(neighbourhood, &mut entries);
        }
        let (messages, mut problems) = entries.into_parts();
        let mut configs = BTreeMap::new();
        for (service, message) in messages {
            match self.types.encode_any(&message) {
                Ok(json) => drop(configs.insert(service, json)),
                Err(error) => problems.push((service, error.into())),
            }
        }
        let problem = |(service, error)| {
            let delivered = configs.contains_key(service);
            EntryProblem { service, delivered, error }
        };
        let problems = problems.into_iter().map(problem).collect();
        BuiltMconfig { digest: digest(&configs), configs, problems }
    }
}

impl Default for MconfigBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl BuiltMconfig {
    /// The value of the `configs` stream: `{"configsByKey":{…},"metadata":{"created_at":…}}`.
    ///
    /// `created_at` is in seconds since 1970, and a plain number, as in Magma.
    ///
    /// Deviation: it is meant to be the time at which this content was first built. Magma puts the time of the
    /// poll, so that the document differs at each one and gateways rewrite their file every minute.
    pub fn to_stream_value(&self, created_at: u64) -> Vec<u8> {
        let document = Document { configs_by_key: &self.configs, metadata: Metadata { created_at } };
        json(&document)
    }
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "configsByKey")]
    configs_by_key: &'a BTreeMap<&'static str, Value>,
    metadata: Metadata,
}

#[derive(Serialize)]
struct Metadata {
    created_at: u64,
}

fn digest(configs: &BTreeMap<&'static str, Value>) -> String {
    Sha256::digest(json(configs)).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value)
        .expect("invariant: maps with text keys, numbers and JSON values have a JSON form")
}
