//! One message of the forward protocol: its tag, its entries, read one by one, and what is to be acknowledged.
//!
//! The modes Message, Forward, PackedForward and CompressedPackedForward.
//! <https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1>

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use magma_fluent::msgpack::{self, Malformed, Reader};

use super::gzip;

/// The longest tag that is kept; what is longer is cut.
const TAG_BYTES_MAX: usize = 255;

/// What one message says.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    pub(crate) tag: String,
    entries: Packing<'a>,
    /// What the sender wants to read when the entries are kept.
    pub(crate) chunk: Option<&'a [u8]>,
}

#[derive(Debug)]
enum Packing<'a> {
    /// Entries one after another; alone without an array around time and record.
    Plain {
        octets: &'a [u8],
        alone: bool,
    },
    Gzip(&'a [u8]),
}

/// The entries of a message that have not been read yet.
#[derive(Debug)]
pub(crate) struct Entries<'a> {
    octets: Cow<'a, [u8]>,
    position: usize,
    alone: bool,
}

/// One entry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    /// In milliseconds since 1970; none when it does not say.
    pub(crate) time_ms: Option<i64>,
    /// The octets of its record, a map.
    pub(crate) record: &'a [u8],
}

impl<'a> Message<'a> {
    /// Reads a message that is complete; none for the sign of life that some clients send.
    pub(crate) fn of(octets: &'a [u8]) -> Result<Option<Self>, Malformed> {
        if octets == [0xc0] {
            return Ok(None);
        }
        // What is complete and cannot be read will not become better.
        Self::read(&mut Reader::new(octets)).map(Some).map_err(|_| Malformed::Unexpected)
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let length = reader.array()?;
        let tag = tag(reader.octets()?);
        let (octets, alone, read) = if let Ok(count) = reader.clone().array() {
            reader.array()?;
            (values(reader, count)?, false, 2)
        } else if let Ok(packed) = reader.octets() {
            (packed, false, 2)
        } else {
            (values(reader, 2)?, true, 3)
        };
        let (mut chunk, mut compressed) = (None, false);
        if length > read {
            options(reader, &mut chunk, &mut compressed)?;
        }
        let entries = if compressed { Packing::Gzip(octets) } else { Packing::Plain { octets, alone } };
        Ok(Self { tag, entries, chunk })
    }

    /// Whether it takes time and memory to unpack it.
    pub(crate) fn is_compressed(&self) -> bool {
        matches!(self.entries, Packing::Gzip(_))
    }

    /// Its entries; none when they cannot be unpacked.
    pub(crate) fn entries(&self) -> Option<Entries<'a>> {
        let (octets, alone) = match self.entries {
            Packing::Plain { octets, alone } => (Cow::Borrowed(octets), alone),
            Packing::Gzip(packed) => (Cow::Owned(gzip::unpack(packed)?), false),
        };
        Some(Entries { octets, position: 0, alone })
    }
}

impl Entries<'_> {
    /// The same without what it was read from.
    pub(crate) fn into_owned(self) -> Entries<'static> {
        Entries { octets: Cow::Owned(self.octets.into_owned()), position: self.position, alone: self.alone }
    }

    /// Whether all have been read.
    pub(crate) fn is_empty(&self) -> bool {
        self.position >= self.octets.len()
    }

    /// The next entry. After one that cannot be understood the next one follows, unless the octets are not even
    /// MessagePack any more: then it was the last.
    pub(crate) fn next(&mut self) -> Option<Result<Entry<'_>, Malformed>> {
        if self.is_empty() {
            return None;
        }
        let octets = &self.octets[self.position..];
        let mut reader = Reader::new(octets);
        let whole = if self.alone { values(&mut reader, 2) } else { reader.value() };
        match whole {
            Ok(whole) => {
                self.position += whole.len();
                Some(entry(&mut Reader::new(whole), self.alone))
            }
            Err(malformed) => {
                self.position = self.octets.len();
                Some(Err(malformed))
            }
        }
    }
}

/// What tells the sender that the entries of `chunk` are kept.
pub(crate) fn acknowledgement(chunk: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    msgpack::map(&mut answer, 1);
    msgpack::text(&mut answer, "ack");
    msgpack::text(&mut answer, &String::from_utf8_lossy(chunk));
    answer
}

