//! What must hold for any octets that come to the inputs: for fuzz/, and for the tests below.

use serde_json::Value;

use crate::forward_message::Message;
use crate::json_frames::JsonFrames;
use crate::lines::{LINE_BYTES_MAX, Lines};
use crate::msgpack::Extent;
use crate::syslog;

/// More than any object of the corpus has.
const OBJECT_BYTES_MAX: usize = 4096;

/// Messages of the forward protocol, one after another.
pub fn forward(mut bytes: &[u8]) {
    while let Ok(length) = Extent::new().end(bytes) {
        assert!(0 < length && length <= bytes.len());
        let (message, rest) = bytes.split_at(length);
        let Ok(mut message) = Message::of(message) else { return };
        let mut records = 0;
        while let batch = message.records.batch()
            && !batch.is_empty()
        {
            records += batch.len();
            assert!(records <= length, "{records} records in {length} octets");
        }
        bytes = rest;
    }
}

/// JSON objects, one after another, as they come in pieces.
pub fn json(bytes: &[u8]) {
    let mut frames = JsonFrames::new(OBJECT_BYTES_MAX);
    let mut objects = 0;
    for piece in bytes.chunks(100) {
        frames.push(piece);
        loop {
            match frames.next() {
                Ok(Some(object)) => {
                    objects += object.len();
                    assert!(objects <= bytes.len() && object.starts_with(b"{"));
                    serde_json::from_slice::<Value>(&object).ok();
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

/// Lines of syslog.
pub fn syslog(bytes: &[u8]) {
    let mut lines = Lines::default();
    for piece in bytes.chunks(100) {
        for line in lines.push(piece) {
            // What is no UTF-8 becomes three octets.
            assert!(line.len() <= 3 * LINE_BYTES_MAX);
            if let Some(fields) = syslog::fields(&line) {
                assert!(fields.iter().all(|(_, value)| value.len() <= line.len()) && fields.len() <= 5);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_damaged_forward_messages_are_read_or_refused() {
        magma_mutations::replay("fluent_forward", forward);
    }

    #[test]
    fn ten_thousand_damaged_streams_of_json_are_read_or_refused() {
        magma_mutations::replay("fluent_json", json);
    }

    #[test]
    fn ten_thousand_damaged_lines_of_syslog_are_read_or_kept_whole() {
        magma_mutations::replay("syslog", syslog);
    }
}
