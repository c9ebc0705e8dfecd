//! Call traces as a table: what each captures, who began it, and what came of it.

use crate::failure::Failure;
use crate::gateways;
use crate::rest::{escaped, path};
use crate::view::status::{Health, worded};
use crate::view::when::when;
use crate::visit::Visit;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// As many as a network may have.
const TRACES_MAX: usize = 1000;

/// How far a trace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The gateway captures.
    Captures,
    /// There is something to download.
    Captured,
    /// It is over, and nothing was captured.
    Empty,
}

/// All of them, in their order.
pub(super) const STATES: [State; 3] = [State::Captures, State::Captured, State::Empty];

impl State {
    /// Its name in a URL.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Captures => "captures",
            Self::Captured => "captured",
            Self::Empty => "empty",
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Captures => "captures",
            Self::Captured => "captured",
            Self::Empty => "ended without a capture",
        }
    }

    fn health(self) -> Health {
        match self {
            Self::Captures => Health::Pending,
            Self::Captured => Health::Ok,
            Self::Empty => Health::Disabled,
        }
    }
}

/// A trace in a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trace {
    id: String,
    gateway: String,
    state: State,
    /// The packets that it captures, as a filter; empty: all.
    captures: String,
    /// Of them, those that it keeps, as another filter.
    keeps: String,
    timeout_s: Option<u64>,
    begun: Option<Begun>,
}

/// Who began it, and when, as the audit log knows.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Begun {
    /// In milliseconds since 1970.
    time_ms: i64,
    actor: String,
    #[serde(default)]
    method: String,
    #[serde(default)]
    after: Value,
}

impl Trace {
    fn of(id: String, trace: &Value, begun: Option<Begun>) -> Self {
        let text = |name: &str| trace["config"][name].as_str().unwrap_or_default().to_owned();
        let state = &trace["state"];
        let state = match (state["call_trace_available"] == true, state["call_trace_ending"] == true) {
            (true, _) => State::Captured,
            (false, true) => State::Empty,
            (false, false) => State::Captures,
        };
        let (gateway, captures, keeps) =
            (text("gateway_id"), text("capture_filters"), text("display_filters"));
        Self { id, gateway, state, captures, keeps, timeout_s: trace["config"]["timeout"].as_u64(), begun }
    }

    /// Whether it has all these words somewhere, and is in this state; an empty one is any.
    pub(super) fn is_like(&self, words: &str, state: &str) -> bool {
        let by = self.begun.as_ref().map(|begun| begun.actor.as_str()).unwrap_or_default();
        let text = format!("{} {} {} {} {by}", self.id, self.gateway, self.captures, self.keeps);
        let text = text.to_lowercase();
        let has_words = words.to_lowercase().split_whitespace().all(|word| text.contains(word));
        has_words && (state.is_empty() || state == self.state.name())
    }
}

/// The traces of a network, or of one of its gateways, the newest first.
pub(crate) async fn find(visit: &Visit, network: &str, gateway: Option<&str>) -> Result<Vec<Trace>, Failure> {
    let all = path(&["networks", network, "tracing"]);
    let log = format!(
        "{}?size={TRACES_MAX}&path={}",
        path(&["networks", network, "audit"]),
        escaped(&format!("/magma/v1{all}"))
    );
    let (found, log) =
        tokio::join!(visit.rest.get::<BTreeMap<String, Value>>(&all), visit.rest.get::<Vec<Begun>>(&log));
    // Who may see traces and no log sees them without who began them.
    let begun = by_trace(log.unwrap_or_default());
    let traces = found?.into_iter().map(|(id, trace)| {
        let begun = begun.get(&id).cloned();
        Trace::of(id, &trace, begun)
    });
    let mut traces: Vec<Trace> =
        traces.filter(|trace| gateway.is_none_or(|gateway| trace.gateway == gateway)).collect();
    traces.sort_by_key(|trace| Reverse(trace.begun.as_ref().map(|begun| begun.time_ms)));
    Ok(traces)
}

/// The newest beginning of each trace: an id may be used again after its trace was deleted.
fn by_trace(log: Vec<Begun>) -> BTreeMap<String, Begun> {
    let mut found = BTreeMap::new();
    for entry in log.into_iter().filter(|entry| entry.method == "POST") {
        if let Some(id) = entry.after["trace_id"].as_str().map(str::to_owned) {
            found.entry(id).or_insert(entry);
        }
    }
    found
}

