//! Answers `magma.orc8r.EventService`.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use magma_rpc::{Request, Response, Status, tonic};
use magma_service303::{Counter, Registry};
use serde_json::{Map, Value};
use wire_orc8r::orc8r::event_service_server::{EventService, EventServiceServer};
use wire_orc8r::orc8r::{Event, Void};

use crate::event_types::EventTypes;

/// The largest event that is taken.
const EVENT_BYTES_MAX: usize = 1 << 20;
/// How much is said of why one is refused.
const DETAILS_BYTES_MAX: usize = 500;

/// The answer of a [`Sink`].
pub type Stored<'a> = Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>>;

/// Keeps events until the cloud has them.
pub trait Sink: Send + Sync + 'static {
    /// Keeps one event, as the JSON object that `td-agent-bit` takes; ready when it is on disk.
    ///
    /// # Errors
    /// When the disk does not take it.
    fn store(&self, event: Map<String, Value>) -> Stored<'_>;
}

/// Counts what becomes of events.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// `events_received`: taken and kept.
    pub received: Counter,
    /// `events_refused`: of an unknown type, or not fitting their schema.
    pub refused: Counter,
    /// `events_delivered`: passed on.
    pub delivered: Counter,
    /// `events_dropped{stage}`: pushed out by newer ones, or not stored.
    pub dropped: Counter,
}

impl Metrics {
    /// The counters of `registry`, with this stage.
    pub fn new(registry: &Registry, stage: &str) -> Self {
        Self {
            received: registry.counter("events_received"),
            refused: registry.counter("events_refused"),
            delivered: registry.counter("events_delivered"),
            dropped: registry.counter_family("events_dropped", ["stage"]).with([stage]),
        }
    }
}

/// Takes events, from local services and from within the process; a clone takes them for the same sink.
#[derive(Clone)]
pub struct EventTaker {
    types: Arc<Mutex<Arc<EventTypes>>>,
    sink: Arc<dyn Sink>,
    metrics: Metrics,
}

impl EventTaker {
    /// Takes events of these types for `sink`.
    pub fn new(types: EventTypes, sink: Arc<dyn Sink>, metrics: Metrics) -> Self {
        Self { types: Arc::new(Mutex::new(Arc::new(types))), sink, metrics }
    }

    /// Takes events of these types from now on.
    pub fn change(&self, types: EventTypes) {
        *self.types.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(types);
    }

    /// The gRPC service, to be added to a router.
    pub fn into_server(self) -> EventServiceServer<Self> {
        EventServiceServer::new(self).max_decoding_message_size(2 * EVENT_BYTES_MAX)
    }

    /// Takes one event, and returns when it is on disk.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` in Magma's words when its type is unknown or its value does not fit; `RESOURCE_EXHAUSTED` when
    /// the disk does not take it.
    pub async fn take(&self, event: Event) -> Result<(), Status> {
        let retry = self.check(&event).inspect_err(|_| self.metrics.refused.increment())?;
        let stored = self.sink.store(as_td_agent_bit_takes_it(event, retry)).await;
        match &stored {
            Ok(()) => self.metrics.received.increment(),
            Err(_) => self.metrics.dropped.increment(),
        }
        stored.map_err(|error| {
            Status::resource_exhausted(format!("the event cannot be kept: {error}; make room on the disk"))
        })
    }

    fn check(&self, event: &Event) -> Result<bool, Status> {
        let length = event.stream_name.len() + event.event_type.len() + event.tag.len() + event.value.len();
        if length > EVENT_BYTES_MAX {
            return Err(Status::invalid_argument(format!(
                "an event of {length} bytes; {EVENT_BYTES_MAX} are allowed"
            )));
        }
        let refused = |details: String| {
            // A gRPC message is a header, and names of properties can be as long as the event.
            let details = &details[..details.floor_char_boundary(DETAILS_BYTES_MAX)];
            tracing::debug!(event_type = event.event_type, "an event is refused: {details}");
            Status::invalid_argument(format!("Event validation failed, Details: {details}"))
        };
        // Deviation: Magma lets this one through as UNKNOWN.
        let value: Value = serde_json::from_str(&event.value)
            .map_err(|error| refused(format!("the value is not JSON: {error}")))?;
        let types = self.types.lock().unwrap_or_else(PoisonError::into_inner).clone();
        types.check(&event.event_type, &value).map_err(refused)
    }
}

