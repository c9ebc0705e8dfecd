//! One SyncRPC stream: carries out what the session's machine decides.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use magma_rpc::channel::Channel;
use magma_rpc::{Status, Streaming};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use wire_orc8r::orc8r::sync_rpc_service_client::SyncRpcServiceClient;
use wire_orc8r::orc8r::{SyncRpcRequest, SyncRpcResponse};

use super::forwarder::Forwarder;
use super::machine::{Action, Input, Limits, Machine};
use crate::refusal;

/// Messages handed to the transport and not yet sent.
const OUTGOING_MAX: usize = 16;
/// How long the transport may take no message before the session counts as dead.
const STALL_MAX: Duration = Duration::from_secs(60);
/// The largest request that is taken. A whole configuration has some hundred kilobytes; Magma's agent takes 4 MiB.
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Why a session ended.
#[derive(Debug)]
pub enum Ended {
    /// The call failed, at its beginning or later.
    Refused(Status),
    /// The cloud closed the stream in good order.
    ByCloud,
    /// The connection is of no use any more, for this reason.
    Dead(String),
}

impl Ended {
    /// In words for an operator.
    pub fn explain(&self) -> String {
        match self {
            Self::Refused(status) => refusal::explain(status),
            Self::ByCloud => "the cloud closed the stream".to_owned(),
            Self::Dead(reason) => reason.clone(),
        }
    }
}

/// What the session waits for.
enum Happened {
    Opened(Streaming<SyncRpcRequest>),
    Input(Input),
    Sent,
    Ended(Ended),
}

/// Keeps one stream open until it ends; `connected` is called once the cloud has taken it.
pub async fn run(channel: Channel, mut forwarder: Forwarder, limits: Limits, connected: impl Fn()) -> Ended {
    let (transport, messages) = mpsc::channel(OUTGOING_MAX);
    let mut outgoing = Outgoing { transport, unsent: VecDeque::new(), progress: tokio::time::Instant::now() };
    let mut client = SyncRpcServiceClient::new(channel).max_decoding_message_size(REQUEST_BYTES_MAX);
    // The Go cloud answers with headers only when it first has something to say, which can be a minute later; so
    // the heartbeat is not held back until then.
    let mut opening = Box::pin(client.establish_sync_rpc_stream(ReceiverStream::new(messages)));
    let mut incoming: Option<Streaming<SyncRpcRequest>> = None;
    let mut machine = Machine::new(now(), limits);
    loop {
        if let Some(ended) = carry_out(&mut machine, &mut forwarder, &mut outgoing) {
            return ended;
        }
        let idle = outgoing.unsent.is_empty();
        let happened = tokio::select! {
            sent = outgoing.send() => sent,
            () = tokio::time::sleep_until(machine.next_timeout().into()) => Happened::Input(Input::Timeout),
            opened = &mut opening, if incoming.is_none() => match opened {
                Ok(response) => Happened::Opened(response.into_inner()),
                Err(status) => Happened::Ended(Ended::Refused(status)),
            },
            // Nothing more is taken in while what is to go out is stuck.
            message = receive(&mut incoming), if idle => message,
            Some((call, event)) = forwarder.next(), if idle => {
                Happened::Input(Input::FromLocal(call, event))
            }
        };
        match happened {
            Happened::Opened(stream) => {
                incoming = Some(stream);
                connected();
            }
            Happened::Input(input) => machine.handle(now(), input),
            Happened::Sent => {}
            Happened::Ended(ended) => return ended,
        }
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

fn carry_out(machine: &mut Machine, forwarder: &mut Forwarder, outgoing: &mut Outgoing) -> Option<Ended> {
    while let Some(action) = machine.poll_action() {
        match action {
            Action::Send(message) => outgoing.push(message),
            Action::Start(call, request) => forwarder.start(call, request),
            Action::Cancel(call) => forwarder.cancel(call),
            Action::Close(reason) => return Some(Ended::Dead(reason)),
        }
    }
    None
}

/// Messages on their way to the cloud.
struct Outgoing {
    transport: mpsc::Sender<SyncRpcResponse>,
    unsent: VecDeque<SyncRpcResponse>,
    /// When the transport last took something, or last had nothing to take.
    progress: tokio::time::Instant,
}

impl Outgoing {
    fn push(&mut self, message: SyncRpcResponse) {
        if self.unsent.is_empty() {
            self.progress = tokio::time::Instant::now();
        }
        self.unsent.push_back(message);
    }

    /// Hands the oldest message to the transport; waits for ever when there is none.
    async fn send(&mut self) -> Happened {
        if self.unsent.is_empty() {
            return std::future::pending().await;
        }
        match tokio::time::timeout_at(self.progress + STALL_MAX, self.transport.reserve()).await {
            Ok(Ok(permit)) => {
                if let Some(message) = self.unsent.pop_front() {
                    permit.send(message);
                }
                self.progress = tokio::time::Instant::now();
                Happened::Sent
            }
            Ok(Err(_)) => Happened::Ended(Ended::ByCloud),
            Err(_) => {
                let seconds = STALL_MAX.as_secs();
                Happened::Ended(Ended::Dead(format!("the cloud took no message for {seconds} s")))
            }
        }
    }
}

async fn receive(incoming: &mut Option<Streaming<SyncRpcRequest>>) -> Happened {
    match incoming {
        None => std::future::pending().await,
        Some(stream) => match stream.message().await {
            Ok(Some(message)) => Happened::Input(Input::FromCloud(message)),
            Ok(None) => Happened::Ended(Ended::ByCloud),
            Err(status) => Happened::Ended(Ended::Refused(status)),
        },
    }
}
