//! What a node does from time to time: says that it lives, and brings in line what the store says of its streams.

use std::collections::BTreeMap;
use std::time::Duration;

use orc8r_model::HardwareId;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{BEAT_INTERVAL, Nodes};
use crate::sync_rpc::Broker;

/// How often the streams here are compared with what the store says of them.
const COMPARE_INTERVAL: Duration = Duration::from_secs(30);
/// A dead node is remembered for so long.
const DEAD_KEPT: Duration = Duration::from_secs(24 * 3600);

impl Nodes {
    /// Keeps this node among the others until told to stop.
    pub async fn keep_up(self, broker: Broker, mut stopped: watch::Receiver<bool>) {
        let mut ticks = interval(BEAT_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut compare_at = Instant::now() + COMPARE_INTERVAL;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stopped.changed() => return,
            }
            if let Err(error) = self.beat().await {
                tracing::warn!(%error, "this node cannot say that it lives; the others will take it for dead");
            }
            if Instant::now() >= compare_at {
                self.compare(&broker).await;
                compare_at = Instant::now() + COMPARE_INTERVAL;
            }
        }
    }

    /// Brings the store in line with the streams here, and closes those that have moved elsewhere.
    pub(crate) async fn compare(&self, broker: &Broker) {
        let store = &self.shared.store;
        let now = self.shared.clock.unix_ms();
        let Ok(written) = store.owned_streams(self.id()).await else { return };
        let written: BTreeMap<HardwareId, u64> = written.into_iter().collect();
        let here = broker.connected();
        for gateway in here.iter().filter(|gateway| !written.contains_key(*gateway)) {
            match store.stream_owner(gateway, now).await {
                Ok(None) => drop(self.own(gateway).await),
                Ok(Some(owner)) => {
                    tracing::info!(%gateway, node = owner.node.id, "a gateway's stream has moved to another node");
                    broker.close(gateway);
                }
                Err(_) => return,
            }
        }
        // Looked at anew: one of them may have come meanwhile.
        for (gateway, epoch) in written {
            if !broker.is_connected(&gateway) {
                self.disown(&gateway, epoch).await;
            }
        }
        let before = now.saturating_sub(u64::try_from(DEAD_KEPT.as_millis()).unwrap_or_default());
        if let Err(error) = store.purge_nodes(before).await {
            tracing::debug!(%error, "dead nodes are forgotten later");
        }
    }
}
