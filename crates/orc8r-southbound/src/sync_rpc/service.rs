//! The stream itself: messages between a gateway and the switchboard, in both directions at once.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use magma_rpc::server::PeerCertificate;
use magma_rpc::tonic::server::{Grpc, StreamingService};
use magma_rpc::{Body, BoxStream, Code, NamedService, Request, Response, Status, Streaming};
use orc8r_model::HardwareId;
use tokio::sync::mpsc::OwnedPermit;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tower_service::Service;
use wire_orc8r::orc8r::{SyncRpcRequest, SyncRpcResponse};

use super::broker::Broker;
use super::switchboard::{Epoch, Outgoing};
use crate::MESSAGE_BYTES_MAX;
use crate::clock::Clock;
use crate::principal::{Identification, Principal, calling_gateway};
use crate::stream_codec::StreamCodec;

/// A stream on which nothing was sent for so long gets a heartbeat (spec: Magma's dispatcher, 60 s).
pub(crate) const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(60);

/// How often the certificate of an open stream is looked at again, however busy the stream is.
const IDENTITY_CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// A gateway that takes no message for so long is not there any more, whatever its connection says.
const STALL_MAX: Duration = Duration::from_secs(60);

/// `magma.orc8r.SyncRPCService`; both of its RPCs are the same.
///
/// Not behind the generated server: that one's codec keeps 16 kB for each open stream.
#[derive(Clone)]
pub(crate) struct SyncRpcService {
    pub(crate) broker: Broker,
    pub(crate) identification: Identification,
    pub(crate) clock: Clock,
}

impl NamedService for SyncRpcService {
    const NAME: &'static str = "magma.orc8r.SyncRPCService";
}

impl Service<http::Request<Body>> for SyncRpcService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let mut grpc = Grpc::new(StreamCodec::<SyncRpcRequest, SyncRpcResponse>::default())
                .max_decoding_message_size(MESSAGE_BYTES_MAX)
                .max_encoding_message_size(MESSAGE_BYTES_MAX);
            Ok(grpc.streaming(service, request).await)
        })
    }
}

impl StreamingService<SyncRpcResponse> for SyncRpcService {
    type Response = SyncRpcRequest;
    type ResponseStream = BoxStream<SyncRpcRequest>;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Self::ResponseStream>, Status>> + Send>>;

    fn call(&mut self, request: Request<Streaming<SyncRpcResponse>>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { service.open(request).await })
    }
}

impl SyncRpcService {
    /// Deviation: the gateway can be called from here on; in Magma it has to send a heartbeat first.
    async fn open(
        &self,
        request: Request<Streaming<SyncRpcResponse>>,
    ) -> Result<Response<BoxStream<SyncRpcRequest>>, Status> {
        let gateway = calling_gateway(&request)?.hardware_id;
        let certificate = request.extensions().get().cloned();
        let (epoch, changed) = self.broker.with(|switchboard| switchboard.open(&gateway));
        let owned = match self.broker.nodes() {
            Some(nodes) => nodes.own(&gateway).await,
            None => None,
        };
        tracing::info!(%gateway, "SyncRPC stream opened");
        // One message on its way to HTTP/2: what waits, waits in the switchboard, where it can be taken back. The
        // other place is for the reason at the end.
        let (outbound, receiver) = mpsc::channel(2);
        let last_place =
            outbound.clone().try_reserve_owned().map_err(|_| Status::internal("no room for the end"))?;
        let conversation = Conversation {
            broker: self.broker.clone(),
            identity: Identity {
                identification: self.identification.clone(),
                clock: self.clock.clone(),
                certificate,
            },
            gateway,
            epoch,
            owned,
            changed,
            outbound,
            last_place,
        };
        tokio::spawn(conversation.run(request.into_inner()));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver).map(|message| *message))))
    }
}

/// What goes to the gateway. A channel has room for 32 messages at least, however few it takes: of pointers, that is
/// 5 kB less for each stream.
type Outbound = Box<Result<SyncRpcRequest, Status>>;

struct Conversation {
    broker: Broker,
    identity: Identity,
    gateway: HardwareId,
    epoch: Epoch,
    /// The epoch by which other nodes know it.
    owned: Option<u64>,
    changed: Arc<Notify>,
    outbound: mpsc::Sender<Outbound>,
    last_place: OwnedPermit<Outbound>,
}

