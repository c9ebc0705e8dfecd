//! Which of the agent's loops come round in time: what the watchdog goes by.
//!
//! A loop promises when it will be back at the latest; one that breaks its promise hangs. A loop that has not promised
//! anything yet waits for something else and is no concern.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The promises of one agent; a clone holds the same ones.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Mutex<BTreeMap<&'static str, Instant>>>);

impl Progress {
    /// The loop called `name` will be back within `within`.
    pub fn promise(&self, name: &'static str, within: Duration) {
        let mut promises = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        promises.insert(name, Instant::now() + within);
    }

    /// A loop that is not back although it promised, if there is one.
    pub fn late(&self) -> Option<&'static str> {
        let now = Instant::now();
        let promises = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        promises.iter().find(|(_, until)| **until < now).map(|(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_who_promised_and_is_not_back_is_late() {
        let progress = Progress::default();
        assert_eq!(progress.late(), None);
        progress.promise("check-in", Duration::from_secs(60));
        progress.promise("bootstrap", Duration::from_secs(3600));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(progress.late(), None);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(progress.late(), Some("check-in"));
        progress.promise("check-in", Duration::from_secs(60));
        assert_eq!(progress.late(), None);
    }
}
