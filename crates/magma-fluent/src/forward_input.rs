//! The input for other programs that speak the forward protocol: its modes Message, Forward and PackedForward.
//!
//! A message with the option `chunk` is acknowledged once the disk has its records. Compressed messages are refused.
//! <https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1>

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::connections;
use crate::intake::{Entry, Intake, RECORD_BYTES_MAX};
use crate::json_input::IDLE_MAX;
use crate::msgpack::{self, Malformed, Reader};

const READ_BYTES: usize = 16 * 1024;
/// The largest message; Fluent Bit makes chunks of about 2 MB.
const MESSAGE_BYTES_MAX: usize = 4 * RECORD_BYTES_MAX;

/// What one message says.
#[derive(Debug)]
pub(crate) struct Message {
    tag: String,
    entries: Vec<Entry>,
    chunk: Option<Vec<u8>>,
}

/// Takes records from `listener`, with the tags that they have. Never returns.
pub async fn serve_forward(listener: TcpListener, intake: Intake) {
    connections::serve(listener, |stream| receive(stream, intake.clone())).await;
}

async fn receive(mut stream: TcpStream, intake: Intake) {
    let (mut waiting, mut buffer) = (Vec::new(), vec![0; READ_BYTES]);
    while let Ok(Ok(length @ 1..)) = tokio::time::timeout(IDLE_MAX, stream.read(&mut buffer)).await {
        waiting.extend(&buffer[..length]);
        loop {
            match Message::parse(&waiting) {
                Ok((message, length)) => {
                    waiting.drain(..length);
                    if !take(message, &intake, &mut stream).await {
                        return;
                    }
                }
                Err(Malformed::Incomplete) if waiting.len() <= MESSAGE_BYTES_MAX => break,
                Err(_) => {
                    intake.refused(1);
                    return tracing::warn!("a client of the forward input sends what is not understood");
                }
            }
        }
    }
}

/// Stores and acknowledges; whether the connection is still of use.
async fn take(message: Message, intake: &Intake, stream: &mut TcpStream) -> bool {
    if intake.take(&message.tag, message.entries).await.is_err() {
        // Without an acknowledgement the client tries again, on a new connection.
        return message.chunk.is_none();
    }
    match message.chunk {
        None => true,
        Some(chunk) => stream.write_all(&acknowledgement(&chunk)).await.is_ok(),
    }
}

fn acknowledgement(chunk: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    msgpack::map(&mut answer, 1);
    msgpack::text(&mut answer, "ack");
    msgpack::text(&mut answer, &String::from_utf8_lossy(chunk));
    answer
}

impl Message {
    /// The first message in `bytes`, and how many octets it has.
    pub(crate) fn parse(bytes: &[u8]) -> Result<(Self, usize), Malformed> {
        let mut whole = Reader::new(bytes);
        let message = whole.value()?;
        // What is complete and cannot be read will not become better.
        let parsed = Self::of(&mut Reader::new(message)).map_err(|_| Malformed::Unexpected)?;
        Ok((parsed, whole.position()))
    }

    /// How many records it has.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn entries(&self) -> usize {
        self.entries.len()
    }

    fn of(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let length = reader.array()?;
        let tag = reader.text()?.to_owned();
        let mut entries = Vec::new();
        let read = if let Ok(count) = reader.clone().array() {
            reader.array()?;
            for _ in 0..count {
                entries.push(entry(reader)?);
            }
            2
        } else if let Ok(packed) = reader.octets() {
            let mut packed = Reader::new(packed);
            while !packed.rest().is_empty() {
                entries.push(entry(&mut packed)?);
            }
            2
        } else {
            let time = reader.value()?;
            entries.push(record(time, reader)?);
            3
        };
        let chunk = if length > read { option(reader)? } else { None };
        Ok(Self { tag, entries, chunk })
    }
}

/// `[time, record]`; newer clients write `[[time, metadata], record]`.
fn entry(reader: &mut Reader<'_>) -> Result<Entry, Malformed> {
    if reader.array()? != 2 {
        return Err(Malformed::Unexpected);
    }
    let time = reader.value()?;
    let mut inside = Reader::new(time);
    let time = match inside.array() {
        Ok(_) => inside.value()?,
        Err(_) => time,
    };
    record(time, reader)
}

