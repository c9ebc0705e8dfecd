//! `log_forwarding`: what the embedded `td-agent-bit` listens on and keeps.

use crate::block::Block;
use crate::value::{integer, mebibytes};

/// `log_forwarding`, our own; read where `embedded_services` has `td-agent-bit`. The ports are on loopback, and 0
/// switches an input off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogForwarding {
    /// `buffer_mb` (16) as bytes: what waits on disk for the cloud at most; the oldest is dropped first.
    pub buffer_bytes_max: usize,
    /// `forward_port` (24221): records in the Fluent forward protocol.
    pub forward_port: u16,
    /// `syslog_port` (5140): what the machine's syslog daemon sends.
    pub syslog_port: u16,
}

impl Default for LogForwarding {
    fn default() -> Self {
        Self { buffer_bytes_max: 16 << 20, forward_port: 24221, syslog_port: 5140 }
    }
}

pub(super) fn read(mut block: Block<'_>) -> LogForwarding {
    let default = LogForwarding::default();
    let port_or_none = integer(0..=65_535);
    let forwarding = LogForwarding {
        buffer_bytes_max: block.read("buffer_mb", mebibytes).unwrap_or(default.buffer_bytes_max),
        forward_port: block.read("forward_port", &port_or_none).unwrap_or(default.forward_port),
        syslog_port: block.read("syslog_port", &port_or_none).unwrap_or(default.syslog_port),
    };
    block.finish();
    forwarding
}
