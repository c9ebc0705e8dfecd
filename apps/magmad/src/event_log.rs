//! The events that this agent tells the cloud's operators: one JSON value each, through the gateway's `eventd`.
//!
//! Telling never blocks and never fails: what cannot be delivered soon is dropped and counted. The types and values are
//! Magma's own, so that its event tables show them. Not to be confused with [`crate::events`], which stay in the process.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use magma_config::mconfig::GatewayMconfig;
use magma_rpc::backoff::Backoff;
use magma_rpc::{Code, Status, deadline};
use magma_service303::Counter;
use serde_json::Value;
use tokio::sync::{Notify, watch};
use wire_orc8r::orc8r::Event;
use wire_orc8r::orc8r::event_service_client::EventServiceClient;

use crate::local_services::{LocalServices, UnknownService};
use crate::managed_config::Live;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// Magma's name for the stream of the agent's events.
const STREAM: &str = "magmad";
/// Who takes events, by its name in `service_registry.yml`.
const EVENTD: &str = "eventd";
/// How long one delivery may take; as Magma's clients.
const DELIVERY_LIMIT: Duration = Duration::from_secs(10);
/// How often an `eventd` that does not answer is tried for one event, and the pauses in between.
const ATTEMPTS_MAX: u32 = 5;
const RETRY_FIRST: Duration = Duration::from_secs(2);
const RETRY_MAX: Duration = Duration::from_secs(30);
/// The `event_verbosity` that clouds fill in by themselves.
const EVERY_EVENT: i64 = -1;
/// What waits for delivery at most. A gateway's whole configuration, the largest value, has some ten kilobytes.
const QUEUED_MAX: usize = 64;
const QUEUED_BYTES_MAX: usize = 1 << 20;

/// A replacement of all configurations: each current service's entry by its name.
pub const PROCESSED_UPDATES: &str = "processed_updates";
/// `{"services": [names]}`: they were restarted because somebody or something ordered it.
pub const RESTARTED_SERVICES: &str = "restarted_services";
/// `{}`: remote commands are possible.
pub const ESTABLISHED_SYNC_RPC_STREAM: &str = "established_sync_rpc_stream";
/// `{}`: remote commands were possible until now.
pub const DISCONNECTED_SYNC_RPC_STREAM: &str = "disconnected_sync_rpc_stream";
/// `{}`: the stored `gateway.mconfig` was removed.
pub const DELETED_STORED_MCONFIG: &str = "deleted_stored_mconfig";
/// `{}`: another `gateway.mconfig` was stored.
pub const UPDATED_STORED_MCONFIG: &str = "updated_stored_mconfig";

/// Takes events in this process: the embedded `eventd`.
pub trait EventSink: Send + Sync + 'static {
    /// Takes one event; ready when it is on disk.
    ///
    /// # Errors
    /// As `EventService/LogEvent` answers.
    fn take(&self, event: Event) -> Taken<'_>;
}

/// The answer of an [`EventSink`].
pub type Taken<'a> = Pin<Box<dyn Future<Output = Result<(), Status>> + Send + 'a>>;

/// Tells events of this gateway; a clone tells through the same queue.
#[derive(Clone, Debug)]
pub struct EventLog(Arc<Queue>);

struct Queue {
    hardware_id: String,
    /// None for a log that nobody reads.
    managed: Option<watch::Receiver<Arc<Live>>>,
    waiting: Mutex<Waiting>,
    added: Notify,
    dropped: Counter,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<Event>,
    bytes: usize,
}

impl EventLog {
    /// A log of the gateway `hardware_id`, and the task's end of it. `managed` may switch it off, and `dropped` counts
    /// what was not delivered.
    pub fn new(
        hardware_id: &str,
        managed: watch::Receiver<Arc<Live>>,
        dropped: Counter,
    ) -> (Self, Undelivered) {
        let log = Self::with(hardware_id, Some(managed), dropped);
        (log.clone(), Undelivered(log.0))
    }

    fn with(hardware_id: &str, managed: Option<watch::Receiver<Arc<Live>>>, dropped: Counter) -> Self {
        Self(Arc::new(Queue {
            hardware_id: hardware_id.to_owned(),
            managed,
            waiting: Mutex::default(),
            added: Notify::new(),
            dropped,
        }))
    }

    /// A log that nobody reads, for parts that are used alone. Nothing is kept.
    pub fn nowhere() -> Self {
        Self::with("", None, Counter::default())
    }

    /// Tells an event; `value` is an object, as the schema of `event_type` in Magma's contract has it.
    pub fn log(&self, event_type: &str, value: &Value) {
        if !self.0.managed.as_ref().is_some_and(|managed| wanted(&managed.borrow().mconfig)) {
            return;
        }
        let event = Event {
            stream_name: STREAM.to_owned(),
            event_type: event_type.to_owned(),
            tag: self.0.hardware_id.clone(),
            value: value.to_string(),
        };
        self.0.push(event);
    }
}

