//! Call traces of a gateway: packets that it captures on request, to be downloaded.

use super::{Detail, Tab, may_not};
use crate::failure::Failure;
use crate::rest::path;
use crate::said;
use crate::view::status::{Health, status};
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::http::Method;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// So many are shown.
const TRACES_MAX: usize = 100;

/// What one fills in or chooses.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    action: String,
    trace_id: String,
    timeout: String,
    capture_filters: String,
    display_filters: String,
}

pub(super) async fn show(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    page(&detail, &Sent::default(), None).await
}

pub(super) async fn act(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    let id = sent.trace_id.trim();
    let all = path(&["networks", &network, "tracing"]);
    let one = path(&["networks", &network, "tracing", id]);
    let rest = &detail.visit.rest;
    let (done, what) = match sent.action.as_str() {
        "start" => (rest.send(Method::POST, &all, Some(&order(&detail.id, &sent))).await, "begun"),
        "stop" => (rest.send(Method::PUT, &one, Some(&json!({"requested_end": true}))).await, "ended"),
        "delete" => (rest.send(Method::DELETE, &one, None).await, "deleted"),
        other => return Err(Failure::bad(format!("A trace cannot be {other}."))),
    };
    match done {
        Ok(_) => Ok(said::done(&detail.url(Tab::Traces), &format!("The trace {id} is {what}."))),
        Err(refusal) => page(&detail, &sent, Some(&refusal.message)).await,
    }
}

/// What is ordered of the gateway.
fn order(gateway: &str, sent: &Sent) -> Value {
    let mut order = json!({
        "trace_id": sent.trace_id.trim(),
        "trace_type": "GATEWAY",
        "gateway_id": gateway,
        "timeout": sent.timeout.trim().parse::<u32>().unwrap_or(60),
    });
    for (name, text) in
        [("capture_filters", &sent.capture_filters), ("display_filters", &sent.display_filters)]
    {
        if !text.trim().is_empty() {
            order[name] = json!(text.trim());
        }
    }
    order
}

async fn page(detail: &Detail, sent: &Sent, problem: Option<&str>) -> Result<Response, Failure> {
    let network = &detail.network.id;
    let found: BTreeMap<String, Value> =
        detail.visit.rest.get(&path(&["networks", network, "tracing"])).await?;
    let found = found.into_iter().filter(|(_, trace)| trace["config"]["gateway_id"] == detail.id.as_str());
    let found: Vec<(String, Value)> = found.collect();
    let mut page = detail.page(Tab::Traces);
    let list = page.live("traces", &list(detail, &found));
    Ok(page.show(html! {
        (detail.tabs(Tab::Traces))
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        (list)
        @if !detail.network.may_write { (may_not("traces are begun by who may.")) }
        @else if detail.hardware_id().is_empty() { p { "No device has registered for this gateway yet, which could capture anything." } }
        @else { (form(detail, sent)) }
    }))
}

fn list(detail: &Detail, traces: &[(String, Value)]) -> Markup {
    if traces.is_empty() {
        return html! {
            div.empty { p.lead { "No call trace of this gateway." } p { "A trace captures the packets of its interfaces, for Wireshark." } }
        };
    }
    let text = |trace: &Value, name: &str| trace["config"][name].as_str().unwrap_or_default().to_owned();
    html! {
        div.scroll { table.list {
            thead { tr { th scope="col" { "Trace" } th scope="col" { "State" } th scope="col" { "Captures" } th scope="col" { "Do" } } }
            tbody { @for (id, trace) in traces.iter().take(TRACES_MAX) {
                @let state = &trace["state"];
                @let (has_capture, is_over) = (state["call_trace_available"] == true, state["call_trace_ending"] == true);
                tr {
                    td { code { (id) } }
                    td {
                        @if has_capture { (status(Health::Ok, "captured")) }
                        @else if is_over { (status(Health::Disabled, "ended without a capture")) }
                        @else { (status(Health::Pending, "captures")) }
                    }
                    td {
                        @let filter = text(trace, "capture_filters");
                        @if filter.is_empty() { "everything" } @else { code { (filter) } }
                        @if let Some(seconds) = trace["config"]["timeout"].as_u64() { span.quiet { " for " (seconds) " s" } }
                    }
                    td { div.buttons {
                        @if has_capture {
                            a.button download href={ "/magma/v1" (path(&["networks", &detail.network.id, "tracing", id])) "/download" } {
                                "Download" span.visually-hidden { " " (id) }
                            }
                        }
                        @if detail.network.may_write {
                            @if !has_capture && !is_over { (button(detail, id, "stop", "Stop")) } @else { (button(detail, id, "delete", "Delete")) }
                        }
                    } }
                }
            } }
        } }
    }
}

fn button(detail: &Detail, id: &str, action: &str, title: &str) -> Markup {
    html! {
        form method="post" action=(detail.url(Tab::Traces)) {
            input type="hidden" name="trace_id" value=(id);
            button type="submit" name="action" value=(action) { (title) span.visually-hidden { " " (id) } }
        }
    }
}

fn form(detail: &Detail, sent: &Sent) -> Markup {
    let timeout = if sent.timeout.is_empty() { "60" } else { &sent.timeout };
    html! {
        section aria-labelledby="begin-title" {
            h2 id="begin-title" { "Begin a trace" }
            form.fields method="post" action=(detail.url(Tab::Traces)) {
                input type="hidden" name="action" value="start";
                label { "Name" input name="trace_id" required maxlength="256" value=(sent.trace_id) autocomplete="off" spellcheck="false"; }
                label { "Seconds at most" input type="number" name="timeout" min="1" max="86400" value=(timeout); }
                label { "Packets to capture" input name="capture_filters" value=(sent.capture_filters) placeholder="sctp port 36412" autocomplete="off" spellcheck="false";
                    span.help { "A filter of tcpdump; empty: all packets." } }
                label { "Packets to keep of them" input name="display_filters" value=(sent.display_filters) autocomplete="off" spellcheck="false";
                    span.help { "A filter of Wireshark, where the gateway has tshark." } }
                button.main type="submit" { "Begin" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_filled_in_is_left_out() {
        let sent = Sent {
            trace_id: " t1 ".into(),
            timeout: "x".into(),
            capture_filters: "sctp".into(),
            ..Sent::default()
        };
        let expected = json!({"trace_id": "t1", "trace_type": "GATEWAY", "gateway_id": "g1", "timeout": 60, "capture_filters": "sctp"});
        assert_eq!(order("g1", &sent), expected);
    }
}
