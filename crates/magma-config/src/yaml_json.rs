//! A YAML document as a JSON value, for documents that have no keys of their own here: schemas.

use serde_json::{Map, Number, Value};

use crate::yaml::{self, Entry, Node, scalar};

/// Reads a YAML document of `key: value` lines. Plain words mean what YAML 1.1 says; a mapping that has a key which is
/// no text becomes null.
///
/// # Errors
/// The first mistake, with its line, when the document is not YAML.
pub fn yaml_to_json(text: &str) -> Result<Value, String> {
    let (entries, mistakes) = yaml::parse(text);
    match mistakes.iter().find(|mistake| mistake.lost) {
        Some(mistake) => Err(format!("line {}: {}", mistake.line, mistake.message)),
        None => Ok(Value::Object(object(entries))),
    }
}

fn object(entries: Vec<Entry>) -> Map<String, Value> {
    entries.into_iter().map(|entry| (entry.key, json(entry.value))).collect()
}

fn json(node: Node) -> Value {
    match node.value {
        yaml::Value::Scalar { text, plain: false } => Value::String(text),
        yaml::Value::Scalar { text, plain: true } => word(text),
        yaml::Value::Sequence(items) => Value::Array(items.into_iter().map(json).collect()),
        yaml::Value::Mapping(entries) => Value::Object(object(entries)),
        yaml::Value::NotText(_) => Value::Null,
    }
}

pub(crate) fn word(text: String) -> Value {
    if scalar::is_null(&text, true) {
        return Value::Null;
    }
    let meaning = scalar::boolean(&text)
        .map(Value::Bool)
        .or_else(|| scalar::integer(&text).map(|number| Value::Number(number.into())))
        .or_else(|| scalar::number(&text).and_then(Number::from_f64).map(Value::Number));
    meaning.unwrap_or(Value::String(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_mean_what_they_mean_in_yaml() {
        let text = "a: 1\nb: [yes, 'yes', ~, 1.5, word]\nc:\n  d: '1'\n  e: {f: on}\n";
        let expected =
            json!({"a": 1, "b": [true, "yes", null, 1.5, "word"], "c": {"d": "1", "e": {"f": true}}});
        assert_eq!(yaml_to_json(text), Ok(expected));
        assert_eq!(yaml_to_json(""), Ok(json!({})));
        assert!(yaml_to_json("a: [1\n").unwrap_err().starts_with("line "));
    }
}
