//! A JSON value that does not fit its field: where it stands, and what should be there.
//!
//! The value itself is not told, since some fields are secrets.

use serde::de::Error as _;
use serde_json::Value;

/// What does not fit. The place is found on the way out, from the innermost field to the outermost.
#[derive(Debug)]
pub(crate) struct Misfit {
    place: String,
    problem: String,
}

impl Misfit {
    /// A value of the wrong type, or out of range.
    pub fn new(expected: &str, found: &Value) -> Self {
        Self::because(format!("{} is not {expected}", type_of(found)))
    }

    /// A map's key that is not one.
    pub fn of_key(expected: &str) -> Self {
        Self::because(format!("this key is not {expected}"))
    }

    /// What is wrong, in words.
    pub fn because(problem: String) -> Self {
        Self { place: String::new(), problem }
    }

    /// The same, in the member `name` of an object.
    pub fn inside(self, name: &str) -> Self {
        let dot = if self.place.is_empty() || self.place.starts_with('[') { "" } else { "." };
        Self { place: [name, dot, &self.place].concat(), problem: self.problem }
    }

    /// The same, in an element of a list.
    pub fn inside_element(self, index: usize) -> Self {
        self.inside(&format!("[{index}]"))
    }

    /// Where it stands (`images[0].order`), and what is wrong.
    pub fn into_parts(self) -> (String, serde_json::Error) {
        (self.place, serde_json::Error::custom(self.problem))
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "this boolean",
        Value::Number(_) => "this number",
        Value::String(_) => "this text",
        Value::Array(_) => "this list",
        Value::Object(_) => "this object",
    }
}
