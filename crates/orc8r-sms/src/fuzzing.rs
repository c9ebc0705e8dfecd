//! What must hold for any octets that a gateway passes on from a phone, and for any words that somebody sends: for fuzz/, and
//! for the tests below.

use crate::alphabet::codes;
use crate::{Message, PARTS_MAX, Report, Source, Text};

/// A phone's message: read or refused, and what is behind its length changes nothing.
pub fn sms_report(octets: &[u8]) {
    let read = Report::decode(octets);
    if let (Ok(report), [_, 1, length, ..]) = (read, octets) {
        let end = 3 + usize::from(*length);
        assert_eq!(Report::decode(&octets[..end]), Ok(report));
    }
}

/// A sender in the first line, and a text behind it: refused, or in parts that fit and say all of it.
pub fn sms_text(octets: &[u8]) {
    let words = String::from_utf8_lossy(octets);
    let (source, text) = words.split_once('\n').unwrap_or(("611", &words));
    let (Ok(source), Ok(parts)) = (Source::parse(source), Text::new(text)) else { return };
    let count = parts.part_count();
    assert!((1..=PARTS_MAX).contains(&count), "{count} parts");
    let time = i64::try_from(octets.len()).unwrap_or_default() << 24;
    let references: Vec<u8> = (250..=u8::MAX).chain(0..).take(count).collect();
    let encoded = Message { source, text: parts, time }.encode(&references);
    assert_eq!(encoded.len(), count, "no part is left out");
    let in_default: Option<Vec<Vec<u8>>> = text.chars().map(codes).collect();
    let read: Vec<Vec<u16>> = encoded.iter().map(|part| said(part, in_default.is_some())).collect();
    let expected: Vec<u16> = match in_default {
        Some(codes) => codes.concat().into_iter().map(u16::from).collect(),
        None => text.encode_utf16().collect(),
    };
    assert_eq!(read.concat(), expected);
}

/// The codes or units of one part, which is as long as each layer says.
fn said(part: &[u8], in_default: bool) -> Vec<u16> {
    assert_eq!(usize::from(part[2]), part.len() - 3, "CP-DATA");
    assert_eq!(usize::from(part[9]), part.len() - 10, "RP-DATA");
    let deliver = &part[10..];
    let behind_source = 3 + usize::from(deliver[1]).div_ceil(2);
    assert_eq!(deliver[behind_source + 1], if in_default { 0 } else { 8 });
    let (length, data) = deliver[behind_source + 9..].split_first().expect("a length");
    let length = usize::from(*length);
    assert!(data.len() <= 140, "{} octets", data.len());
    let is_among = deliver[0] & 0x40 != 0;
    if in_default {
        assert_eq!(data.len(), (length * 7).div_ceil(8));
        let bit = |place: usize| u16::from(data[place / 8] >> (place % 8) & 1);
        let code = |index: usize| (0..7).map(|place| bit(index * 7 + place) << place).sum();
        return (if is_among { 7 } else { 0 }..length).map(code).collect();
    }
    assert_eq!(data.len(), length);
    let text = &data[if is_among { 6 } else { 0 }..];
    text.chunks(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_damaged_answers_of_phones_are_read_or_refused() {
        magma_mutations::replay("sms_report", sms_report);
    }

    #[test]
    fn ten_thousand_strange_texts_are_refused_or_sent_whole() {
        magma_mutations::replay("sms_text", sms_text);
    }
}
