//! The calling side: one connection to each other node, one HTTP/2 stream for each call.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use magma_rpc::channel::{Buffers, Channel, Connection, Endpoint, Keepalive, Manner, Transport};
use magma_rpc::tls::ClientTls;
use magma_rpc::{Code, ProstCodec, Request, Streaming, tonic};
use orc8r_store::Node;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use wire_orc8r::orc8r::{GatewayRequest, GatewayResponse};

use super::errors::from_status;
use crate::MESSAGE_BYTES_MAX;
use crate::authorization::NODE_CALL;
use crate::sync_rpc::{CallError, Event};

/// Calls to one node at a time; what HTTP/2 would let wait is told at once.
pub(crate) const CALLS_MAX: usize = 1000;
/// What a call may have received before it is read. All calls together fit into the connection's measure, so that no slow
/// reader keeps the others from receiving.
const CALL_BUFFER: u32 = 64 << 10;
const BUFFERS: Buffers = Buffers { stream: CALL_BUFFER, connection: CALL_BUFFER * 1024, sending: 64 << 10 };
/// How soon a connection whose other end is silent is looked at.
const KEEPALIVE: Keepalive = Keepalive { interval: Duration::from_secs(5), while_idle: false };

pub(super) struct Peer {
    channel: Channel,
    places: Arc<Semaphore>,
    is_gone: watch::Sender<bool>,
}

/// A call that another node carries. Dropping it ends it there and at the gateway.
pub(crate) struct RemoteCall {
    answer: Streaming<GatewayResponse>,
    is_gone: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Peer {
    pub(super) fn new(node: &Node, server_name: &str, tls: &ClientTls) -> Self {
        let (host, port) = node.address.rsplit_once(':').unwrap_or((&node.address, ""));
        let endpoint = Endpoint {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: port.parse().unwrap_or_default(),
            server_name: server_name.to_owned(),
            transport: Transport::Tls(tls.clone()),
        };
        let manner = Manner { keepalive: KEEPALIVE, buffers: Some(BUFFERS), ..Manner::default() };
        let channel = Connection::with(endpoint, manner).channel(server_name);
        Self { channel, places: Arc::new(Semaphore::new(CALLS_MAX)), is_gone: watch::channel(false).0 }
    }

    /// Ends every call: the node is dead.
    pub(super) fn give_up(&self) {
        self.is_gone.send_replace(true);
    }

    /// Starts a call; returns once the node has passed the request on, or has said why not.
    pub(super) async fn call(&self, request: GatewayRequest) -> Result<RemoteCall, CallError> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| CallError::Busy)?;
        let mut is_gone = self.is_gone.subscribe();
        let start = async {
            let mut client = tonic::client::Grpc::new(self.channel.clone())
                .max_decoding_message_size(MESSAGE_BYTES_MAX)
                .max_encoding_message_size(MESSAGE_BYTES_MAX);
            client.ready().await.map_err(from_status)?;
            let codec = ProstCodec::<GatewayRequest, GatewayResponse>::default();
            let path = PathAndQuery::from_static(NODE_CALL);
            let answer = client.server_streaming(Request::new(request), path, codec).await;
            answer.map_err(from_status)
        };
        let answer = tokio::select! {
            answer = start => answer?.into_inner(),
            _ = is_gone.wait_for(|gone| *gone) => return Err(CallError::ConnectionLost),
        };
        Ok(RemoteCall { answer, is_gone, _place: place })
    }
}

impl RemoteCall {
    /// What the call's gateway sends next.
    pub(crate) async fn next(&mut self) -> Event {
        let next = tokio::select! {
            next = self.answer.message() => next,
            _ = self.is_gone.wait_for(|gone| *gone) => return Event::End(Err(CallError::ConnectionLost)),
        };
        match next {
            Ok(Some(frame)) if frame.keep_conn_active => Event::Alive,
            Ok(Some(frame)) => Event::Bytes(Bytes::from(frame.payload)),
            Ok(None) => Event::End(Ok(())),
            // An HTTP/2 stream that is reset, because its connection or its node ended.
            Err(status) if is_reset(&status) => Event::End(Err(CallError::ConnectionLost)),
            Err(status) => Event::End(Err(from_status(status))),
        }
    }
}

fn is_reset(status: &magma_rpc::Status) -> bool {
    status.metadata().is_empty()
        && matches!(status.code(), Code::Unknown | Code::Cancelled | Code::Unavailable)
}
