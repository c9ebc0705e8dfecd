//! What was told of a subscriber.

use crate::failure::Failure;
use crate::rest::{escaped, path};
use crate::subscribers::detail::{Tab, page, tabs};
use crate::subscribers::resource;
use crate::visit::Visit;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

/// Events of him that are shown.
const EVENTS_MAX: usize = 50;

pub(super) async fn show(
    visit: Visit,
    Path((id, subscriber)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let whole: Value = visit.rest.get(&resource(&id, &subscriber)).await?;
    // Services write the IMSI with its prefix or without.
    let tags = format!("{},{}", subscriber, subscriber.trim_start_matches("IMSI"));
    let asked = format!("{}?size={EVENTS_MAX}&tags={}", path(&["events", &id]), escaped(&tags));
    let found: Vec<Value> = visit.rest.get(&asked).await?;
    let mut page = page(&visit, network, &whole, &subscriber);
    let list = page.live("events", &list(&found));
    Ok(page.show(html! { (tabs(&id, &subscriber, Tab::Events)) (list) }))
}

fn list(found: &[Value]) -> Markup {
    let text = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    html! {
        @if found.is_empty() {
            div.empty { p.lead { "No event of him has been told." } p { "Gateways tell of attaches, detaches and sessions when their event service is on." } }
        } @else {
            div.scroll { table.list {
                thead { tr { th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "Stream" } th scope="col" { "Hardware id" } th scope="col" { "Details" } } }
                tbody { @for event in found { tr {
                    td { (text(event, "timestamp").replace('T', " ").trim_end_matches('Z')) }
                    td { (text(event, "event_type")) }
                    td { (text(event, "stream_name")) }
                    td { code { (text(event, "hardware_id")) } }
                    td { details { summary { "JSON" } pre.json tabindex="0" { (serde_json::to_string_pretty(&event["value"]).unwrap_or_default()) } } }
                } } }
            } }
            @if found.len() == EVENTS_MAX { p.quiet { "The newest " (EVENTS_MAX) " are shown." } }
        }
    }
}
