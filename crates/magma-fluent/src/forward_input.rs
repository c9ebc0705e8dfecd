//! The input for other programs that speak the forward protocol: its modes Message, Forward and PackedForward.
//!
//! A message with the option `chunk` is acknowledged once the disk has its records. Compressed messages are refused.
//! <https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1>

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::connections;
use crate::forward_message::Message;
use crate::intake::{Intake, RECORD_BYTES_MAX};
use crate::json_input::IDLE_MAX;
use crate::msgpack::{self, Extent, Malformed};

const READ_BYTES: usize = 16 * 1024;
/// The largest message; Fluent Bit makes chunks of about 2 MB.
const MESSAGE_BYTES_MAX: usize = 4 * RECORD_BYTES_MAX;
/// What every connection may send before its message is complete. Beyond it one of few places is needed, and then the
/// rest has to come in time, so that all connections together hold little.
const SMALL_BYTES_MAX: usize = 256 * 1024;
const LARGE_PLACES: usize = 2;
const LARGE_LIMIT: Duration = Duration::from_secs(60);

/// Takes records from `listener`, with the tags that they have. Never returns.
pub async fn serve_forward(listener: TcpListener, intake: Intake) {
    let places = Arc::new(Semaphore::new(LARGE_PLACES));
    connections::serve(listener, |stream| receive(stream, intake.clone(), places.clone())).await;
}

/// A message that is not complete.
#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    extent: Extent,
    /// For a large one: its place, and when it has to be complete.
    large: Option<(OwnedSemaphorePermit, Instant)>,
}

async fn receive(mut stream: TcpStream, intake: Intake, places: Arc<Semaphore>) {
    let (mut waiting, mut buffer) = (Waiting::default(), vec![0; READ_BYTES]);
    loop {
        let until = waiting.large.as_ref().map_or_else(|| Instant::now() + IDLE_MAX, |(_, until)| *until);
        let Ok(Ok(length @ 1..)) = timeout_at(until, stream.read(&mut buffer)).await else { return };
        waiting.bytes.extend(&buffer[..length]);
        match waiting.take(&intake, &mut stream).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(_) => {
                intake.refused(1);
                return tracing::warn!("a client of the forward input sends what is not understood");
            }
        }
        if waiting.bytes.len() > SMALL_BYTES_MAX && waiting.large.is_none() {
            let Ok(place) = places.clone().acquire_owned().await else { return };
            waiting.large = Some((place, Instant::now() + LARGE_LIMIT));
        }
    }
}

impl Waiting {
    /// Stores and acknowledges the messages that are complete; whether the connection is still of use.
    async fn take(&mut self, intake: &Intake, stream: &mut TcpStream) -> Result<bool, Malformed> {
        loop {
            match self.extent.end(&self.bytes) {
                Ok(end) => {
                    if !store(Message::of(&self.bytes[..end])?, intake, stream).await {
                        return Ok(false);
                    }
                    self.forget(end);
                }
                Err(Malformed::Incomplete) if self.bytes.len() <= MESSAGE_BYTES_MAX => return Ok(true),
                Err(malformed) => return Err(malformed),
            }
        }
    }

    fn forget(&mut self, end: usize) {
        self.bytes.drain(..end);
        self.bytes.shrink_to(READ_BYTES);
        self.extent = Extent::new();
        self.large = None;
    }
}

/// Whether the connection is still of use.
async fn store(mut message: Message<'_>, intake: &Intake, stream: &mut TcpStream) -> bool {
    loop {
        let batch = message.records.batch();
        if batch.is_empty() {
            break;
        }
        if intake.take(message.tag, batch).await.is_err() {
            // Without an acknowledgement the client tries again, on a new connection.
            return message.chunk.is_none();
        }
    }
    match message.chunk {
        None => true,
        Some(chunk) => stream.write_all(&acknowledgement(chunk)).await.is_ok(),
    }
}

fn acknowledgement(chunk: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    msgpack::map(&mut answer, 1);
    msgpack::text(&mut answer, "ack");
    msgpack::text(&mut answer, &String::from_utf8_lossy(chunk));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffer::Buffer;
    use crate::intake::{Happened, Labels};
    use crate::throttle::ThrottleLimits;
    use serde_json::json;
    use std::sync::atomic::{AtomicU64, Ordering};

    const PATIENCE: Duration = Duration::from_secs(60);

    /// A message of so many small records, with the chunk `id`.
    fn message(tag: &str, count: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let records: Vec<_> = (0..count).map(|number| json!([1, {"n": number}])).collect();
        msgpack::json(&mut out, &json!([tag, records, {"chunk": "id"}]));
        out
    }

    struct Input {
        port: u16,
        places: Arc<Semaphore>,
        /// Stored and held back.
        seen: Arc<[AtomicU64; 2]>,
        _folder: tempfile::TempDir,
    }

    impl Input {
        async fn serve() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let buffer = Arc::new(Buffer::open(folder.path(), 1 << 20).unwrap());
            let seen: Arc<[AtomicU64; 2]> = Arc::default();
            let counts = seen.clone();
            let count = move |happened, count| match happened {
                Happened::Stored => drop(counts[0].fetch_add(count, Ordering::SeqCst)),
                Happened::Throttled => drop(counts[1].fetch_add(count, Ordering::SeqCst)),
                other => panic!("{other:?}"),
            };
            let intake = Intake::new(buffer, Labels::default(), ThrottleLimits::default(), Arc::new(count));
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let (port, places) = (listener.local_addr().unwrap().port(), Arc::new(Semaphore::new(1)));
            let served = places.clone();
            tokio::spawn(connections::serve(listener, move |stream| {
                receive(stream, intake.clone(), served.clone())
            }));
            Self { port, places, seen, _folder: folder }
        }

        async fn send(&self, octets: &[u8]) -> TcpStream {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
            stream.write_all(octets).await.unwrap();
            stream
        }
    }

    async fn acknowledged(mut stream: TcpStream) {
        let mut answer = vec![0; acknowledgement(b"id").len()];
        let read = tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer)).await;
        read.expect("in time").unwrap();
        assert_eq!(answer, acknowledgement(b"id"));
    }

    #[tokio::test]
    async fn a_message_of_very_many_records_is_taken_in_parts_and_each_is_counted() {
        let input = Input::serve().await;
        acknowledged(input.send(&message("t", 200_000)).await).await;
        let [stored, throttled] = &*input.seen;
        assert_eq!(stored.load(Ordering::SeqCst), 5000, "what the throttle lets pass");
        assert_eq!(throttled.load(Ordering::SeqCst), 195_000);
        assert_eq!(input.places.available_permits(), 1, "the place is free again");
    }

    #[tokio::test]
    async fn a_large_message_waits_for_its_place_and_small_ones_do_not() {
        let input = Input::serve().await;
        let place = input.places.clone().acquire_owned().await.unwrap();
        let large = input.send(&message("large", 50_000)).await;
        acknowledged(input.send(&message("small", 1000)).await).await;
        let early = tokio::time::timeout(Duration::from_millis(50), large.readable()).await;
        assert!(early.is_err(), "it has no place yet");
        assert_eq!(input.seen[0].load(Ordering::SeqCst), 1000);
        drop(place);
        acknowledged(large).await;

        let cut_off = input.send(&message("large", 50_000)[..300_000]).await;
        drop(cut_off);
        acknowledged(input.send(&message("another", 50_000)).await).await;
    }
}
