//! Memory and how long the machine runs: `/proc/meminfo`, `/proc/uptime`.

/// Bytes, by Magma's (psutil's) definitions: used is what neither is free nor holds cached files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) total: u64,
    pub(super) available: u64,
    pub(super) used: u64,
    pub(super) free: u64,
    pub(super) swap_total: u64,
    pub(super) swap_used: u64,
    pub(super) swap_free: u64,
}

/// Reads `/proc/meminfo`; a missing line counts as 0.
pub(super) fn memory(meminfo: &str) -> Memory {
    let bytes = |key: &str| {
        let value = meminfo.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        value.and_then(|value| value.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
    };
    let (total, free) = (bytes("MemTotal"), bytes("MemFree"));
    let cached = bytes("Cached") + bytes("SReclaimable") + bytes("Buffers");
    let used = total.saturating_sub(free);
    let (swap_total, swap_free) = (bytes("SwapTotal"), bytes("SwapFree"));
    Memory {
        total,
        // Kernels before 3.14 do not tell; what is free or cached is near it.
        available: if meminfo.contains("MemAvailable:") { bytes("MemAvailable") } else { free + cached },
        // In a container, cached files may count more than its own memory.
        used: used.checked_sub(cached).unwrap_or(used),
        free,
        swap_total,
        swap_used: swap_total.saturating_sub(swap_free),
        swap_free,
    }
}

/// Reads `/proc/uptime`: whole seconds since the machine started.
pub(super) fn uptime_secs(uptime: &str) -> u64 {
    uptime.split(['.', ' ']).next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bytes_and_cached_files_are_not_used() {
        let meminfo = "MemTotal:        1000 kB\nMemFree:          300 kB\nMemAvailable:     600 kB\n\
                       Buffers:           50 kB\nCached:           200 kB\nSwapCached:        77 kB\n\
                       SwapTotal:        500 kB\nSwapFree:         400 kB\nSReclaimable:      50 kB\n";
        let kib = 1024;
        let expected = Memory {
            total: 1000 * kib,
            available: 600 * kib,
            used: 400 * kib,
            free: 300 * kib,
            swap_total: 500 * kib,
            swap_used: 100 * kib,
            swap_free: 400 * kib,
        };
        assert_eq!(memory(meminfo), expected);
    }

    #[test]
    fn odd_files_give_no_odd_numbers() {
        assert_eq!(memory(""), Memory::default());
        let container = memory("MemTotal: 100 kB\nMemFree: 50 kB\nCached: 4000 kB\nSwapFree: 9 kB\n");
        assert_eq!(container.used, 50 * 1024);
        assert_eq!(container.available, 4050 * 1024);
        assert_eq!(container.swap_used, 0);
    }

    #[test]
    fn uptime_is_whole_seconds() {
        for (text, expected) in [("12345.67 999.0\n", 12345), ("7 1", 7), ("", 0), ("soon", 0)] {
            assert_eq!(uptime_secs(text), expected, "{text}");
        }
    }
}
