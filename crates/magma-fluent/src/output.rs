//! Sends what the buffer holds to the cloud, over one connection, and forgets what the cloud has acknowledged.
//!
//! A connection that fails, or on which an acknowledgement does not come in time, is given up, and what was under way is
//! sent again on the next one: at least once.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::buffer::{Batch, Buffer};
use crate::intake::{Count, Happened};
use crate::msgpack::{self, Malformed, Reader};

/// What is sent before its acknowledgements are awaited.
const BATCH_BYTES: usize = 64 * 1024;
/// What a server may say at most without it being an acknowledgement.
const ANSWER_BYTES_MAX: usize = 4096;

/// Octets both ways.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin + ?Sized> Stream for T {}

/// Makes a connection to the cloud.
pub trait Dial: Send + Sync + 'static {
    /// Connects within a limit of its own.
    ///
    /// # Errors
    /// Why it cannot, in words for the operator.
    fn dial(&self) -> impl Future<Output = Result<Box<dyn Stream>, String>> + Send;
}

/// The intervals of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timings {
    /// How long records are gathered before they are sent together.
    pub gather: Duration,
    /// How long writing, and then an acknowledgement, may take.
    pub answer: Duration,
    /// A connection on which there was nothing to send for so long is closed.
    pub idle: Duration,
    /// The pause after the first failure; it doubles from here.
    pub retry_first: Duration,
    /// The longest pause.
    pub retry_max: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            gather: Duration::from_secs(1),
            answer: Duration::from_secs(60),
            idle: Duration::from_secs(600),
            retry_first: Duration::from_secs(1),
            retry_max: Duration::from_secs(60),
        }
    }
}

/// The way to the cloud.
pub struct Output<D> {
    /// What is to be sent.
    pub buffer: Arc<Buffer>,
    /// How to connect.
    pub dial: D,
    /// Changes when the certificate or the address is new: connections are made anew then.
    pub renewals: watch::Receiver<u64>,
    /// Who counts what was sent.
    pub count: Count,
    /// The intervals.
    pub timings: Timings,
}

/// Why a connection is no longer used.
enum Ended {
    /// There was nothing to send, or there is a new certificate.
    InGoodOrder,
    Failed(String),
}

impl<D: Dial> Output<D> {
    /// Sends for ever.
    pub async fn run(&mut self) {
        let mut pause = self.timings.retry_first;
        loop {
            self.buffer.filled().await;
            self.renewals.mark_unchanged();
            let began = Instant::now();
            let mut sent = 0;
            let ended = match self.dial.dial().await {
                Ok(stream) => self.session(stream, &mut sent).await,
                Err(reason) => Ended::Failed(reason),
            };
            let Ended::Failed(reason) = ended else { continue };
            if sent > 0 {
                pause = self.timings.retry_first;
            }
            self.tell(&reason, pause, sent > 0 || pause == self.timings.retry_first);
            tokio::select! {
                () = tokio::time::sleep_until(began + jitter(pause)) => {}
                // What was refused before may be taken now.
                Ok(()) = self.renewals.changed() => {}
            }
            pause = (pause * 2).min(self.timings.retry_max);
        }
    }

    /// The first failure of an outage is the operator's; those after it say nothing new.
    fn tell(&self, reason: &str, pause: Duration, first: bool) {
        let seconds = pause.as_secs_f32();
        if first {
            tracing::warn!(
                "logs and events are kept here until they can be sent: {reason}; next attempt in {seconds:.0} s"
            );
        } else {
            tracing::debug!("logs and events cannot be sent: {reason}; next attempt in {seconds:.0} s");
        }
    }

    async fn session(&mut self, mut stream: Box<dyn Stream>, sent: &mut u64) -> Ended {
        loop {
            tokio::time::sleep(self.timings.gather).await;
            if self.renewals.has_changed().unwrap_or(false) {
                return Ended::InGoodOrder;
            }
            let batch = match self.buffer.oldest(BATCH_BYTES).await {
                Ok(Some(batch)) => batch,
                Ok(None) => match self.idle(&mut stream).await {
                    Some(ended) => return ended,
                    None => continue,
                },
                Err(error) => return Ended::Failed(format!("the buffer on disk cannot be read: {error}")),
            };
            if let Err(reason) = self.send(&mut stream, &batch).await {
                return Ended::Failed(reason);
            }
            let count = batch.records.len() as u64;
            (self.count)(Happened::Sent, count);
            *sent += count;
            batch.done().await;
        }
    }

    /// Waits for something to send; or says why the connection is of no more use.
    async fn idle(&mut self, stream: &mut Box<dyn Stream>) -> Option<Ended> {
        let mut nothing = [0; 1];
        tokio::select! {
            () = self.buffer.filled() => None,
            // A server that closes says so here, before something is lost on its connection.
            _ = stream.read(&mut nothing) => Some(Ended::InGoodOrder),
            () = tokio::time::sleep(self.timings.idle) => Some(Ended::InGoodOrder),
            Ok(()) = self.renewals.changed() => Some(Ended::InGoodOrder),
        }
    }

