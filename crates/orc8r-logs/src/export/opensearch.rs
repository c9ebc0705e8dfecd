//! The bulk API of OpenSearch and Elasticsearch.
//!
//! Each record has an id that stays the same, so that one which is sent twice is there once.

use orc8r_store::Found;
use serde::Deserialize;
use serde_json::json;

use super::post::Poster;
use super::{Outcome, What, failed};
use crate::intake::timestamp;

#[derive(Deserialize)]
struct Answer {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: Done,
}

#[derive(Deserialize)]
struct Done {
    status: u16,
}

pub(super) async fn send(poster: &Poster<'_>, what: What, batch: &[&Found]) -> Outcome {
    let answer = match poster.post("/_bulk", "application/x-ndjson", body(what, batch)).await {
        Ok(answer) => answer,
        Err(why) => return Outcome::Failed { why, pause: None },
    };
    if answer.status != 200 {
        return failed(&answer);
    }
    let read = answer.body.and_then(|body| serde_json::from_slice::<Answer>(&body).ok());
    let Some(Answer { items }) = read.filter(|read| read.items.len() == batch.len()) else {
        return Outcome::Failed { why: "it does not say what became of each record".to_owned(), pause: None };
    };
    let (mut refused, mut again) = (0, Vec::new());
    for (index, item) in items.iter().enumerate() {
        match item.index.status {
            200..=299 => {}
            429 | 500..=599 => again.push(index),
            // Most likely its fields do not fit those of other records in the index.
            _ => refused += 1,
        }
    }
    Outcome::Taken { refused, again }
}

fn body(what: What, batch: &[&Found]) -> Vec<u8> {
    let mut body = Vec::new();
    for found in batch {
        let day = timestamp(found.record.time_ms)[..10].replace('-', ".");
        let prefix = match what {
            What::Events => "eventd",
            What::Logs => "fluentd",
        };
        // The device and the time keep the ids of several nodes, and of a new archive, apart.
        let id = format!("{}-{}-{}", found.source.hardware_id, found.record.time_ms, found.id);
        let order = json!({"index": {"_index": format!("{prefix}-{day}"), "_id": id}});
        body.extend(order.to_string().into_bytes());
        body.push(b'\n');
        body.extend(found.record.document.as_bytes());
        body.push(b'\n');
    }
    body
}
