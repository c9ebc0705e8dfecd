//! Events of a network: what gateways told of subscribers and services, and what operators changed.

use super::{Found, Question, export, filter, hardware_id, json, moment, page};
use crate::csv::Column;
use crate::failure::Failure;
use crate::gateways;
use crate::navigation::Section;
use crate::rest::{escaped, path};
use crate::view::table::ListUrl;
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the Orchestrator itself tells comes from this device.
const ITSELF: &str = "orc8r";

/// No device has it: asks for what there is not.
const NO_DEVICE: &str = "-";

const FIELDS: [(&str, &str, &str); 5] = [
    ("events", "Event", "session_created"),
    ("streams", "Stream", "sessiond"),
    ("tags", "About (tag)", "IMSI001010000000001"),
    ("hw_ids", "Hardware id", ""),
    ("gateway", "Gateway", "its id"),
];

const COLUMNS: &[Column] = &[
    Column::named("timestamp"),
    Column::named("event_type"),
    Column::named("stream_name"),
    Column::named("tag"),
    Column::named("hardware_id"),
    Column::named("value"),
];

async fn question(visit: &Visit, network: &str, url: &ListUrl) -> Result<Question, Failure> {
    let mut devices = url.value("hw_ids").to_owned();
    let gateway = url.value("gateway").trim();
    if !gateway.is_empty() {
        let of_gateway = hardware_id(visit, network, gateway).await?;
        devices = if of_gateway.is_empty() { NO_DEVICE.to_owned() } else { of_gateway };
    }
    let text = |name: &str| url.value(name).to_owned();
    let asked = vec![
        ("events", text("events")),
        ("streams", text("streams")),
        ("tags", text("tags")),
        ("hw_ids", devices),
    ];
    Ok(Question::new(path(&["events", network]), path(&["events", network, "about", "count"]), asked, url))
}

pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let url = ListUrl::new(Section::Events.url(&id), &query);
    let question = question(&visit, &id, &url).await?;
    let found = Found::of(&visit, &question, &url).await;
    let results = found.show(&url, |events| table(&id, &url, events), &nothing(&question));
    let filter = filter(&url, "Filter events", &FIELDS);
    Ok(page(&visit, network, (Section::Events, "Events"), (&question, &url), &filter, &results))
}

pub(super) async fn export(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let url = ListUrl::new("", &query);
    let question = question(&visit, &id, &url).await?;
    export::file(&visit, &question, &format!("{id}-events"), url.value("format"), COLUMNS, row).await
}

fn row(event: &Value) -> Vec<String> {
    let cell = |column: &Column| match &event[column.name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    COLUMNS.iter().map(cell).collect()
}

fn table(network: &str, url: &ListUrl, events: &[Value]) -> Markup {
    let text = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    html! {
        div.scroll { table.list {
            thead { tr { @for title in ["When", "Event", "Stream", "About", "From", "All of it"] { th scope="col" { (title) } } } }
            tbody { @for event in events {
                @let device = text(event, "hardware_id");
                tr {
                    td { (moment(&text(event, "timestamp"))) }
                    td { @let kind = text(event, "event_type"); a href=(url.with("events", &kind)) { (kind) } }
                    td { (text(event, "stream_name")) }
                    td { (text(event, "tag")) }
                    td { (from(network, url.value("gateway"), &device)) }
                    td { (json(event)) }
                }
            } }
        } }
    }
}

/// Who told it.
fn from(network: &str, gateway: &str, device: &str) -> Markup {
    html! {
        @if device == ITSELF { "the Orchestrator" }
        @else if !gateway.is_empty() { a href=(gateways::url(network, gateway)) { (gateway) } }
        @else { a href={ (Section::Gateways.url(network)) "?q=" (escaped(device)) } { code { (device) } } }
    }
}

fn nothing(question: &Question) -> Markup {
    html! {
        div.empty {
            p.lead { "No event like this in " (question.range.words()) "." }
            p { "Gateways tell events when eventd is among their services (a gateway's Configuration, Agent, dynamic services). What operators change is here, too." }
            @if question.query.iter().any(|(name, value)| *name == "hw_ids" && value == NO_DEVICE) { p { "The gateway that is asked for is not there, or no device has registered for it." } }
        }
    }
}
