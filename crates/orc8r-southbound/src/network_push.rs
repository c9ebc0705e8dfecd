//! Pushes the streams that show a whole network: whoever asked for it gets the whole content again when it is another one.
//!
//! One task for all streams asks the store twice a second for the number of the last change, and looks at what somebody
//! waits for only when that is another one. A content is built once, one at a time, however many gateways wait for it,
//! and all of them send from the same memory. The list of subscribers is not pushed: each gateway has its own, and gets
//! changes of it by digests.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use magma_rpc::{Code, Status};
use orc8r_model::{HardwareId, NetworkId};
use orc8r_store::{Store, StreamHolder};
use tokio::time::{MissedTickBehavior, interval};
use tokio_stream::Stream;
use wire_orc8r::orc8r::DataUpdateBatch;

use crate::clock::Clock;
use crate::mailbox::{Mailbox, Reader};
use crate::principal::GatewayPrincipal;
use crate::streams::{Content, NetworkStream, NetworkStreams};

/// How often the store is asked for changes, while anybody waits for them.
const INTERVAL: Duration = Duration::from_millis(500);
/// Within so many intervals, the right of each gateway to its streams is looked at: a minute, as with SyncRPC.
const CHECK_PARTS: usize = 120;

/// The gateways that wait for changes of networks' streams. Clones share everything.
#[derive(Clone)]
pub(crate) struct NetworkPush {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    clock: Clock,
    streams: Arc<NetworkStreams>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    topics: BTreeMap<Topic, Waiters>,
    last_id: u64,
    checked_to: Option<(Topic, HardwareId)>,
    is_running: bool,
    is_closed: bool,
}

/// A stream of a network.
type Topic = (NetworkId, NetworkStream);

/// Who waits for a topic, and what was pushed to them last.
#[derive(Default)]
struct Waiters {
    newest: Option<Arc<Content>>,
    by_device: BTreeMap<HardwareId, Waiter>,
}

struct Waiter {
    id: u64,
    holder: StreamHolder,
    /// The stamp and the digest of what it was sent last; `None` until it was sent its first content.
    sent: Option<(u64, u64)>,
    mailbox: Arc<Mailbox<Arc<Content>>>,
}

impl NetworkPush {
    pub(crate) fn new(store: Store, clock: Clock, streams: Arc<NetworkStreams>) -> Self {
        Self { shared: Arc::new(Shared { store, clock, streams, state: Mutex::default() }) }
    }

    /// Notes that a gateway waits; its earlier stream of this name ends. `None`: this stream is not pushed, or this
    /// program stops.
    pub(crate) fn open(
        &self,
        serial: String,
        gateway: GatewayPrincipal,
        stream: NetworkStream,
    ) -> Option<Waiting> {
        let GatewayPrincipal { hardware_id, network, gateway } = gateway;
        let topic = (network.clone(), stream);
        let holder = StreamHolder { serial, hardware_id: hardware_id.clone(), network, gateway };
        let mailbox = Mailbox::new();
        let mut state = self.shared.state();
        if state.is_closed || stream == NetworkStream::Subscribers {
            return None;
        }
        state.last_id += 1;
        let id = state.last_id;
        let waiter = Waiter { id, holder, sent: None, mailbox: mailbox.clone() };
        let waiters = state.topics.entry(topic.clone()).or_default();
        if let Some(earlier) = waiters.by_device.insert(hardware_id.clone(), waiter) {
            earlier.mailbox.end(Ok(()));
        }
        if !std::mem::replace(&mut state.is_running, true) {
            tokio::spawn(run(self.shared.clone()));
        }
        drop(state);
        Some(Waiting { mailbox, place: Place { shared: self.shared.clone(), topic, hardware_id, id } })
    }

    /// Ends every stream, because this program stops.
    pub(crate) fn shut_down(&self) {
        let mut state = self.shared.state();
        state.is_closed = true;
        for waiters in std::mem::take(&mut state.topics).into_values() {
            waiters.by_device.into_values().for_each(|waiter| waiter.mailbox.end(Ok(())));
        }
    }
}

/// A stream that was opened, and whose gateway has not been sent anything yet.
pub(crate) struct Waiting {
    mailbox: Arc<Mailbox<Arc<Content>>>,
    place: Place,
}

/// Gives the place among the streams back when the gateway goes.
struct Place {
    shared: Arc<Shared>,
    topic: Topic,
    hardware_id: HardwareId,
    id: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.state().close(&self.topic, &self.hardware_id, Some(self.id));
    }
}

impl Waiting {
    /// The content that the gateway gets first, and what follows it.
    pub(crate) fn after(self, content: Arc<Content>) -> impl Stream<Item = Result<DataUpdateBatch, Status>> {
        let Self { mailbox, place } = self;
        place.shared.state().sent(&place.topic, &place.hardware_id, place.id, &content);
        Batches { sending: Some((content, 0)), changes: Reader { mailbox, _place: place } }
    }
}

/// The batches of one content after the other.
struct Batches {
    sending: Option<(Arc<Content>, usize)>,
    changes: Reader<Arc<Content>, Place>,
}

