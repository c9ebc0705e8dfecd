//! One SyncRPC session, as a pure state machine: which message goes to the cloud, when, and when to give up.
//!
//! SyncRPC is gRPC turned around: the gateway opens a stream to the cloud's dispatcher, and the cloud sends requests
//! down that stream which the gateway passes to its own services. What the dispatcher expects of a gateway:
//!
//! * it routes to a gateway only after that gateway's first heartbeat, so one is sent at once;
//! * it gives up on a request after 15 s without a message for it, so `keepConnActive` is sent every 10 s;
//! * it takes a request as complete when a message's headers hold `grpc-status`, so the trailers of the local answer
//!   are merged into the headers of the last message;
//! * it takes an empty `err` as no error at all, so every failure here has words.
//!
//! The machine never touches a socket, and it is bounded: [`Limits::requests`] at a time, of [`Limits::request_bytes`]
//! together, one held chunk each.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use wire_orc8r::orc8r::{GatewayRequest, GatewayResponse, SyncRpcRequest, SyncRpcResponse};

/// How many headers a request may have, how many bytes in all, and how long its service and path may be together.
const HEADERS_MAX: usize = 128;
const HEADER_BYTES_MAX: usize = 64 * 1024;
const PATH_BYTES_MAX: usize = 2048;

/// The intervals and limits of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A heartbeat is sent after this long without any other message. Magma: 30 s.
    pub heartbeat_idle: Duration,
    /// A heartbeat is sent after this long in any case, since only heartbeats renew the cloud's routing entry.
    pub heartbeat_max: Duration,
    /// `keepConnActive` is sent after this long without a message for a request. Magma: 10 s; the cloud gives up at 15 s.
    pub keep_active: Duration,
    /// How long a local service may be silent before its request fails. Magma: 120 s.
    pub local_silence: Duration,
    /// How long a chunk is held back in the hope that the trailers can ride with it.
    pub hold: Duration,
    /// How long the cloud may be silent before the session counts as dead. It sends a heartbeat after 60 s of idleness.
    pub cloud_silence: Duration,
    /// How many requests are served at a time.
    pub requests: usize,
    /// How many bytes those requests may have together.
    pub request_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            heartbeat_idle: Duration::from_secs(30),
            heartbeat_max: Duration::from_secs(60),
            keep_active: Duration::from_secs(10),
            local_silence: Duration::from_secs(120),
            hold: Duration::from_millis(50),
            cloud_silence: Duration::from_secs(180),
            requests: 64,
            request_bytes: 32 * 1024 * 1024,
        }
    }
}

/// One request under way. The serial number tells it from an earlier one with the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The cloud's id of the request.
    pub req_id: u32,
    serial: u64,
}

/// What has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The time given by [`Machine::next_timeout`] has come.
    Timeout,
    /// The cloud sent a message.
    FromCloud(SyncRpcRequest),
    /// A local service answered, in part or in whole.
    FromLocal(Call, LocalEvent),
}

/// A part of a local service's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalEvent {
    /// The HTTP status and headers.
    Head {
        /// The HTTP status code; gRPC answers have 200.
        status: u16,
        /// Names in lower case; repeated ones joined with commas.
        headers: BTreeMap<String, String>,
    },
    /// A piece of the body.
    Data(Vec<u8>),
    /// The trailers, which end the answer.
    Trailers(BTreeMap<String, String>),
    /// The answer ended without trailers.
    Ended,
    /// There is no answer, and why.
    Failed(String),
    /// The call is not allowed, and why.
    Denied(String),
}

/// What the caller is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Send this to the cloud.
    Send(SyncRpcResponse),
    /// Pass the request to the local service that it names, and report [`Input::FromLocal`].
    Start(Call, GatewayRequest),
    /// Stop a request that was started.
    Cancel(Call),
    /// Give the session up, for this reason.
    Close(String),
}

/// The decisions of one session.
#[derive(Debug)]
pub struct Machine {
    limits: Limits,
    requests: BTreeMap<u32, Request>,
    serial: u64,
    actions: VecDeque<Action>,
    last_sent: Instant,
    last_heartbeat: Instant,
    last_received: Instant,
    closed: bool,
}

#[derive(Debug)]
struct Request {
    serial: u64,
    service: String,
    /// What the request itself takes while it is passed on.
    bytes: usize,
    headers: Option<BTreeMap<String, String>>,
    held: Option<(Vec<u8>, Instant)>,
    last_sent: Instant,
    last_local: Instant,
}

