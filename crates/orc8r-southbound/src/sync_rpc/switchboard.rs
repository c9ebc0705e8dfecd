//! The machine of SyncRPC: which gateway is connected, which call waits for what, what goes out next.
//!
//! It owns no socket, no clock and no task. Streams and callers ask it for their next step and wait on a [`Notify`]
//! when there is none. Nothing here waits for anybody, so a caller that reads slowly, or a gateway that does not
//! read at all, holds up nobody else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use magma_rpc::Status;
use orc8r_model::HardwareId;
use tokio::sync::Notify;
use wire_orc8r::orc8r::{GatewayRequest, GatewayResponse, SyncRpcRequest, SyncRpcResponse};

use super::outcome::{CallError, end_of};

/// Requests that wait to be sent to one gateway (spec: Magma's dispatcher, 50).
pub(crate) const QUEUE_MAX: usize = 50;
/// Calls that run on one gateway at the same time.
pub(crate) const CALLS_MAX: usize = 256;
/// Frames that wait for one caller.
pub(crate) const INBOX_FRAMES_MAX: usize = 256;
/// Bytes that wait for one caller, unless a single frame has more.
pub(crate) const INBOX_BYTES_MAX: usize = 8 << 20;

/// Tells a stream from every earlier and later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Epoch(u64);

/// What a stream does next.
#[derive(Debug, PartialEq)]
pub(crate) enum Outgoing {
    /// Send this.
    Message(SyncRpcRequest),
    /// Wait for the stream's notification.
    Nothing,
    /// End: the gateway has opened another stream, or this program stops.
    Over,
}

/// What a caller gets next.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// Bytes of the answer.
    Bytes(Bytes),
    /// Wait for the call's notification.
    Nothing,
    /// The end.
    End(Result<(), CallError>),
}

#[derive(Default)]
pub(crate) struct Switchboard {
    streams: BTreeMap<HardwareId, Stream>,
    calls: BTreeMap<u32, Call>,
    last_epoch: u64,
    last_request_id: u32,
    is_closed: bool,
}

struct Stream {
    epoch: Epoch,
    requests: VecDeque<SyncRpcRequest>,
    /// Calls that the gateway works on for nobody; sent first, since they make room there.
    given_up: VecDeque<u32>,
    calls: BTreeSet<u32>,
    changed: Arc<Notify>,
}

struct Call {
    gateway: HardwareId,
    epoch: Epoch,
    inbox: VecDeque<Bytes>,
    inbox_bytes: usize,
    end: Option<Result<(), CallError>>,
    changed: Arc<Notify>,
}

impl Switchboard {
    /// One whose first request has the number after this one.
    pub(crate) fn numbering_after(last_request_id: u32) -> Self {
        Self { last_request_id, ..Self::default() }
    }

    /// A gateway has opened a stream: it can be called from now on. An earlier stream of the same gateway is over,
    /// and so are the calls that ran on it.
    pub(crate) fn open(&mut self, gateway: &HardwareId) -> (Epoch, Arc<Notify>) {
        if let Some(earlier) = self.streams.remove(gateway) {
            self.end_stream(earlier);
        }
        self.last_epoch += 1;
        let epoch = Epoch(self.last_epoch);
        let changed = Arc::new(Notify::new());
        if !self.is_closed {
            let stream = Stream {
                epoch,
                requests: VecDeque::new(),
                given_up: VecDeque::new(),
                calls: BTreeSet::new(),
                changed: changed.clone(),
            };
            self.streams.insert(gateway.clone(), stream);
        }
        (epoch, changed)
    }

    /// A stream has ended. The end of an earlier stream does nothing to a later one.
    pub(crate) fn close(&mut self, gateway: &HardwareId, epoch: Epoch) {
        if self.stream(gateway, epoch).is_some()
            && let Some(stream) = self.streams.remove(gateway)
        {
            self.end_stream(stream);
        }
    }

    /// Ends whatever stream a gateway has.
    pub(crate) fn close_any(&mut self, gateway: &HardwareId) {
        if let Some(stream) = self.streams.remove(gateway) {
            self.end_stream(stream);
        }
    }

    /// Ends every stream, and lets no new one in.
    pub(crate) fn close_all(&mut self) {
        self.is_closed = true;
        for stream in std::mem::take(&mut self.streams).into_values() {
            self.end_stream(stream);
        }
    }

    /// Puts a call in the gateway's queue.
    pub(crate) fn start(
        &mut self,
        gateway: &HardwareId,
        request: GatewayRequest,
    ) -> Result<(u32, Arc<Notify>), CallError> {
        let stream = self.streams.get(gateway).ok_or(CallError::NotConnected)?;
        if stream.requests.len() >= QUEUE_MAX || stream.calls.len() >= CALLS_MAX {
            return Err(CallError::Busy);
        }
        let id = self.free_request_id();
        let stream = self.streams.get_mut(gateway).ok_or(CallError::NotConnected)?;
        stream.requests.push_back(SyncRpcRequest {
            req_id: id,
            req_body: Some(request),
            ..Default::default()
        });
        stream.calls.insert(id);
        stream.changed.notify_one();
        let changed = Arc::new(Notify::new());
        let call = Call {
            gateway: gateway.clone(),
            epoch: stream.epoch,
            inbox: VecDeque::new(),
            inbox_bytes: 0,
            end: None,
            changed: changed.clone(),
        };
        self.calls.insert(id, call);
        Ok((id, changed))
    }

