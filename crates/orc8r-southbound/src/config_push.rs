//! Pushes configurations: whoever asked for it is told as soon as his configuration is another one.
//!
//! One task for all streams asks the store twice a second what changed, which is one row when nothing did, and looks at
//! the configurations of those whom it concerns, a few at a time. So an edit costs what it concerns, however many
//! gateways are connected, and it does not matter which node of several made it.

mod streams;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use magma_rpc::{Code, Status};
use orc8r_model::HardwareId;
use orc8r_store::{Store, StreamHolder};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_stream::{Stream, StreamExt};

use crate::clock::Clock;
use crate::mailbox::{Mailbox, Reader};
use crate::mconfig_cache::{CurrentMconfig, MconfigCache};
use crate::principal::GatewayPrincipal;
use streams::{StreamId, Streams};

/// How often the store is asked for changes, while anybody waits for them.
const INTERVAL: Duration = Duration::from_millis(500);
/// Within so many intervals, the right of each gateway to its stream is looked at: a minute, as with SyncRPC.
const CHECK_PARTS: usize = 120;
/// Configurations that are built at a time; the store has other things to do as well.
const BUILDS_MAX: usize = 8;

/// The gateways that wait for changes of their configuration. Clones share everything.
#[derive(Clone)]
pub struct ConfigPush {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    clock: Clock,
    mconfigs: Arc<MconfigCache>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    streams: Streams,
    is_running: bool,
}

impl ConfigPush {
    pub(crate) fn new(store: Store, clock: Clock, mconfigs: Arc<MconfigCache>) -> Self {
        Self { shared: Arc::new(Shared { store, clock, mconfigs, state: Mutex::default() }) }
    }

    /// Notes that a gateway waits. `None`: this program stops, and nobody can wait any more.
    pub(crate) fn open(&self, serial: String, gateway: GatewayPrincipal) -> Option<Waiting> {
        let GatewayPrincipal { hardware_id, network, gateway } = gateway;
        let holder = StreamHolder { serial, hardware_id: hardware_id.clone(), network, gateway };
        let mailbox = Mailbox::new();
        let mut state = self.shared.state();
        let id = state.streams.open(holder, mailbox.clone())?;
        if !std::mem::replace(&mut state.is_running, true) {
            tokio::spawn(run(self.shared.clone()));
        }
        drop(state);
        Some(Waiting { mailbox, place: Place { shared: self.shared.clone(), hardware_id, id } })
    }

    /// Ends every stream, because this program stops.
    pub fn shut_down(&self) {
        self.shared.state().streams.close_all();
    }
}

/// A stream that was opened, and whose gateway has not been sent anything yet.
pub(crate) struct Waiting {
    mailbox: Arc<Mailbox<Bytes>>,
    place: Place,
}

/// Gives the place among the streams back when the gateway goes.
struct Place {
    shared: Arc<Shared>,
    hardware_id: HardwareId,
    id: StreamId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.state().streams.close(&self.hardware_id, self.id);
    }
}

impl Waiting {
    /// What follows the configuration that the gateway has now.
    pub(crate) fn after(
        self,
        current: &CurrentMconfig,
    ) -> impl Stream<Item = Result<Vec<u8>, Status>> + use<> {
        let Self { mailbox, place } = self;
        place.shared.state().streams.sent(&place.hardware_id, place.id, &current.digest);
        Reader { mailbox, _place: place }.map(|value| value.map(|bytes| bytes.to_vec()))
    }
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Every action leaves the streams whole, so a panic elsewhere does not spoil them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks what changed since `position`, and notes whom it concerns. The first time, that is everybody: what they
    /// have may be older than the first position.
    async fn look_for_changes(&self, position: &mut Option<u64>) {
        let changes = match *position {
            Some(position) => self.store.changes_after(position).await,
            None => self.store.revision().await.map(|revision| {
                self.state().streams.note_all(|_| true);
                orc8r_store::Changes { revision, ..Default::default() }
            }),
        };
        match changes {
            Ok(changes) => {
                *position = Some(changes.revision);
                self.state().streams.note(&changes);
            }
            Err(error) => tracing::debug!(%error, "the store does not say what changed"),
        }
    }

    async fn check_rights(&self) {
        let holders = self.state().streams.next_to_check(CHECK_PARTS);
        let lost = self.store.lost_holders(holders.clone(), self.clock.unix_seconds()).await;
        // A store that fails is no reason to send gateways away.
        for holder in lost.unwrap_or_default().into_iter().filter_map(|place| holders.get(place)) {
            let reason = "the certificate or the gateway's registration is no longer valid";
            self.state().streams.end(&holder.hardware_id, Status::permission_denied(reason));
        }
    }

    async fn look_at(self: Arc<Self>, holder: StreamHolder) {
        let StreamHolder { hardware_id, network, gateway, .. } = holder;
        let gateway = GatewayPrincipal { hardware_id, network, gateway };
        match self.mconfigs.current(&gateway).await {
            Ok(current) => self.state().streams.deliver(&gateway.hardware_id, &current),
            // It is gone; whether its stream goes too, `check_rights` decides.
            Err(status) if status.code() == Code::NotFound => {}
            Err(status) => {
                tracing::debug!(reason = status.message(), "a configuration cannot be pushed yet");
                tokio::time::sleep(INTERVAL).await;
                self.state().streams.note_one(&gateway.hardware_id);
            }
        }
    }
}

/// Runs while anybody waits.
async fn run(shared: Arc<Shared>) {
    let (mut position, mut builds) = (None, JoinSet::new());
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                {
                    let mut state = shared.state();
                    if state.streams.is_empty() {
                        state.is_running = false;
                        return;
                    }
                }
                shared.look_for_changes(&mut position).await;
                shared.check_rights().await;
            }
            Some(_) = builds.join_next(), if !builds.is_empty() => {}
        }
        while builds.len() < BUILDS_MAX
            && let Some(holder) = { shared.state().streams.next_pending() }
        {
            builds.spawn(shared.clone().look_at(holder));
        }
    }
}
