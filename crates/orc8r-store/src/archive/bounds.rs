//! How much an archive keeps.

use std::path::Path;
use std::time::Duration;

/// In how many segments, at least, the whole size is divided: what goes at a time is at most such a part.
const PARTS: u64 = 16;
/// The smallest segment: an empty one has some pages already.
const SEGMENT_BYTES_MIN: u64 = 256 * 1024;
/// How long one segment takes records.
const SEGMENT_AGE_MAX: Duration = Duration::from_secs(24 * 3600);

/// How much an archive keeps, and how much it leaves to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveBounds {
    /// Octets on the disk, in all. At least a sixteenth of it goes at a time.
    pub bytes: u64,
    /// How long a record is kept after it came; up to a day longer, since whole segments go.
    pub age: Duration,
    /// Octets of the file system that are left free for others: below, the oldest segments go, and when none is left
    /// nothing is taken any more.
    pub reserve: u64,
}

impl ArchiveBounds {
    /// How large a segment becomes.
    pub(super) fn segment_bytes(&self) -> u64 {
        (self.bytes / PARTS).max(SEGMENT_BYTES_MIN)
    }

    /// How long a segment takes records.
    pub(super) fn segment_age(&self) -> Duration {
        self.age.min(SEGMENT_AGE_MAX)
    }
}

/// What is free where `folder` is; without an answer of the system, enough.
pub(super) fn free_bytes(folder: &Path) -> u64 {
    rustix::fs::statvfs(folder).map_or(u64::MAX, |found| found.f_bavail.saturating_mul(found.f_frsize))
}
