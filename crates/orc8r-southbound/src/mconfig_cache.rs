//! Built configurations, kept until what they were made from changes: a poll costs one look at a stamp.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use magma_rpc::Status;
use orc8r_mconfig::MconfigBuilder;
use orc8r_model::HardwareId;
use orc8r_store::Store;

use crate::clock::Clock;
use crate::failure::store_failure;
use crate::principal::GatewayPrincipal;

/// Gateways whose configuration is kept, about 3 kB each; beyond that, all are built again as they poll.
const GATEWAYS_MAX: usize = 50_000;

/// A gateway's configuration as it is sent: text, since its entries as JSON trees take ten times as much.
#[derive(Clone)]
pub(crate) struct CurrentMconfig {
    /// When this content was first built, in seconds since 1970.
    pub(crate) created_at: u64,
    /// The value of the `configs` stream.
    pub(crate) stream_value: Bytes,
    /// The same for the same content, whenever it was built.
    pub(crate) digest: Arc<str>,
}

/// The configurations of all gateways that have polled since the start.
pub(crate) struct MconfigCache {
    store: Store,
    clock: Clock,
    builder: MconfigBuilder,
    kept: Mutex<BTreeMap<HardwareId, Kept>>,
}

struct Kept {
    stamp: String,
    current: CurrentMconfig,
}

impl MconfigCache {
    pub(crate) fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, builder: MconfigBuilder::new(), kept: Mutex::default() }
    }

    /// The configuration of a gateway, the same to the byte until its content changes.
    pub(crate) async fn current(&self, gateway: &GatewayPrincipal) -> Result<CurrentMconfig, Status> {
        let stamp = self.store.gateway_stamp(gateway.hardware_id.as_str()).await.map_err(store_failure)?;
        let kept = self.with_kept(|kept| {
            kept.get(&gateway.hardware_id)
                .filter(|kept| Some(&kept.stamp) == stamp.as_ref())
                .map(|kept| kept.current.clone())
        });
        match kept {
            Some(current) => Ok(current),
            None => self.rebuild(gateway).await,
        }
    }

    async fn rebuild(&self, gateway: &GatewayPrincipal) -> Result<CurrentMconfig, Status> {
        let neighbourhood =
            self.store.neighbourhood(&gateway.network, &gateway.gateway).await.map_err(store_failure)?;
        let built = self.builder.build(&neighbourhood);
        for problem in &built.problems {
            let GatewayPrincipal { network, gateway, .. } = gateway;
            tracing::warn!(%network, %gateway, %problem, "a gateway's configuration is incomplete");
        }
        let now = u64::try_from(self.clock.unix_seconds()).unwrap_or_default();
        Ok(self.with_kept(|kept| {
            let unchanged = kept
                .get(&gateway.hardware_id)
                .filter(|kept| *kept.current.digest == *built.digest)
                .map(|kept| kept.current.clone());
            let current = unchanged.unwrap_or_else(|| CurrentMconfig {
                created_at: now,
                stream_value: built.to_stream_value(now).into_boxed_slice().into(),
                digest: built.digest.as_str().into(),
            });
            if kept.len() >= GATEWAYS_MAX {
                kept.clear();
            }
            let stamp = neighbourhood.stamp;
            kept.insert(gateway.hardware_id.clone(), Kept { stamp, current: current.clone() });
            current
        }))
    }

    fn with_kept<T>(&self, action: impl FnOnce(&mut BTreeMap<HardwareId, Kept>) -> T) -> T {
        // The map is whole after every action, so a panic elsewhere does not spoil it.
        action(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