    async fn send(&self, stream: &mut Box<dyn Stream>, batch: &Batch) -> Result<(), String> {
        let (messages, mut awaited) = messages(batch);
        let limit = self.timings.answer;
        let written = async {
            stream.write_all(&messages).await?;
            stream.flush().await
        };
        match tokio::time::timeout(limit, written).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(format!("the connection broke: {error}")),
            Err(_) => return Err(format!("the server took nothing for {} s", limit.as_secs_f32())),
        }
        let until = Instant::now() + limit;
        let mut answers = Vec::new();
        while !awaited.is_empty() {
            match tokio::time::timeout_at(until, stream.read_buf(&mut answers)).await {
                Ok(Ok(1..)) => take_answers(&mut answers, &mut awaited)?,
                Ok(Ok(0)) => {
                    return Err("the server closed the connection and acknowledged nothing".to_owned());
                }
                Ok(Err(error)) => return Err(format!("the connection broke: {error}")),
                Err(_) => {
                    return Err(format!("the server acknowledged nothing within {} s", limit.as_secs_f32()));
                }
            }
        }
        Ok(())
    }
}

/// One message for each tag, and the acknowledgements to expect.
fn messages(batch: &Batch) -> (Vec<u8>, BTreeSet<String>) {
    let mut by_tag: BTreeMap<&str, Vec<&[u8]>> = BTreeMap::new();
    for stored in &batch.records {
        by_tag.entry(&stored.tag).or_default().push(&stored.entry);
    }
    let (mut messages, mut chunks) = (Vec::new(), BTreeSet::new());
    for (tag, entries) in by_tag {
        let chunk = unique();
        msgpack::array(&mut messages, 3);
        msgpack::text(&mut messages, tag);
        msgpack::array(&mut messages, entries.len());
        entries.iter().for_each(|entry| messages.extend(*entry));
        msgpack::map(&mut messages, 2);
        msgpack::text(&mut messages, "size");
        msgpack::unsigned(&mut messages, entries.len() as u64);
        msgpack::text(&mut messages, "chunk");
        msgpack::text(&mut messages, &chunk);
        chunks.insert(chunk);
    }
    (messages, chunks)
}

/// An identifier that no other chunk has: 128 bits from the hasher that the operating system seeds.
fn unique() -> String {
    format!("{:016x}{:016x}", random(), random())
}

/// `pause` ±25 %, so that a fleet does not come back in step.
fn jitter(pause: Duration) -> Duration {
    pause.mul_f64(0.75 + (random() % 1000) as f64 / 2000.0)
}

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Takes the complete answers out of what was received.
fn take_answers(received: &mut Vec<u8>, awaited: &mut BTreeSet<String>) -> Result<(), String> {
    loop {
        let mut reader = Reader::new(received);
        let answer = match reader.value() {
            Ok(answer) => answer,
            Err(Malformed::Incomplete) if received.len() <= ANSWER_BYTES_MAX => return Ok(()),
            Err(_) => return Err("the server answers something else than the forward protocol".to_owned()),
        };
        if let Some(chunk) = acknowledged(answer) {
            awaited.remove(chunk);
        }
        let length = reader.position();
        received.drain(..length);
    }
}

/// The chunk that `{"ack": chunk}` is about.
fn acknowledged(answer: &[u8]) -> Option<&str> {
    let mut reader = Reader::new(answer);
    for _ in 0..reader.map().ok()? {
        if reader.text().ok()? == "ack" {
            return reader.text().ok();
        }
        reader.value().ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_acknowledgement_of_a_chunk_is_one() {
        for (answer, left, sound) in [
            (json!({"ack": "one"}), 1, true),
            (json!({"ack": "another"}), 2, true),
            (json!({"more": [1], "ack": "two"}), 1, true),
            (json!({"ack": 1}), 2, true),
            (json!(["HELO", {}]), 2, true),
            (json!("x".repeat(5000)), 2, true),
        ] {
            let mut awaited = BTreeSet::from(["one".to_owned(), "two".to_owned()]);
            let mut received = Vec::new();
            msgpack::json(&mut received, &answer);
            let last = received.pop().unwrap();
            let early = take_answers(&mut received, &mut awaited);
            received.push(last);
            let outcome = early.and_then(|()| take_answers(&mut received, &mut awaited));
            assert_eq!((outcome.is_ok(), awaited.len()), (sound && received.len() < 5000, left), "{answer}");
        }
        let mut received = b"\xc1HTTP/1.1 400 Bad Request".to_vec();
        assert!(take_answers(&mut received, &mut BTreeSet::new()).is_err());
    }

    #[test]
    fn no_answer_panics() {
        let mut state = 7_u64;
        for length in 0..2000 {
            let mut received: Vec<u8> = (0..length % 40)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (state >> 40) as u8
                })
                .collect();
            take_answers(&mut received, &mut BTreeSet::new()).ok();
        }
    }
}
