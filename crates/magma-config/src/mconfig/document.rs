//! The document as a whole: entries by service, kept as raw JSON so that what this agent does not know survives.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value, json};

use super::{MagmadMconfig, MconfigError};

/// The two spellings of the key that holds the entries. Magma-compat: the first is read first, and where both name a
/// service, the second counts; it is also the one that is written.
const ENTRIES_KEYS: [&str; 2] = ["configs_by_key", "configsByKey"];

/// A whole `gateway.mconfig`. Entries are raw JSON: unknown fields, unknown `@type`s and 64-bit numbers in strings
/// stay as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GatewayMconfig {
    configs: BTreeMap<String, Value>,
    /// Everything beside the entries: `metadata`, and what may come.
    rest: Map<String, Value>,
}

/// How many values a document may have: a short one takes thirty times in memory what it takes in the file.
const VALUES_MAX: usize = 250_000;

impl GatewayMconfig {
    /// Parses a document with either spelling, `configsByKey` or `configs_by_key`.
    ///
    /// # Errors
    /// [`MconfigError::Malformed`], [`MconfigError::TooLarge`] and [`MconfigError::Empty`]: a document without any
    /// entry is a mistake, since each gateway has one at least.
    pub fn parse(bytes: &[u8]) -> Result<Self, MconfigError> {
        let limit = MconfigError::BYTES_MAX;
        if bytes.len() as u64 > limit {
            return Err(MconfigError::TooLarge { bytes: bytes.len() as u64, limit });
        }
        if bytes.iter().filter(|octet| matches!(octet, b',' | b'[' | b'{')).count() > VALUES_MAX {
            return Err(MconfigError::Malformed(format!("it has more than {VALUES_MAX} values")));
        }
        let mut rest: Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|error| MconfigError::Malformed(error.to_string()))?;
        let mut configs = BTreeMap::new();
        for key in ENTRIES_KEYS {
            match rest.remove(key) {
                Some(Value::Object(entries)) => configs.extend(entries),
                None | Some(Value::Null) => {}
                Some(_) => return Err(MconfigError::Malformed(format!("{key} is not an object"))),
            }
        }
        if configs.is_empty() {
            return Err(MconfigError::Empty);
        }
        Ok(Self { configs, rest })
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
    ///
    /// # Errors
    /// [`MconfigError::NoEntry`] and [`MconfigError::Field`].
    pub fn magmad(&self) -> Result<MagmadMconfig, MconfigError> {
        let entry = self.get("magmad").ok_or(MconfigError::NoEntry { service: "magmad" })?;
        MagmadMconfig::from_entry(entry)
    }

    /// The raw `shared_mconfig` entry, whose change concerns every service.
    pub fn shared(&self) -> Option<&Value> {
        self.get("shared_mconfig")
    }

    /// `metadata.created_at` (or `createdAt`), a number or a string, in seconds since 1970; 0 when absent.
    pub fn created_at(&self) -> u64 {
        match self.metadata(&["createdAt", "created_at"]) {
            Some(Value::Number(number)) => {
                number.as_u64().or_else(|| number.as_f64().map(|seconds| seconds as u64)).unwrap_or(0)
            }
            Some(Value::String(text)) => text.parse().unwrap_or(0),
            _ => 0,
        }
    }

    /// `metadata.digest.md5_hex_digest` (or `md5HexDigest`); empty when absent.
    pub fn digest(&self) -> &str {
        let digest = self.metadata(&["digest"]);
        let hex = digest.and_then(|digest| digest.get("md5HexDigest").or(digest.get("md5_hex_digest")));
        hex.and_then(Value::as_str).unwrap_or_default()
    }

    fn metadata(&self, spellings: &[&str]) -> Option<&Value> {
        let metadata = self.rest.get("metadata")?;
        spellings.iter().find_map(|key| metadata.get(key))
    }

