//! What happened at a gateway: alerts that fire for it, what it told, and what its services wrote.

use super::{Detail, Tab};
use crate::failure::Failure;
use crate::rest::{escaped, path};
use crate::view::status::{Health, status};
use crate::visit::Visit;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

/// So many of each are shown; more are in the lists of the network.
const EVENTS_MAX: usize = 30;
const LINES_MAX: usize = 30;
const ALERTS_MAX: usize = 20;

/// The alerts that fire for a gateway; or why they are not known.
pub(super) struct Alerts(Result<Vec<Value>, String>);

impl Alerts {
    pub(super) async fn load(detail: &Detail) -> Self {
        let place = path(&["networks", &detail.network.id, "alerts"]);
        let found: Result<Vec<Value>, _> = detail.visit.rest.get(&place).await;
        let is_its = |alert: &Value| alert["labels"]["gatewayID"] == detail.id.as_str();
        Self(found.map(|all| all.into_iter().filter(is_its).collect()).map_err(|refusal| refusal.message))
    }
}

/// What fires, if something does.
pub(super) fn alerts(network: &str, alerts: &Alerts) -> Markup {
    let all = format!("/console{}", path(&["networks", network, "alerts"]));
    let text = |alert: &Value, of: &str, name: &str| alert[of][name].as_str().unwrap_or_default().to_owned();
    let words = |alert: &Value| {
        let described = [text(alert, "annotations", "summary"), text(alert, "annotations", "description")];
        described.into_iter().find(|words| !words.is_empty()).unwrap_or_default()
    };
    html! {
        @match &alerts.0 {
            Ok(firing) if firing.is_empty() => {}
            Ok(firing) => {
                section aria-labelledby="alerts-title" {
                    h2 id="alerts-title" { a href=(all) { "Alerts that fire for it" } " " span.count { (firing.len()) } }
                    ul.problems { @for alert in firing.iter().take(ALERTS_MAX) {
                        li {
                            div { (status(severity(&text(alert, "labels", "severity")), "")) }
                            div { p { strong { (text(alert, "labels", "alertname")) } } p.reason { (words(alert)) } }
                            div { (moment(alert["startsAt"].as_str().unwrap_or_default())) }
                        }
                    } }
                }
            }
            Err(problem) => { p.problem { "Whether alerts fire for it is not known: " (problem) } }
        }
    }
}

fn severity(severity: &str) -> Health {
    if matches!(severity, "critical" | "page") { Health::Down } else { Health::Degraded }
}

pub(super) async fn show(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    let of_hardware = escaped(detail.hardware_id());
    let of_events = format!("{}?size={EVENTS_MAX}&hw_ids={of_hardware}", path(&["events", &network]));
    let filter = escaped(&format!("gateway_id:{}", detail.id));
    let of_lines =
        format!("{}?size={LINES_MAX}&filters={filter}", path(&["networks", &network, "logs", "search"]));
    let rest = &detail.visit.rest;
    let (events, lines, firing) = tokio::join!(
        async {
            if detail.hardware_id().is_empty() {
                Ok(Vec::new())
            } else {
                rest.get::<Vec<Value>>(&of_events).await
            }
        },
        rest.get::<Vec<Value>>(&of_lines),
        Alerts::load(&detail),
    );
    let mut page = detail.page(Tab::Events);
    let told = |known: Result<Vec<Value>, crate::rest::Refusal>, show: fn(&[Value]) -> Markup| match known {
        Ok(found) => show(&found),
        Err(refusal) => html! { p.problem { (refusal.message) } },
    };
    let below = |section: &str| {
        format!("/console{}?gateway={}", path(&["networks", &network, section]), escaped(&detail.id))
    };
    let parts = html! {
        (alerts(&network, &firing))
        section aria-labelledby="events-title" {
            h2 id="events-title" { "What it told" }
            (told(events, list_events))
            p { a href=(below("events")) { "All events of this gateway" } }
        }
        section aria-labelledby="lines-title" {
            h2 id="lines-title" { "What its services wrote" }
            (told(lines, list_lines))
            p { a href=(below("logs")) { "Search the logs of this gateway" } }
        }
    };
    let parts = page.live("happened", &parts);
    Ok(page.show(html! { (detail.tabs(Tab::Events)) (parts) }))
}

fn list_events(events: &[Value]) -> Markup {
    html! {
        @if events.is_empty() {
            div.empty {
                p.lead { "It has told of no event." }
                p { "Gateways tell events when eventd is among their services (Configuration, Agent, dynamic services)." }
            }
        } @else {
            div.scroll { table.list {
                thead { tr { th scope="col" { "When" } th scope="col" { "Event" } th scope="col" { "Of" } th scope="col" { "What" } } }
                tbody { @for event in events {
                    tr {
                        td { (moment(event["timestamp"].as_str().unwrap_or_default())) }
                        td { (event["event_type"].as_str().unwrap_or("–")) }
                        td { code { (event["stream_name"].as_str().unwrap_or("–")) } }
                        td { @if !is_nothing(&event["value"]) { details { summary { "Show" } pre.json tabindex="0" { (serde_json::to_string_pretty(&event["value"]).unwrap_or_default()) } } } }
                    }
                } }
            } }
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty)
}

fn list_lines(hits: &[Value]) -> Markup {
    html! {
        @if hits.is_empty() {
            div.empty {
                p.lead { "No lines of its logs are here." }
                p { "Gateways send their logs when td-agent-bit is among their services (Configuration, Agent, dynamic services)." }
            }
        } @else {
            div.scroll { table.list {
                thead { tr { th scope="col" { "When" } th scope="col" { "Service" } th scope="col" { "Line" } } }
                tbody { @for hit in hits {
                    @let line = &hit["_source"];
                    tr {
                        td { (moment(line["@timestamp"].as_str().unwrap_or_default())) }
                        td { code { (line["tag"].as_str().or(line["ident"].as_str()).or(line["magma_service"].as_str()).unwrap_or("–")) } }
                        td { code { (line["message"].as_str().or(line["log"].as_str()).unwrap_or("–")) } }
                    }
                } }
            } }
        }
    }
}

/// A moment that is told as a text of RFC 3339.
fn moment(text: &str) -> Markup {
    // Shown by the script as how long ago; without it, as it was told.
    html! { @if text.is_empty() { span.quiet { "not told" } } @else { time datetime=(text) { (text) } } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn alerts_are_told_with_what_they_say_and_lists_that_are_empty_say_why() {
        let alert = json!({"labels": {"alertname": "Hot", "severity": "critical"}, "annotations": {"description": "It is <hot>."}, "startsAt": "2026-01-02T03:04:05Z"});
        let text = alerts("n1", &Alerts(Ok(vec![alert, json!({})]))).into_string();
        for wanted in ["Hot", "It is &lt;hot&gt;.", "2026-01-02T03:04:05Z", "Down", "not told", ">2<"] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        assert_eq!(alerts("n1", &Alerts(Ok(Vec::new()))).into_string(), "");
        assert!(alerts("n1", &Alerts(Err("away".into()))).into_string().contains("is not known: away"));
        assert!(list_events(&[]).into_string().contains("eventd"));
        assert!(
            list_lines(&[json!({"_source": {"message": "m1", "tag": "t1"}})]).into_string().contains("m1")
        );
    }
}
