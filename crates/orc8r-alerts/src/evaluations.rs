//! What the loop has evaluated, for metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::run::Step;

/// What was evaluated since the start, on this node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EvaluationCounts {
    /// Rounds over all rules, while this node led.
    pub rounds: u64,
    /// Of which so many came to no end, since the database did not answer.
    pub rounds_failed: u64,
    /// How long they took together, in microseconds.
    pub took_us: u64,
    /// Rules that were evaluated.
    pub rules: u64,
    /// Of which so many had no answer.
    pub rules_failed: u64,
    /// Alerts that fired at the end of the last round; 0 while another node leads.
    pub firing: u64,
    /// Alerts that did not fire yet.
    pub pending: u64,
}

/// Counts what is evaluated. A clone is the same.
#[derive(Debug, Clone, Default)]
pub struct Evaluations {
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    rounds: AtomicU64,
    rounds_failed: AtomicU64,
    took_us: AtomicU64,
    rules: AtomicU64,
    rules_failed: AtomicU64,
    firing: AtomicU64,
    pending: AtomicU64,
}

impl Evaluations {
    /// What was evaluated so far.
    pub fn counts(&self) -> EvaluationCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Counters { rounds, rounds_failed, took_us, rules, rules_failed, firing, pending } =
            &*self.counters;
        EvaluationCounts {
            rounds: read(rounds),
            rounds_failed: read(rounds_failed),
            took_us: read(took_us),
            rules: read(rules),
            rules_failed: read(rules_failed),
            firing: read(firing),
            pending: read(pending),
        }
    }

    /// A round is over; what it did is not known when it failed.
    pub(crate) fn round(&self, took: Duration, step: Option<&Step>) {
        let add = |counter: &AtomicU64, more: usize| counter.fetch_add(more as u64, Ordering::Relaxed);
        let counters = &*self.counters;
        add(&counters.rounds, 1);
        counters.took_us.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        let Some(step) = step else {
            add(&counters.rounds_failed, 1);
            return;
        };
        add(&counters.rules, step.rules);
        add(&counters.rules_failed, step.failed);
        self.show(step.firing, step.pending);
    }

    /// Another node leads.
    pub(crate) fn rest(&self) {
        self.show(0, 0);
    }

    fn show(&self, firing: usize, pending: usize) {
        self.counters.firing.store(firing as u64, Ordering::Relaxed);
        self.counters.pending.store(pending as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_add_up_and_alerts_are_those_of_the_last() {
        let evaluations = Evaluations::default();
        let step = |firing| Step { rules: 3, failed: 1, told: 9, firing, pending: 1 };
        evaluations.round(Duration::from_millis(5), Some(&step(4)));
        evaluations.round(Duration::from_millis(5), Some(&step(2)));
        evaluations.round(Duration::from_millis(5), None);
        let counts = EvaluationCounts {
            rounds: 3,
            rounds_failed: 1,
            took_us: 15_000,
            rules: 6,
            rules_failed: 2,
            firing: 2,
            pending: 1,
        };
        assert_eq!(evaluations.clone().counts(), counts);
        evaluations.rest();
        assert_eq!(evaluations.counts(), EvaluationCounts { firing: 0, pending: 0, ..counts });
    }
}
