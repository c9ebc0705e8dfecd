//! Holds back floods: a source that says much more than it may is cut, so that it fills neither the link nor the disk.
//!
//! As Fluent Bit's filter `throttle`: the average over the last `window` intervals may not exceed `rate` records.
//! Deviation: each tag is counted by itself, so that a flood of log lines holds back no events.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

/// How many tags are counted by themselves; those beyond are counted together.
const TAGS_MAX: usize = 64;

/// How many records may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleLimits {
    /// `throttle_rate`: records in an interval, averaged over the window. 0 lets everything pass.
    pub rate: u32,
    /// `throttle_window`: how many intervals are averaged.
    pub window: u32,
    /// `throttle_interval`.
    pub interval: Duration,
}

impl Default for ThrottleLimits {
    /// What clouds send where nobody has chosen.
    fn default() -> Self {
        Self { rate: 1000, window: 5, interval: Duration::from_secs(60) }
    }
}

/// Counts what passes, by tag.
#[derive(Debug)]
pub(crate) struct Throttle {
    limits: ThrottleLimits,
    windows: BTreeMap<String, Window>,
}

#[derive(Debug)]
struct Window {
    /// Records of the latest intervals, the present one last.
    passed: VecDeque<u64>,
    sum: u64,
    began: Instant,
}

impl Throttle {
    pub(crate) fn new(limits: ThrottleLimits) -> Self {
        let window = limits.window.clamp(1, 1000);
        let interval = limits.interval.max(Duration::from_millis(1));
        Self { limits: ThrottleLimits { window, interval, ..limits }, windows: BTreeMap::new() }
    }

    /// Of `count` records of `tag` that come at `now`, how many may pass.
    pub(crate) fn pass(&mut self, tag: &str, count: usize, now: Instant) -> usize {
        if self.limits.rate == 0 {
            return count;
        }
        let key = if self.windows.contains_key(tag) || self.windows.len() < TAGS_MAX { tag } else { "" };
        let window = self.windows.entry(key.to_owned()).or_insert_with(|| Window::new(now));
        window.move_on(now, &self.limits);
        let allowed = u64::from(self.limits.rate) * u64::from(self.limits.window);
        let passing = allowed.saturating_sub(window.sum).min(count as u64);
        window.sum += passing;
        if let Some(present) = window.passed.back_mut() {
            *present += passing;
        }
        passing as usize
    }
}

impl Window {
    fn new(now: Instant) -> Self {
        Self { passed: VecDeque::from([0]), sum: 0, began: now }
    }

    fn move_on(&mut self, now: Instant, limits: &ThrottleLimits) {
        let elapsed = now.saturating_duration_since(self.began).as_millis() / limits.interval.as_millis();
        let Ok(elapsed) = u32::try_from(elapsed) else { return *self = Self::new(now) };
        self.began += limits.interval * elapsed;
        for _ in 0..elapsed.min(limits.window) {
            self.passed.push_back(0);
            if self.passed.len() > limits.window as usize {
                self.sum -= self.passed.pop_front().unwrap_or(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_over_the_window_is_the_limit() {
        let limits = ThrottleLimits { rate: 10, window: 3, interval: Duration::from_secs(1) };
        let (mut throttle, start) = (Throttle::new(limits), Instant::now());
        for (after_ms, count, expected) in [
            (0, 5, 5),
            (10, 100, 25),
            (999, 1, 0),
            (2_999, 1, 0),
            // The first interval has left the window.
            (3_000, 50, 30),
            (3_000, 1, 0),
            // A pause far longer than the window.
            (9_000_000, 31, 30),
        ] {
            let now = start + Duration::from_millis(after_ms);
            assert_eq!(throttle.pass("tag", count, now), expected, "{count} after {after_ms} ms");
        }
        assert_eq!(throttle.pass("eventd", 7, start), 7, "another tag has a window of its own");
    }

    #[test]
    fn tags_are_bounded_and_no_limit_is_no_limit() {
        let mut throttle = Throttle::new(ThrottleLimits { rate: 1, window: 1, ..Default::default() });
        let now = Instant::now();
        let passed: usize = (0..1000).map(|tag| throttle.pass(&format!("{tag}"), 1, now)).sum();
        assert_eq!((passed, throttle.windows.len()), (TAGS_MAX + 1, TAGS_MAX + 1));
        let mut open = Throttle::new(ThrottleLimits { rate: 0, ..Default::default() });
        assert_eq!(open.pass("tag", 1_000_000, now), 1_000_000);
    }
}
