//! Delivery to a `td-agent-bit` that comes, goes, and breaks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use magma_eventd::{Delivery, DiskQueue, EventTaker, EventTypes, Metrics, Timings};
use magma_service303::Registry;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use wire_orc8r::orc8r::Event;

/// How long anything may take: much longer than it does.
pub const PATIENCE: Duration = Duration::from_secs(120);

fn event(number: usize) -> Event {
    Event {
        stream_name: "magmad".to_owned(),
        event_type: "restarted_services".to_owned(),
        tag: "hw1".to_owned(),
        value: number.to_string(),
    }
}

/// An eventd whose queue is in `folder`.
struct Eventd {
    taker: EventTaker,
    queue: DiskQueue,
    metrics: Metrics,
    confirm: Duration,
}

impl Eventd {
    fn open(folder: &Path, bytes_max: u64) -> Self {
        let metrics = Metrics::new(&Registry::new(), "eventd");
        let queue = DiskQueue::open(folder, bytes_max, metrics.dropped.clone()).unwrap();
        let types = EventTypes::new(Some(BTreeMap::new()), PathBuf::from("/nowhere"));
        Self {
            taker: EventTaker::new(types, Arc::new(queue.clone()), metrics.clone()),
            queue,
            metrics,
            confirm: Duration::from_millis(50),
        }
    }

    async fn take(&self, numbers: std::ops::Range<usize>) {
        for number in numbers {
            self.taker.take(event(number)).await.unwrap();
        }
    }

    /// Delivers until `done` is ready.
    async fn deliver<T>(&self, port: u16, done: impl Future<Output = T>) -> T {
        let timings = Timings {
            confirm: self.confirm,
            retry_first: Duration::from_millis(10),
            retry_max: Duration::from_millis(50),
            ..Timings::with_limit(PATIENCE)
        };
        let delivery =
            Delivery { queue: self.queue.clone(), port, delivered: self.metrics.delivered.clone(), timings };
        tokio::select! {
            () = delivery.run() => unreachable!("it never ends"),
            done = tokio::time::timeout(PATIENCE, done) => done.expect("in time"),
        }
    }

    async fn until_empty(&self) {
        while !self.queue.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// The numbers in the next `count` lines of a connection.
async fn numbers(connection: &mut BufReader<TcpStream>, count: usize) -> Vec<usize> {
    let mut numbers = Vec::new();
    for _ in 0..count {
        let mut line = String::new();
        connection.read_line(&mut line).await.unwrap();
        let record: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&record["event_tag"], &record["retry_on_failure"]), (&"hw1".into(), &"False".into()));
        numbers.push(record["value"].as_str().unwrap().parse().unwrap());
    }
    numbers
}

async fn accepted(listener: &TcpListener) -> BufReader<TcpStream> {
    BufReader::new(listener.accept().await.unwrap().0)
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[tokio::test]
async fn one_connection_carries_all_events_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let eventd = Eventd::open(folder.path(), 1 << 20);
    let (listener, port) = listener().await;
    let receiver = async {
        eventd.take(0..5).await;
        let mut connection = accepted(&listener).await;
        assert_eq!(numbers(&mut connection, 5).await, [0, 1, 2, 3, 4]);
        eventd.take(5..8).await;
        assert_eq!(numbers(&mut connection, 3).await, [5, 6, 7]);
        eventd.until_empty().await;
    };
    eventd.deliver(port, receiver).await;
    assert_eq!((eventd.metrics.delivered.value(), eventd.metrics.dropped.value()), (8, 0));
}

#[tokio::test]
async fn events_of_an_outage_survive_a_restart_and_come_in_order() {
    let folder = tempfile::tempdir().unwrap();
    // Bound, so that no other program gets it, and nobody listens.
    let gone = TcpSocket::new_v4().unwrap();
    gone.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = gone.local_addr().unwrap().port();
    let eventd = Eventd::open(folder.path(), 1 << 20);
    eventd.deliver(port, eventd.take(0..20)).await;
    drop(eventd);
    let eventd = Eventd::open(folder.path(), 1 << 20);
    eventd.take(20..25).await;
    let (listener, port) = listener().await;
    let receiver = async {
        let mut connection = accepted(&listener).await;
        assert_eq!(numbers(&mut connection, 25).await, (0..25).collect::<Vec<_>>());
        eventd.until_empty().await;
    };
    eventd.deliver(port, receiver).await;
    let again = Eventd::open(folder.path(), 1 << 20);
    assert!(again.queue.is_empty(), "what was delivered does not come again");
}

#[tokio::test]
async fn a_connection_that_closes_right_after_a_batch_gets_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut eventd = Eventd::open(folder.path(), 1 << 20);
    // It does not end before the closing is seen, however busy the machine is.
    eventd.confirm = PATIENCE;
    let (listener, port) = listener().await;
    eventd.take(0..3).await;
    let receiver = async {
        drop(accepted(&listener).await);
        let mut first = accepted(&listener).await;
        assert_eq!(numbers(&mut first, 3).await, [0, 1, 2]);
        drop(first);
        let mut second = accepted(&listener).await;
        assert_eq!(numbers(&mut second, 3).await, [0, 1, 2]);
    };
    eventd.deliver(port, receiver).await;
    assert_eq!((eventd.metrics.delivered.value(), eventd.queue.len()), (0, 3), "none is confirmed");

    eventd.confirm = Duration::from_millis(50);
    let receiver = async {
        let mut third = accepted(&listener).await;
        assert_eq!(numbers(&mut third, 3).await, [0, 1, 2]);
        eventd.until_empty().await;
    };
    eventd.deliver(port, receiver).await;
    assert_eq!(eventd.metrics.delivered.value(), 3);
}

#[tokio::test]
async fn a_full_queue_drops_the_oldest_and_counts_them() {
    let folder = tempfile::tempdir().unwrap();
    let eventd = Eventd::open(folder.path(), 20_000);
    eventd.take(0..500).await;
    let dropped = usize::try_from(eventd.metrics.dropped.value()).unwrap();
    assert!(dropped > 0 && dropped < 500, "{dropped}");
    let bytes: u64 =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < 25_000, "{bytes} bytes on disk");
    let (listener, port) = listener().await;
    let receiver = async {
        let mut connection = accepted(&listener).await;
        assert_eq!(numbers(&mut connection, 500 - dropped).await, (dropped..500).collect::<Vec<_>>());
        eventd.until_empty().await;
    };
    eventd.deliver(port, receiver).await;
}