impl Machine {
    /// A session that begins now, with a heartbeat.
    pub fn new(now: Instant, limits: Limits) -> Self {
        let mut machine = Self {
            limits,
            requests: BTreeMap::new(),
            serial: 0,
            actions: VecDeque::new(),
            last_sent: now,
            last_heartbeat: now,
            last_received: now,
            closed: false,
        };
        machine.heartbeat(now);
        machine
    }

    /// Takes in what has happened at `now`.
    pub fn handle(&mut self, now: Instant, input: Input) {
        if self.closed {
            return;
        }
        match input {
            Input::Timeout => self.timeout(now),
            Input::FromCloud(message) => self.cloud_said(now, message),
            Input::FromLocal(call, event) => self.service_said(now, call, event),
        }
    }

    /// The next thing to do; to be called until there is none.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    pub fn next_timeout(&self) -> Instant {
        let session = self.heartbeat_due().min(self.last_received + self.limits.cloud_silence);
        self.requests.values().map(|request| request.next_timeout(&self.limits)).fold(session, Instant::min)
    }

    /// How many requests are under way.
    pub fn in_flight(&self) -> usize {
        self.requests.len()
    }

    fn heartbeat_due(&self) -> Instant {
        (self.last_sent + self.limits.heartbeat_idle).min(self.last_heartbeat + self.limits.heartbeat_max)
    }

    fn heartbeat(&mut self, now: Instant) {
        self.last_heartbeat = now;
        self.last_sent = now;
        self.actions.push_back(Action::Send(SyncRpcResponse { heart_beat: true, ..Default::default() }));
    }

    fn cloud_said(&mut self, now: Instant, message: SyncRpcRequest) {
        self.last_received = now;
        if message.conn_closed {
            // The dispatcher says this after every finished request too: an unknown id is the usual case.
            if let Some(request) = self.requests.remove(&message.req_id) {
                self.actions.push_back(Action::Cancel(request.call(message.req_id)));
            }
        } else if !message.heart_beat && (message.req_id != 0 || message.req_body.is_some()) {
            // The dispatcher counts from 1; whoever counts from 0 gets an answer all the same.
            self.request(now, message.req_id, message.req_body);
        }
    }

    fn request(&mut self, now: Instant, req_id: u32, body: Option<GatewayRequest>) {
        let refusal = match &body {
            _ if self.requests.contains_key(&req_id) => {
                Some(format!("request ID {req_id} is already being handled"))
            }
            _ if self.requests.len() >= self.limits.requests => {
                Some(format!("the gateway already serves {} requests; try again later", self.limits.requests))
            }
            None => Some("the request has no body".to_owned()),
            Some(body) => self.excess(body),
        };
        match (refusal, body) {
            (None, Some(body)) => {
                self.serial += 1;
                let request = Request {
                    serial: self.serial,
                    service: body.authority.clone(),
                    bytes: body.payload.len(),
                    headers: None,
                    held: None,
                    last_sent: now,
                    last_local: now,
                };
                self.actions.push_back(Action::Start(request.call(req_id), body));
                self.requests.insert(req_id, request);
            }
            (refusal, _) => self.send_error(now, req_id, refusal.unwrap_or_default()),
        }
    }

    /// Why a request is too large, if it is.
    fn excess(&self, body: &GatewayRequest) -> Option<String> {
        let headers: usize = body.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        if body.headers.len() > HEADERS_MAX || headers > HEADER_BYTES_MAX {
            return Some(format!(
                "the request has more than {HEADERS_MAX} headers or {HEADER_BYTES_MAX} bytes of them"
            ));
        }
        if body.authority.len() + body.path.len() > PATH_BYTES_MAX {
            return Some(format!("the request's service and path have more than {PATH_BYTES_MAX} bytes"));
        }
        let others: usize = self.requests.values().map(|request| request.bytes).sum();
        let limit = self.limits.request_bytes;
        let full = others + body.payload.len() > limit;
        full.then(|| format!("the gateway already serves requests of {others} bytes, and {limit} is the most; try again later"))
    }

    fn service_said(&mut self, now: Instant, call: Call, event: LocalEvent) {
        let Some(request) =
            self.requests.get_mut(&call.req_id).filter(|request| request.serial == call.serial)
        else {
            return;
        };
        request.last_local = now;
        match event {
            LocalEvent::Head { status: 200, headers } => request.headers = Some(headers),
            LocalEvent::Head { status, .. } => {
                let error = format!("{} answered HTTP status {status}, not gRPC", request.service);
                self.abandon(now, call, error);
            }
            LocalEvent::Data(data) => {
                let held = request.held.replace((data, now));
                if let Some((data, _)) = held {
                    self.send_chunk(now, call.req_id, data);
                }
            }
            LocalEvent::Trailers(trailers) => self.finish(now, call, trailers),
            LocalEvent::Ended => self.finish(now, call, BTreeMap::new()),
            LocalEvent::Failed(error) => {
                self.requests.remove(&call.req_id);
                self.send_error(now, call.req_id, error);
            }
            LocalEvent::Denied(why) => {
                self.requests.remove(&call.req_id);
                self.send(now, call.req_id, denial(&why));
            }
        }
    }

    fn timeout(&mut self, now: Instant) {
        if now >= self.last_received + self.limits.cloud_silence {
            let seconds = self.limits.cloud_silence.as_secs_f32();
            self.closed = true;
            self.requests.clear();
            self.actions.push_back(Action::Close(format!("the cloud was silent for {seconds} s")));
            return;
        }
        let ids: Vec<u32> = self.requests.keys().copied().collect();
        for req_id in ids {
            self.request_timeout(now, req_id);
        }
        if now >= self.heartbeat_due() {
            self.heartbeat(now);
        }
    }

    fn request_timeout(&mut self, now: Instant, req_id: u32) {
        let Some(request) = self.requests.get_mut(&req_id) else { return };
        if now >= request.last_local + self.limits.local_silence {
            let limit = self.limits.local_silence.as_secs_f32();
            let error = format!("{} did not answer within {limit} s", request.service);
            let call = request.call(req_id);
            return self.abandon(now, call, error);
        }
        if let Some((data, _)) = request.held.take_if(|(_, since)| now >= *since + self.limits.hold) {
            self.send_chunk(now, req_id, data);
        } else if now >= request.last_sent + self.limits.keep_active {
            self.send(now, req_id, GatewayResponse { keep_conn_active: true, ..Default::default() });
        }
    }

    fn send_chunk(&mut self, now: Instant, req_id: u32, payload: Vec<u8>) {
        let Some(request) = self.requests.get(&req_id) else { return };
        let response = request.response(payload);
        self.send(now, req_id, response);
    }

    fn finish(&mut self, now: Instant, call: Call, trailers: BTreeMap<String, String>) {
        let Some(mut request) = self.requests.remove(&call.req_id) else { return };
        let payload = request.held.take().map(|(data, _)| data).unwrap_or_default();
        let mut response = request.response(payload);
        response.headers.extend(trailers);
        // The dispatcher splits every value at commas; gRPC clients percent-decode this one (gRPC over HTTP/2).
        if let Some(message) = response.headers.get_mut("grpc-message") {
            *message = message.replace(',', "%2C");
        }
        if response.headers.contains_key("grpc-status") {
            self.send(now, call.req_id, response);
        } else {
            let error = format!("the answer of {} ended without a gRPC status", request.service);
            self.send_error(now, call.req_id, error);
        }
    }

    fn abandon(&mut self, now: Instant, call: Call, error: String) {
        self.requests.remove(&call.req_id);
        self.actions.push_back(Action::Cancel(call));
        self.send_error(now, call.req_id, error);
    }

    fn send_error(&mut self, now: Instant, req_id: u32, error: String) {
        let err = if error.is_empty() { "the request failed".to_owned() } else { error };
        self.send(now, req_id, GatewayResponse { err, ..Default::default() });
    }

    fn send(&mut self, now: Instant, req_id: u32, response: GatewayResponse) {
        self.last_sent = now;
        if let Some(request) = self.requests.get_mut(&req_id) {
            request.last_sent = now;
        }
        let message = SyncRpcResponse { req_id, resp_body: Some(response), heart_beat: false };
        self.actions.push_back(Action::Send(message));
    }
}

/// A whole gRPC answer with PERMISSION_DENIED. An `err` would reach the caller as INTERNAL.
fn denial(why: &str) -> GatewayResponse {
    let headers =
        [("content-type", "application/grpc"), ("grpc-status", "7"), ("grpc-message", &percent_encoded(why))];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    GatewayResponse { status: "200".to_owned(), headers, ..Default::default() }
}

/// As gRPC over HTTP/2 has it; commas too, since the dispatcher splits values at them.
fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'%' | b',');
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

impl Request {
    fn call(&self, req_id: u32) -> Call {
        Call { req_id, serial: self.serial }
    }

    fn next_timeout(&self, limits: &Limits) -> Instant {
        let silence = self.last_local + limits.local_silence;
        let alive = self.last_sent + limits.keep_active;
        let held = self.held.as_ref().map_or(silence, |(_, since)| *since + limits.hold);
        silence.min(alive).min(held)
    }

    fn response(&self, payload: Vec<u8>) -> GatewayResponse {
        let headers = self.headers.clone().unwrap_or_default();
        GatewayResponse { status: "200".to_owned(), headers, payload, ..Default::default() }
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
