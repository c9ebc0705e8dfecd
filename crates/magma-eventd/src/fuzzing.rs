//! What must hold for any value of an event that a local program sends: for fuzz/, and for the test below.

use serde_json::{Value, json};

use crate::schema::check;

/// A value, held against a schema that has everything that schemas may have.
pub fn event(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let tree = json!({
        "type": "object", "required": ["name"], "additionalProperties": false,
        "properties": {
            "name": { "type": "string", "enum": ["mme", "enodebd"] },
            "count": { "type": "integer", "x-nullable": true },
            "children": { "type": "array", "items": { "$ref": "#/definitions/tree" } },
            "others": { "allOf": [{ "type": "object" }, { "additionalProperties": { "type": "number" } }] },
        },
    });
    let document = json!({ "definitions": { "tree": tree } });
    let definition = json!({ "$ref": "#/definitions/tree" });
    match check(&value, &definition, &document) {
        Ok(()) => fits(&value),
        Err(why) => assert!(!why.is_empty()),
    }
}

/// The same rules in Rust.
fn fits(value: &Value) {
    let fields = value.as_object().expect("an object");
    for (name, value) in fields {
        match name.as_str() {
            "name" => assert!(value == "mme" || value == "enodebd"),
            "count" => assert!(value.is_null() || value.is_number()),
            "children" => value.as_array().expect("an array").iter().for_each(fits),
            other => {
                assert_eq!(other, "others", "no property of that name is allowed");
                assert!(value.as_object().expect("an object").values().all(Value::is_number));
            }
        }
    }
    assert!(fields.contains_key("name"));
}

#[cfg(test)]
mod tests {
    #[test]
    fn ten_thousand_damaged_values_fit_or_are_refused() {
        magma_mutations::replay("event", super::event);
    }
}