/// The present time in milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

fn tag(octets: &[u8]) -> String {
    let tag = String::from_utf8_lossy(octets);
    tag[..tag.floor_char_boundary(TAG_BYTES_MAX)].to_owned()
}

/// The octets of so many values.
fn values<'a>(reader: &mut Reader<'a>, count: usize) -> Result<&'a [u8], Malformed> {
    let (before, from) = (reader.rest(), reader.position());
    for _ in 0..count {
        reader.value()?;
    }
    Ok(&before[..reader.position() - from])
}

/// The map at the end of a message, or nil. What is unknown there means nothing to us.
fn options<'a>(
    reader: &mut Reader<'a>,
    chunk: &mut Option<&'a [u8]>,
    compressed: &mut bool,
) -> Result<(), Malformed> {
    let Ok(count) = reader.map() else { return reader.value().map(drop) };
    for _ in 0..count {
        match reader.octets() {
            Ok(b"chunk") => *chunk = Some(reader.octets()?),
            Ok(b"compressed") => match reader.octets()? {
                b"gzip" => *compressed = true,
                b"text" => {}
                _ => return Err(Malformed::Unexpected),
            },
            Ok(_) => drop(reader.value()?),
            Err(_) => drop((reader.value()?, reader.value()?)),
        }
    }
    Ok(())
}

/// `[time, record]`; newer clients write `[[time, metadata], record]`.
fn entry<'a>(reader: &mut Reader<'a>, alone: bool) -> Result<Entry<'a>, Malformed> {
    if !alone && reader.array()? != 2 {
        return Err(Malformed::Unexpected);
    }
    let time = reader.value()?;
    let mut inside = Reader::new(time);
    let time = match inside.array() {
        Ok(_) if !alone => inside.value()?,
        _ => time,
    };
    let record = reader.value()?;
    Reader::new(record).map()?;
    Ok(Entry { time_ms: time_ms(time), record })
}

