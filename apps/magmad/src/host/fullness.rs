//! How full memory and the root's disk are, as percentages by Magma's (psutil's) definitions.

use std::fs;
use std::path::Path;

use super::disks::{Mount, usage};
use super::memory::memory;

/// Bytes of memory, and percentages of what is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fullness {
    /// All memory.
    pub memory_total: u64,
    /// What programs can still have without swapping.
    pub memory_available: u64,
    /// What neither is free nor holds cached files.
    pub memory_used: u64,
    /// What nothing uses.
    pub memory_free: u64,
    /// The part of memory that is not available, from 0 to 100.
    pub memory_percent: f64,
    /// The part of the swap space that is used, from 0 to 100; 0 without swap space.
    pub swap_percent: f64,
    /// The part of the root's disk that is used, of what ordinary users can fill; none when it does not say.
    pub disk_percent: Option<f64>,
}

impl Fullness {
    /// Reads `meminfo` below `proc`, and asks the disk of `/`; none when memory cannot be read.
    pub fn read(proc: &Path) -> Option<Self> {
        let memory = memory(&fs::read_to_string(proc.join("meminfo")).ok()?);
        let root = usage(Mount { device: String::new(), mount_point: "/".to_owned() });
        Some(Self {
            memory_total: memory.total,
            memory_available: memory.available,
            memory_used: memory.used,
            memory_free: memory.free,
            memory_percent: percent(memory.total.saturating_sub(memory.available), memory.total),
            swap_percent: percent(memory.swap_used, memory.swap_total),
            disk_percent: root.map(|disk| percent(disk.used, disk.used.saturating_add(disk.free))),
        })
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_of_what_can_be_used() {
        let proc = tempfile::tempdir().expect("a folder");
        let meminfo = "MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 600 kB\nCached: 200 kB\n\
                       SwapTotal: 500 kB\nSwapFree: 400 kB\n";
        fs::write(proc.path().join("meminfo"), meminfo).expect("written");
        let fullness = Fullness::read(proc.path()).expect("readable");
        assert_eq!((fullness.memory_percent, fullness.swap_percent), (40.0, 20.0));
        assert_eq!((fullness.memory_total, fullness.memory_used), (1000 * 1024, 500 * 1024));
        let disk = fullness.disk_percent.expect("there is a root");
        assert!((0.0..=100.0).contains(&disk), "{disk}");
        assert_eq!(Fullness::read(Path::new("/nonexistent")), None);
        assert_eq!(percent(0, 0), 0.0);
    }
}
