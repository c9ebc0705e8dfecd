//! The events that a gateway has (`event_registry` of `eventd.yml`), and their schemas.
//!
//! Schemas are Swagger documents below `schema_dir`: `<module>/<filename>`, or `<module>/swagger/specs/<filename>`, which
//! is their place in Magma's Python packages. One that is not there cannot be checked: its events are taken, and the
//! log says so once.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use magma_config::{EventType, yaml_to_json};
use serde_json::Value;

use crate::schema;

/// The largest schema that is read; real ones have some kilobytes.
const SCHEMA_BYTES_MAX: u64 = 1 << 20;

/// The types that the agent itself has; a registry of an older release may lack them.
const OF_THE_AGENT: [&str; 6] = [
    "deleted_stored_mconfig",
    "disconnected_sync_rpc_stream",
    "established_sync_rpc_stream",
    "processed_updates",
    "restarted_services",
    "updated_stored_mconfig",
];

/// The events of a gateway.
#[derive(Debug)]
pub struct EventTypes {
    /// None where nothing says which there are: then all are taken.
    registry: Option<BTreeMap<String, EventType>>,
    schema_dir: PathBuf,
    /// By file; none for a schema that cannot be used.
    schemas: Mutex<BTreeMap<PathBuf, Option<Arc<Value>>>>,
}

impl EventTypes {
    /// The types of `registry`, whose schemas are in `schema_dir`.
    pub fn new(registry: Option<BTreeMap<String, EventType>>, schema_dir: PathBuf) -> Self {
        Self { registry, schema_dir, schemas: Mutex::default() }
    }

    /// Holds an event's value against its schema. Returns whether a delivery that failed shall be repeated, by
    /// `retry_on_failure`.
    ///
    /// # Errors
    /// Why it is not taken: its type is unknown, or the value does not fit.
    pub(crate) fn check(&self, event_type: &str, value: &Value) -> Result<bool, String> {
        let Some(registry) = &self.registry else { return Ok(false) };
        match registry.get(event_type) {
            Some(known) => self.check_schema(event_type, known, value).map(|()| known.retry_on_failure),
            None if OF_THE_AGENT.contains(&event_type) => Ok(false),
            None => Err(format!("{event_type:?} is not in event_registry of eventd.yml")),
        }
    }

    fn check_schema(&self, event_type: &str, known: &EventType, value: &Value) -> Result<(), String> {
        if known.filename.is_empty() {
            return Ok(());
        }
        let Some(document) = self.schema(known) else { return Ok(()) };
        match document.get("definitions").and_then(|definitions| definitions.get(event_type)) {
            Some(definition) => schema::check(value, definition, &document),
            None => Err(format!("{event_type:?} is not defined in {}/{}", known.module, known.filename)),
        }
    }

    fn schema(&self, known: &EventType) -> Option<Arc<Value>> {
        let folder = self.schema_dir.join(&known.module);
        let file = folder.join(&known.filename);
        let mut schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = schemas.get(&file) {
            return schema.clone();
        }
        let packaged = folder.join("swagger/specs").join(&known.filename);
        let read = read(&file).or_else(|error| if packaged.exists() { read(&packaged) } else { Err(error) });
        let schema = read.map(Arc::new).map_err(|error| {
            tracing::warn!("events of {} are taken without a check: its schema {error}", file.display());
        });
        schemas.insert(file, schema.clone().ok());
        schema.ok()
    }
}

fn read(path: &Path) -> Result<Value, String> {
    let mut text = String::new();
    let opened = File::open(path).and_then(|file| file.take(SCHEMA_BYTES_MAX).read_to_string(&mut text));
    opened.map_err(|error: io::Error| format!("cannot be read: {error}"))?;
    yaml_to_json(&text).map_err(|mistake| format!("is no YAML: {mistake}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs;

    const MME: &str = "definitions:\n  attach: {type: object, required: [imsi]}\n";

    fn of(file: &str, retry_on_failure: bool) -> EventType {
        EventType { module: "lte".to_owned(), filename: file.to_owned(), retry_on_failure }
    }

    #[test]
    fn events_are_checked_as_far_as_their_schema_is_known() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("lte/swagger/specs")).unwrap();
        fs::write(folder.path().join("lte/mme.yml"), MME).unwrap();
        fs::write(folder.path().join("lte/swagger/specs/packaged.yml"), MME.replace("attach", "detach"))
            .unwrap();
        fs::write(folder.path().join("lte/broken.yml"), "definitions: [\n").unwrap();
        let registry = BTreeMap::from([
            ("attach".to_owned(), of("mme.yml", true)),
            ("undefined".to_owned(), of("mme.yml", false)),
            ("detach".to_owned(), of("packaged.yml", false)),
            ("unseen".to_owned(), of("absent.yml", true)),
            ("broken".to_owned(), of("broken.yml", false)),
            ("free".to_owned(), of("", false)),
        ]);
        let types = EventTypes::new(Some(registry), folder.path().to_owned());
        let sound = json!({"imsi": "x"});
        let rows: [(&str, &Value, Result<bool, &str>); 10] = [
            ("attach", &sound, Ok(true)),
            ("attach", &json!({}), Err("lacks the required property")),
            ("undefined", &sound, Err("is not defined in lte/mme.yml")),
            ("detach", &sound, Ok(false)),
            ("detach", &json!({}), Err("lacks the required property")),
            ("unseen", &json!(1), Ok(true)),
            ("broken", &json!(1), Ok(false)),
            ("free", &json!([]), Ok(false)),
            ("restarted_services", &json!({"services": []}), Ok(false)),
            ("invented", &sound, Err("\"invented\" is not in event_registry")),
        ];
        for (event_type, value, expected) in rows {
            match (types.check(event_type, value), expected) {
                (Ok(retry), Ok(expected)) => assert_eq!(retry, expected, "{event_type}"),
                (Err(message), Err(words)) => assert!(message.contains(words), "{event_type}: {message}"),
                (outcome, _) => panic!("{event_type}: {outcome:?}"),
            }
        }
    }

    #[test]
    fn without_a_registry_every_event_is_taken() {
        assert_eq!(EventTypes::new(None, PathBuf::new()).check("anything", &json!(1)), Ok(false));
    }
}