/// Whether the cloud wants this agent's events: `event_verbosity` of the entry `eventd`.
///
/// Magma-compat: the Python agent tells its events whatever it is, and -1 is what clouds fill in where nobody has chosen,
/// so -1 does not switch them off; the Go agent, to which it would, has no events. Only what is less is a choice.
fn wanted(mconfig: &GatewayMconfig) -> bool {
    let verbosity = mconfig.get(EVENTD).and_then(|entry| {
        let number = entry.get("eventVerbosity").or_else(|| entry.get("event_verbosity"))?;
        number.as_i64().or_else(|| number.as_str()?.parse().ok())
    });
    verbosity.is_none_or(|verbosity| verbosity >= EVERY_EVENT)
}

/// The events that wait for their delivery.
#[derive(Debug)]
pub struct Undelivered(Arc<Queue>);

impl Undelivered {
    /// The oldest, once there is one; it stays until [`Undelivered::done`].
    pub async fn oldest(&self) -> Event {
        loop {
            let added = self.0.added.notified();
            if let Some(event) = self.0.waiting().events.front() {
                return event.clone();
            }
            added.await;
        }
    }

    /// Forgets the oldest.
    pub fn done(&self) {
        let mut waiting = self.0.waiting();
        if let Some(event) = waiting.events.pop_front() {
            waiting.bytes -= bytes(&event);
        }
    }
}

impl Queue {
    fn push(&self, event: Event) {
        let mut waiting = self.waiting();
        let bytes = waiting.bytes + bytes(&event);
        if waiting.events.len() >= QUEUED_MAX || bytes > QUEUED_BYTES_MAX {
            drop(waiting);
            self.dropped.increment();
            return tracing::debug!(
                event_type = event.event_type,
                "an event is dropped: too many wait for eventd"
            );
        }
        waiting.bytes = bytes;
        waiting.events.push_back(event);
        drop(waiting);
        self.added.notify_one();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bytes(event: &Event) -> usize {
    event.event_type.len() + event.value.len()
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("waiting", &self.waiting().events.len()).finish_non_exhaustive()
    }
}

/// Who takes the agent's events.
pub enum Destination {
    /// The `eventd` of `service_registry.yml`.
    Registered(LocalServices),
    /// The one in this process.
    Embedded(Arc<dyn EventSink>),
}

/// The task that delivers events, one after the other in their order.
pub struct Delivery {
    /// What is to be delivered.
    pub events: Undelivered,
    /// To whom.
    pub destination: Destination,
}

impl Task for Delivery {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        tokio::select! {
            () = shutdown.wait() => {}
            () = self.keep_delivering() => {}
        }
        Ok(())
    }
}

impl Delivery {
    async fn keep_delivering(&self) {
        loop {
            let event = self.events.oldest().await;
            let event_type = event.event_type.clone();
            if let Err(status) = self.deliver(event).await {
                tell(&event_type, &status);
                // A gateway without any eventd loses nothing by having none.
                if status.code() != Code::NotFound {
                    self.events.0.dropped.increment();
                }
            }
            self.events.done();
        }
    }

    async fn deliver(&self, event: Event) -> Result<(), Status> {
        let mut pauses = Backoff::new(RETRY_FIRST, RETRY_MAX);
        for _ in 1..ATTEMPTS_MAX {
            match self.attempt(event.clone()).await {
                Err(status) if may_pass(&status) => tokio::time::sleep(pauses.next()).await,
                answer => return answer,
            }
        }
        self.attempt(event).await
    }

    async fn attempt(&self, event: Event) -> Result<(), Status> {
        match &self.destination {
            Destination::Embedded(eventd) => eventd.take(event).await,
            Destination::Registered(services) => {
                let unknown = |error: UnknownService| Status::not_found(error.to_string());
                let mut client = EventServiceClient::new(services.channel(EVENTD).map_err(unknown)?);
                deadline(DELIVERY_LIMIT, client.log_event(event)).await.map(drop)
            }
        }
    }
}

/// Whether the same event may be taken later: `eventd` is starting, or overloaded.
fn may_pass(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded)
}

