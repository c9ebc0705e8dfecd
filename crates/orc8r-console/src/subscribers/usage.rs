//! How much a subscriber has used, as his gateways measured it.

use crate::rest::{escaped, path};
use crate::view::chart::{self, Chart, Line};
use crate::view::range::Range;
use crate::view::unit::Unit;
use crate::visit::Visit;
use maud::{Markup, html};
use serde_json::Value;

/// The spans that are told.
const SPANS: [(&str, &str); 3] = [("1h", "last hour"), ("24h", "last 24 hours"), ("30d", "last 30 days")];

/// What measures it: bytes since a session began, by direction. Some gateways write the IMSI with its prefix.
pub(crate) fn series(subscriber: &str) -> String {
    let digits = subscriber.trim_start_matches("IMSI");
    format!("ue_reported_usage{{IMSI=~\"(IMSI)?{digits}\"}}")
}

/// Bytes in one span; `None`: nobody measured any.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Used {
    down: Option<f64>,
    up: Option<f64>,
}

/// The totals.
pub(crate) async fn totals(visit: &Visit, network: &str, subscriber: &str) -> Markup {
    let mut rows = Vec::new();
    for (span, words) in SPANS {
        let query = format!("sum(increase({}[{span}])) by (direction)", series(subscriber));
        let asked =
            format!("{}?query={}", path(&["networks", network, "prometheus", "query"]), escaped(&query));
        // Without a store of metrics there is nothing to tell; the page is whole all the same.
        let answer: Value = visit.rest.get(&asked).await.unwrap_or_default();
        rows.push((words, used(&answer)));
    }
    html! {
        dl.facts {
            @for (words, used) in rows {
                div { dt { "In the " (words) } dd {
                    @if used == Used::default() { span.quiet { "nothing was measured" } }
                    @if let Some(bytes) = used.down { "↓ " (amount(bytes)) " down" }
                    @if used.down.is_some() && used.up.is_some() { br; }
                    @if let Some(bytes) = used.up { "↑ " (amount(bytes)) " up" }
                } }
            }
        }
    }
}

/// How fast it was, over time.
pub(crate) async fn chart(visit: &Visit, network: &str, subscriber: &str, range: &Range) -> Markup {
    let series = series(subscriber);
    let line = Line::new("{direction}", format!("sum(rate({series}[5m])) by (direction) * 8"));
    chart::load(visit, network, &Chart::new("Rate", Unit::BitsPerSecond, vec![line]), range).await
}

fn used(answer: &Value) -> Used {
    let mut used = Used::default();
    for series in answer["data"]["result"].as_array().into_iter().flatten() {
        let value = series["value"][1].as_str().and_then(|text| text.parse::<f64>().ok());
        match series["metric"]["direction"].as_str() {
            Some("down") => used.down = value,
            Some("up") => used.up = value,
            _ => {}
        }
    }
    used
}

/// An amount of data, in units of ten (IEC 80000-13).
pub(crate) fn amount(bytes: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB"];
    let (mut value, mut at) = (bytes, 0);
    while value >= 1000.0 && at + 1 < units.len() {
        (value, at) = (value / 1000.0, at + 1);
    }
    let digits = usize::from(at > 0 && value < 100.0);
    format!("{value:.digits$} {}", units[at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_have_units() {
        for (bytes, expect) in
            [(0.0, "0 B"), (999.0, "999 B"), (1_500.0, "1.5 kB"), (123_456_789.0, "123 MB")]
        {
            assert_eq!(amount(bytes), expect);
        }
    }

    #[test]
    fn what_was_not_measured_is_not_nothing() {
        let answer = json!({"data": {"result": [{"metric": {"direction": "down"}, "value": [1, "7"]}]}});
        assert_eq!(used(&answer), Used { down: Some(7.0), up: None });
        assert_eq!(used(&Value::Null), Used::default());
    }
}
