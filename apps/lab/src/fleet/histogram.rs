//! Counts of durations in buckets that grow with them: what percentiles are read from.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Each power of two has so many buckets: no percentile is off by more than a sixteenth.
const STEPS: u64 = 16;
/// Up to 2^36 microseconds, nineteen hours.
const BUCKETS: usize = 16 * 33;

/// Any number of threads may count into it at once.
pub struct Histogram {
    buckets: Box<[AtomicU64]>,
    count: AtomicU64,
    most: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        let buckets = (0..BUCKETS).map(|_| AtomicU64::new(0)).collect();
        Self { buckets, count: AtomicU64::new(0), most: AtomicU64::new(0) }
    }
}

impl Histogram {
    /// Counts one.
    pub fn add(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.buckets[bucket(micros)].fetch_add(1, Ordering::Relaxed);
        self.count.fetch_add(1, Ordering::Relaxed);
        self.most.fetch_max(micros, Ordering::Relaxed);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// The longest.
    pub fn most(&self) -> Duration {
        Duration::from_micros(self.most.load(Ordering::Relaxed))
    }

    /// What `share` of all were not longer than, up to a sixteenth; zero where nothing was counted.
    pub fn percentile(&self, share: f64) -> Duration {
        let wanted = (self.count() as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count.load(Ordering::Relaxed);
            if seen >= wanted {
                return Duration::from_micros(end(index)).min(self.most());
            }
        }
        self.most()
    }
}

/// Below [`STEPS`] each microsecond has a bucket; from there each power of two has [`STEPS`].
fn bucket(micros: u64) -> usize {
    let power = micros.max(1).ilog2().saturating_sub(STEPS.ilog2());
    let index = u64::from(power) * STEPS + (micros >> power);
    usize::try_from(index).unwrap_or(usize::MAX).min(BUCKETS - 1)
}

/// The longest that a bucket holds.
fn end(bucket: usize) -> u64 {
    let bucket = u64::try_from(bucket).unwrap_or(u64::MAX);
    let power = (bucket / STEPS).saturating_sub(1);
    ((bucket - power * STEPS + 1) << power) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_lies_in_its_bucket() {
        for micros in (0..5000).chain([65_535, 65_536, 1_000_000, 30_000_000, 60_000_001]) {
            let index = bucket(micros);
            assert!(end(index) >= micros, "{micros} is in the bucket that ends at {}", end(index));
            assert!(index == 0 || end(index - 1) < micros, "{micros} is not in the one before");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_near_what_was_counted() {
        let histogram = Histogram::default();
        assert_eq!((histogram.percentile(0.99), histogram.count()), (Duration::ZERO, 0));
        for millis in 1..=100 {
            histogram.add(Duration::from_millis(millis));
        }
        for (share, millis) in [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0)] {
            let found = histogram.percentile(share).as_secs_f64() * 1000.0;
            assert!((millis..=millis * 1.07).contains(&found), "{share}: {found}");
        }
        assert_eq!((histogram.percentile(1.0), histogram.count()), (Duration::from_millis(100), 100));
    }
}