/// A gateway without a running `eventd` is nothing unusual; one that refuses our events is.
fn tell(event_type: &str, status: &Status) {
    let words = status.message();
    match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::NotFound => {
            tracing::debug!(event_type, "eventd does not take an event: {words}");
        }
        code => tracing::warn!(event_type, "eventd does not take an event ({code:?}): {words}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use magma_config::mconfig::MagmadMconfig;
    use magma_service303::Registry;
    use serde_json::json;

    fn log() -> (EventLog, Undelivered, Counter) {
        let dropped = Registry::new().counter("events_dropped");
        let live = Live { mconfig: GatewayMconfig::default(), magmad: MagmadMconfig::default() };
        let managed = watch::Sender::new(Arc::new(live)).subscribe();
        let (log, events) = EventLog::new("hw1", managed, dropped.clone());
        (log, events, dropped)
    }

    /// Takes what its script says, then everything.
    #[derive(Default)]
    struct Scripted {
        answers: Mutex<VecDeque<Status>>,
        taken: Mutex<Vec<Event>>,
    }

    impl EventSink for Scripted {
        fn take(&self, event: Event) -> Taken<'_> {
            Box::pin(async {
                match self.answers.lock().unwrap().pop_front() {
                    Some(status) => Err(status),
                    None => {
                        self.taken.lock().unwrap().push(event);
                        Ok(())
                    }
                }
            })
        }
    }

    /// Delivers what is queued; the clock is paused, so that waiting costs nothing.
    async fn deliver_all(events: Undelivered, answers: Vec<Status>) -> Vec<String> {
        let sink = Arc::new(Scripted { answers: Mutex::new(answers.into()), ..Default::default() });
        let delivery = Delivery { events, destination: Destination::Embedded(sink.clone()) };
        tokio::time::timeout(Duration::from_secs(3600), delivery.keep_delivering()).await.unwrap_err();
        sink.taken.lock().unwrap().iter().map(|event| event.event_type.clone()).collect()
    }

    #[tokio::test]
    async fn an_event_has_magmas_stream_and_the_gateway_as_its_tag() {
        let (log, events, _) = log();
        log.log(RESTARTED_SERVICES, &json!({"services": ["mme"]}));
        let event = events.oldest().await;
        assert_eq!((event.stream_name.as_str(), event.tag.as_str()), ("magmad", "hw1"));
        assert_eq!(
            (event.event_type.as_str(), event.value.as_str()),
            ("restarted_services", r#"{"services":["mme"]}"#)
        );
    }

    #[test]
    fn the_queue_is_bounded_in_number_and_bytes_and_drops_are_counted() {
        let rows = [
            ("number", QUEUED_MAX + 3, 1, QUEUED_MAX),
            ("bytes", 5, QUEUED_BYTES_MAX / 3, 2),
            ("one that never fits", 1, QUEUED_BYTES_MAX, 0),
        ];
        for (name, told, value_bytes, kept) in rows {
            let (log, events, dropped) = log();
            for _ in 0..told {
                log.log("event", &json!("x".repeat(value_bytes)));
            }
            assert_eq!(events.0.waiting().events.len(), kept, "{name}");
            assert_eq!(dropped.value(), (told - kept) as u64, "{name}");
        }
    }

    #[test]
    fn only_a_verbosity_that_somebody_chose_switches_events_off() {
        for (entry, expected) in [
            ("{}", true),
            (r#"{"eventVerbosity": -1}"#, true),
            (r#"{"event_verbosity": "0"}"#, true),
            (r#"{"eventVerbosity": 3}"#, true),
            (r#"{"eventVerbosity": -2}"#, false),
            (r#"{"eventVerbosity": {}}"#, true),
        ] {
            let document = format!(r#"{{"configsByKey": {{"eventd": {entry}}}}}"#);
            assert_eq!(wanted(&GatewayMconfig::parse(document.as_bytes()).unwrap()), expected, "{entry}");
        }
        assert!(wanted(&GatewayMconfig::default()));
    }

    #[test]
    fn nowhere_keeps_nothing() {
        let log = EventLog::nowhere();
        log.log("event", &json!({}));
        assert!(log.0.waiting().events.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn events_arrive_in_order_and_an_outage_of_eventd_is_waited_out() {
        let unavailable = || Status::unavailable("starting");
        let rows: [(&str, Vec<Status>, &[&str], u64); 4] = [
            ("all is well", vec![], &["first", "second"], 0),
            ("a restart", vec![unavailable(), Status::deadline_exceeded("slow")], &["first", "second"], 0),
            ("one is refused", vec![Status::invalid_argument("no such type")], &["second"], 1),
            ("never there", (0..2 * ATTEMPTS_MAX).map(|_| unavailable()).collect(), &[], 2),
        ];
        for (name, answers, expected, expected_drops) in rows {
            let (log, events, dropped) = log();
            log.log("first", &json!({}));
            log.log("second", &json!({}));
            assert_eq!(deliver_all(events, answers).await, expected, "{name}");
            assert_eq!(dropped.value(), expected_drops, "{name}");
            assert_eq!(log.0.waiting().bytes, 0, "{name}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_gateway_without_eventd_in_its_registry_wastes_no_time_on_it() {
        let (log, events, dropped) = log();
        log.log("event", &json!({}));
        let services = LocalServices::new(magma_config::ServiceRegistry::default());
        let delivery = Delivery { events, destination: Destination::Registered(services) };
        tokio::time::timeout(RETRY_FIRST / 2, delivery.keep_delivering()).await.unwrap_err();
        assert_eq!((dropped.value(), log.0.waiting().events.len()), (0, 0));
    }
}
