//! Every query gives what Prometheus gives.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use orc8r_metrics::promql::{Engine, InstantQuery, Limits, RangeQuery, error_json};
use orc8r_metrics::tsdb::Scope;
use serde_json::Value;

use crate::dataset::{MINUTE, MINUTES, feed, measured, store_of};
use crate::prometheus::Prometheus;
use crate::queries::{ORDERED, panel_queries, tricky_queries};

/// Sums are added in another order.
const TOLERANCE: f64 = 1e-9;

#[test]
fn queries_give_what_prometheus_gives() {
    let Some(prometheus) = Prometheus::start() else { return };
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    let start_ms = now_ms.div_euclid(MINUTE) * MINUTE - MINUTES * MINUTE;
    let measured = measured(start_ms);
    let (store, _folder) = store_of(&measured, start_ms);
    feed(&prometheus, &measured);
    let ours = Engine::new(store, Limits::default());
    let queries: Vec<String> = panel_queries().into_iter().chain(tricky_queries()).collect();
    let (mut wrong, mut answered) = (Vec::new(), 0);
    for text in &queries {
        for (minutes, seconds) in [(91, 0), (200, 30), (239, 1), (400, 0)] {
            let time_ms = start_ms + minutes * MINUTE + seconds * 1000;
            let query = InstantQuery { text: text.clone(), time_ms };
            let ours = json(ours.instant(&query, &Scope::All).map(|answer| answer.to_json()));
            let theirs = prometheus.api("query", &[("query", text), ("time", &time(time_ms))]);
            answered += usize::from(has_result(&theirs));
            if let Err(difference) =
                same(&ours, &theirs, ORDERED.iter().any(|ordered| text.starts_with(ordered)))
            {
                wrong.push(format!("{text} at minute {minutes}: {difference}"));
            }
        }
        for (from, to, step) in [(0, MINUTES, 300), (85, 110, 37), (230, 260, 60)] {
            let (start, end) = (start_ms + from * MINUTE, start_ms + to * MINUTE);
            let query = RangeQuery { text: text.clone(), start_ms: start, end_ms: end, step_ms: step * 1000 };
            let ours = json(ours.range(&query, &Scope::All).map(|answer| answer.to_json()));
            let theirs = prometheus.api(
                "query_range",
                &[("query", text), ("start", &time(start)), ("end", &time(end)), ("step", &step.to_string())],
            );
            answered += usize::from(has_result(&theirs));
            if let Err(difference) = same(&ours, &theirs, false) {
                wrong.push(format!("{text} from {from} to {to} by {step}: {difference}"));
            }
        }
    }
    println!("{} queries, 7 times each, {answered} with results, {} differ", queries.len(), wrong.len());
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(answered > queries.len() * 4, "most queries find something: {answered}");
}

fn time(ms: i64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

pub fn json(answer: Result<String, orc8r_metrics::promql::QueryError>) -> Value {
    let text = answer.unwrap_or_else(|error| error_json(&error));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub fn has_result(answer: &Value) -> bool {
    answer["data"]["result"].as_array().is_some_and(|result| !result.is_empty())
}

pub fn same(ours: &Value, theirs: &Value, is_ordered: bool) -> Result<(), String> {
    let equal = |what: &str, ours: &Value, theirs: &Value| {
        if ours == theirs { Ok(()) } else { Err(format!("{what}: ours {ours}, theirs {theirs}")) }
    };
    if ours["status"] != theirs["status"] {
        return Err(format!("ours {}, theirs {}", short(ours), short(theirs)));
    }
    if ours["status"] == "error" {
        return equal("error", &ours["errorType"], &theirs["errorType"]);
    }
    let (ours, theirs) = (&ours["data"], &theirs["data"]);
    equal("type", &ours["resultType"], &theirs["resultType"])?;
    if matches!(ours["resultType"].as_str(), Some("scalar" | "string")) {
        return same_point(&ours["result"], &theirs["result"]);
    }
    if is_ordered {
        for (ours, theirs) in list(&ours["result"]).iter().zip(list(&theirs["result"])) {
            same_point(&ours["value"], &theirs["value"])
                .map_err(|difference| format!("order: {difference}"))?;
        }
    }
    let (ours, theirs) = (by_labels(&ours["result"]), by_labels(&theirs["result"]));
    let names = |series: &BTreeMap<String, Vec<Value>>| series.keys().cloned().collect::<Vec<_>>().join(" ");
    if names(&ours) != names(&theirs) {
        return Err(format!("series: ours {}, theirs {}", names(&ours), names(&theirs)));
    }
    for (labels, points) in &theirs {
        if ours[labels].len() != points.len() {
            return Err(format!("{labels}: ours {} points, theirs {}", ours[labels].len(), points.len()));
        }
        for (ours, theirs) in ours[labels].iter().zip(points) {
            same_point(ours, theirs).map_err(|difference| format!("{labels}: {difference}"))?;
        }
    }
    Ok(())
}

fn by_labels(result: &Value) -> BTreeMap<String, Vec<Value>> {
    let points = |series: &Value| match series.get("values") {
        Some(values) => list(values).to_vec(),
        None => vec![series["value"].clone()],
    };
    list(result).iter().map(|series| (series["metric"].to_string(), points(series))).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn same_point(ours: &Value, theirs: &Value) -> Result<(), String> {
    let number = |point: &Value| {
        let text = point[1].as_str().unwrap_or_default();
        text.parse::<f64>().ok()
    };
    let is_same = ours[0].as_f64() == theirs[0].as_f64()
        && match (number(ours), number(theirs)) {
            (Some(ours), Some(theirs)) => is_close(ours, theirs),
            _ => ours[1] == theirs[1],
        };
    if is_same { Ok(()) } else { Err(format!("ours {ours}, theirs {theirs}")) }
}

fn is_close(ours: f64, theirs: f64) -> bool {
    ours == theirs
        || ours.is_nan() && theirs.is_nan()
        || (ours - theirs).abs() <= TOLERANCE * ours.abs().max(theirs.abs()).max(1e-3)
}

fn short(answer: &Value) -> String {
    let text = answer.to_string();
    text.chars().take(300).collect()
}
