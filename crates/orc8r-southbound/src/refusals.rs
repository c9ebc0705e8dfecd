//! Who was refused, for the operator's eyes: at most one line a second, so that nobody fills a disk by being refused.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use magma_rpc::Request;
use magma_rpc::server::PeerAddress;

/// The shortest time between two lines of the log.
const LINE_INTERVAL: Duration = Duration::from_secs(1);

/// Says in the log who was refused. Clones share one limit.
#[derive(Clone, Default)]
pub(crate) struct Refusals(Arc<Mutex<Limiter>>);

impl Refusals {
    /// One refusal: whom (a hardware id or a certificate's serial, as far as it is known), from where, and why.
    pub(crate) fn report(&self, whom: &str, peer: Option<SocketAddr>, reason: &str) {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner).admit(Instant::now());
        let Some(not_shown) = shown else { return };
        let peer = peer.map_or_else(|| "unknown".to_owned(), |peer| peer.to_string());
        if not_shown == 0 {
            tracing::warn!(whom, peer, reason, "refused");
        } else {
            tracing::warn!(whom, peer, reason, not_shown, "refused, and others before that are not shown");
        }
    }
}

/// Where a call comes from.
pub(crate) fn peer_of<T>(request: &Request<T>) -> Option<SocketAddr> {
    request.extensions().get().map(|PeerAddress(address)| *address)
}

/// Lets one event through in an interval, and counts the others.
#[derive(Default)]
struct Limiter {
    last: Option<Instant>,
    not_shown: u64,
}

impl Limiter {
    /// `None`: not now. Otherwise how many were held back since the last that was let through.
    fn admit(&mut self, now: Instant) -> Option<u64> {
        let too_early = self.last.is_some_and(|last| now.saturating_duration_since(last) < LINE_INTERVAL);
        if too_early {
            self.not_shown = self.not_shown.saturating_add(1);
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.not_shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_second_counts_those_that_are_not_shown() {
        let (mut limiter, start) = (Limiter::default(), Instant::now());
        for (milliseconds, expect) in [
            (0, Some(0)),
            (1, None),
            (999, None),
            (1000, Some(2)),
            (1999, None),
            (9000, Some(1)),
            (10_000, Some(0)),
            // Another thread took its time earlier, and comes later.
            (9999, None),
            (11_000, Some(1)),
        ] {
            let now = start + Duration::from_millis(milliseconds);
            assert_eq!(limiter.admit(now), expect, "at {milliseconds} ms");
        }
    }

    #[test]
    fn a_flood_is_one_line() {
        let (mut limiter, start) = (Limiter::default(), Instant::now());
        let shown = (0..100_000).filter(|_| limiter.admit(start).is_some()).count();
        assert_eq!(shown, 1);
        assert_eq!(limiter.admit(start + LINE_INTERVAL), Some(99_999));
    }
}
