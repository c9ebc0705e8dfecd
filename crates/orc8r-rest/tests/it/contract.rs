//! What the handlers' types say is what the contract says, operation by operation; each of them is served.

use crate::cloud::Cloud;
use orc8r_model::AccessList;
use orc8r_rest::{Operation, operations};
use std::collections::{BTreeMap, BTreeSet};
use wire_rest::{Definition, HasSchema, Integer, Schema, definitions, types};

const CONTRACT: &str = include_str!("../../../../contracts/rest/operations.tsv");

/// Operations that Magma's code serves and its published contract does not have.
const UNDOCUMENTED: &str = include_str!("undocumented.tsv");

/// Lists that the contract describes by one of their items.
const MAPS: &[&str] =
    &["/lte/{network_id}/network_probe/tasks", "/lte/{network_id}/network_probe/destinations"];

/// Operations that the existing web UI calls.
const WEB_UI: &str = include_str!("../../../../contracts/rest/web_ui.tsv");

/// What operators are told of it.
const DOCUMENT: &str = include_str!("../../../../docs/rest.md");

/// Operations that Magma has not.
const OURS: &str = include_str!("ours.tsv");

/// Where we differ from the published contract on purpose.
const DEVIATIONS: &[&str] = &[
    // Grafana's data source reads what Prometheus answers, an object with the list in it.
    "GET /tenants/{tenant_id}/metrics/api/v1/series: the answer is object and in the contract array<prometheus_labelset>",
    // Magma's code answers 200; what is read is not made.
    "GET /user/{username}: the status is 200 and in the contract 201",
    // The token is told once, to whom it was made for: only its hash is kept.
    "POST /user/login: the answer is policyList and in the contract (empty)",
    "POST /user/{username}/tokens: the answer is policyList and in the contract (empty)",
];

/// One row of the contract.
struct Row {
    request: &'static str,
    success: &'static str,
    answer: String,
    query: BTreeMap<&'static str, bool>,
}

fn contract() -> BTreeMap<String, Row> {
    let rows = CONTRACT.lines().skip(1).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [_, method, path, request, responses, parameters] = columns[..] else {
            panic!("not six columns: {line}");
        };
        let (success, answer) = responses.split(';').next().and_then(|first| first.split_once('=')).unwrap();
        // A file is no JSON, and nothing else is told about it.
        let answer = if answer == "file(binary)" { "(empty)" } else { answer };
        // The published contract has some answers that no server can give: Magma's code answers 200, and with a map.
        let success = if success == "204" && answer != "(empty)" { "200" } else { success };
        let is_map = MAPS.contains(&path) && method == "GET";
        let answer = if is_map { format!("map<string,{answer}>") } else { answer.to_owned() };
        let query = parameters.split(", ").filter_map(query_parameter).collect();
        (format!("{method} {path}"), Row { request, success, answer, query })
    });
    // A path with a query is another way of asking for the path before it.
    rows.filter(|(name, _)| !name.contains('?')).collect()
}

/// `query:NAME!:TYPE`; the exclamation mark says that it must be there.
fn query_parameter(text: &'static str) -> Option<(&'static str, bool)> {
    let (name, _) = text.strip_prefix("query:")?.split_once(':')?;
    Some((name.trim_end_matches('!'), name.ends_with('!')))
}

fn listed(query: &BTreeMap<&str, bool>) -> String {
    let parameters =
        query.iter().map(|(name, required)| format!("{name}{}", if *required { "!" } else { "" }));
    parameters.collect::<Vec<_>>().join(" ")
}

fn names(list: &'static str) -> BTreeSet<String> {
    list.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn name(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.path)
}

/// A type of the contract without the names of what is no object, and without formats.
fn plain(text: &str) -> String {
    if let Some(item) = text.strip_prefix("array<").and_then(|item| item.strip_suffix('>')) {
        return format!("array<{}>", plain(item));
    }
    if let Some(item) = text.strip_prefix("map<string,").and_then(|item| item.strip_suffix('>')) {
        return format!("map<string,{}>", plain(item));
    }
    if text.starts_with("object{") {
        return "object".to_owned();
    }
    match definitions::ALL.iter().find(|definition| definition.name == text) {
        Some(Definition { schema: Schema::Object(_), name }) => (*name).to_owned(),
        Some(definition) => plain(&written(&definition.schema)),
        None => text.split(['(', '{']).next().unwrap_or_default().to_owned(),
    }
}

