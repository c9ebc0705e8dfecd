//! A running call to a gateway's service.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::broker::Broker;
use super::message_reader::MessageReader;
use super::outcome::CallError;
use super::switchboard::Incoming;
use crate::nodes::RemoteCall;

/// How long a gateway may be silent during a call (spec: Magma's dispatcher, 15 s, restarted by every frame).
pub(crate) const SILENCE_MAX: Duration = Duration::from_secs(15);

/// How much longer another node's call may be silent: that node measures, too.
const HOP_LIMIT: Duration = Duration::from_secs(5);

/// A call whose answer is being read. Dropping it before its end tells the gateway to stop.
pub struct GatewayCall {
    source: Source,
    deadline: Option<Instant>,
    last_heard: Instant,
    reader: MessageReader,
}

/// Where the gateway's stream ends.
enum Source {
    Here { broker: Broker, id: u32, changed: Arc<Notify> },
    Elsewhere(Box<RemoteCall>),
}

/// What comes of an answer.
#[derive(Debug)]
pub(crate) enum Event {
    /// Bytes of it, cut anywhere.
    Bytes(Bytes),
    /// Nothing, but the gateway works on it.
    Alive,
    /// Its end.
    End(Result<(), CallError>),
}

impl GatewayCall {
    pub(crate) fn here(broker: Broker, id: u32, changed: Arc<Notify>, limit: Option<Duration>) -> Self {
        Self::of(Source::Here { broker, id, changed }, limit)
    }

    pub(crate) fn elsewhere(call: RemoteCall, limit: Option<Duration>) -> Self {
        Self::of(Source::Elsewhere(Box::new(call)), limit)
    }

    fn of(source: Source, limit: Option<Duration>) -> Self {
        let now = Instant::now();
        let deadline = limit.and_then(|limit| now.checked_add(limit));
        Self { source, deadline, last_heard: now, reader: MessageReader::default() }
    }

    /// The next message of the answer; `None` at its good end.
    ///
    /// # Errors
    /// When the gateway refuses, is silent for too long, or goes away. The call is over then.
    pub async fn message(&mut self) -> Result<Option<Bytes>, CallError> {
        loop {
            if let Some(message) = self.reader.next()? {
                return Ok(Some(message));
            }
            match self.next().await {
                Event::Bytes(bytes) => self.reader.push(&bytes),
                Event::Alive => {}
                Event::End(Err(error)) => return Err(error),
                Event::End(Ok(())) if self.reader.is_empty() => return Ok(None),
                Event::End(Ok(())) => {
                    return Err(CallError::Malformed("it ends in the middle of a message".into()));
                }
            }
        }
    }

    /// What comes next of the answer.
    pub(crate) async fn next(&mut self) -> Event {
        let silence_max = match self.source {
            Source::Here { .. } => SILENCE_MAX,
            Source::Elsewhere(_) => SILENCE_MAX + HOP_LIMIT,
        };
        let silent = self.last_heard + silence_max;
        let end = self.deadline.map_or(silent, |deadline| deadline.min(silent));
        let next = match &mut self.source {
            Source::Here { broker, id, changed } => timeout_at(end, next_here(broker, *id, changed)).await,
            Source::Elsewhere(call) => timeout_at(end, call.next()).await,
        };
        let Ok(event) = next else { return Event::End(Err(CallError::TimedOut)) };
        self.last_heard = Instant::now();
        event
    }

    /// The only message of the answer.
    ///
    /// # Errors
    /// Those of [`GatewayCall::message`], or when the answer is not exactly one message of this type.
    pub async fn only_message<M: Message + Default>(mut self) -> Result<M, CallError> {
        let malformed = |text: &str| CallError::Malformed(text.to_owned());
        let first = self.message().await?.ok_or_else(|| malformed("there is no message in it"))?;
        if self.message().await?.is_some() {
            return Err(malformed("there is more than one message in it"));
        }
        M::decode(first).map_err(|error| CallError::Malformed(error.to_string()))
    }
}

async fn next_here(broker: &Broker, id: u32, changed: &Notify) -> Event {
    let mut was_woken = false;
    loop {
        match broker.with(|switchboard| switchboard.next_incoming(id)) {
            Incoming::Bytes(bytes) => return Event::Bytes(bytes),
            Incoming::End(end) => return Event::End(end),
            Incoming::Nothing if was_woken => return Event::Alive,
            Incoming::Nothing => changed.notified().await,
        }
        was_woken = true;
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if let Self::Here { broker, id, .. } = self {
            broker.with(|switchboard| switchboard.finish(*id));
        }
    }
}
