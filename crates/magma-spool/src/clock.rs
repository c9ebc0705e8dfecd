//! How old a record is, told so that a clock which jumps makes nothing look old.
//!
//! Ages are measured on the time that this process has been running, which never jumps. A record that an earlier run
//! appended is put on that line once, by its time stamp, and only after the system clock has been plausible and has
//! run steadily for [`STEADY_MS`]: until then a gateway without a battery-backed clock may be in 1970, or about to be
//! corrected by a year.

use std::time::{Instant, SystemTime};

use crate::record::milliseconds;

/// 2024-01-01: before that, a clock has not been set.
const PLAUSIBLE_FROM_MS: u64 = 1_704_067_200_000;

/// How long the clock has to agree with the running time before an earlier run's time stamps are compared with it.
pub(crate) const STEADY_MS: i64 = 10 * 60 * 1000;

/// A difference between the system clock and the running time, from one look to the next, that is no drift.
const JUMP_MS: i64 = 30 * 1000;

/// One look at both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// The system clock, milliseconds since 1970.
    pub wall_ms: u64,
    /// The time that the spool has been open, in milliseconds.
    pub running_ms: i64,
}

impl Moment {
    pub fn now(opened: Instant) -> Self {
        let running_ms = i64::try_from(opened.elapsed().as_millis()).unwrap_or(i64::MAX);
        Self { wall_ms: milliseconds(SystemTime::now()), running_ms }
    }

    /// Milliseconds between 1970 and the opening of the spool, as the system clock has it now.
    fn offset_ms(self) -> i64 {
        i64::try_from(self.wall_ms).unwrap_or(i64::MAX).saturating_sub(self.running_ms)
    }
}

/// Whether the system clock can be believed, from how it went along so far.
#[derive(Debug, Default)]
pub(crate) struct Steadiness {
    seen: Option<Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    offset_ms: i64,
    since_ms: i64,
}

impl Steadiness {
    /// Takes a look, and says whether the clock has been plausible and steady for long enough.
    pub fn observe(&mut self, now: Moment) -> bool {
        let offset_ms = now.offset_ms();
        let since_ms = match self.seen {
            Some(seen) if offset_ms.abs_diff(seen.offset_ms) <= JUMP_MS.unsigned_abs() => seen.since_ms,
            _ => now.running_ms,
        };
        self.seen = Some(Seen { offset_ms, since_ms });
        now.wall_ms >= PLAUSIBLE_FROM_MS && now.running_ms - since_ms >= STEADY_MS
    }
}

/// Where a time stamp of an earlier run lies on the line of the running time: at or before its beginning. One of an
/// implausible clock counts as the beginning.
pub(crate) fn place(stamp_ms: u64, now: Moment) -> i64 {
    if stamp_ms < PLAUSIBLE_FROM_MS {
        return 0;
    }
    let age_ms = i64::try_from(now.wall_ms.saturating_sub(stamp_ms)).unwrap_or(i64::MAX);
    now.running_ms.saturating_sub(age_ms).min(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: u64 = 1_800_000_000_000;
    const MINUTE: i64 = 60_000;
    const YEAR: u64 = 365 * 24 * 3600 * 1000;

    fn moment(wall_ms: u64, minutes: i64) -> Moment {
        Moment { wall_ms: wall_ms + (minutes * MINUTE) as u64, running_ms: minutes * MINUTE }
    }

    #[test]
    fn a_clock_is_believed_after_ten_steady_minutes() {
        let mut steadiness = Steadiness::default();
        let looks: Vec<bool> = (0..12).map(|minute| steadiness.observe(moment(T, minute))).collect();
        assert_eq!(looks.iter().position(|believed| *believed), Some(10));
        assert!(looks[10..].iter().all(|believed| *believed));
    }

    #[test]
    fn a_jump_either_way_starts_the_wait_anew_and_1970_is_never_believed() {
        for jumped in [T + YEAR, T - YEAR] {
            let mut steadiness = Steadiness::default();
            assert!((0..11).any(|minute| steadiness.observe(moment(T, minute))));
            assert!(!(11..21).any(|minute| steadiness.observe(moment(jumped, minute))));
            assert!(steadiness.observe(moment(jumped, 21)));
        }
        let mut steadiness = Steadiness::default();
        assert!(!(0..60).any(|minute| steadiness.observe(moment(0, minute))));
    }

    #[test]
    fn stamps_of_earlier_runs_lie_before_this_one() {
        let now = moment(T, 20);
        let hour = 60 * MINUTE as u64;
        for (stamp, placed) in [
            (now.wall_ms - hour, 20 * MINUTE - 60 * MINUTE),
            (now.wall_ms + YEAR, 0),
            (now.wall_ms, 0),
            (0, 0),
        ] {
            assert_eq!(place(stamp, now), placed, "{stamp}");
        }
    }
}
