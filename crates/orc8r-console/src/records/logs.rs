//! Logs of a network: the lines that services of its gateways wrote.

use super::{Found, Question, export, filter, json, page};
use crate::csv::Column;
use crate::failure::Failure;
use crate::gateways;
use crate::navigation::Section;
use crate::rest::path;
use crate::view::table::ListUrl;
use crate::view::when::when;
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

const FIELDS: [(&str, &str, &str); 6] = [
    ("q", "Any of the words", "attach -accept \"in this order\""),
    ("fields", "In the fields", "message"),
    ("gateway", "Gateway", "its id"),
    ("ident", "Service (ident)", "mme"),
    ("tag", "Tag", ""),
    ("filters", "Others", "field:value, …"),
];

const COLUMNS: &[Column] = &[
    Column::named("@timestamp"),
    Column::named("gateway_id"),
    Column::named("ident"),
    Column::named("tag"),
    Column::named("message"),
    Column::named("document"),
];

fn question(network: &str, url: &ListUrl) -> Question {
    let named = [("gateway", "gateway_id"), ("ident", "ident"), ("tag", "tag")];
    let named = named.iter().map(|(name, field)| (field, url.value(name).trim()));
    let mut filters: Vec<String> = named
        .filter(|(_, value)| !value.is_empty())
        .map(|(field, value)| format!("{field}:{value}"))
        .collect();
    if !url.value("filters").is_empty() {
        filters.push(url.value("filters").to_owned());
    }
    let text = |name: &str| url.value(name).to_owned();
    let asked = vec![("simple_query", text("q")), ("fields", text("fields")), ("filters", filters.join(","))];
    let logs = |last: &str| path(&["networks", network, "logs", last]);
    Question::new(logs("search"), logs("count"), asked, url)
}

pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let url = ListUrl::new(Section::Logs.url(&id), &query);
    let question = question(&id, &url);
    let found = Found::of(&visit, &question, &url).await;
    let results = found.show(&url, |hits| table(&id, &url, hits), &nothing(&question));
    let filter = filter(&url, "Filter logs", &FIELDS);
    Ok(page(&visit, network, (Section::Logs, "Logs"), (&question, &url), &filter, &results))
}

pub(super) async fn export(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let url = ListUrl::new("", &query);
    let question = question(&id, &url);
    export::file(&visit, &question, &format!("{id}-logs"), url.value("format"), COLUMNS, row).await
}

fn row(hit: &Value) -> Vec<String> {
    let line = &hit["_source"];
    let cell = |column: &Column| match (column.name, &line[column.name]) {
        ("document", _) => line.to_string(),
        ("message", _) => message(line),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Null) => String::new(),
        (_, other) => other.to_string(),
    };
    COLUMNS.iter().map(cell).collect()
}

/// What a line says; forwarders call it differently.
fn message(line: &Value) -> String {
    let names = ["message", "log", "MESSAGE"];
    names.iter().find_map(|name| line[*name].as_str()).unwrap_or_default().to_owned()
}

fn table(network: &str, url: &ListUrl, hits: &[Value]) -> Markup {
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    html! {
        div.scroll { table.list {
            thead { tr { @for title in ["When", "Gateway", "Service", "Line", "All of it"] { th scope="col" { (title) } } } }
            tbody { @for hit in hits {
                @let line = &hit["_source"];
                @let gateway = text(line, "gateway_id");
                @let service = text(line, "ident");
                @let tag = text(line, "tag");
                tr id=[hit["_id"].as_str().map(|id| format!("line-{id}"))] {
                    td { (when(hit["_sort"][0].as_i64().unwrap_or_default())) }
                    td { @if gateway.is_empty() { "–" } @else { a href=(gateways::url(network, &gateway)) { (gateway) } } }
                    td {
                        @if !service.is_empty() { a href=(url.with("ident", &service)) { (service) } }
                        @else if !tag.is_empty() { a href=(url.with("tag", &tag)) { (tag) } }
                        @else { "–" }
                    }
                    td.line { (message(line)) }
                    td { (json(line)) }
                }
            } }
        } }
    }
}

fn nothing(question: &Question) -> Markup {
    html! {
        div.empty {
            p.lead { "No line like this in " (question.range.words()) "." }
            p { "Gateways send their logs when td-agent-bit is among their services (a gateway's Configuration, Agent, dynamic services); other forwarders send them to port 24224 of the Orchestrator, with the gateway's certificate." }
        }
    }
}
