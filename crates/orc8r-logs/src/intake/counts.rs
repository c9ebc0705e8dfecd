//! What has happened at the intake, for metrics and for the log.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Refused;

/// The shortest time between two warnings of one intake, so that nobody fills a disk by being refused.
const WARNING_INTERVAL: Duration = Duration::from_secs(10);

/// What has happened since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that were kept.
    pub events: u64,
    /// Log records that were kept.
    pub logs: u64,
    /// Records that were not understood, or too large; they are acknowledged, since they would not become better.
    pub records_refused: u64,
    /// Records that could not be kept and will not come again, since their sender asked for no acknowledgement.
    pub records_lost: u64,
    /// Connections that were ended because of what they sent, or how slowly.
    pub connections_ended: u64,
    /// Connections beyond the limits.
    pub connections_refused: u64,
    /// Connections of peers that may not be here.
    pub peers_denied: u64,
}

/// How much came, and what was sent back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Octets of events that were kept, as the JSON documents that they became.
    pub event_bytes: u64,
    /// Octets of log records that were kept.
    pub log_bytes: u64,
    /// Messages that were not acknowledged, since they could not be kept; their senders try again.
    pub messages_sent_back: u64,
    /// Connections of gateways that are open.
    pub connections: u64,
}

/// The same while it grows.
#[derive(Debug, Default)]
pub(super) struct Counters {
    events: AtomicU64,
    logs: AtomicU64,
    records_refused: AtomicU64,
    records_lost: AtomicU64,
    connections_ended: AtomicU64,
    connections_refused: AtomicU64,
    peers_denied: AtomicU64,
    event_bytes: AtomicU64,
    log_bytes: AtomicU64,
    not_now: AtomicU64,
    warned: Mutex<Option<Instant>>,
}

impl Counters {
    pub(super) fn read(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            events: read(&self.events),
            logs: read(&self.logs),
            records_refused: read(&self.records_refused),
            records_lost: read(&self.records_lost),
            connections_ended: read(&self.connections_ended),
            connections_refused: read(&self.connections_refused),
            peers_denied: read(&self.peers_denied),
        }
    }

    /// The load, with so many connections.
    pub(super) fn load(&self, connections: u64) -> Load {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Load {
            event_bytes: read(&self.event_bytes),
            log_bytes: read(&self.log_bytes),
            messages_sent_back: read(&self.not_now),
            connections,
        }
    }

    /// Events and logs that were kept, each with their octets.
    pub(super) fn kept(&self, events: (usize, usize), logs: (usize, usize)) {
        let (of_events, of_logs) = ((&self.events, &self.event_bytes), (&self.logs, &self.log_bytes));
        for ((records, bytes), kept) in [(of_events, events), (of_logs, logs)] {
            records.fetch_add(kept.0 as u64, Ordering::Relaxed);
            bytes.fetch_add(kept.1 as u64, Ordering::Relaxed);
        }
    }

    /// A message is not acknowledged.
    pub(super) fn sent_back(&self) {
        self.not_now.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self, records: u64) {
        self.records_refused.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn lost(&self, records: usize) {
        self.records_lost.fetch_add(records as u64, Ordering::Relaxed);
    }

    /// A connection is ended by us.
    pub(super) fn ended(&self, gateway: &str, reason: &str) {
        self.connections_ended.fetch_add(1, Ordering::Relaxed);
        if self.may_warn() {
            tracing::warn!(gateway, reason, "the connection of a log forwarder is ended");
        }
    }

    pub(super) fn connection_refused(&self) {
        self.connections_refused.fetch_add(1, Ordering::Relaxed);
        if self.may_warn() {
            tracing::warn!("a connection of a log forwarder is refused: there are as many as may be");
        }
    }

    pub(super) fn denied(&self, refused: &Refused) {
        self.peers_denied.fetch_add(1, Ordering::Relaxed);
        let (Refused::Denied(reason) | Refused::NotNow(reason)) = refused;
        if self.may_warn() {
            tracing::warn!(reason, "a log forwarder is refused");
        }
    }

    fn may_warn(&self) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_some_and(|at| at.elapsed() < WARNING_INTERVAL) {
            return false;
        }
        *warned = Some(Instant::now());
        true
    }
}
