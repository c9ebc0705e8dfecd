//! What is kept of a record: its fields as they are, and whose it is as the certificate says.

use magma_fluent::msgpack::{Malformed, Reader};
use orc8r_store::{NewRecord, Source};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::json;
use super::message::{Entry, now_ms};

/// The tag of events, as in Magma.
const EVENTS: &str = "eventd";
/// The largest record, as it came and as it is kept; a gateway's whole configuration in an event has some ten kilobytes.
pub(super) const RECORD_BYTES_MAX: usize = 1 << 20;
const DOCUMENT_BYTES_MAX: usize = 2 << 20;
/// The longest name of a stream, type or tag that is looked for.
const NAME_BYTES_MAX: usize = 255;

/// Fields that we set, whatever a record has there.
const OURS: [&str; 5] = ["network_id", "gateway_id", "hw_id", "tag", "@timestamp"];

/// A record as it is kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) is_event: bool,
    pub(crate) record: NewRecord,
}

/// What an event is found by.
#[derive(Default)]
struct Names {
    stream: String,
    event_type: String,
    event_tag: String,
    has_message: bool,
    log: Option<Vec<u8>>,
}

impl Document {
    /// Of an entry with `tag` that `source` sent.
    ///
    /// Magma-compat: the fields are those that Magma's fluentd adds (`tag`, `@timestamp`), and those that its gateways
    /// add themselves (`hw_id`, `network_id`, `gateway_id`). Deviation: these come from the certificate. A line of a
    /// followed file (`log`) is shown as `message`, too, which is what is looked for.
    ///
    /// # Errors
    /// When it is too large, or not what it should be.
    pub(crate) fn of(entry: &Entry<'_>, tag: &str, source: &Source) -> Result<Self, Malformed> {
        if entry.record.len() > RECORD_BYTES_MAX {
            return Err(Malformed::Unexpected);
        }
        let time_ms = entry.time_ms.unwrap_or_else(now_ms);
        let mut names = Names::default();
        let mut json = vec![b'{'];
        copy_fields(&mut json, &mut Reader::new(entry.record), &mut names)?;
        if let (false, Some(line)) = (names.has_message, &names.log) {
            json::text(&mut json, "message");
            json.push(b':');
            json.extend(line);
            json.push(b',');
        }
        let ours = [&source.network, &source.gateway, &source.hardware_id, tag, &timestamp(time_ms)];
        for (index, (name, value)) in OURS.into_iter().zip(ours).enumerate() {
            if index > 0 {
                json.push(b',');
            }
            json::text(&mut json, name);
            json.push(b':');
            json::text(&mut json, value);
        }
        json.push(b'}');
        if json.len() > DOCUMENT_BYTES_MAX {
            return Err(Malformed::Unexpected);
        }
        let document = String::from_utf8(json).map_err(|_| Malformed::Unexpected)?;
        let is_event = tag == EVENTS && !names.stream.is_empty() && !names.event_type.is_empty();
        let Names { stream, event_type, event_tag, .. } = names;
        let record = if is_event {
            NewRecord { time_ms, stream, event_type, event_tag, document }
        } else {
            let (event_type, event_tag) = (String::new(), String::new());
            NewRecord { time_ms, stream: tag.to_owned(), event_type, event_tag, document }
        };
        Ok(Self { is_event, record })
    }
}

