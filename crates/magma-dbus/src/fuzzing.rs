//! What must hold for any octets that come from where the bus should be: for fuzz/, and for the test below.

use crate::Message;
use crate::message::{FIXED_BYTES, total_bytes};

/// A message as the connection cuts it out of the stream, and what is read of its body.
pub fn message(bytes: &[u8]) {
    if let Some(fixed) = bytes.first_chunk::<FIXED_BYTES>() {
        total_bytes(fixed).ok();
    }
    let Ok(message) = Message::parse(bytes) else { return };
    let texts: usize = message.texts().iter().map(|text| text.len() + 1).sum();
    assert!(texts <= bytes.len(), "{texts} octets of text in {}", bytes.len());
    let mut body = message.body();
    while body.variant().is_ok() {
        assert!(body.position() <= bytes.len());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn ten_thousand_damaged_messages_are_read_or_refused() {
        magma_mutations::replay("dbus", super::message);
    }
}