/// Seconds, or an `EventTime`: an extension of type 0 with seconds and nanoseconds.
fn time_ms(time: &[u8]) -> Option<i64> {
    let (seconds, nanoseconds) = match time {
        [0xd7, 0, rest @ ..] | [0xc7, 8, 0, rest @ ..] => {
            let (seconds, nanoseconds) = rest.split_first_chunk::<4>()?;
            (u64::from(u32::from_be_bytes(*seconds)), u32::from_be_bytes(*nanoseconds.first_chunk()?))
        }
        _ => (Reader::new(time).unsigned().ok()?, 0),
    };
    let milliseconds = i64::try_from(seconds).ok()?.checked_mul(1000)?;
    // Beyond the year 9999 no date can be written.
    (milliseconds < 253_402_300_800_000).then_some(milliseconds + i64::from(nanoseconds / 1_000_000).min(999))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::GzEncoder;
    use serde_json::{Value, json};
    use std::io::Read;

    fn packed(value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        msgpack::json(&mut out, value);
        out
    }

    fn binary(octets: &[u8]) -> Vec<u8> {
        [&[0xc5][..], &(octets.len() as u16).to_be_bytes(), octets].concat()
    }

    fn gzip(octets: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        GzEncoder::new(octets, Compression::fast()).read_to_end(&mut out).unwrap();
        out
    }

    fn times(message: &Message<'_>) -> Vec<Option<i64>> {
        let mut entries = message.entries().expect("entries");
        let mut times = Vec::new();
        while let Some(entry) = entries.next() {
            times.push(entry.unwrap().time_ms);
        }
        times
    }

    #[test]
    fn every_mode_is_understood() {
        let entries = [packed(&json!([1, {"a": 1}])), packed(&json!([[2, {}], {"b": 2}]))].concat();
        let with_option = |entries: &[u8], option: Value| {
            [&[0x93, 0xa1, b't'][..], &binary(entries), &packed(&option)].concat()
        };
        let event_time =
            [&[0x93, 0xa1, b't', 0xd7, 0, 0, 0, 0, 1][..], &500_000_000_u32.to_be_bytes(), &[0x80]].concat();
        type Row = (&'static str, Vec<u8>, &'static [i64], Option<&'static str>);
        let rows: [Row; 9] = [
            ("message", packed(&json!(["t", 1, {"a": 1}])), &[1000], None),
            (
                "message with options",
                packed(&json!(["t", 1, {"a": 1}, {"chunk": "id"}])),
                &[1000],
                Some("id"),
            ),
            ("message with an exact time", event_time, &[1500], None),
            ("forward", packed(&json!(["t", [[1, {"a": 1}], [2, {"b": 2}]]])), &[1000, 2000], None),
            ("forward with nil", packed(&json!(["t", [[1, {"a": 1}]], null])), &[1000], None),
            (
                "packed forward",
                with_option(
                    &entries,
                    json!({"size": 2, "chunk": "id", "compressed": "text", "fluent_signal": 0}),
                ),
                &[1000, 2000],
                Some("id"),
            ),
            (
                "compressed packed forward",
                with_option(&gzip(&entries), json!({"compressed": "gzip", "chunk": "id"})),
                &[1000, 2000],
                Some("id"),
            ),
            (
                "in two parts",
                {
                    let parts = [gzip(&entries), gzip(&entries)].concat();
                    with_option(&parts, json!({"compressed": "gzip"}))
                },
                &[1000, 2000, 1000, 2000],
                None,
            ),
            ("nothing in it", packed(&json!(["t", [], {"chunk": "id"}])), &[], Some("id")),
        ];
        for (name, octets, expected, chunk) in rows {
            let message = Message::of(&octets).unwrap_or_else(|_| panic!("{name}")).expect(name);
            assert_eq!(message.tag, "t", "{name}");
            assert_eq!(times(&message), expected.iter().copied().map(Some).collect::<Vec<_>>(), "{name}");
            assert_eq!(message.chunk, chunk.map(str::as_bytes), "{name}");
            for cut in 0..octets.len() {
                assert!(Message::of(&octets[..cut]).is_err(), "{name} cut at {cut}");
            }
        }
        assert!(Message::of(&[0xc0]).unwrap().is_none(), "a sign of life");
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for value in [
            json!({}),
            json!(["t"]),
            json!([1, 2, {}]),
            json!(["t", [], {"compressed": "zstd"}]),
            json!(["t", [], {"chunk": 1}]),
        ] {
            assert!(Message::of(&packed(&value)).is_err(), "{value}");
        }
    }

    #[test]
    fn a_bad_entry_does_not_take_the_others_with_it() {
        let listed = packed(&json!(["t", [[1, {"a": 1}], [1], "no entry", [1, 2], [3, {}]]]));
        let mut entries = Message::of(&listed).unwrap().unwrap().entries().unwrap();
        let mut good = Vec::new();
        while let Some(entry) = entries.next() {
            good.push(entry.ok().and_then(|entry| entry.time_ms));
        }
        assert_eq!(good, [Some(1000), None, None, None, Some(3000)]);

        let cut = [&[0x92, 0xa1, b't'][..], &binary(&[packed(&json!([1, {}])), vec![0x92, 0x01]].concat())]
            .concat();
        let mut entries = Message::of(&cut).unwrap().unwrap().entries().unwrap();
        assert!(entries.next().unwrap().is_ok());
        assert!(entries.next().unwrap().is_err() && entries.next().is_none());

        let no_gzip =
            [&[0x93, 0xa1, b't'][..], &binary(b"x"), &packed(&json!({"compressed": "gzip"}))].concat();
        assert!(Message::of(&no_gzip).unwrap().unwrap().entries().is_none());
    }

    #[test]
    fn times_that_are_none_are_not_made_up() {
        for (octets, expected) in [
            (&[0x05][..], Some(5000)),
            (&[0xd7, 0, 0, 0, 0, 1, 0x3b, 0x9a, 0xc9, 0xff], Some(1999)),
            (&[0xd7, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff], Some(1999)),
            (&[0xc7, 8, 0, 0, 0, 0, 1, 0, 0, 0, 0], Some(1000)),
            (&[0xd7, 1, 0, 0, 0, 1, 0, 0, 0, 0], None),
            (&[0xa1, b'1'], None),
            (&[0xc0], None),
            (&[0xcf, 255, 255, 255, 255, 255, 255, 255, 255], None),
        ] {
            assert_eq!(time_ms(octets), expected, "{octets:x?}");
        }
    }
}
