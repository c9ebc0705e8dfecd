//! What must hold for any octets that come from where Redis should be: for fuzz/, and for the test below.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::reply::{self, ANSWERS_BYTES_MAX, BULK_BYTES_MAX, Reply, Room};
use crate::{Record, Stored};

/// Answers one after another, until the octets are at their end or are no answer; and each value as a record.
pub fn replies(mut bytes: &[u8]) {
    while let Some(reply) = next(&mut bytes) {
        look(&reply);
    }
}

fn next(bytes: &mut &[u8]) -> Option<Reply> {
    let before = bytes.len();
    // Octets in memory are never waited for.
    let mut room = Room(ANSWERS_BYTES_MAX);
    let polled = pin!(reply::read(bytes, &mut room)).poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(read) = polled else { return None };
    assert!(bytes.len() < before || read.is_err(), "an answer of nothing");
    read.ok()
}

fn look(reply: &Reply) {
    match reply {
        Reply::List(list) => list.iter().for_each(look),
        Reply::Bulk(value) => {
            assert!(value.len() <= BULK_BYTES_MAX);
            if let Ok(record) = Stored(value.clone()).record() {
                let next = Record::following(Some(&record), record.message.clone());
                assert_eq!(Stored::from(next.clone()).record().ok(), Some(next));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn ten_thousand_damaged_answers_are_read_or_refused() {
        magma_mutations::replay("redis_reply", super::replies);
    }
}
