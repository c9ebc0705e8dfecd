//! Cutting an answer's bytes into messages: each stands behind its five-byte gRPC prefix, and the bytes come in
//! pieces that are cut anywhere.

use bytes::{Buf, Bytes, BytesMut};

use super::outcome::CallError;
use crate::MESSAGE_BYTES_MAX;

/// One byte of compression flag, four of length, big-endian (gRPC over HTTP/2, "Length-Prefixed-Message").
const PREFIX_LENGTH: usize = 5;

/// A message behind its prefix, uncompressed.
pub(crate) fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut framed = Vec::with_capacity(PREFIX_LENGTH + message.len());
    framed.push(0);
    framed.extend_from_slice(&length.to_be_bytes());
    framed.extend_from_slice(message);
    framed
}

/// The bytes that have come and are not yet a whole message.
#[derive(Default)]
pub(crate) struct MessageReader {
    pending: BytesMut,
}

impl MessageReader {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// The next whole message, if it is there.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, CallError> {
        let Some([compressed, length @ ..]) = self.pending.first_chunk::<PREFIX_LENGTH>() else {
            return Ok(None);
        };
        if *compressed != 0 {
            return Err(CallError::Malformed("a message is compressed, which was not asked for".into()));
        }
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if length > MESSAGE_BYTES_MAX {
            return Err(CallError::Malformed(format!("a message of {length} bytes is over the limit")));
        }
        if self.pending.len() < PREFIX_LENGTH + length {
            return Ok(None);
        }
        self.pending.advance(PREFIX_LENGTH);
        Ok(Some(self.pending.split_to(length).freeze()))
    }

    /// Whether nothing is left over.
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_however_the_bytes_are_cut() {
        let bytes = [framed(b"one"), framed(b""), framed(&[7; 300])].concat();
        for piece in [1, 2, 4, 5, 6, 100, bytes.len()] {
            let mut reader = MessageReader::default();
            let mut lengths = Vec::new();
            for part in bytes.chunks(piece) {
                reader.push(part);
                while let Some(message) = reader.next().unwrap() {
                    lengths.push(message.len());
                }
            }
            assert_eq!(lengths, [3, 0, 300], "in pieces of {piece}");
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn compressed_and_absurd_messages_are_refused() {
        for prefix in [[1, 0, 0, 0, 0], [0, 0xff, 0xff, 0xff, 0xff]] {
            let mut reader = MessageReader::default();
            reader.push(&prefix);
            assert!(matches!(reader.next(), Err(CallError::Malformed(_))), "{prefix:?}");
        }
    }

    #[test]
    fn a_message_that_is_cut_off_leaves_something_over() {
        let mut reader = MessageReader::default();
        reader.push(&framed(b"whole")[..8]);
        assert!(reader.next().unwrap().is_none());
        assert!(!reader.is_empty());
    }
}
