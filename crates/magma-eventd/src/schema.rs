//! Holds a JSON value against a definition of a Swagger 2.0 document, as much of it as event schemas use: `type`,
//! `required`, `properties`, `additionalProperties`, `items`, `enum`, `allOf`, `x-nullable` and local `$ref`.
//!
//! `format`, ranges and patterns are not held against the value, nor is what another document describes.

use serde_json::{Map, Value};

/// How deep definitions and references may be followed.
const DEPTH_MAX: u32 = 64;
/// Where a document's definitions are, as its references name them.
const LOCAL: &str = "#/definitions/";
/// How much of a value an error message shows.
const SHOWN_CHARS: usize = 60;

/// Holds `value` against `definition` in `document`.
///
/// # Errors
/// What does not fit, and where: the first such thing.
pub(crate) fn check(value: &Value, definition: &Value, document: &Value) -> Result<(), String> {
    Checker { document }.value(value, definition, "", DEPTH_MAX)
}

struct Checker<'a> {
    document: &'a Value,
}

impl Checker<'_> {
    fn value(&self, value: &Value, schema: &Value, place: &str, depth: u32) -> Result<(), String> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(format!("{} is nested too deep", named(place)));
        };
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.referenced(value, reference, place, depth);
        }
        if value.is_null() && schema.get("x-nullable") == Some(&Value::Bool(true)) {
            return Ok(());
        }
        if let Some(expected) = schema.get("type").and_then(Value::as_str)
            && !is_of_type(value, expected)
        {
            return Err(format!("{} is {}, not of type {expected}", named(place), shown(value)));
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            return Err(format!("{} is {}, none of the values that are allowed", named(place), shown(value)));
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.value(value, part, place, depth)?;
        }
        match value {
            Value::Object(fields) => self.object(fields, schema, place, depth),
            Value::Array(items) => self.array(items, schema, place, depth),
            _ => Ok(()),
        }
    }

    fn referenced(&self, value: &Value, reference: &str, place: &str, depth: u32) -> Result<(), String> {
        let Some(name) = reference.strip_prefix(LOCAL) else { return Ok(()) };
        match self.document.get("definitions").and_then(|definitions| definitions.get(name)) {
            Some(definition) => self.value(value, definition, place, depth),
            None => Err(format!("{} refers to {name}, which its schema does not define", named(place))),
        }
    }

    fn object(
        &self,
        fields: &Map<String, Value>,
        schema: &Value,
        place: &str,
        depth: u32,
    ) -> Result<(), String> {
        for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            let required = required.as_str().unwrap_or_default();
            if !fields.contains_key(required) {
                return Err(format!("{} lacks the required property {required:?}", named(place)));
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        for (name, value) in fields {
            let place = format!("{place}.{name}");
            match (properties.and_then(|properties| properties.get(name)), others) {
                (Some(property), _) => self.value(value, property, &place, depth)?,
                (None, Some(Value::Bool(false))) => {
                    return Err(format!("{} is no property that is allowed", named(&place)));
                }
                (None, Some(others)) => self.value(value, others, &place, depth)?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    fn array(&self, items: &[Value], schema: &Value, place: &str, depth: u32) -> Result<(), String> {
        let Some(item_schema) = schema.get("items") else { return Ok(()) };
        let each = |(index, item)| self.value(item, item_schema, &format!("{place}[{index}]"), depth);
        items.iter().enumerate().try_for_each(each)
    }
}

fn is_of_type(value: &Value, expected: &str) -> bool {
    match expected {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        // A whole number may be written with a point.
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        _ => true,
    }
}

fn named(place: &str) -> &str {
    match place.trim_start_matches('.') {
        "" => "the value",
        place => place,
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use magma_config::yaml_to_json;
    use serde_json::json;

    const DOCUMENT: &str = "
definitions:
  session_created:
    type: object
    required: [imsi]
    additionalProperties: false
    properties:
      imsi: {type: string, format: imsi, x-nullable: false}
      count: {type: integer}
      ratio: {type: number, x-nullable: true}
      state: {type: string, enum: [up, down]}
      active: {type: boolean}
      bearers:
        type: array
        items: {$ref: '#/definitions/bearer'}
      labels:
        type: object
        additionalProperties: {type: string}
      elsewhere: {$ref: './common.yml#/definitions/any'}
      lost: {$ref: '#/definitions/nowhere'}
      both:
        allOf:
          - {required: [a]}
          - {required: [b]}
  bearer:
    type: object
    properties: {id: {type: integer}, inner: {$ref: '#/definitions/bearer'}}
  ring: {$ref: '#/definitions/ring'}
";

    fn outcome(definition: &str, value: &Value) -> Result<(), String> {
        let document = yaml_to_json(DOCUMENT).unwrap();
        check(value, &document["definitions"][definition], &document)
    }

    #[test]
    fn values_are_held_against_their_definition() {
        let deep = (0..100).fold(json!({}), |inner, _| json!({"inner": inner}));
        let rows = [
            ("the least", json!({"imsi": "x"}), ""),
            (
                "everything",
                json!({"imsi": "x", "count": 2.0, "ratio": 1.5, "state": "up", "active": true, "bearers": [{"id": 1, "more": 2}], "labels": {"a": "b"}, "elsewhere": 1, "both": {"a": 1, "b": 2}}),
                "",
            ),
            ("null where it may be", json!({"imsi": "x", "ratio": null}), ""),
            ("no object", json!([]), "the value is [], not of type object"),
            ("a missing property", json!({}), "the value lacks the required property \"imsi\""),
            ("a property of another type", json!({"imsi": 1}), "imsi is 1, not of type string"),
            ("null where it may not be", json!({"imsi": null}), "imsi is null, not of type string"),
            (
                "a fraction for an integer",
                json!({"imsi": "x", "count": 1.5}),
                "count is 1.5, not of type integer",
            ),
            (
                "a value that is not listed",
                json!({"imsi": "x", "state": "sideways"}),
                "state is \"sideways\", none of",
            ),
            ("a property nobody defined", json!({"imsi": "x", "other": 1}), "other is no property"),
            (
                "an item that does not fit",
                json!({"imsi": "x", "bearers": [{}, {"id": "1"}]}),
                "bearers[1].id is \"1\"",
            ),
            ("a free property of another type", json!({"imsi": "x", "labels": {"a": 1}}), "labels.a is 1"),
            ("a reference to nothing", json!({"imsi": "x", "lost": 1}), "nowhere"),
            (
                "one part of two",
                json!({"imsi": "x", "both": {"a": 1}}),
                "both lacks the required property \"b\"",
            ),
            ("too deep", json!({"imsi": "x", "bearers": [deep]}), "nested too deep"),
            ("too long to show", json!({"imsi": ["é".repeat(500)]}), "…"),
        ];
        for (name, value, words) in rows {
            match outcome("session_created", &value) {
                Ok(()) => assert_eq!(words, "", "{name}"),
                Err(message) => assert!(!words.is_empty() && message.contains(words), "{name}: {message}"),
            }
        }
    }

    #[test]
    fn mutated_schemas_and_values_never_panic() {
        let value =
            r#"{"imsi": "x", "count": 2.0, "bearers": [{"id": 1, "inner": {}}], "labels": {"a": "b"}}"#;
        let mut state = 3_u64;
        let mut mutated = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let place = (state >> 33) as usize % bytes.len();
                bytes[place] = (state >> 20) as u8 & 0x7f;
            }
            String::from_utf8(bytes).unwrap()
        };
        let mut checked = 0;
        for _ in 0..2000 {
            let Ok(document) = yaml_to_json(&mutated(DOCUMENT)) else { continue };
            let Ok(value) = serde_json::from_str::<Value>(&mutated(value)) else { continue };
            for definition in ["session_created", "bearer", "ring"] {
                check(&value, &document["definitions"][definition], &document).ok();
                checked += 1;
            }
        }
        assert!(checked > 0);
    }

    #[test]
    fn a_definition_that_refers_to_itself_ends() {
        assert!(outcome("ring", &json!(1)).unwrap_err().contains("nested too deep"));
    }
}
