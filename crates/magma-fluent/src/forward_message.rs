//! One message of the forward protocol: its tag, its records, read one by one, and what is to be acknowledged.
//!
//! The modes Message, Forward and PackedForward; compressed messages are refused.

use crate::intake::Entry;
use crate::msgpack::{Malformed, Reader};

/// How many records are taken out of a message at a time, and about how many octets: the smallest of them takes fifty
/// times in memory what it takes on the wire.
const BATCH_RECORDS_MAX: usize = 1024;
const BATCH_BYTES_MAX: usize = 256 * 1024;

/// What one message says.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    pub(crate) tag: &'a str,
    pub(crate) records: Records<'a>,
    pub(crate) chunk: Option<&'a [u8]>,
}

/// The records of a message that have not been taken yet; all of them can be understood.
#[derive(Clone, Debug)]
pub(crate) struct Records<'a> {
    reader: Reader<'a>,
    /// In the mode Message, time and record stand without an array around them.
    bare: bool,
}

impl<'a> Message<'a> {
    /// Reads a message that is complete.
    pub(crate) fn of(message: &'a [u8]) -> Result<Self, Malformed> {
        // What is complete and cannot be read will not become better.
        Self::read(&mut Reader::new(message)).map_err(|_| Malformed::Unexpected)
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let length = reader.array()?;
        let tag = reader.text()?;
        let (octets, bare) = if reader.clone().array().is_ok() {
            let count = reader.array()?;
            (values(reader, count)?, false)
        } else if let Ok(packed) = reader.octets() {
            (packed, false)
        } else {
            (values(reader, 2)?, true)
        };
        let records = Records { reader: Reader::new(octets), bare };
        records.check()?;
        let read = if bare { 3 } else { 2 };
        let chunk = if length > read { option(reader)? } else { None };
        Ok(Self { tag, records, chunk })
    }
}

impl Records<'_> {
    /// The next ones, as many as may be in memory at a time; none at the end.
    pub(crate) fn batch(&mut self) -> Vec<Entry> {
        let (mut entries, mut bytes) = (Vec::new(), 0);
        while entries.len() < BATCH_RECORDS_MAX && bytes < BATCH_BYTES_MAX && !self.reader.rest().is_empty() {
            let Ok(entry) = self.next() else { break };
            bytes += entry.bytes();
            entries.push(entry);
        }
        entries
    }

    fn next(&mut self) -> Result<Entry, Malformed> {
        let (time, pairs, body) = parts(&mut self.reader, self.bare)?;
        Ok(Entry::of_msgpack(time, pairs, body))
    }

    /// Reads them all and keeps none.
    fn check(&self) -> Result<(), Malformed> {
        let mut reader = self.reader.clone();
        while !reader.rest().is_empty() {
            parts(&mut reader, self.bare)?;
        }
        Ok(())
    }
}

/// The octets of so many values.
fn values<'a>(reader: &mut Reader<'a>, count: usize) -> Result<&'a [u8], Malformed> {
    let (before, from) = (reader.rest(), reader.position());
    for _ in 0..count {
        reader.value()?;
    }
    Ok(&before[..reader.position() - from])
}

/// `[time, record]`; newer clients write `[[time, metadata], record]`. The time, how many fields, and the fields.
fn parts<'a>(reader: &mut Reader<'a>, bare: bool) -> Result<(&'a [u8], usize, &'a [u8]), Malformed> {
    if !bare && reader.array()? != 2 {
        return Err(Malformed::Unexpected);
    }
    let time = reader.value()?;
    let mut inside = Reader::new(time);
    let time = match inside.array() {
        Ok(_) if !bare => inside.value()?,
        _ => time,
    };
    let mut fields = Reader::new(reader.value()?);
    let pairs = fields.map()?;
    Ok((time, pairs, fields.rest()))
}

/// The options at the end of a message, or nil: only `chunk` and `compressed` matter.
fn option<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>, Malformed> {
    let Ok(count) = reader.map() else { return reader.value().map(|_| None) };
    let mut chunk = None;
    for _ in 0..count {
        match reader.text()? {
            "chunk" => chunk = Some(reader.octets()?),
            "compressed" if reader.clone().text() != Ok("text") => return Err(Malformed::Unexpected),
            _ => drop(reader.value()?),
        }
    }
    Ok(chunk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msgpack::{self, Extent};
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
            let mut message = Message::of(&bytes).unwrap_or_else(|_| panic!("{name}"));
            assert_eq!((message.tag, message.records.batch().len()), ("t", count), "{name}");
            assert!(message.records.batch().is_empty(), "{name}");
            assert_eq!(message.chunk, chunk.map(str::as_bytes), "{name}");
            for cut in 0..bytes.len() {
                assert_eq!(
                    Extent::new().end(&bytes[..cut]),
                    Err(Malformed::Incomplete),
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
            assert_eq!(Message::of(&packed(&value)).unwrap_err(), Malformed::Unexpected, "{value}");
        }
    }

    /// What a batch takes in memory.
    fn size(batch: &Vec<Entry>) -> usize {
        batch.capacity() * size_of::<Entry>() + batch.iter().map(Entry::bytes).sum::<usize>()
    }

    #[test]
    fn however_small_the_records_few_are_in_memory_at_a_time() {
        let (tiny, large) = (packed(&json!([1, {}])), packed(&json!([1, {"log": "x".repeat(200_000)}])));
        for (record, count) in [(tiny, 1_000_000), (large, 20)] {
            let head =
                [&[0x92, 0xa1, b't', 0xc6][..], &((record.len() * count) as u32).to_be_bytes()].concat();
            let message = [head, record.repeat(count)].concat();
            let mut records = Message::of(&message).expect("a message").records;
            let (mut seen, mut largest) = (0, 0);
            while let batch = records.batch()
                && !batch.is_empty()
            {
                seen += batch.len();
                largest = largest.max(size(&batch));
            }
            assert_eq!(seen, count);
            assert!(largest < 512 * 1024, "{largest} octets");
        }
    }
}
