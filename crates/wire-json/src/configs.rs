//! The configurations of a whole `gateway.mconfig`, each read by itself.
//!
//! A gateway must accept what it knows of a configuration from a newer cloud, or of a module that it does not run:
//! an entry that cannot be decoded is kept as it is, with the reason, and the others are not affected.

use crate::{DecodeError, MconfigTypes};
use prost_types::Any;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The entries of a gateway configuration by service name.
#[derive(Debug, Default)]
pub struct DecodedConfigs {
    /// What could be decoded.
    pub known: BTreeMap<String, Any>,
    /// What could not, as it stood in the document.
    pub unknown: BTreeMap<String, UndecodedConfig>,
}

/// One service's configuration that this version cannot decode.
#[derive(Debug)]
pub struct UndecodedConfig {
    /// The entry as it stood in the document.
    pub json: Value,
    /// Why it was not decoded: an unknown `@type`, or a field that does not fit.
    pub reason: DecodeError,
}

/// Why a document is not a gateway configuration at all.
#[derive(Debug, thiserror::Error)]
pub enum ConfigsError {
    /// The bytes are not JSON.
    #[error("the gateway configuration is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// The document, or its map of configurations, is not an object.
    #[error("the gateway configuration's {place} is not a JSON object")]
    NotAnObject {
        /// The part that is of the wrong kind.
        place: &'static str,
    },
}

/// Both spellings of the map's name, in the order in which later entries win.
/// Magma-compat: shipped defaults say `configs_by_key`, the cloud says `configsByKey`, and readers merge both.
const MAP_NAMES: [&str; 2] = ["configs_by_key", "configsByKey"];

impl MconfigTypes {
    /// Decodes each entry of a `gateway.mconfig` document by itself.
    ///
    /// A document without entries is an empty configuration; its metadata is not looked at.
    ///
    /// # Errors
    /// [`ConfigsError`] when the document as a whole is unreadable; never because of one entry.
    pub fn decode_configs(&self, json: &[u8]) -> Result<DecodedConfigs, ConfigsError> {
        let mut decoded = DecodedConfigs::default();
        for (key, json) in entries(json)? {
            match self.decode_any(&json) {
                Ok(any) => {
                    decoded.known.insert(key, any);
                }
                Err(reason) => {
                    decoded.unknown.insert(key, UndecodedConfig { json, reason });
                }
            }
        }
        Ok(decoded)
    }
}

fn entries(json: &[u8]) -> Result<Map<String, Value>, ConfigsError> {
    let Value::Object(mut document) = serde_json::from_slice(json)? else {
        return Err(ConfigsError::NotAnObject { place: "document" });
    };
    let mut merged = Map::new();
    for name in MAP_NAMES {
        match document.remove(name) {
            Some(Value::Object(entries)) => merged.extend(entries),
            None | Some(Value::Null) => {}
            Some(_) => return Err(ConfigsError::NotAnObject { place: name }),
        }
    }
    Ok(merged)
}
