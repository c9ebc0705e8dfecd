//! Serving: gRPC services and other HTTP services, plain or over TLS, until told to stop.

mod accepting;
mod calls;
#[cfg(feature = "server-tls")]
mod descriptors;
#[cfg(feature = "server-tls")]
mod doorkeeper;
#[cfg(feature = "server-tls")]
mod held_bytes;
#[cfg(feature = "server-tls")]
mod over_tls;

use crate::channel::Buffers;
use crate::connect::Stream;
use crate::work;
use crate::{Body, NamedService, Status, front_end};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower_service::Service;

#[cfg(feature = "server-tls")]
pub use accepting::accept_failures;
#[cfg(feature = "server-tls")]
pub use descriptors::Descriptors;
#[cfg(feature = "server-tls")]
pub use doorkeeper::{DoorCounts, Doorkeeper, Place, Places};
#[cfg(feature = "server-tls")]
pub use over_tls::{accept_within, serve_tls, serve_tls_within};

pub(crate) use accepting::{GRACE, accept_until};

/// How long a client that was refused may take to read why, and what it may still send meanwhile.
const PARTING_LIMIT: Duration = Duration::from_secs(1);
const PARTING_BYTES: u64 = 64 * 1024;
/// How often an idle connection is checked, so that a peer that vanished does not hold memory for ever.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(60);
const KEEPALIVE_LIMIT: Duration = Duration::from_secs(20);
/// Calls of a local service at a time, of all its clients together.
const LOCAL_CALLS_MAX: usize = 128;

/// The client's certificate, DER, as verified in the TLS handshake; in the extensions of each of its requests, which
/// share it.
#[derive(Clone, Debug)]
pub struct PeerCertificate(pub Bytes);

/// The client's address; in the extensions of each of its requests.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddress(pub SocketAddr);

type Answer = Pin<Box<dyn Future<Output = http::Response<Body>> + Send>>;
pub(crate) type Handler = Arc<dyn Fn(http::Request<Body>) -> Answer + Send + Sync>;

/// gRPC services by name.
#[derive(Clone, Default)]
pub struct Router {
    services: Arc<BTreeMap<&'static str, Handler>>,
}

impl Router {
    /// No services yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a generated server.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "nothing is summed up")]
    pub fn add<S>(mut self, service: S) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        let mut services = (*self.services).clone();
        services.insert(S::NAME, handler(service));
        self.services = Arc::new(services);
        self
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.services.keys()).finish()
    }
}

impl Service<http::Request<Body>> for Router {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = request.uri().path().split('/').nth(1).unwrap_or_default();
        match self.services.get(service).cloned() {
            Some(handler) => Box::pin(async move { Ok(handler(request).await) }),
            None => {
                let text = format!("there is no gRPC service for {}", request.uri().path());
                Box::pin(async move { Ok(Status::unimplemented(text).into_http()) })
            }
        }
    }
}

/// Serves HTTP/2 with prior knowledge until `shutdown` is ready, then lets running calls end for a moment.
///
/// For the services of one machine, so bounded by [`front_end::Limits::LOCAL`] and 128 calls at a time: further ones are
/// answered `RESOURCE_EXHAUSTED`.
pub async fn serve_plain<S, B>(listener: TcpListener, service: S, shutdown: impl Future + Send)
where
    S: Service<http::Request<Body>, Response = http::Response<B>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let handler = calls::at_most(LOCAL_CALLS_MAX, handler(service));
    front_end::serve_with(listener, front_end::Limits::LOCAL, handler, shutdown).await;
}

/// Any service as one type, so that the HTTP library is in the program once.
pub(crate) fn handler<S, B>(service: S) -> Handler
where
    S: Service<http::Request<Body>, Response = http::Response<B>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    Arc::new(move |request| {
        let answer = service.clone().call(request);
        Box::pin(async move { answer.await.unwrap_or_else(|never| match never {}).map(Body::new) })
    })
}

/// Ends a connection so that the client reads the reason, a TLS alert: closing while its first request is on the way
/// would have the system reset the connection and take the alert along.
pub(crate) async fn part(tcp: &mut TcpStream) {
    tcp.shutdown().await.ok();
    let (mut rest, mut nowhere) = (tcp.take(PARTING_BYTES), tokio::io::sink());
    let rest = tokio::io::copy(&mut rest, &mut nowhere);
    // Whatever comes is unread, so its end or failure changes nothing.
    let _ = tokio::time::timeout(PARTING_LIMIT, rest).await;
}

/// What a connection speaks.
#[derive(Clone, Copy)]
pub(crate) enum Protocol {
    #[cfg(feature = "server-tls")]
    Http1,
    Http2(Limits),
}

/// What one HTTP/2 connection may use.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Calls at once.
    pub(crate) streams: u32,
    /// Bytes on the way; without a value, what the HTTP library keeps.
    pub(crate) buffers: Option<Buffers>,
}

#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) certificate: Option<PeerCertificate>,
}

/// Serves one connection to its end, which comes at twice its `life` at the latest, if that is limited.
pub(crate) async fn converse(
    io: Box<dyn Stream>,
    protocol: Protocol,
    peer: Peer,
    handler: Handler,
    mut stop: watch::Receiver<bool>,
    life: Option<Duration>,
) {
    let address = peer.address;
    let service = hyper::service::service_fn(move |request: http::Request<Incoming>| -> Handled {
        Handled(handler(with_peer(request, &peer)))
    });
    // Both protocols' connections have the same methods, but no trait in common.
    macro_rules! drive {
        ($connection:expr) => {{
            let mut connection = pin!($connection);
            let result = tokio::select! {
                result = connection.as_mut() => result,
                () = stopped(&mut stop) => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
                life = passed(life) => {
                    connection.as_mut().graceful_shutdown();
                    tokio::time::timeout(life, connection).await.unwrap_or(Ok(()))
                }
            };
            if let Err(error) = result {
                tracing::debug!(%address, %error, "connection ended");
            }
        }};
    }
    match protocol {
        Protocol::Http2(limits) => {
            let mut builder = hyper::server::conn::http2::Builder::new(work::Executor);
            builder
                .timer(TokioTimer::new())
                .max_concurrent_streams(limits.streams)
                .keep_alive_interval(KEEPALIVE_INTERVAL)
                .keep_alive_timeout(KEEPALIVE_LIMIT);
            if let Some(buffers) = limits.buffers {
                builder
                    .initial_stream_window_size(buffers.stream)
                    .initial_connection_window_size(buffers.connection)
                    .max_send_buf_size(buffers.sending);
            }
            drive!(builder.serve_connection(TokioIo::new(io), service));
        }
        #[cfg(feature = "server-tls")]
        Protocol::Http1 => drive!(
            hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(io), service)
        ),
    }
}

/// An answer as the HTTP library wants it: one that cannot fail.
struct Handled(Answer);

impl Future for Handled {
    type Output = Result<http::Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

/// Returns `life` once it is over; never without one.
async fn passed(life: Option<Duration>) -> Duration {
    match life {
        Some(life) => {
            tokio::time::sleep(life).await;
            life
        }
        None => std::future::pending().await,
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    stop.wait_for(|stop| *stop).await.ok();
}

fn with_peer(request: http::Request<Incoming>, peer: &Peer) -> http::Request<Body> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(PeerAddress(peer.address));
    if let Some(certificate) = &peer.certificate {
        request.extensions_mut().insert(certificate.clone());
    }
    request
}
