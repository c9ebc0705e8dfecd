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

/// How long a gateway may be silent during a call (spec: Magma's dispatcher, 15 s, restarted by every frame).
pub(crate) const SILENCE_MAX: Duration = Duration::from_secs(15);

/// A call whose answer is being read. Dropping it before its end tells the gateway to stop.
pub struct GatewayCall {
    broker: Broker,
    id: u32,
    changed: Arc<Notify>,
    deadline: Option<Instant>,
    last_heard: Instant,
    reader: MessageReader,
}

impl GatewayCall {
    pub(crate) fn new(broker: Broker, id: u32, changed: Arc<Notify>, limit: Option<Duration>) -> Self {
        let now = Instant::now();
        let deadline = limit.and_then(|limit| now.checked_add(limit));
        Self { broker, id, changed, deadline, last_heard: now, reader: MessageReader::default() }
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
            match self.broker.with(|switchboard| switchboard.next_incoming(self.id)) {
                Incoming::Bytes(bytes) => self.reader.push(&bytes),
                Incoming::End(Err(error)) => return Err(error),
                Incoming::End(Ok(())) if self.reader.is_empty() => return Ok(None),
                Incoming::End(Ok(())) => {
                    return Err(CallError::Malformed("it ends in the middle of a message".into()));
                }
                Incoming::Nothing => self.wait().await?,
            }
        }
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

    async fn wait(&mut self) -> Result<(), CallError> {
        let silent = self.last_heard + SILENCE_MAX;
        let end = self.deadline.map_or(silent, |deadline| deadline.min(silent));
        timeout_at(end, self.changed.notified()).await.map_err(|_| CallError::TimedOut)?;
        self.last_heard = Instant::now();
        Ok(())
    }
}

impl Drop for GatewayCall {
    fn drop(&mut self) {
        self.broker.with(|switchboard| switchboard.finish(self.id));
    }
}
