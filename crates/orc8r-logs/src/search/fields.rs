//! The fields of a document that a question looks into; the others are passed over without being built.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Which fields are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fields {
    /// Every one.
    All,
    /// These.
    Named(Vec<String>),
}

impl Fields {
    /// Those of a document that is there; none of one that is no JSON object.
    pub(super) fn of(&self, document: &str) -> Map<String, Value> {
        let mut text = serde_json::Deserializer::from_str(document);
        let read = text.deserialize_map(self);
        read.and_then(|fields| text.end().map(|()| fields)).unwrap_or_default()
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.iter().any(|wanted| wanted == name),
        }
    }
}

impl<'de> Visitor<'de> for &Fields {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Map::new();
        while let Some(name) = map.next_key_seed(Name(self))? {
            match name {
                Some(name) => drop(found.insert(name, map.next_value()?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// The name of a field, if it is one that is read.
struct Name<'a>(&'a Fields);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.has(name).then(|| name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_that_are_named_are_read_and_what_is_no_object_has_none() {
        let document = json!({"a": "1", "b": {"c": [1, {"d": null}]}, "é\n": 2}).to_string();
        for (names, expected) in [
            (&[][..], json!({})),
            (&["a"], json!({"a": "1"})),
            (&["b", "é\n", "c"], json!({"b": {"c": [1, {"d": null}]}, "é\n": 2})),
        ] {
            let fields = Fields::Named(names.iter().map(|name| (*name).to_owned()).collect());
            assert_eq!(Value::Object(fields.of(&document)), expected, "{names:?}");
        }
        assert_eq!(Value::Object(Fields::All.of(&document)).to_string(), document);
        for damaged in ["", "[]", "{\"a\":1", "{\"a\":1}x", "\"a\"", "null"] {
            assert!(Fields::All.of(damaged).is_empty(), "{damaged}");
        }
        assert_eq!(Fields::All.of("{\"a\":1,\"a\":2}")["a"], 2, "the last one counts");
    }
}
