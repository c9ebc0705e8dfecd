//! A directory record as the existing directory stores it: JSON that Python's `jsonpickle` made of an object.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The newest gateways that a record remembers.
pub const LOCATIONS_MAX: usize = 5;

/// Magma-compat: the name of a Python class, which the cloud and Python's readers expect in each record.
pub const RECORD_CLASS: &str = "magma.directoryd.rpc_servicer.DirectoryRecord";

/// Where a subscriber was seen, and his session's ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryRecord {
    /// Hardware ids of gateways, the newest first, [`LOCATIONS_MAX`] at most.
    pub location_history: Vec<String>,
    /// By name: `session_id`, `sgw_c_teid`, `mac_addr`, …
    pub identifiers: BTreeMap<String, String>,
}

impl DirectoryRecord {
    /// The record in a stored message; none when it is another thing.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(json).ok()?;
        let fields = fields(&value)?;
        let texts = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let locations = fields.get("location_history").and_then(Value::as_array);
        let identifiers = fields.get("identifiers").and_then(Value::as_object);
        if locations.is_none() && identifiers.is_none() {
            return None;
        }
        Some(Self {
            location_history: locations.into_iter().flatten().map(texts).collect(),
            identifiers: identifiers.into_iter().flatten().map(|(k, v)| (k.clone(), texts(v))).collect(),
        })
    }

    /// The message to be stored: without `py/state`, which every version of `jsonpickle` and the cloud read.
    pub fn to_json(&self) -> Vec<u8> {
        let value = json!({
            "py/object": RECORD_CLASS,
            "location_history": self.location_history,
            "identifiers": self.identifiers,
        });
        value.to_string().into_bytes()
    }

    /// Notes that the subscriber is at the gateway of this hardware id now.
    pub fn moved_to(&mut self, hardware_id: &str) {
        if self.location_history.first().is_none_or(|newest| newest != hardware_id) {
            self.location_history.insert(0, hardware_id.to_owned());
            self.location_history.truncate(LOCATIONS_MAX);
        }
    }
}

/// The object's attributes: beside its class; or in `py/state`, as `jsonpickle` 2 and 3 wrote them under Python 3.11,
/// there as an object or, for a class with slots, as a pair of nothing and an object.
fn fields(value: &Value) -> Option<&Map<String, Value>> {
    let object = value.as_object()?;
    match object.get("py/state") {
        None => Some(object),
        Some(Value::Object(state)) => match state.get("py/tuple") {
            None => Some(state),
            Some(pair) => second(pair),
        },
        Some(pair) => second(pair),
    }
}

fn second(pair: &Value) -> Option<&Map<String, Value>> {
    pair.as_array()?.get(1)?.as_object()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_in_which_python_wrote_a_record_is_read() {
        let attributes = r#""location_history": ["hw2", "hw1"], "identifiers": {"session_id": "s-1"}"#;
        let expected = DirectoryRecord {
            location_history: vec!["hw2".into(), "hw1".into()],
            identifiers: [("session_id".to_owned(), "s-1".to_owned())].into(),
        };
        for (name, json) in [
            ("flat", format!(r#"{{"py/object": "{RECORD_CLASS}", {attributes}}}"#)),
            ("py/state", format!(r#"{{"py/object": "{RECORD_CLASS}", "py/state": {{{attributes}}}}}"#)),
            (
                "slots",
                format!(r#"{{"py/object": "x", "py/state": {{"py/tuple": [null, {{{attributes}}}]}}}}"#),
            ),
            ("slots as a list", format!(r#"{{"py/object": "x", "py/state": [null, {{{attributes}}}]}}"#)),
            ("ours", String::from_utf8(expected.to_json()).unwrap()),
        ] {
            assert_eq!(DirectoryRecord::parse(json.as_bytes()), Some(expected.clone()), "{name}");
        }
    }

    #[test]
    fn what_is_no_record_is_none() {
        for json in ["", "x", "[]", "{}", "7", r#"{"py/state": null}"#, r#"{"py/state": {"py/tuple": [1]}}"#]
        {
            assert_eq!(DirectoryRecord::parse(json.as_bytes()), None, "{json}");
        }
        let record = DirectoryRecord::parse(br#"{"identifiers": {"port": 7}}"#).unwrap();
        assert_eq!(record.identifiers["port"], "7", "a number is taken as text");
    }

    #[test]
    fn the_last_five_gateways_are_remembered() {
        let mut record = DirectoryRecord::default();
        for hardware_id in ["a", "b", "b", "c", "d", "e", "a", "f"] {
            record.moved_to(hardware_id);
        }
        assert_eq!(record.location_history, ["f", "a", "e", "d", "c"]);
    }
}
