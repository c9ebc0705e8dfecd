//! One gateway.

use crate::failure::Failure;
use crate::gateways::adoption::adoption;
use crate::gateways::summaries::{Summaries, Summary};
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{escaped, path};
use crate::view::status::{Health, status};
use crate::view::when::when;
use crate::visit::Visit;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

pub(crate) async fn show(
    visit: Visit,
    Path((id, gateway)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let whole: Value = visit.rest.get(&path(&["networks", &id, "gateways", &gateway])).await?;
    let asked =
        format!("{}?page_size=500&q={}", path(&["networks", &id, "gateway_summaries"]), escaped(&gateway));
    let found: Summaries = visit.rest.get(&asked).await?;
    let summary = found.gateways.into_iter().find(|one| one.id == gateway).unwrap_or_default();
    let title = whole["name"].as_str().filter(|name| !name.is_empty()).unwrap_or(&gateway).to_owned();
    let mut page = Page::new(&visit, Section::Gateways, title)
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id))
        .below("Gateways", Section::Gateways.url(&id));
    let way = adoption(&summary, &whole);
    let now = page.live("now", &html! { (now(&summary, &whole)) (way) });
    let facts = page.live("facts", &facts(&gateway, &whole));
    Ok(page.show(html! { (now) (facts) }))
}

/// How it is, why, and since when.
fn now(summary: &Summary, whole: &Value) -> Markup {
    let problems = whole["configuration_problems"].as_array().cloned().unwrap_or_default();
    html! {
        section.now aria-label="How it is now" {
            p.lead { (status(summary.state, &summary.reasons.join("; "))) }
            dl.facts {
                div { dt { "Last check-in" } dd { (when(summary.checkin_time)) } }
                div { dt { "Certificate ends" } dd { (when(summary.cert_expiration_time.saturating_mul(1000))) } }
                div { dt { "Version" } dd { @if summary.version.is_empty() { "not told" } @else { (summary.version) } } }
            }
            @if !problems.is_empty() {
                h2 { "Its configuration is incomplete" }
                ul { @for problem in &problems { li { (status(Health::Degraded, problem.as_str().unwrap_or_default())) } } }
            }
        }
    }
}

/// What was configured.
fn facts(gateway: &str, whole: &Value) -> Markup {
    let text = |pointer: &str| whole.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    html! {
        section aria-labelledby="facts-title" {
            h2 id="facts-title" { "What it is" }
            dl.facts {
                div { dt { "Id" } dd { code { (gateway) } } }
                div { dt { "Hardware id" } dd { @if let Some(id) = text("/device/hardware_id") { code { (id) } } @else { "no device has registered" } } }
                div { dt { "Tier" } dd { (text("/tier").unwrap_or("–")) } }
                div { dt { "Description" } dd { (text("/description").unwrap_or("–")) } }
            }
        }
    }
}
