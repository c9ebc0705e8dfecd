//! Reads fields of a JSON object one by one: two small documents do not need a generated reader.

use serde_json::{Map, Value};

/// An object whose fields are asked for by name; the error names the field.
pub(crate) struct Fields<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(crate) fn of(value: &'a Value) -> Result<Self, String> {
        value.as_object().map(Self).ok_or_else(|| "an object was expected".to_owned())
    }

    pub(crate) fn text(&self, name: &str) -> Result<&'a str, String> {
        self.0.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name} is missing or no text"))
    }

    pub(crate) fn number(&self, name: &str) -> Result<u64, String> {
        self.0.get(name).and_then(Value::as_u64).ok_or_else(|| format!("{name} is missing or no number"))
    }

    /// An absent list is empty.
    pub(crate) fn list<T>(
        &self,
        name: &str,
        read: impl Fn(&'a Value) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        match self.0.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(read).collect(),
            Some(_) => Err(format!("{name} is no list")),
        }
    }

    /// An absent or null field is none.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        read: impl Fn(&'a Value) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).map_err(|error| format!("{name}: {error}")),
        }
    }
}

pub(crate) fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| "a text was expected".to_owned())
}
