//! A schema as JSON Schema, as OpenAPI 3.1 has it.

use crate::schema::{Definition, Field, Integer, List, Number, Schema, Text};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Where an OpenAPI document keeps its named schemas.
const COMPONENTS: &str = "#/components/schemas/";

/// The JSON Schema of `schema`; a named type is a reference.
pub fn json_schema(schema: &Schema) -> Value {
    match schema {
        Schema::Text(rules) => text(rules),
        Schema::Integer(rules) => integer(rules),
        Schema::Number(rules) => number(rules),
        Schema::Boolean => json!({"type": "boolean"}),
        Schema::Anything => json!({}),
        Schema::List(rules) => list(rules),
        Schema::Map(item) => json!({"type": "object", "additionalProperties": json_schema(item)}),
        Schema::Object(fields) => object(fields),
        Schema::Named(definition) => json!({"$ref": format!("{COMPONENTS}{}", definition.name)}),
    }
}

/// Every named type that `schema` is made of, itself included.
pub fn definitions_in(schema: &Schema, found: &mut BTreeMap<&'static str, &'static Definition>) {
    match schema {
        Schema::Named(definition) => {
            if found.insert(definition.name, definition).is_none() {
                definitions_in(&definition.schema, found);
            }
        }
        Schema::List(rules) => definitions_in(rules.item, found),
        Schema::Map(item) => definitions_in(item, found),
        Schema::Object(fields) => fields.iter().for_each(|field| definitions_in(&field.schema, found)),
        Schema::Text(_) | Schema::Integer(_) | Schema::Number(_) | Schema::Boolean | Schema::Anything => {}
    }
}

fn object(fields: &[Field]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), of_field(field))).collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// In an answer, a list that is absent is an empty one.
fn of_field(field: &Field) -> Value {
    match &field.schema {
        Schema::List(rules) if !field.required => list(&List { min_items: None, ..*rules }),
        schema => json_schema(schema),
    }
}

fn text(rules: &Text) -> Value {
    let mut schema = Map::from_iter([("type".to_owned(), json!("string"))]);
    put(&mut schema, "minLength", rules.min_length);
    put(&mut schema, "maxLength", rules.max_length);
    put(&mut schema, "pattern", rules.pattern.map(|pattern| pattern.text()));
    put(&mut schema, "format", rules.format);
    put(&mut schema, "enum", Some(rules.allowed).filter(|allowed| !allowed.is_empty()));
    Value::Object(schema)
}

fn integer(rules: &Integer) -> Value {
    let mut schema = Map::from_iter([
        ("type".to_owned(), json!("integer")),
        ("format".to_owned(), json!(rules.format)),
        ("minimum".to_owned(), exact(rules.min)),
        ("maximum".to_owned(), exact(rules.max)),
    ]);
    put(&mut schema, "multipleOf", rules.multiple_of.map(exact));
    let allowed: Vec<Value> = rules.allowed.iter().copied().map(exact).collect();
    put(&mut schema, "enum", Some(allowed).filter(|allowed| !allowed.is_empty()));
    Value::Object(schema)
}

/// Every bound of the contract fits one of the two.
fn exact(number: i128) -> Value {
    i64::try_from(number).map_or_else(|_| json!(u64::try_from(number).unwrap_or(u64::MAX)), Value::from)
}

fn number(rules: &Number) -> Value {
    let mut schema = Map::from_iter([("type".to_owned(), json!("number"))]);
    put(&mut schema, "minimum", rules.min);
    put(&mut schema, "maximum", rules.max);
    Value::Object(schema)
}

fn list(rules: &List) -> Value {
    let mut schema =
        Map::from_iter([("type".to_owned(), json!("array")), ("items".to_owned(), json_schema(rules.item))]);
    put(&mut schema, "minItems", rules.min_items);
    put(&mut schema, "maxItems", rules.max_items);
    put(&mut schema, "uniqueItems", Some(true).filter(|_| rules.unique));
    Value::Object(schema)
}

fn put(schema: &mut Map<String, Value>, name: &str, value: Option<impl serde::Serialize>) {
    if let Some(value) = value {
        schema.insert(name.to_owned(), json!(value));
    }
}
