//! What has to be done from time to time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orc8r_store::Store;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

const INTERVAL: Duration = Duration::from_secs(3600);

/// Expired certificates are remembered for so long, to tell "expired" from "unknown" (spec: Magma's certifier, 24 h).
const EXPIRED_KEPT: Duration = Duration::from_secs(24 * 3600);

/// What devices reported that stand for no gateway is kept for so long: one may be given another gateway's place.
const ORPHANED_STATES_KEPT: Duration = Duration::from_secs(24 * 3600);

/// Forgets gateways' certificates that ended long ago, states of devices that are gone, tokens that ended, and old short
/// messages, every hour, until told to stop.
pub(crate) async fn run(store: Store, mut stopped: watch::Receiver<bool>) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.changed() => return,
        }
        purge(&store).await;
        purge_states(&store).await;
        purge_tokens(&store).await;
        purge_short_messages(&store).await;
    }
}

async fn purge(store: &Store) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ended_before = i64::try_from(now.saturating_sub(EXPIRED_KEPT).as_secs()).unwrap_or_default();
    match store.purge_expired_certificates(ended_before).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "forgot gateways' certificates that expired more than a day ago"),
        Err(error) => tracing::warn!(%error, "cannot forget expired certificates now"),
    }
}

async fn purge_states(store: &Store) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let before = u64::try_from(now.saturating_sub(ORPHANED_STATES_KEPT).as_millis()).unwrap_or_default();
    match store.purge_orphaned_states(before).await {
        Ok(0) => {}
        Ok(devices) => tracing::info!(devices, "forgot states of devices that stand for no gateway"),
        Err(error) => tracing::warn!(%error, "cannot forget states of devices that are gone now"),
    }
}

async fn purge_tokens(store: &Store) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if let Err(error) = store.purge_ended_tokens(now).await {
        tracing::warn!(%error, "cannot forget ended tokens now");
    }
}

async fn purge_short_messages(store: &Store) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    match store.purge_short_messages(now).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "forgot short messages that are older than a week"),
        Err(error) => tracing::warn!(%error, "cannot forget old short messages now"),
    }
}
