//! The two archives, and how much they keep.

use std::path::Path;
use std::time::Duration;

use orc8r_store::{Archive, ArchiveBounds, StoreError};

const MIB: u64 = 1 << 20;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How much of events and logs is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Of events: 512 MiB and 90 days where nobody has chosen.
    pub events: ArchiveBounds,
    /// Of logs: 2 GiB and 14 days where nobody has chosen.
    pub logs: ArchiveBounds,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        // The configuration is on the same disk, and matters more.
        let reserve = 256 * MIB;
        Self {
            events: ArchiveBounds { bytes: 512 * MIB, age: 90 * DAY, reserve },
            logs: ArchiveBounds { bytes: 2048 * MIB, age: 14 * DAY, reserve },
        }
    }
}

/// Where events and logs are kept: each in an archive of its own, so that log lines push out no event.
#[derive(Clone)]
pub struct Archives {
    /// Events.
    pub events: Archive,
    /// Everything else.
    pub logs: Archive,
}

impl Archives {
    /// Opens them below `folder`, and makes them if they are not there.
    ///
    /// # Errors
    /// [`StoreError::Open`] when nothing can be written there.
    pub fn open(folder: &Path, limits: ArchiveLimits) -> Result<Self, StoreError> {
        Ok(Self {
            events: Archive::open(&folder.join("events"), limits.events)?,
            logs: Archive::open(&folder.join("logs"), limits.logs)?,
        })
    }

    /// Lets what was asked finish, and closes the files.
    pub async fn close(&self) {
        self.events.close().await;
        self.logs.close().await;
    }
}