fn record(time: &[u8], reader: &mut Reader<'_>) -> Result<Entry, Malformed> {
    let record = reader.value()?;
    let mut fields = Reader::new(record);
    let pairs = fields.map()?;
    Ok(Entry::of_msgpack(time, pairs, fields.rest()))
}

/// The options at the end of a message, or nil: only `chunk` and `compressed` matter.
fn option(reader: &mut Reader<'_>) -> Result<Option<Vec<u8>>, Malformed> {
    let Ok(count) = reader.map() else { return reader.value().map(|_| None) };
    let mut chunk = None;
    for _ in 0..count {
        match reader.text()? {
            "chunk" => chunk = Some(reader.octets()?.to_vec()),
            "compressed" if reader.clone().text() != Ok("text") => return Err(Malformed::Unexpected),
            _ => drop(reader.value()?),
        }
    }
    Ok(chunk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn packed(value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        msgpack::json(&mut out, value);
        out
    }

    fn binary(octets: &[u8]) -> Vec<u8> {
        [&[0xc4, octets.len() as u8], octets].concat()
    }

    #[test]
    fn every_mode_is_understood() {
        let entries = [packed(&json!([1, {"a": 1}])), packed(&json!([[2, {}], {"b": 2}]))].concat();
        let mut packed_forward = vec![0x93, 0xa1, b't'];
        packed_forward.extend(binary(&entries));
        packed_forward.extend(packed(&json!({"size": 2, "chunk": "id", "compressed": "text"})));
        let rows: [(&str, Vec<u8>, usize, Option<&str>); 6] = [
            ("message", packed(&json!(["t", 1, {"a": 1}])), 1, None),
            ("message with options", packed(&json!(["t", 1, {"a": 1}, {"chunk": "id"}])), 1, Some("id")),
            ("forward", packed(&json!(["t", [[1, {"a": 1}], [2, {"b": 2}]]])), 2, None),
            ("forward with nil", packed(&json!(["t", [[1, {"a": 1}]], null])), 1, None),
            ("packed forward", packed_forward, 2, Some("id")),
            ("nothing in it", packed(&json!(["t", []])), 0, None),
        ];
        for (name, bytes, count, chunk) in rows {
            let (message, length) = Message::parse(&bytes).unwrap_or_else(|_| panic!("{name}"));
            assert_eq!(
                (message.tag.as_str(), message.entries.len(), length),
                ("t", count, bytes.len()),
                "{name}"
            );
            assert_eq!(message.chunk, chunk.map(|chunk| chunk.as_bytes().to_vec()), "{name}");
            for cut in 0..bytes.len() {
                assert_eq!(
                    Message::parse(&bytes[..cut]).unwrap_err(),
                    Malformed::Incomplete,
                    "{name} cut at {cut}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for value in [
            json!({}),
            json!(["t"]),
            json!([1, 2, {}]),
            json!(["t", 1, 2]),
            json!(["t", [[1]]]),
            json!(["t", [[1, 2]]]),
            json!(["t", "not packed entries"]),
            json!(["t", [], {"compressed": "gzip"}]),
            json!(["t", [], {"chunk": 1}]),
        ] {
            assert_eq!(Message::parse(&packed(&value)).unwrap_err(), Malformed::Unexpected, "{value}");
        }
    }

    #[test]
    fn mutated_messages_never_panic() {
        let sound =
            packed(&json!(["tag", [[1, {"a": {"b": [1, 2, null]}}], [2, {}]], {"chunk": "id", "size": 2}]));
        let mut state = 1_u64;
        for _ in 0..20_000 {
            let mut bytes = sound.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let place = (state >> 33) as usize % bytes.len();
                bytes[place] = (state >> 20) as u8;
            }
            if let Ok((message, length)) = Message::parse(&bytes) {
                assert!(length <= bytes.len() && message.entries.len() <= bytes.len());
            }
        }
    }
}
