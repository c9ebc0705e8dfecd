//! `streamer.yml`: how often the configuration stream is polled.

use std::time::Duration;

/// `streamer.yml`, which may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streamer {
    /// `reconnect_sec`: the pause between two polls (60 s, at least 5 s).
    pub reconnect: Duration,
    /// `stream_timeout`: the deadline of one poll (150 s).
    pub stream_timeout: Duration,
}

impl Default for Streamer {
    fn default() -> Self {
        Self { reconnect: Duration::from_secs(60), stream_timeout: Duration::from_secs(150) }
    }
}
