//! `streamer.yml`: how often the configuration stream is polled.

use std::time::Duration;

use crate::block::Block;
use crate::value::seconds;

/// The shortest pause between two polls, as the Python agent has it.
const RECONNECT_MIN: Duration = Duration::from_secs(5);

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

pub(crate) fn read(mut block: Block<'_>) -> Streamer {
    let defaults = Streamer::default();
    let place = block.place_of("reconnect_sec");
    let mut streamer = Streamer {
        reconnect: block.read("reconnect_sec", seconds(0)).unwrap_or(defaults.reconnect),
        stream_timeout: block.read("stream_timeout", seconds(1)).unwrap_or(defaults.stream_timeout),
    };
    if streamer.reconnect < RECONNECT_MIN {
        block.report().warning(&place, "is under 5 seconds, so 5 seconds are taken; write 5 or more");
        streamer.reconnect = RECONNECT_MIN;
    }
    block.finish();
    streamer
}
