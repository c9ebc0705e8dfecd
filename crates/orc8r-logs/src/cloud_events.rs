//! Events that the Orchestrator itself tells, beside those of gateways.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use orc8r_store::{NewRecord, Source};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::Archives;
use crate::intake::{now_ms, timestamp};

/// Who tells them: what stands where a gateway's events have the hardware id.
const TELLER: &str = "orc8r";
/// How many wait for the disk; more than that at once are dropped, and counted.
const WAITING_MAX: usize = 1024;

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
            while let Some((source, record)) = told.recv().await {
                if archives.events.append(source, vec![record]).await.is_err() {
                    counted.fetch_add(1, Ordering::Relaxed);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ArchiveLimits, EventQuery};
    use orc8r_store::ArchivePage;

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