impl Stream for Batches {
    type Item = Result<DataUpdateBatch, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some((content, next)) = &mut self.sending {
                if let Some(batch) = content.batches.get(*next) {
                    let batch = batch.clone();
                    *next += 1;
                    return Poll::Ready(Some(Ok(batch)));
                }
                self.sending = None;
            }
            match std::task::ready!(Pin::new(&mut self.changes).poll_next(cx)) {
                Some(Ok(content)) => self.sending = Some((content, 0)),
                Some(Err(reason)) => return Poll::Ready(Some(Err(reason))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl State {
    /// Forgets a waiter, if it is still this one.
    fn close(&mut self, topic: &Topic, hardware_id: &HardwareId, id: Option<u64>) -> Option<Waiter> {
        let waiters = self.topics.get_mut(topic)?;
        let waiter = waiters.by_device.get(hardware_id)?;
        if id.is_some_and(|id| id != waiter.id) {
            return None;
        }
        let closed = waiters.by_device.remove(hardware_id);
        if waiters.by_device.is_empty() {
            self.topics.remove(topic);
        }
        closed
    }

    /// Notes what the gateway gets beside the mailbox; what was pushed to others meanwhile, and is newer, follows.
    fn sent(&mut self, topic: &Topic, hardware_id: &HardwareId, id: u64, content: &Content) {
        let Some(Waiters { newest, by_device }) = self.topics.get_mut(topic) else { return };
        let Some(waiter) = by_device.get_mut(hardware_id).filter(|waiter| waiter.id == id) else { return };
        waiter.sent = Some((content.stamp, content.digest));
        if let Some(newest) = newest {
            waiter.offer(newest);
        }
    }

    fn publish(&mut self, topic: &Topic, content: Arc<Content>) {
        let Some(Waiters { newest, by_device }) = self.topics.get_mut(topic) else { return };
        by_device.values_mut().for_each(|waiter| waiter.offer(&content));
        *newest = Some(content);
    }

    /// The next of those whose right to their stream is looked at, one part of `parts` of them all.
    fn next_to_check(&mut self, parts: usize) -> Vec<(Topic, StreamHolder)> {
        let count = self.topics.values().map(|waiters| waiters.by_device.len()).sum::<usize>() / parts + 1;
        let from = self.checked_to.take();
        let is_later = |topic: &Topic, hardware_id: &HardwareId| {
            from.as_ref().is_none_or(|(to, device)| (topic, hardware_id) > (to, device))
        };
        let all = self.topics.iter().flat_map(|(topic, waiters)| {
            waiters.by_device.iter().map(move |(hardware_id, waiter)| (topic, hardware_id, waiter))
        });
        let later = all.filter(|(topic, hardware_id, _)| is_later(topic, hardware_id)).take(count);
        let next: Vec<_> = later.map(|(topic, _, waiter)| (topic.clone(), waiter.holder.clone())).collect();
        // Less than asked for: the end was reached, and it begins anew.
        let last = next.last().filter(|_| next.len() == count);
        self.checked_to = last.map(|(topic, holder)| (topic.clone(), holder.hardware_id.clone()));
        next
    }
}

impl Waiter {
    /// Sends a content, if it is newer than what the gateway has, and another one.
    fn offer(&mut self, content: &Arc<Content>) {
        let Some((stamp, digest)) = self.sent else { return };
        if content.stamp <= stamp {
            return;
        }
        self.sent = Some((content.stamp, content.digest));
        if content.digest != digest {
            self.mailbox.put(content.clone());
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every action leaves it whole, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at what somebody waits for, if there was a change after `seen`; returns the change that it has seen.
    async fn look_for_changes(&self, seen: Option<u64>) -> Option<u64> {
        let revision = match self.store.revision().await {
            Ok(revision) => revision,
            Err(error) => {
                tracing::debug!(%error, "the store does not say whether anything changed");
                return seen;
            }
        };
        if seen == Some(revision) {
            return seen;
        }
        let (topics, mut is_complete): (Vec<Topic>, _) =
            (self.state().topics.keys().cloned().collect(), true);
        for topic in topics {
            let (network, stream) = &topic;
            match self.streams.shared(network, *stream).await {
                Ok(content) => self.state().publish(&topic, content),
                // It is gone; whether its streams go too, `check_rights` decides.
                Err(status) if status.code() == Code::NotFound => {}
                Err(_) => is_complete = false,
            }
        }
        if is_complete { Some(revision) } else { seen }
    }

    async fn check_rights(&self) {
        let next = self.state().next_to_check(CHECK_PARTS);
        let holders = next.iter().map(|(_, holder)| holder.clone()).collect();
        let lost = self.store.lost_holders(holders, self.clock.unix_seconds()).await;
        // A store that fails is no reason to send gateways away.
        for (topic, holder) in lost.unwrap_or_default().into_iter().filter_map(|place| next.get(place)) {
            if let Some(waiter) = self.state().close(topic, &holder.hardware_id, None) {
                let reason = "the certificate or the gateway's registration is no longer valid";
                waiter.mailbox.end(Err(Status::permission_denied(reason)));
            }
        }
    }
}

/// Runs while anybody waits.
async fn run(shared: Arc<Shared>) {
    let mut seen = None;
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        {
            let mut state = shared.state();
            if state.topics.is_empty() {
                state.is_running = false;
                return;
            }
        }
        seen = shared.look_for_changes(seen).await;
        shared.check_rights().await;
    }
}
