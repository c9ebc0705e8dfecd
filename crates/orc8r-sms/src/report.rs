//! What a phone answered: 3GPP TS 24.011 § 7.

use crate::relay::{CP_ACK, CP_DATA, CP_ERROR, PROTOCOL};

/// Types of RP messages from a phone.
const RP_DATA: u8 = 0x00;
const RP_ACK: u8 = 0x02;
const RP_ERROR: u8 = 0x04;
const RP_MEMORY_AVAILABLE: u8 = 0x06;

/// An answer of a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// It took a message.
    Taken {
        /// The reference of the part.
        reference: u8,
    },
    /// It refused one.
    Refused {
        /// The reference of the part.
        reference: u8,
        /// Why, in words.
        cause: &'static str,
        /// Why, in the number of the standard.
        code: u8,
    },
    /// Nothing about the fate of a message: what one layer says to the other.
    Nothing,
    /// It sends a message itself.
    Message,
}

/// No phone says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(&'static str);

const SHORT: Malformed = Malformed("the message of the phone is too short");

impl Report {
    /// Reads a CP message of a phone.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn decode(octets: &[u8]) -> Result<Self, Malformed> {
        let [transaction, kind, rest @ ..] = octets else { return Err(SHORT) };
        if transaction & 0xf != PROTOCOL {
            return Err(Malformed("this is not a message of the protocol of short messages"));
        }
        match *kind {
            CP_DATA => {
                let (length, relayed) = rest.split_first().ok_or(SHORT)?;
                relayed.get(..usize::from(*length)).ok_or(SHORT).and_then(Self::relayed)
            }
            CP_ACK | CP_ERROR => Ok(Self::Nothing),
            _ => Err(Malformed("the message of the phone is of no known type")),
        }
    }

    fn relayed(octets: &[u8]) -> Result<Self, Malformed> {
        let [kind, reference, rest @ ..] = octets else { return Err(SHORT) };
        match *kind {
            RP_ACK => Ok(Self::Taken { reference: *reference }),
            RP_ERROR => {
                let [length, code, ..] = rest else { return Err(SHORT) };
                if *length == 0 || rest.len() <= usize::from(*length) {
                    return Err(SHORT);
                }
                // The highest bit is an extension, and no part of the value.
                let code = code & 0x7f;
                Ok(Self::Refused { reference: *reference, cause: cause(code), code })
            }
            RP_DATA => Ok(Self::Message),
            RP_MEMORY_AVAILABLE => Ok(Self::Nothing),
            _ => Err(Malformed("the phone relays something of no known type")),
        }
    }
}

/// RP-Cause, table 8.4; the sense for messages to a phone where the table has two.
fn cause(code: u8) -> &'static str {
    match code {
        1 => "unassigned number",
        8 => "barred by the operator",
        10 => "barred",
        11 => "reserved",
        21 => "the phone rejected the message",
        22 => "the phone's memory is full",
        27 => "destination out of order",
        28 => "unidentified subscriber",
        29 => "facility rejected",
        30 => "unknown subscriber",
        38 => "network out of order",
        41 => "temporary failure",
        42 => "congestion",
        47 => "resources unavailable",
        50 => "facility not subscribed",
        69 => "facility not implemented",
        81 => "invalid message reference",
        95 => "semantically incorrect message",
        96 => "invalid mandatory information",
        97 => "unknown type of message",
        98 => "message not compatible with the state",
        99 => "unknown information element",
        111 => "protocol error",
        127 => "interworking error",
        _ => "unknown cause",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phones_answers_are_read() {
        let refused = |reference, cause, code| Ok(Report::Refused { reference, cause, code });
        let unknown = Err(Malformed("the message of the phone is of no known type"));
        for (name, octets, expected) in [
            ("taken", &[0xd9, 1, 6, 2, 1, 0x41, 2, 0, 0][..], Ok(Report::Taken { reference: 1 })),
            ("taken, no words", &[0xd9, 1, 2, 2, 255], Ok(Report::Taken { reference: 255 })),
            ("refused", &[0xd9, 1, 4, 4, 4, 1, 0x60], refused(4, "invalid mandatory information", 96)),
            ("full", &[0x99, 1, 4, 4, 9, 1, 22], refused(9, "the phone's memory is full", 22)),
            (
                "with a diagnostic",
                &[0x99, 1, 5, 4, 9, 2, 0x95, 7],
                refused(9, "the phone rejected the message", 21),
            ),
            ("a cause of tomorrow", &[0x99, 1, 4, 4, 9, 1, 77], refused(9, "unknown cause", 77)),
            ("its own", &[0x09, 1, 3, 0, 1, 0], Ok(Report::Message)),
            ("memory again", &[0x09, 1, 2, 6, 1], Ok(Report::Nothing)),
            ("the layer below", &[0xd9, 4], Ok(Report::Nothing)),
            ("an error of the layer below", &[0xd9, 0x10, 0x51], Ok(Report::Nothing)),
            ("nothing", &[], Err(SHORT)),
            ("no length", &[0xd9, 1], Err(SHORT)),
            ("less than it says", &[0xd9, 1, 6, 2, 1], Err(SHORT)),
            ("no cause", &[0xd9, 1, 2, 4, 4], Err(SHORT)),
            ("an empty cause", &[0xd9, 1, 4, 4, 4, 0, 0x60], Err(SHORT)),
            ("half a cause", &[0xd9, 1, 4, 4, 4, 2, 0x60], Err(SHORT)),
            ("another type", &[0x29, 0x94, 0x91], unknown),
            (
                "another protocol",
                &[0x20, 0x94],
                Err(Malformed("this is not a message of the protocol of short messages")),
            ),
            (
                "from the network",
                &[0x79, 1, 2, 1, 7],
                Err(Malformed("the phone relays something of no known type")),
            ),
        ] {
            assert_eq!(Report::decode(octets), expected, "{name}");
        }
    }
}
