//! What a process takes, from `/proc` (proc_pid_stat(5), proc_pid_status(5)).

use std::fs;
use std::time::Duration;

/// Ticks of the processor times in `/proc`: `USER_HZ`, which is 100 on every machine that Linux runs on today.
const TICKS_PER_SECOND: u64 = 100;

/// A process of this machine.
#[derive(Clone, Copy)]
pub struct Process(u32);

impl Process {
    /// The process of this number.
    pub fn numbered(number: u32) -> Self {
        Self(number)
    }

    /// This one.
    pub fn own() -> Self {
        Self(std::process::id())
    }

    /// Its resident memory, in bytes.
    pub fn resident_bytes(self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
    }

    /// The processor time that all of its threads have taken.
    pub fn processor_time(self) -> Option<Duration> {
        ticks(&fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?)
    }
}

/// Fields 14 and 15, of which the second one, the name, may contain anything but ends with the last parenthesis.
fn ticks(stat: &str) -> Option<Duration> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let (user, system): (u64, u64) = (fields.get(11)?.parse().ok()?, fields.get(12)?.parse().ok()?);
    Some(Duration::from_millis((user + system) * 1000 / TICKS_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 5 6 7";
        assert_eq!(ticks(stat), Some(Duration::from_secs(3)));
        assert_eq!(ticks("7"), None);
        let own = Process::own();
        assert!(own.resident_bytes().is_some_and(|bytes| bytes > 0) && own.processor_time().is_some());
        assert!(Process::numbered(u32::MAX).resident_bytes().is_none());
    }
}
