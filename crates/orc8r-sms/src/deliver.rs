//! SMS-DELIVER, 3GPP TS 23.040 § 9.2.2.1: a part of a message on its way to a phone.

use crate::alphabet::pack;
use crate::source::Source;
use crate::text::Part;
use time::OffsetDateTime;

/// No more messages wait. Magma-compat: always said, since phones do not take the message otherwise.
const NO_MORE_MESSAGES: u8 = 0x04;
/// A status report is asked for.
const STATUS_REPORT: u8 = 0x20;
/// The user data begin with a header.
const HEADER: u8 = 0x40;

/// Data coding schemes.
const DEFAULT_ALPHABET: u8 = 0x00;
const UCS2: u8 = 0x08;

/// The header of one part among several fills 6 octets: 48 bits, and 7 codes of 7 bits cover them.
const HEADER_CODES: usize = 7;
const HEADER_FILL_BITS: usize = 1;

pub(crate) struct Deliver<'a> {
    pub(crate) source: &'a Source,
    /// In seconds since 1970.
    pub(crate) time: i64,
    /// The same for all parts of a message.
    pub(crate) group: u8,
    pub(crate) count: u8,
    /// From 1 on.
    pub(crate) number: u8,
    pub(crate) part: Part<'a>,
}

impl Deliver<'_> {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let is_among = self.count > 1;
        let first = NO_MORE_MESSAGES | STATUS_REPORT | if is_among { HEADER } else { 0 };
        let (coding, length, data) = self.user_data(is_among);
        let mut octets = vec![first];
        octets.extend(self.source.encode());
        octets.extend([0, coding]);
        octets.extend(timestamp(self.time));
        // Bounded by what a part may hold: 160.
        octets.push(u8::try_from(length).unwrap_or(u8::MAX));
        octets.extend(data);
        octets
    }

    /// The data coding scheme, the length in its units, and the octets.
    fn user_data(&self, is_among: bool) -> (u8, usize, Vec<u8>) {
        let header = if is_among { vec![5, 0, 3, self.group, self.count, self.number] } else { vec![] };
        match self.part {
            Part::Default(codes) => {
                let (skipped, before) = if is_among { (HEADER_FILL_BITS, HEADER_CODES) } else { (0, 0) };
                let length = before + codes.len();
                (DEFAULT_ALPHABET, length, [header, pack(codes, skipped)].concat())
            }
            Part::Ucs2(units) => {
                let text = units.iter().flat_map(|unit| unit.to_be_bytes());
                let data: Vec<u8> = header.into_iter().chain(text).collect();
                (UCS2, data.len(), data)
            }
        }
    }
}

/// TP-Service-Centre-Time-Stamp, in universal time.
fn timestamp(seconds: i64) -> [u8; 7] {
    let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let year = u8::try_from(moment.year().rem_euclid(100)).unwrap_or_default();
    let month = u8::from(moment.month());
    let swapped = |number: u8| ((number % 10) << 4) | (number / 10);
    let fields = [year, month, moment.day(), moment.hour(), moment.minute(), moment.second(), 0];
    fields.map(swapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_with_their_digits_swapped() {
        for (seconds, expected) in [
            (1_600_101_050, [0x02, 0x90, 0x41, 0x61, 0x03, 0x05, 0]),
            (0, [0x07, 0x10, 0x10, 0, 0, 0, 0]),
            (i64::MAX, [0x07, 0x10, 0x10, 0, 0, 0, 0]),
        ] {
            assert_eq!(timestamp(seconds), expected, "{seconds}");
        }
    }
}