/// A time as existing clouds write it: UTC with milliseconds.
pub(crate) fn timestamp(time_ms: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(time_ms) * 1_000_000);
    let time = time.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, clock) = (time.date(), time.time());
    let (hour, minute, second, millisecond) = clock.as_hms_milli();
    let date = date.midnight().assume_utc().format(&Rfc3339).unwrap_or_default();
    let date = date.split('T').next().unwrap_or_default();
    format!("{date}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

/// Writes all fields but [`OURS`], each with a comma behind it. Of two with one name the first counts.
fn copy_fields(json: &mut Vec<u8>, reader: &mut Reader<'_>, names: &mut Names) -> Result<(), Malformed> {
    let pairs = reader.map()?;
    for _ in 0..pairs {
        let key = json::key(reader)?;
        if OURS.contains(&key.as_str()) {
            reader.value()?;
            continue;
        }
        json::text(json, &key);
        json.push(b':');
        let from = json.len();
        match (key.as_str(), reader.clone().octets()) {
            ("stream_name", Ok(name)) => names.stream = cut(name),
            ("event_type", Ok(name)) => names.event_type = cut(name),
            ("event_tag", Ok(name)) => names.event_tag = cut(name),
            _ => {}
        }
        json::value(json, reader)?;
        match key.as_str() {
            "message" => names.has_message = true,
            "log" => names.log = Some(json[from..].to_vec()),
            _ => {}
        }
        json.push(b',');
        if json.len() > DOCUMENT_BYTES_MAX {
            return Err(Malformed::Unexpected);
        }
    }
    Ok(())
}

fn cut(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    name[..name.floor_char_boundary(NAME_BYTES_MAX)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use magma_fluent::msgpack;
    use serde_json::{Value, json};

    fn source() -> Source {
        Source { network: "n1".into(), gateway: "g1".into(), hardware_id: "hw1".into() }
    }

    fn document(tag: &str, record: &Value) -> (Document, Value) {
        let mut octets = Vec::new();
        msgpack::json(&mut octets, record);
        let entry = Entry { time_ms: Some(1_700_000_000_123), record: &octets };
        let document = Document::of(&entry, tag, &source()).unwrap();
        let value = serde_json::from_str(&document.record.document).unwrap();
        (document, value)
    }

    #[test]
    fn an_event_has_its_names_and_whose_it_is() {
        let (event, value) = document(
            "eventd",
            &json!({
                "stream_name": "magmad", "event_type": "restarted_services", "event_tag": "hw1",
                "value": "{\"services\": [\"mme\"]}", "hw_id": "another", "network_id": "n2", "gateway_id": "g2",
                "@timestamp": "1970", "tag": "mine",
            }),
        );
        assert!(event.is_event);
        let NewRecord { time_ms, stream, event_type, event_tag, .. } = event.record;
        assert_eq!(
            (time_ms, &*stream, &*event_type, &*event_tag),
            (1_700_000_000_123, "magmad", "restarted_services", "hw1")
        );
        assert_eq!(
            value,
            json!({
                "stream_name": "magmad", "event_type": "restarted_services", "event_tag": "hw1",
                "value": "{\"services\": [\"mme\"]}", "hw_id": "hw1", "network_id": "n1", "gateway_id": "g1",
                "tag": "eventd", "@timestamp": "2023-11-14T22:13:20.123Z",
            })
        );
    }

    #[test]
    fn everything_else_is_a_log() {
        for (name, tag, record, message) in [
            ("a line of a file", "mme", json!({"log": "a \"line\""}), json!("a \"line\"")),
            ("a message", "syslog", json!({"message": "m", "log": "l", "ident": "mme"}), json!("m")),
            (
                "an event without a type",
                "eventd",
                json!({"stream_name": "magmad", "message": "x"}),
                json!("x"),
            ),
            ("names of another type", "eventd", json!({"stream_name": 1, "event_type": {}}), json!(null)),
            ("nothing", "", json!({}), json!(null)),
        ] {
            let (log, value) = document(tag, &record);
            assert!(!log.is_event, "{name}");
            assert_eq!((log.record.stream.as_str(), &log.record.event_type), (tag, &String::new()), "{name}");
            assert_eq!(value["message"], message, "{name}");
            assert_eq!((&value["network_id"], &value["tag"]), (&json!("n1"), &json!(tag)), "{name}");
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let refused = |record: &[u8]| Document::of(&Entry { time_ms: None, record }, "t", &source()).is_err();
        let field = |length: usize, octet: u8| {
            let mut octets = vec![0x81, 0xa1, b'a'];
            msgpack::text(&mut octets, &char::from(octet).to_string().repeat(length));
            octets
        };
        assert!(!refused(&field(RECORD_BYTES_MAX - 100, b'x')));
        assert!(refused(&field(RECORD_BYTES_MAX, b'x')));
        assert!(refused(&field(RECORD_BYTES_MAX - 100, 0)), "in JSON, each takes six");
        assert!(refused(&[0x90]) && refused(&[]));
    }

    #[test]
    fn any_time_can_be_written() {
        for (time_ms, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_700_000_000_005, "2023-11-14T22:13:20.005Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (i64::MAX, "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(timestamp(time_ms), expected);
        }
    }
}