    /// The document for the disk: `configsByKey`, keys sorted, indented by 4, so that Magma's services in any language
    /// read it, and equal documents are equal bytes.
    pub fn to_json(&self) -> String {
        let mut document = Value::Object(self.rest.clone());
        document[ENTRIES_KEYS[1]] = json!(self.configs);
        document.sort_all_objects();
        let mut bytes = Vec::new();
        let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"    "));
        serde::Serialize::serialize(&document, &mut serializer)
            .expect("invariant: a JSON value has text keys, and a Vec takes every write");
        String::from_utf8(bytes).expect("invariant: serde_json writes UTF-8")
    }

    /// The services whose entry differs in `newer`: added, changed or removed. Metadata does not count: the cloud
    /// sends a new `created_at` at every poll.
    pub fn changed_keys(&self, newer: &Self) -> BTreeSet<String> {
        let all = self.configs.keys().chain(newer.configs.keys());
        all.filter(|key| self.configs.get(*key) != newer.configs.get(*key)).cloned().collect()
    }

    /// The document with only the entries of `services`; it may have none.
    pub fn filtered(&self, services: &BTreeSet<String>) -> Self {
        let kept = self.configs.iter().filter(|(key, _)| services.contains(*key));
        Self {
            configs: kept.map(|(key, value)| (key.clone(), value.clone())).collect(),
            rest: self.rest.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> GatewayMconfig {
        GatewayMconfig::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn both_spellings_are_merged_and_camel_case_counts() {
        let mconfig = parse(
            r#"{"configsByKey": {"a": {"x": 2}, "c": {}}, "configs_by_key": {"a": {"x": 1}, "b": {}}}"#,
        );
        assert_eq!(mconfig.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(mconfig.get("a"), Some(&json!({"x": 2})));
        let written: Value = serde_json::from_str(&mconfig.to_json()).unwrap();
        assert_eq!(written, json!({"configsByKey": {"a": {"x": 2}, "b": {}, "c": {}}}));
    }

    #[test]
    fn what_is_not_known_survives() {
        let text = r#"{
    "configsByKey": {
        "new_service": {
            "@type": "type.googleapis.com/magma.mconfig.NotInventedYet",
            "PlmnIds": [],
            "big": "18446744073709551615",
            "latitude": 47.61210170000001,
            "ratio": 1.0
        }
    },
    "futureTopLevel": {
        "kept": true
    },
    "metadata": {
        "created_at": 1700000000,
        "digest": {
            "md5_hex_digest": "abc"
        }
    }
}"#;
        let mconfig = parse(text);
        assert_eq!(mconfig.to_json(), text);
        assert_eq!((mconfig.created_at(), mconfig.digest()), (1_700_000_000, "abc"));
    }

    #[test]
    fn the_time_of_creation_has_many_forms() {
        for (metadata, expected) in [
            (r#"{"created_at": 5}"#, 5),
            (r#"{"createdAt": "5"}"#, 5),
            (r#"{"createdAt": 5.0}"#, 5),
            (r#"{"created_at": "soon"}"#, 0),
            (r#"{"created_at": -5}"#, 0),
            ("{}", 0),
            ("null", 0),
        ] {
            let mconfig = parse(&format!(r#"{{"configsByKey": {{"a": {{}}}}, "metadata": {metadata}}}"#));
            assert_eq!(mconfig.created_at(), expected, "{metadata}");
        }
    }

    #[test]
    fn only_entries_count_as_changes() {
        let old = parse(
            r#"{"configsByKey": {"same": {"v": "1"}, "changed": {"v": 1}, "gone": {}}, "metadata": {"created_at": 1}}"#,
        );
        let new = parse(
            r#"{"configsByKey": {"same": {"v": "1"}, "changed": {"v": 2}, "added": {}}, "metadata": {"created_at": 2}}"#,
        );
        assert_eq!(old.changed_keys(&new).into_iter().collect::<Vec<_>>(), ["added", "changed", "gone"]);
        assert!(old.changed_keys(&old).is_empty());
    }

    #[test]
    fn a_filtered_view_has_only_its_services() {
        let all = parse(r#"{"configsByKey": {"a": {}, "b": {}, "c": {}}, "metadata": {"created_at": 1}}"#);
        let some = all.filtered(&BTreeSet::from(["a".to_owned(), "c".to_owned(), "not there".to_owned()]));
        assert_eq!(some.keys().collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(some.created_at(), 1);
        assert_eq!(all.keys().count(), 3);
    }

    #[test]
    fn what_is_no_mconfig_is_refused_with_a_reason() {
        for (text, part) in [
            ("", "EOF"),
            ("\0\0\0\0", "line 1"),
            (r#"{"configsByKey": {"a": {"#, "EOF"),
            ("[]", "expected"),
            (r#"{"configsByKey": []}"#, "configsByKey is not an object"),
            ("{}", "no entries"),
            (r#"{"configsByKey": {}}"#, "no entries"),
        ] {
            let error = GatewayMconfig::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
        let huge = vec![b' '; usize::try_from(MconfigError::BYTES_MAX).unwrap() + 1];
        assert!(matches!(GatewayMconfig::parse(&huge), Err(MconfigError::TooLarge { .. })));
        let of_values = |count: usize| format!(r#"{{"configsByKey": {{"a": [0{}]}}}}"#, ",0".repeat(count));
        assert!(GatewayMconfig::parse(of_values(VALUES_MAX - 4).as_bytes()).is_ok());
        let error = GatewayMconfig::parse(of_values(VALUES_MAX).as_bytes()).unwrap_err().to_string();
        assert!(error.contains("more than 250000 values"), "{error}");
        let deep = format!(r#"{{"configsByKey": {{"a": {}}}}}"#, "[".repeat(100_000));
        assert!(GatewayMconfig::parse(deep.as_bytes()).is_err());
    }
}
