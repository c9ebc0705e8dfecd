//! Which of several nodes does what only one may do: the one that holds a lease in the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orc8r_store::Store;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// How long a lease holds; a node that dies is followed by another after so long at most.
const LEASE: Duration = Duration::from_secs(30);
const RENEWAL: Duration = Duration::from_secs(8);
/// Whoever leads stops so long before the end of his lease: the nodes' clocks differ a little.
const MARGIN: Duration = Duration::from_secs(5);

/// Whether this node leads. A clone asks the same.
#[derive(Clone, Default)]
pub(crate) struct Leader {
    /// Until when, in milliseconds since 1970.
    until_ms: Arc<AtomicU64>,
}

impl Leader {
    /// Whether this node leads now.
    pub(crate) fn leads(&self) -> bool {
        unix_ms() < self.until_ms.load(Ordering::Relaxed)
    }

    /// Takes the lease whenever it can be had, until told to stop, and gives it back then.
    pub(crate) async fn hold(
        self,
        store: Store,
        name: &'static str,
        holder: String,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut ticks = interval(RENEWAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stopped.wait_for(|stop| *stop) => break,
            }
            let now_ms = unix_ms();
            let until_ms = now_ms + LEASE.as_millis() as u64;
            match store.take_lease(name, &holder, now_ms, until_ms).await {
                Ok(true) => self.until_ms.store(until_ms - MARGIN.as_millis() as u64, Ordering::Relaxed),
                Ok(false) => self.until_ms.store(0, Ordering::Relaxed),
                // Until its end this node leads on.
                Err(error) => tracing::warn!(%error, lease = name, "cannot renew a lease now"),
            }
        }
        self.until_ms.store(0, Ordering::Relaxed);
        if let Err(error) = store.give_lease_back(name, &holder).await {
            tracing::debug!(%error, lease = name, "a lease is not given back: it ends by itself");
        }
    }
}

fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