/// A schema as the contract writes types.
fn written(schema: &Schema) -> String {
    match schema {
        Schema::Named(Definition { name, .. }) => (*name).to_owned(),
        Schema::Text(_) => "string".to_owned(),
        Schema::Integer(Integer { format, .. }) => format!("integer({format})"),
        Schema::Number(_) => "number".to_owned(),
        Schema::Boolean => "boolean".to_owned(),
        Schema::Anything | Schema::Object(_) => "object".to_owned(),
        Schema::List(list) => format!("array<{}>", written(list.item)),
        Schema::Map(item) => format!("map<string,{}>", written(item)),
    }
}

#[test]
fn every_operation_of_the_contract_is_served() {
    let served: BTreeSet<String> = operations().iter().map(name).collect();
    let contract: BTreeSet<String> = contract().into_keys().collect();
    assert_eq!(contract.difference(&served).collect::<Vec<_>>(), [""; 0], "what is missing");
    let invented: BTreeSet<String> = served.difference(&contract).cloned().collect();
    let known = &names(UNDOCUMENTED) | &names(OURS);
    assert_eq!(invented, known, "tests/it/undocumented.tsv and ours.tsv are the lists of what is more");
}

#[test]
fn every_operation_takes_and_answers_what_the_contract_says() {
    let contract = contract();
    let mut differences = Vec::new();
    for operation in operations() {
        let Some(row) = contract.get(&name(&operation)) else { continue };
        let request = operation.request.as_ref().map(|body| written(body.schema)).unwrap_or_default();
        let answer = operation.answer.map_or("(empty)".to_owned(), written);
        let query: BTreeMap<_, _> =
            operation.query.iter().map(|parameter| (parameter.name, parameter.required)).collect();
        let mut compare = |what: &str, ours: String, theirs: String| {
            if plain(&ours) != plain(&theirs) {
                differences
                    .push(format!("{}: {what} is {ours} and in the contract {theirs}", name(&operation)));
            }
        };
        compare("the request", request, row.request.to_owned());
        compare("the status", operation.success.as_str().to_owned(), row.success.to_owned());
        compare("the answer", answer, row.answer.clone());
        compare("the query", listed(&query), listed(&row.query));
    }
    differences.sort();
    assert_eq!(differences, DEVIATIONS);
}

#[test]
fn the_web_ui_finds_all_that_it_calls() {
    let served: BTreeSet<String> = operations().iter().map(name).collect();
    let called: BTreeSet<String> = WEB_UI.lines().skip(1).map(|line| line.replace('\t', " ")).collect();
    let called: BTreeSet<String> =
        called.iter().map(|name| name.split('?').next().unwrap_or_default().to_owned()).collect();
    assert!(called.len() > 150, "{}", called.len());
    assert_eq!(called.difference(&served).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn the_documents_counts_are_right() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in CONTRACT.lines().skip(1) {
        let service = line.split('\t').next().unwrap_or_default();
        *counts.entry(service).or_default() += 1;
        *counts.entry("all").or_default() += 1;
    }
    for (service, count) in counts {
        let name = if service == "all" { service.to_owned() } else { format!("`{service}`") };
        let row = format!("| {name} | {count} | {count} |");
        assert!(DOCUMENT.contains(&row), "docs/rest.md says otherwise: {row}");
    }
}

#[test]
fn no_operation_is_served_twice() {
    let all = operations();
    let names: BTreeSet<String> = all.iter().map(name).collect();
    assert_eq!(names.len(), all.len());
}

#[test]
fn the_openapi_document_has_every_operation_and_every_type_that_it_names() {
    let document = orc8r_rest::openapi_document("1.2.3");
    assert_eq!(document["info"]["version"], "1.2.3");
    for operation in operations() {
        let found = &document["paths"][operation.path][operation.method.as_str().to_lowercase()];
        assert!(found["responses"][operation.success.as_str()].is_object(), "{}", name(&operation));
    }
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name} is named and not there");
    }
    let error = &document["components"]["schemas"]["error"];
    assert_eq!(error, &wire_rest::json_schema(&definitions::ERROR.schema));
    assert_eq!(written(types::Error::SCHEMA), "error");
}

#[tokio::test]
async fn the_openapi_document_is_for_everybody_who_is_known() {
    let cloud = Cloud::empty().await;
    cloud.store.put_operator("reader", AccessList::default()).await.unwrap();
    let reply = cloud.ask(Some("reader"), "GET", "/swagger/v1/spec", "").await;
    assert_eq!(reply.json()["paths"]["/networks"]["get"]["responses"]["200"]["description"], "Done.");
    assert_eq!(cloud.ask(None, "GET", "/swagger/v1/spec", "").await.status, 401);
}
