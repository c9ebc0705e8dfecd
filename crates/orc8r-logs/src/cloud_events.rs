//! Events that the Orchestrator itself tells, beside those of gateways.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use orc8r_store::{NewRecord, Source};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::Archives;
use crate::intake::{now_ms, timestamp};

/// Who tells them: what stands where a gateway's events have the hardware id.
const TELLER: &str = "orc8r";
/// How many wait for the disk; more than that at once are dropped, and counted.
const WAITING_MAX: usize = 1024;
/// How long events gather after some were kept, so that those of a storm share a wait for the disk.
const GATHERING: Duration = Duration::from_millis(20);

/// Something that happened in the Orchestrator.
#[derive(Debug, Clone, PartialEq)]
pub struct CloudEvent {
    /// The network that it concerns.
    pub network: String,
    /// A name for what tells it, for example `operators`.
    pub stream: String,
    /// What happened, for example `gateway_registered`.
    pub event_type: String,
    /// What it is about, for example a gateway's id.
    pub tag: String,
    /// More about it: an object, without secrets.
    pub value: Value,
}

/// Takes the Orchestrator's events; a clone is the same. It never makes anybody wait.
#[derive(Clone)]
pub struct CloudEvents {
    waiting: mpsc::Sender<(Source, NewRecord)>,
    dropped: Arc<AtomicU64>,
}

impl CloudEvents {
    /// Keeps events in `archives`, in a task of its own, until the last handle is gone.
    pub fn start(archives: Archives) -> Self {
        let (waiting, mut told) = mpsc::channel::<(Source, NewRecord)>(WAITING_MAX);
        let dropped = Arc::new(AtomicU64::new(0));
        let counted = dropped.clone();
        tokio::spawn(async move {
            let mut gathered = Vec::new();
            while told.recv_many(&mut gathered, WAITING_MAX).await > 0 {
                for (source, records) in runs(&mut gathered) {
                    let count = records.len() as u64;
                    if archives.events.append(source, records).await.is_err() {
                        counted.fetch_add(count, Ordering::Relaxed);
                    }
                }
                if !told.is_closed() {
                    sleep(GATHERING).await;
                }
            }
        });
        Self { waiting, dropped }
    }

    /// Keeps an event, soon.
    pub fn tell(&self, event: CloudEvent) {
        let CloudEvent { network, stream, event_type, tag, value } = event;
        let time_ms = now_ms();
        let document = json!({
            "stream_name": stream, "event_type": event_type, "event_tag": tag, "value": value.to_string(),
            "network_id": network, "gateway_id": "", "hw_id": TELLER, "tag": "eventd",
            "@timestamp": timestamp(time_ms),
        });
        let source = Source { network, gateway: String::new(), hardware_id: TELLER.to_owned() };
        let record =
            NewRecord { time_ms, stream, event_type, event_tag: tag, document: document.to_string() };
        if self.waiting.try_send((source, record)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many could not be kept.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// Those that follow each other and are of one source, together.
fn runs(events: &mut Vec<(Source, NewRecord)>) -> Vec<(Source, Vec<NewRecord>)> {
    let mut runs: Vec<(Source, Vec<NewRecord>)> = Vec::new();
    for (source, record) in events.drain(..) {
        match runs.last_mut() {
            Some((last, records)) if *last == source => records.push(record),
            _ => runs.push((source, vec![record])),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ArchiveLimits, EventQuery};
    use orc8r_store::ArchivePage;

    #[test]
    fn events_of_one_source_are_kept_together_and_in_order() {
        let source = |network: &str| Source {
            network: network.to_owned(),
            gateway: String::new(),
            hardware_id: TELLER.to_owned(),
        };
        let event = |network: &str, event_tag: &str| {
            let (event_tag, event_type) = (event_tag.to_owned(), String::new());
            let (stream, document) = (String::new(), String::new());
            (source(network), NewRecord { time_ms: 0, stream, event_type, event_tag, document })
        };
        let mut events = vec![event("n1", "a"), event("n1", "b"), event("n2", "c"), event("n1", "d")];
        let found: Vec<(String, String)> = runs(&mut events)
            .into_iter()
            .map(|(source, records)| {
                (source.network, records.iter().map(|record| record.event_tag.as_str()).collect())
            })
            .collect();
        let expected = [("n1", "ab"), ("n2", "c"), ("n1", "d")];
        assert_eq!(found, expected.map(|(network, tags)| (network.to_owned(), tags.to_owned())));
        assert!(events.is_empty());
    }

    #[tokio::test]
    async fn the_orchestrators_events_are_found_like_a_gateways() {
        let folder = tempfile::tempdir().unwrap();
        let mut limits = ArchiveLimits::default();
        limits.events.reserve = 0;
        let archives = Archives::open(folder.path(), limits).unwrap();
        let events = CloudEvents::start(archives.clone());
        events.tell(CloudEvent {
            network: "n1".into(),
            stream: "operators".into(),
            event_type: "gateway_created".into(),
            tag: "g1".into(),
            value: json!({"by": "admin"}),
        });
        let query = EventQuery { network: "n1".into(), streams: "operators".into(), ..EventQuery::default() };
        while archives.count_events(&query).await.unwrap() == 0 {
            tokio::task::yield_now().await;
        }
        let found = archives.events(&query, ArchivePage { skip: 0, limit: 10 }).await.unwrap();
        assert_eq!((found[0].hardware_id.as_str(), found[0].tag.as_str()), ("orc8r", "g1"));
        assert_eq!((&found[0].value, events.dropped()), (&json!({"by": "admin"}), 0));
    }
}
