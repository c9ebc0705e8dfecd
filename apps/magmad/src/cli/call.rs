//! gRPC calls from the command line, by path: one small caller for all methods, where a generated client would be
//! compiled once more for each of them.

use std::collections::BTreeMap;
use std::time::Duration;

use magma_rpc::channel::Channel;
use magma_rpc::forward::{self, ForwardBody, ForwardFrame};
use magma_rpc::{Code, Failure, Status, deadline};
use prost::Message;

/// The largest message that is accepted, in bytes.
const MESSAGE_BYTES_MAX: usize = 16 << 20;

/// The compression flag and the length that stand before each message (gRPC over HTTP/2, "Length-Prefixed-Message").
const PREFIX_BYTES: usize = 5;

/// Calls a method that answers one message, within `limit`.
///
/// # Errors
/// What the method answers, or why it could not be asked.
pub(crate) async fn unary<Answer: Message + Default>(
    channel: &Channel,
    path: &str,
    request: &impl Message,
    limit: Duration,
) -> Result<Answer, Status> {
    let payload = framed(request);
    let answer = deadline(limit, async {
        let mut messages = send(channel, path, payload).await?;
        let first = messages.next_bytes().await?;
        while messages.next_bytes().await?.is_some() {}
        first.ok_or_else(|| Status::internal("the answer has no message"))
    })
    .await?;
    decoded(&answer)
}

/// Calls a method that answers a stream of messages. Only its beginning has a limit.
///
/// # Errors
/// When the stream does not begin.
pub(crate) async fn streaming(
    channel: &Channel,
    path: &str,
    request: &impl Message,
    limit: Duration,
) -> Result<Messages, Status> {
    let payload = framed(request);
    deadline(limit, send(channel, path, payload)).await
}

/// The messages of an answer.
pub(crate) struct Messages {
    body: ForwardBody,
    received: Vec<u8>,
    /// What the call ended with, once it is known.
    ended: Option<Status>,
}

impl Messages {
    /// The next message; none at the end of a call that went well.
    ///
    /// # Errors
    /// What the call ended with.
    pub(crate) async fn next<Answer: Message + Default>(&mut self) -> Result<Option<Answer>, Status> {
        self.next_bytes().await?.map(|bytes| decoded(&bytes)).transpose()
    }

    async fn next_bytes(&mut self) -> Result<Option<Vec<u8>>, Status> {
        loop {
            if let Some(message) = self.take()? {
                return Ok(Some(message));
            }
            if let Some(status) = self.ended.take() {
                return if status.code() == Code::Ok { Ok(None) } else { Err(status) };
            }
            match self.body.frame().await {
                Some(Ok(ForwardFrame::Data(data))) => self.received.extend_from_slice(&data),
                Some(Ok(ForwardFrame::Trailers(trailers))) => self.ended = Some(status_of(&trailers)),
                Some(Err(failure)) => return Err(failure.into_status()),
                None => self.ended = Some(Status::unavailable("the answer ended without a status")),
            }
        }
    }

    fn take(&mut self) -> Result<Option<Vec<u8>>, Status> {
        let Some((prefix, rest)) = self.received.split_first_chunk::<PREFIX_BYTES>() else { return Ok(None) };
        let [compressed, length @ ..] = *prefix;
        let length = u32::from_be_bytes(length) as usize;
        if compressed != 0 || length > MESSAGE_BYTES_MAX {
            return Err(Status::internal(format!("a message of {length} bytes, compressed {compressed}")));
        }
        let Some(message) = rest.get(..length).map(<[u8]>::to_vec) else { return Ok(None) };
        self.received.drain(..PREFIX_BYTES + length);
        Ok(Some(message))
    }
}

async fn send(channel: &Channel, path: &str, payload: Vec<u8>) -> Result<Messages, Status> {
    let response = forward::call(channel, path, &BTreeMap::new(), payload).await;
    let response = response.map_err(Failure::into_status)?;
    let ended = response.headers.contains_key("grpc-status").then(|| status_of(&response.headers));
    match ended {
        Some(status) if status.code() != Code::Ok => Err(status),
        None if response.status != 200 => Err(Failure::Http { status: response.status }.into_status()),
        ended => Ok(Messages { body: response.body, received: Vec::new(), ended }),
    }
}

fn framed(request: &impl Message) -> Vec<u8> {
    let length = u32::try_from(request.encoded_len()).unwrap_or(u32::MAX);
    let mut payload = vec![0];
    payload.extend_from_slice(&length.to_be_bytes());
    payload.extend(request.encode_to_vec());
    payload
}

fn decoded<Answer: Message + Default>(bytes: &[u8]) -> Result<Answer, Status> {
    Answer::decode(bytes).map_err(|error| Status::internal(format!("the answer cannot be read: {error}")))
}

fn status_of(headers: &BTreeMap<String, String>) -> Status {
    let code = headers.get("grpc-status").map_or(Code::Unknown, |code| Code::from_bytes(code.as_bytes()));
    let message = headers.get("grpc-message").map(String::as_str).unwrap_or_default();
    Status::new(code, unescaped(message))
}

/// The text of `grpc-message`, which is percent-encoded.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        let code = rest.get(1..3).and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(code.unwrap_or(b'%'));
        rest = &rest[if code.is_some() { 3 } else { 1 }..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_a_status_are_readable() {
        let rows = [
            ("plain", "plain"),
            ("50%25 of %22it%22", "50% of \"it\""),
            ("gr%C3%B6%C3%9Fe", "größe"),
            ("%", "%"),
            ("%zz%4", "%zz%4"),
            ("%é", "%é"),
        ];
        for (encoded, text) in rows {
            assert_eq!(unescaped(encoded), text);
        }
    }
}
