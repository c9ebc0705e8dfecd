//! What one may have done with call traces: begin, stop and delete them.

use crate::rest::path;
use crate::visit::Visit;
use axum::http::Method;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};
use std::ops::RangeInclusive;

/// For how long a gateway captures at most, in seconds; and when nobody says.
const TIMEOUT_S: RangeInclusive<u32> = 1..=86_400;
const TIMEOUT_DEFAULT: &str = "60";

/// What one fills in or chooses.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sent {
    action: String,
    trace_id: String,
    pub(crate) gateway_id: String,
    timeout: String,
    capture_filters: String,
    display_filters: String,
}

/// Does it, and says what was done.
///
/// # Errors
/// What to tell whoever asked.
pub(crate) async fn act(visit: &Visit, network: &str, sent: &Sent) -> Result<String, String> {
    let id = sent.trace_id.trim();
    let all = path(&["networks", network, "tracing"]);
    let one = path(&["networks", network, "tracing", id]);
    let rest = &visit.rest;
    let (done, what) = match sent.action.as_str() {
        "start" => (rest.send(Method::POST, &all, Some(&order(sent)?)).await, "begun"),
        "stop" => (rest.send(Method::PUT, &one, Some(&json!({"requested_end": true}))).await, "ended"),
        "delete" => (rest.send(Method::DELETE, &one, None).await, "deleted"),
        other => return Err(format!("A trace cannot be {other}.")),
    };
    done.map(|_| format!("The trace {id} is {what}.")).map_err(|refusal| refusal.message)
}

/// What is ordered of the gateway.
fn order(sent: &Sent) -> Result<Value, String> {
    let mut order = json!({
        "trace_id": sent.trace_id.trim(),
        "trace_type": "GATEWAY",
        "gateway_id": sent.gateway_id.trim(),
        "timeout": timeout(&sent.timeout)?,
    });
    for (name, text) in
        [("capture_filters", &sent.capture_filters), ("display_filters", &sent.display_filters)]
    {
        if !text.trim().is_empty() {
            order[name] = json!(text.trim());
        }
    }
    Ok(order)
}

fn timeout(text: &str) -> Result<u32, String> {
    let text = if text.trim().is_empty() { TIMEOUT_DEFAULT } else { text.trim() };
    let seconds = text.parse().ok().filter(|seconds| TIMEOUT_S.contains(seconds));
    seconds.ok_or_else(|| {
        format!("The trace is not begun: its seconds must be {} to {}.", TIMEOUT_S.start(), TIMEOUT_S.end())
    })
}

/// Where one begins a trace, with what was sent and how its gateway is chosen.
pub(crate) fn form(place: &str, sent: &Sent, gateway: &Markup) -> Markup {
    let begun = if sent.action == "start" { sent } else { &Sent::default() };
    let timeout = if begun.timeout.is_empty() { TIMEOUT_DEFAULT } else { &begun.timeout };
    html! {
        section aria-labelledby="begin-title" {
            h2 id="begin-title" { "Begin a trace" }
            form.fields method="post" action=(place) {
                input type="hidden" name="action" value="start";
                (gateway)
                label { "Name" input name="trace_id" required maxlength="256" value=(begun.trace_id) autocomplete="off" spellcheck="false"; }
                label { "Seconds at most" input type="number" name="timeout" min=(TIMEOUT_S.start()) max=(TIMEOUT_S.end()) value=(timeout);
                    span.help { (TIMEOUT_S.start()) " to " (TIMEOUT_S.end()) ", which is a day." } }
                label { "Packets to capture" input name="capture_filters" value=(begun.capture_filters) placeholder="sctp port 36412" autocomplete="off" spellcheck="false";
                    span.help { "A filter of tcpdump; empty: all packets." } }
                label { "Packets to keep of them" input name="display_filters" value=(begun.display_filters) autocomplete="off" spellcheck="false";
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
    fn what_is_not_filled_in_is_left_out_and_a_time_that_is_none_is_refused() {
        let sent = |timeout: &str| Sent {
            trace_id: " t1 ".into(),
            gateway_id: "g1".into(),
            timeout: timeout.into(),
            capture_filters: "sctp".into(),
            ..Sent::default()
        };
        let expected = |timeout: u32| json!({"trace_id": "t1", "trace_type": "GATEWAY", "gateway_id": "g1", "timeout": timeout, "capture_filters": "sctp"});
        assert_eq!(order(&sent("")), Ok(expected(60)));
        assert_eq!(order(&sent(" 86400 ")), Ok(expected(86_400)));
        for timeout in ["0", "86401", "x", "-1"] {
            assert!(order(&sent(timeout)).is_err_and(|problem| problem.contains("1 to 86400")), "{timeout}");
        }
    }
}
