//! How much the store keeps, for how long, and what became of what it was given.

use std::time::Duration;

/// The store's bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Older samples are deleted, a block at a time, and are not taken.
    pub retention: Duration,
    /// Bytes on disk; beyond it the oldest blocks go.
    pub disk_bytes_max: u64,
    /// Bytes of newest samples in memory; beyond it they become a block early.
    pub head_bytes_max: usize,
    /// How long samples stay in memory before they become a block.
    pub block_span: Duration,
    /// How much older than a series' newest sample one may be.
    pub late_by_max: Duration,
    /// How far in the future a sample may be: gateways' clocks.
    pub early_by_max: Duration,
    /// Series of one gateway that got samples lately.
    pub series_per_gateway: usize,
    /// The same of one network.
    pub series_per_network: usize,
    /// The same of all.
    pub series: usize,
}

impl Default for Settings {
    /// 30 days and 10 GB on disk; two hours and 128 MB in memory; an hour late, ten minutes early; 10,000 series of a
    /// gateway (an access gateway has about 2,000), 2,000,000 of a network, 3,000,000 of all.
    fn default() -> Self {
        Self {
            retention: Duration::from_secs(30 * 24 * 3600),
            disk_bytes_max: 10_000_000_000,
            head_bytes_max: 128 << 20,
            block_span: Duration::from_secs(2 * 3600),
            late_by_max: Duration::from_secs(3600),
            early_by_max: Duration::from_secs(600),
            series_per_gateway: 10_000,
            series_per_network: 2_000_000,
            series: 3_000_000,
        }
    }
}

/// What became of samples since the start, and what is held now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Samples that are kept.
    pub kept: u64,
    /// Samples that were there already.
    pub known: u64,
    /// Samples for whose time their series had another value: the first stays.
    pub contradicting: u64,
    /// Samples that came too late, or were older than what is kept at all.
    pub too_late: u64,
    /// Samples of a time that is too far ahead.
    pub too_early: u64,
    /// Samples of new series for which there was no room, or for which the disk is too slow.
    pub no_room: u64,
    /// Times that the log or a block could not be written.
    pub write_failures: u64,
    /// Series in memory.
    pub series: u64,
    /// Bytes of samples in memory, about.
    pub head_bytes: u64,
    /// Blocks on disk.
    pub blocks: u64,
    /// Their bytes.
    pub block_bytes: u64,
    /// Blocks that were deleted since they were older than what is kept.
    pub blocks_too_old: u64,
    /// Blocks that were deleted before that, since there were too many bytes.
    pub blocks_too_much: u64,
    /// Bytes of the log on disk: what is in memory, for a start after a crash.
    pub log_bytes: u64,
}

/// What became of the samples of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Intake {
    /// Samples that are kept, or were there already.
    pub accepted: usize,
    /// Samples that contradict, are too late or too early.
    pub out_of_bounds: usize,
    /// Samples of new series for which there was no room.
    pub no_room: usize,
}
