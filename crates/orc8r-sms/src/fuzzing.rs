//! What must hold for any octets that a gateway passes on from a phone: for fuzz/, and for the test below.

use crate::Report;

/// A phone's message: read or refused, and what is behind its length changes nothing.
pub fn sms_report(octets: &[u8]) {
    let read = Report::decode(octets);
    if let (Ok(report), [_, 1, length, ..]) = (read, octets) {
        let end = 3 + usize::from(*length);
        assert_eq!(Report::decode(&octets[..end]), Ok(report));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_damaged_answers_of_phones_are_read_or_refused() {
        magma_mutations::replay("sms_report", sms_report);
    }
}
