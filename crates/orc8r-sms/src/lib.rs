//! Short messages as phones take them: from a text to the messages of the relay layer that an access gateway passes on,
//! and back from a phone's answer to what became of them.
//!
//! Three layers, one in the other: the SMS-DELIVER of 3GPP TS 23.040 with its text (3GPP TS 23.038), in an RP-DATA, in a
//! CP-DATA (both 3GPP TS 24.011). Nothing here opens a file, a socket or a clock.

mod alphabet;
mod deliver;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod relay;
mod report;
mod source;
mod text;

pub use report::{Malformed, Report};
pub use source::{ImproperSource, Source};
pub use text::{PARTS_MAX, Text, TextTooLong};

use deliver::Deliver;

/// A text from somebody, of some moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who is shown as the sender.
    pub source: Source,
    /// What it says.
    pub text: Text,
    /// When the service centre got it, in seconds since 1970.
    pub time: i64,
}

impl Message {
    /// One CP-DATA for each part. `references` are those of the parts, in their order, by which a phone's answer names
    /// the part that it is about; a part without one is left out at the end.
    pub fn encode(&self, references: &[u8]) -> Vec<Vec<u8>> {
        let parts = self.text.parts();
        let count = u8::try_from(parts.len()).unwrap_or(u8::MAX);
        let group = references.first().copied().unwrap_or_default();
        let numbered = (1..=count).zip(parts).zip(references);
        let encoded = numbered.map(|((number, part), reference)| {
            let deliver = Deliver { source: &self.source, time: self.time, group, count, number, part };
            relay::cp_data(*reference, &relay::rp_data(*reference, &deliver.encode()))
        });
        encoded.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Magma's Orchestrator sends for these, which phones take; but for the transaction of the first.
    #[test]
    fn a_message_is_what_phones_know_from_magma() {
        let repeated = |letter: &str, count| letter.repeat(count);
        let long = format!(
            "Here's a test of a v{}{}{} long message that's super super long.",
            repeated("e", 50),
            repeated("r", 48),
            repeated("y", 18)
        );
        for (text, references, expected) in [
            (
                "Here's a test.",
                &[7][..],
                &["090127010702b9110020240b918156685703f90000029041610305000ec8b2bc7c9a83c2207a794e7701"][..],
            ),
            (
                &long,
                &[1, 2],
                &[
                    "1901a6010102b911009f640b918156685703f9000002904161030500a0050003010201906579f934078541f4f29c\
                     0e7a9b416190bd5c2e97cbe572b95c2e97cbe572b95c2e97cbe572b95c2e97cbe572b95c2e97cbe572b95c2e97cb\
                     e572b95c96cbe572b95c2e97cbe572b95c2e97cbe572b95c2e97cbe572b95c2e97cbe572b95c2e97cbe572b95c2e\
                     cfe7f3f97c3e9fcfe7f3f97c3e9fcfe741ecb7fb0c6a97e7f3f0b90ca2a3c3",
                    "290133010202b911002c640b918156685703f90000029041610305001c050003010202e8a739685e8797e5a0791d\
                     5e9683d86ff7d905",
                ],
            ),
            (
                "Привет",
                &[200],
                &[
                    "490126 01c8 02b911 00 1f 24 0b918156685703f9 00 08 02904161030500 0c 041f04400438043204350442",
                ],
            ),
        ] {
            let source = Source::parse("18658675309").unwrap();
            let message = Message { source, text: Text::new(text).unwrap(), time: 1_600_101_050 };
            let encoded = message.encode(references);
            let hex =
                |octets: &Vec<u8>| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
            let expected: Vec<String> = expected.iter().map(|hex| hex.replace(' ', "")).collect();
            assert_eq!(encoded.iter().map(hex).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