    /// What a stream sends next.
    pub(crate) fn next_outgoing(&mut self, gateway: &HardwareId, epoch: Epoch) -> Outgoing {
        let Some(stream) = self.stream(gateway, epoch) else { return Outgoing::Over };
        if let Some(req_id) = stream.given_up.pop_front() {
            return Outgoing::Message(SyncRpcRequest { req_id, conn_closed: true, ..Default::default() });
        }
        stream.requests.pop_front().map_or(Outgoing::Nothing, Outgoing::Message)
    }

    /// A gateway has answered. Answers to other gateways' calls, and to calls that are over, do nothing.
    pub(crate) fn answer(&mut self, gateway: &HardwareId, epoch: Epoch, answer: SyncRpcResponse) {
        let SyncRpcResponse { req_id, resp_body, heart_beat } = answer;
        let Some(body) = resp_body.filter(|_| !heart_beat) else { return };
        let Some(call) = self.calls.get_mut(&req_id) else { return };
        if call.gateway != *gateway {
            tracing::warn!(%gateway, req_id, "a gateway answered another gateway's call");
            return;
        }
        if call.epoch != epoch || call.end.is_some() {
            return;
        }
        match call.take(body) {
            Taken::GoesOn => {}
            Taken::Ended => self.forget_at_gateway(gateway, req_id),
            Taken::Overrun => self.give_up(gateway, req_id),
        }
    }

    /// What a caller gets next.
    pub(crate) fn next_incoming(&mut self, id: u32) -> Incoming {
        let Some(call) = self.calls.get_mut(&id) else {
            return Incoming::End(Err(CallError::ConnectionLost));
        };
        match (call.inbox.pop_front(), &call.end) {
            (Some(bytes), _) => {
                call.inbox_bytes -= bytes.len();
                Incoming::Bytes(bytes)
            }
            (None, Some(end)) => Incoming::End(end.clone()),
            (None, None) => Incoming::Nothing,
        }
    }

    /// A caller wants no more. The gateway is told, unless the call has ended or was never sent.
    ///
    /// Deviation: Magma tells it after every call, also after those that ended well.
    pub(crate) fn finish(&mut self, id: u32) {
        if let Some(call) = self.calls.remove(&id)
            && call.end.is_none()
        {
            self.give_up(&call.gateway, id);
        }
    }

    /// Whether a gateway can be called.
    pub(crate) fn is_connected(&self, gateway: &HardwareId) -> bool {
        self.streams.contains_key(gateway)
    }

    /// The gateways that can be called.
    pub(crate) fn connected(&self) -> impl Iterator<Item = &HardwareId> {
        self.streams.keys()
    }

    /// How many calls are running, or have ended and are not yet read.
    #[cfg(test)]
    pub(crate) fn call_count(&self) -> usize {
        self.calls.len()
    }

    fn stream(&mut self, gateway: &HardwareId, epoch: Epoch) -> Option<&mut Stream> {
        self.streams.get_mut(gateway).filter(|stream| stream.epoch == epoch)
    }

    fn end_stream(&mut self, stream: Stream) {
        for id in &stream.calls {
            if let Some(call) = self.calls.get_mut(id) {
                call.end_with(Err(CallError::ConnectionLost));
            }
        }
        stream.changed.notify_one();
    }

    fn forget_at_gateway(&mut self, gateway: &HardwareId, id: u32) {
        if let Some(stream) = self.streams.get_mut(gateway) {
            stream.calls.remove(&id);
        }
    }

    /// The gateway works for nobody: tell it, or never send it what it has not got yet.
    fn give_up(&mut self, gateway: &HardwareId, id: u32) {
        let Some(stream) = self.streams.get_mut(gateway) else { return };
        if !stream.calls.remove(&id) {
            return;
        }
        let waiting = stream.requests.len();
        stream.requests.retain(|request| request.req_id != id);
        if stream.requests.len() == waiting {
            stream.given_up.push_back(id);
            stream.changed.notify_one();
        }
    }

    /// Numbers go up and start again at 1; 0 is what a heartbeat carries.
    fn free_request_id(&mut self) -> u32 {
        loop {
            self.last_request_id = self.last_request_id.wrapping_add(1);
            if self.last_request_id != 0 && !self.calls.contains_key(&self.last_request_id) {
                return self.last_request_id;
            }
        }
    }
}

enum Taken {
    GoesOn,
    Ended,
    Overrun,
}

impl Call {
    fn take(&mut self, body: GatewayResponse) -> Taken {
        if body.keep_conn_active {
            self.changed.notify_one();
            return Taken::GoesOn;
        }
        if !body.err.is_empty() {
            self.end_with(Err(CallError::Refused(Status::internal(body.err))));
            return Taken::Ended;
        }
        if !self.has_room(body.payload.len()) {
            self.end_with(Err(CallError::Overrun));
            return Taken::Overrun;
        }
        if !body.payload.is_empty() {
            self.inbox_bytes += body.payload.len();
            self.inbox.push_back(body.payload.into());
        }
        match end_of(&body.status, &body.headers) {
            Some(end) => {
                self.end_with(end);
                Taken::Ended
            }
            None => {
                self.changed.notify_one();
                Taken::GoesOn
            }
        }
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.inbox.is_empty()
            || (self.inbox.len() < INBOX_FRAMES_MAX && self.inbox_bytes + bytes <= INBOX_BYTES_MAX)
    }

    fn end_with(&mut self, end: Result<(), CallError>) {
        self.end.get_or_insert(end);
        self.changed.notify_one();
    }
}