/// The table; with where its buttons are sent for who may stop and delete.
pub(crate) fn table(network: &str, traces: &[&Trace], act_at: Option<&str>, shows_gateways: bool) -> Markup {
    html! {
        div.scroll { table.list {
            thead { tr {
                th scope="col" { "Trace" }
                @if shows_gateways { th scope="col" { "Gateway" } }
                th scope="col" { "State" } th scope="col" { "Captures" } th scope="col" { "Begun" } th scope="col" { "Do" }
            } }
            tbody { @for trace in traces { tr {
                td { code { (trace.id) } }
                @if shows_gateways { td { a href={ (gateways::url(network, &trace.gateway)) "/traces" } { (trace.gateway) } } }
                td { (worded(trace.state.health(), trace.state.words())) }
                td { (captures(trace)) }
                td {
                    @match &trace.begun {
                        Some(begun) => { (when(begun.time_ms)) span.quiet { " by " (begun.actor) } }
                        None => span.quiet { "not told" }
                    }
                }
                td { div.buttons { (buttons(network, trace, act_at)) } }
            } } }
        } }
    }
}

fn captures(trace: &Trace) -> Markup {
    html! {
        @if trace.captures.is_empty() { "everything" } @else { code { (trace.captures) } }
        @if !trace.keeps.is_empty() { ", keeps " code { (trace.keeps) } }
        @if let Some(seconds) = trace.timeout_s { span.quiet { " for " (seconds) " s" } }
    }
}

fn buttons(network: &str, trace: &Trace, act_at: Option<&str>) -> Markup {
    let button = |action: &str, title: &str, class: &str| {
        html! { button class=(class) type="submit" name="action" value=(action) { (title) span.visually-hidden { " " (trace.id) } } }
    };
    html! {
        @if trace.state == State::Captured {
            a.button download href={ "/magma/v1" (path(&["networks", network, "tracing", &trace.id])) "/download" } {
                "Download" span.visually-hidden { " " (trace.id) }
            }
        }
        @if let Some(place) = act_at {
            form method="post" action=(place) {
                input type="hidden" name="trace_id" value=(trace.id);
                @match trace.state {
                    State::Captures => (button("stop", "Stop", "")),
                    State::Empty => (button("delete", "Delete", "")),
                    // Packets that nobody downloaded would be gone.
                    State::Captured => details.ask data-keep {
                        summary.button { "Delete" span.visually-hidden { " " (trace.id) } }
                        (button("delete", "Delete its packets", "danger"))
                    },
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn trace(is_available: bool, is_over: bool) -> Trace {
        let config = json!({"gateway_id": "gw1", "capture_filters": "sctp port 36412", "timeout": 60});
        let state = json!({"call_trace_available": is_available, "call_trace_ending": is_over});
        let begun = Begun { time_ms: 1, actor: "Ann".into(), method: "POST".into(), after: Value::Null };
        Trace::of("t1".into(), &json!({"config": config, "state": state}), Some(begun))
    }

    #[test]
    fn traces_are_found_by_words_and_state() {
        let rows = [
            (false, false, "", "captures", true),
            (false, false, "", "captured", false),
            (true, true, "GW1 sctp", "captured", true),
            (true, true, "ann t1", "", true),
            (true, true, "udp", "", false),
            (false, true, "", "empty", true),
        ];
        for (is_available, is_over, words, state, expected) in rows {
            let found = trace(is_available, is_over).is_like(words, state);
            assert_eq!(found, expected, "{is_available} {is_over} {words:?} {state:?}");
        }
    }

    #[test]
    fn who_began_a_trace_is_who_began_the_last_one_of_that_name() {
        let entry = |actor: &str, method: &str| json!({"time_ms": 1, "actor": actor, "method": method, "after": {"trace_id": "t1"}});
        let log = json!([entry("eve", "PUT"), entry("bob", "POST"), entry("ann", "POST")]);
        let found = by_trace(serde_json::from_value(log).unwrap());
        assert_eq!((found.len(), found["t1"].actor.as_str()), (1, "bob"));
    }
}
