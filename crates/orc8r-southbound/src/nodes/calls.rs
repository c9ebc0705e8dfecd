//! The answering side: another node's call to a gateway whose stream ends here.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use magma_rpc::tonic::server::{Grpc, ServerStreamingService};
use magma_rpc::{Body, BoxStream, NamedService, ProstCodec, Request, Response, Status};
use orc8r_model::HardwareId;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tower_service::Service;
use wire_orc8r::orc8r::{GatewayRequest, GatewayResponse};

use super::errors::to_status;
use crate::MESSAGE_BYTES_MAX;
use crate::sync_rpc::{Broker, CallError, Event, GatewayCall};

/// Frames on their way to the other node; what waits, waits in the switchboard.
const FRAMES_MAX: usize = 2;

/// `orc8r.node.Calls`: the request as it goes to the gateway, and its answer frame by frame.
#[derive(Clone)]
pub(crate) struct CallsService(pub(crate) Broker);

impl NamedService for CallsService {
    const NAME: &'static str = "orc8r.node.Calls";
}

impl Service<http::Request<Body>> for CallsService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let codec = ProstCodec::<GatewayResponse, GatewayRequest>::default();
            let mut grpc = Grpc::new(codec)
                .max_decoding_message_size(MESSAGE_BYTES_MAX)
                .max_encoding_message_size(MESSAGE_BYTES_MAX);
            Ok(grpc.server_streaming(service, request).await)
        })
    }
}

impl ServerStreamingService<GatewayRequest> for CallsService {
    type Response = GatewayResponse;
    type ResponseStream = BoxStream<GatewayResponse>;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Self::ResponseStream>, Status>> + Send>>;

    fn call(&mut self, request: Request<GatewayRequest>) -> Self::Future {
        let outcome = start(&self.0, request.into_inner());
        Box::pin(async move { outcome.map(Response::new) })
    }
}

fn start(broker: &Broker, request: GatewayRequest) -> Result<BoxStream<GatewayResponse>, Status> {
    let gateway =
        HardwareId::parse(request.gw_id.as_str()).map_err(|_| to_status(CallError::NotConnected))?;
    let call = broker.call_here(&gateway, request, None).map_err(to_status)?;
    let (frames, stream) = mpsc::channel(FRAMES_MAX);
    tokio::spawn(pass_on(call, frames));
    Ok(Box::pin(ReceiverStream::new(stream)))
}

/// Passes an answer on until its end, or until nobody wants it any more.
async fn pass_on(mut call: GatewayCall, frames: mpsc::Sender<Result<GatewayResponse, Status>>) {
    loop {
        let event = tokio::select! {
            event = call.next() => event,
            () = frames.closed() => return,
        };
        let (frame, is_last) = match event {
            Event::Alive => (Ok(GatewayResponse { keep_conn_active: true, ..Default::default() }), false),
            Event::Bytes(bytes) => {
                (Ok(GatewayResponse { payload: bytes.into(), ..Default::default() }), false)
            }
            Event::End(Ok(())) => return,
            Event::End(Err(error)) => (Err(to_status(error)), true),
        };
        if frames.send(frame).await.is_err() || is_last {
            return;
        }
    }
}
