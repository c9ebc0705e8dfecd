//! The push API of Loki.

use std::collections::BTreeMap;

use orc8r_store::Found;
use serde_json::json;

use super::post::Poster;
use super::{Outcome, What, failed};

pub(super) async fn send(poster: &Poster<'_>, what: What, batch: &[&Found]) -> Outcome {
    let answer = match poster.post("/loki/api/v1/push", "application/json", body(what, batch)).await {
        Ok(answer) => answer,
        Err(why) => return Outcome::Failed { why, pause: None },
    };
    match answer.status {
        200..=299 => Outcome::Taken { refused: 0, again: Vec::new() },
        // Some lines are too old, or not in order; it has taken the others and does not say which.
        400 | 422 => Outcome::Taken { refused: batch.len() as u64, again: Vec::new() },
        _ => failed(&answer),
    }
}

/// Labels are few, so that there are few streams; the line is the whole record, for Loki's `| json`.
fn body(what: What, batch: &[&Found]) -> Vec<u8> {
    let kind = match what {
        What::Events => "event",
        What::Logs => "log",
    };
    let mut streams: BTreeMap<(&str, &str, &str), Vec<[String; 2]>> = BTreeMap::new();
    for found in batch {
        let labels =
            (found.source.network.as_str(), found.source.gateway.as_str(), found.record.stream.as_str());
        let line = [format!("{}000000", found.record.time_ms), found.record.document.clone()];
        streams.entry(labels).or_default().push(line);
    }
    let streams: Vec<_> = streams
        .into_iter()
        .map(|((network, gateway, stream), values)| {
            let labels = json!({
                "job": "magma", "kind": kind, "network_id": network, "gateway_id": gateway, "stream_name": stream,
            });
            json!({ "stream": labels, "values": values })
        })
        .collect();
    json!({ "streams": streams }).to_string().into_bytes()
}
