//! The OpenAPI document of what is served, made from the handlers' own types.

use crate::routes::Operation;
use crate::{Api, operations};
use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use wire_rest::{Definition, HasSchema, definitions_in, json_schema, types};

/// The version of OpenAPI.
const OPENAPI: &str = "3.1.0";

/// The document.
pub fn document(version: &str) -> Value {
    let operations = operations();
    let mut named: BTreeMap<&str, &Definition> = BTreeMap::new();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    definitions_in(types::Error::SCHEMA, &mut named);
    for operation in &operations {
        for schema in operation.answer.into_iter().chain(operation.request.iter().map(|body| body.schema)) {
            definitions_in(schema, &mut named);
        }
        let path = paths.entry(operation.path).or_default();
        path.insert(operation.method.as_str().to_lowercase(), described(operation));
    }
    let schemas: BTreeMap<_, _> =
        named.iter().map(|(name, definition)| (name, json_schema(&definition.schema))).collect();
    json!({
        "openapi": OPENAPI,
        "info": { "title": "Magma Orchestrator", "version": version },
        "servers": [{ "url": "/magma/v1" }],
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

/// `/swagger/v1/spec`: the document, for whoever makes a client or a page of it.
pub(crate) async fn show(State(api): State<Api>) -> Json<Value> {
    Json(document(api.versions.container_image_version.as_deref().unwrap_or_default()))
}

fn described(operation: &Operation) -> Value {
    let mut described = json!({
        "operationId": operation_id(operation),
        "tags": [operation.path.split('/').nth(1).unwrap_or_default()],
        "responses": {
            operation.success.as_str(): success(operation),
            "default": { "description": "What went wrong.", "content": content(types::Error::SCHEMA) },
        },
    });
    let parameters: Vec<Value> = path_parameters(operation).chain(query_parameters(operation)).collect();
    if !parameters.is_empty() {
        described["parameters"] = json!(parameters);
    }
    if let Some(body) = &operation.request {
        described["requestBody"] = json!({ "required": body.required, "content": content(body.schema) });
    }
    described
}

fn success(operation: &Operation) -> Value {
    match operation.answer {
        Some(schema) => json!({ "description": "Done.", "content": content(schema) }),
        None => json!({ "description": "Done." }),
    }
}

fn content(schema: &wire_rest::Schema) -> Value {
    json!({ "application/json": { "schema": json_schema(schema) } })
}

/// What stands in braces in the path.
fn path_parameters(operation: &Operation) -> impl Iterator<Item = Value> {
    let parts = operation.path.split('/');
    let names = parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
}

fn query_parameters(operation: &Operation) -> impl Iterator<Item = Value> {
    operation.query.iter().map(|parameter| {
        json!({
            "name": parameter.name, "in": "query", "required": parameter.required,
            "schema": json_schema(parameter.schema),
        })
    })
}

/// `get_networks_network_id_name`: unique, since method and path are.
fn operation_id(operation: &Operation) -> String {
    let path = operation.path.replace(['{', '}'], "").replace('/', "_");
    format!("{}{path}", operation.method.as_str().to_lowercase())
}