impl Conversation {
    #[expect(clippy::manual_async_fn, reason = "an async fn has room for what it is given twice, for days")]
    fn run(self, mut inbound: Streaming<SyncRpcResponse>) -> impl Future<Output = ()> {
        async move {
            let reason = tokio::select! {
                reason = self.listen(&mut inbound) => reason,
                reason = self.speak() => reason,
            };
            self.broker.with(|switchboard| switchboard.close(&self.gateway, self.epoch));
            tracing::info!(gateway = %self.gateway, reason = reason.message(), "SyncRPC stream ended");
            self.last_place.send(Box::new(Err(reason)));
            if let (Some(nodes), Some(epoch)) = (self.broker.nodes(), self.owned) {
                Box::pin(nodes.disown(&self.gateway, epoch)).await;
            }
        }
    }

    async fn listen(&self, inbound: &mut Streaming<SyncRpcResponse>) -> Status {
        loop {
            match inbound.message().await {
                Ok(Some(answer)) => {
                    self.broker.with(|switchboard| switchboard.answer(&self.gateway, self.epoch, answer));
                }
                Ok(None) => return Status::cancelled("the gateway ended the stream"),
                Err(status) => return status,
            }
        }
    }

    async fn speak(&self) -> Status {
        let mut heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
        let mut check_at = Instant::now() + IDENTITY_CHECK_INTERVAL;
        loop {
            if Instant::now() >= check_at {
                // In memory of its own: a stream waits for days, and looks for a moment.
                if let Err(status) = Box::pin(self.identity.check(&self.gateway)).await {
                    return status;
                }
                check_at = Instant::now() + IDENTITY_CHECK_INTERVAL;
            }
            let next = self.broker.with(|switchboard| switchboard.next_outgoing(&self.gateway, self.epoch));
            let message = match next {
                Outgoing::Message(message) => message,
                Outgoing::Over => {
                    return Status::unavailable(
                        "this stream is over: a newer one took its place, or the orchestrator stops",
                    );
                }
                Outgoing::Nothing if Instant::now() >= heartbeat_at => {
                    SyncRpcRequest { heart_beat: true, ..Default::default() }
                }
                Outgoing::Nothing => tokio::select! {
                    () = self.changed.notified() => continue,
                    () = self.outbound.closed() => return gone(),
                    () = sleep_until(heartbeat_at.min(check_at)) => continue,
                },
            };
            if let Err(status) = self.send(Box::new(Ok(message))).await {
                return status;
            }
            heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
        }
    }

    async fn send(&self, message: Outbound) -> Result<(), Status> {
        match timeout(STALL_MAX, self.outbound.send(message)).await {
            Ok(sent) => sent.map_err(|_| gone()),
            Err(_) => {
                let seconds = STALL_MAX.as_secs();
                Err(Status::unavailable(format!("the gateway took no message for {seconds} s")))
            }
        }
    }
}

fn gone() -> Status {
    Status::cancelled("the gateway's connection is gone")
}

/// The certificate with which a stream was opened: a stream lives for days, and the certificate may not.
struct Identity {
    identification: Identification,
    clock: Clock,
    certificate: Option<PeerCertificate>,
}

impl Identity {
    /// Ends the stream of a gateway whose certificate has been revoked or has expired, or that was removed.
    async fn check(&self, gateway: &HardwareId) -> Result<(), Status> {
        match self.identification.identify(self.certificate.as_ref(), self.clock.now()).await {
            Ok(Principal::Gateway(found)) if found.hardware_id == *gateway => Ok(()),
            Ok(_) => Err(Status::permission_denied(format!("Unregistered Gateway {gateway}"))),
            Err(status) if status.code() == Code::PermissionDenied => Err(status),
            // The store is busy: no reason to send the gateway away.
            Err(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_future<A, B, F>(_: fn(A, B) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_stream_that_waits_takes_little_memory() {
        // 1.0 kB; twenty thousand gateways have one each.
        let size = size_of_future(Conversation::run);
        assert!(size <= 1_200, "{size}");
    }
}