/// The object as existing gateways' `eventd` writes it; the value stays a text.
fn as_td_agent_bit_takes_it(event: Event, retry: bool) -> Map<String, Value> {
    let retry = if retry { "True" } else { "False" };
    let fields = [
        ("stream_name", event.stream_name),
        ("event_type", event.event_type),
        ("event_tag", event.tag),
        ("value", event.value),
        ("retry_on_failure", retry.to_owned()),
    ];
    fields.into_iter().map(|(name, text)| (name.to_owned(), Value::String(text))).collect()
}

#[tonic::async_trait]
impl EventService for EventTaker {
    async fn log_event(&self, request: Request<Event>) -> Result<Response<Void>, Status> {
        self.take(request.into_inner()).await.map(|()| Response::new(Void {}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use magma_rpc::Code;
    use serde_json::json;
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    #[derive(Default)]
    struct Memory {
        events: Mutex<Vec<Map<String, Value>>>,
        full: bool,
    }

    impl Sink for Memory {
        fn store(&self, event: Map<String, Value>) -> Stored<'_> {
            Box::pin(async move {
                if self.full {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                self.events.lock().unwrap().push(event);
                Ok(())
            })
        }
    }

    fn event(event_type: &str, value: &str) -> Event {
        Event {
            stream_name: "magmad".to_owned(),
            event_type: event_type.to_owned(),
            tag: "hw1".to_owned(),
            value: value.to_owned(),
        }
    }

    fn taker(memory: Arc<Memory>) -> (EventTaker, Metrics) {
        let metrics = Metrics::new(&Registry::new(), "eventd");
        let types = EventTypes::new(Some(BTreeMap::new()), PathBuf::from("/nowhere"));
        (EventTaker::new(types, memory, metrics.clone()), metrics)
    }

    #[tokio::test]
    async fn an_event_is_passed_on_with_its_value_as_a_text() {
        let memory = Arc::new(Memory::default());
        let (taker, metrics) = taker(memory.clone());
        let value = "{\"services\": [\"mme\"]}";
        taker.log_event(Request::new(event("restarted_services", value))).await.unwrap();
        let expected = json!({
            "stream_name": "magmad", "event_type": "restarted_services", "event_tag": "hw1",
            "value": value, "retry_on_failure": "False",
        });
        assert_eq!(json!(*memory.events.lock().unwrap()), json!([expected]));
        assert_eq!((metrics.received.value(), metrics.refused.value()), (1, 0));
    }

    #[tokio::test]
    async fn what_does_not_fit_is_an_invalid_argument_in_magmas_words() {
        let (long, unknown) = (format!("\"{}\"", "x".repeat(EVENT_BYTES_MAX)), "u".repeat(100_000));
        for (event_type, value, words) in [
            ("unknown", "{}", "Event validation failed, Details: \"unknown\" is not in event_registry"),
            (&unknown, "{}", "Event validation failed, Details: \"uuu"),
            ("restarted_services", "{", "Event validation failed, Details: the value is not JSON"),
            ("restarted_services", &long, "bytes"),
        ] {
            let memory = Arc::new(Memory::default());
            let (taker, metrics) = taker(memory.clone());
            let status = taker.take(event(event_type, value)).await.unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument, "{event_type}");
            assert!(status.message().len() < 1000, "{} octets", status.message().len());
            assert!(status.message().contains(words), "{}", status.message());
            assert!(memory.events.lock().unwrap().is_empty());
            assert_eq!((metrics.received.value(), metrics.refused.value()), (0, 1));
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_the_callers_to_know() {
        let (taker, metrics) = taker(Arc::new(Memory { full: true, ..Default::default() }));
        let status = taker.take(event("restarted_services", "{}")).await.unwrap_err();
        assert_eq!((status.code(), metrics.dropped.value()), (Code::ResourceExhausted, 1));
    }
}
