//! What must hold for any octets that come to the intake: for fuzz/, and for the test below.

use magma_fluent::msgpack::Extent;
use orc8r_store::Source;
use serde_json::Value;

use crate::intake::{Document, Message};

/// Messages of the forward protocol, one after another, from a gateway that is known.
pub fn forward_intake(mut octets: &[u8]) {
    let source = Source { network: "n1".into(), gateway: "g1".into(), hardware_id: "hw1".into() };
    while let Ok(length) = Extent::new().end(octets) {
        let (message, rest) = octets.split_at(length);
        octets = rest;
        let Ok(Some(message)) = Message::of(message) else { return };
        let Some(mut entries) = message.entries() else { continue };
        while let Some(entry) = entries.next() {
            let Ok(document) = entry.and_then(|entry| Document::of(&entry, &message.tag, &source)) else {
                continue;
            };
            let value: Value = serde_json::from_str(&document.record.document).expect("JSON");
            assert_eq!(value["network_id"], "n1");
            assert_eq!(value["gateway_id"], "g1");
            assert_eq!(value["hw_id"], "hw1");
            assert_eq!(value["tag"], message.tag.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_damaged_forward_messages_are_kept_as_their_senders_or_refused() {
        magma_mutations::replay("fluent_forward", forward_intake);
    }
}
