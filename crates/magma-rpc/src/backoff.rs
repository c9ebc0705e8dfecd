//! Growing pauses between attempts, with jitter so that a fleet does not come back in step.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// Doubles from `first` up to `max`, each pause ±25 %.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    max: Duration,
    current: Duration,
}

impl Backoff {
    /// A back-off that has not begun yet.
    pub fn new(first: Duration, max: Duration) -> Self {
        Self { first, max, current: first }
    }

    /// The pause before the next attempt; the one after it is twice as long, up to the maximum.
    #[allow(clippy::should_implement_trait, reason = "it is no iterator: it never ends and can be reset")]
    pub fn next(&mut self) -> Duration {
        let pause = self.current;
        self.current = (pause * 2).min(self.max);
        jitter(pause)
    }

    /// Begins anew, after a success.
    pub fn reset(&mut self) {
        self.current = self.first;
    }
}

/// `pause` ±25 %.
pub fn jitter(pause: Duration) -> Duration {
    // The standard library's hasher is seeded by the operating system: enough for jitter, and no dependency.
    let random = RandomState::new().build_hasher().finish() % 1000;
    pause.mul_f64(0.75 + random as f64 / 2000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_to_the_maximum_and_begins_anew() {
        let second = Duration::from_secs(1);
        let mut backoff = Backoff::new(second, 8 * second);
        for expected in [1, 2, 4, 8, 8] {
            let pause = backoff.next();
            let middle = expected * second;
            assert!(
                pause >= middle.mul_f64(0.75) && pause <= middle.mul_f64(1.25),
                "{pause:?} for {middle:?}"
            );
        }
        backoff.reset();
        assert!(backoff.next() <= second.mul_f64(1.25));
    }
}
