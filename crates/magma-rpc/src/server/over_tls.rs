//! Serving over TLS, where clients may show who they are.

use super::doorkeeper::{Doorkeeper, Place, Places};
use super::held_bytes::HeldBytes;
use super::{
    Descriptors, Handler, Limits, Peer, PeerCertificate, Protocol, accept_until, converse, handler, part,
};
use crate::Body;
use crate::channel::Buffers;
use crate::tls::ServerTls;
use crate::work::Work;
use bytes::Bytes;
use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower_service::Service;

/// How long a connection without a client certificate takes calls, and how long these may then still go on. Strangers
/// come for a few calls; connections that they only hold would keep others out.
const STRANGER_LIFE: Duration = Duration::from_secs(60);
/// Calls at once: a proxy puts a whole gateway's calls on one connection, and so does a node.
const LIMITS: Limits = Limits { streams: 1024, buffers: Some(BUFFERS) };
/// What a connection may have sent before it is read, and what of one call waits to be sent. The window of all is what a
/// gateway on a slow and distant line (4 Mbit/s, half a second) keeps full.
const BUFFERS: Buffers = Buffers { stream: 256 << 10, connection: 512 << 10, sending: 64 << 10 };
/// Bytes of requests that one door holds, of all its connections.
const DOOR_BYTES_MAX: usize = 512 << 20;

/// Serves HTTP/2 and HTTP/1.1 over TLS until `shutdown` is ready, then lets running calls end for a moment.
///
/// A connection without a client certificate takes calls for a minute and ends after another one.
pub async fn serve_tls<S, B>(listener: TcpListener, tls: ServerTls, service: S, shutdown: impl Future + Send)
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
    let keeper = Doorkeeper::new("tls", Places::MANY, Descriptors::new(usize::MAX));
    serve_tls_within(listener, tls, keeper, service, shutdown).await;
}

/// The same, with the places that the doorkeeper has.
pub async fn serve_tls_within<S, B>(
    listener: TcpListener,
    tls: ServerTls,
    keeper: Doorkeeper,
    service: S,
    shutdown: impl Future + Send,
) where
    S: Service<http::Request<Body>, Response = http::Response<B>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let door = Door { tls, held: HeldBytes::new(DOOR_BYTES_MAX), handler: handler(service) };
    let mut each =
        |tcp, peer, place, stop| -> Work { Box::pin(welcome(door.clone(), tcp, peer, place, stop)) };
    accept_within(listener, keeper, shutdown, &mut each).await;
}

/// Takes connections until `shutdown` is ready, as many as the doorkeeper has places for, and closes further ones at
/// once; `each` says what goes on with one.
pub async fn accept_within(
    listener: TcpListener,
    keeper: Doorkeeper,
    shutdown: impl Future + Send,
    each: &mut (dyn FnMut(TcpStream, SocketAddr, Place, watch::Receiver<bool>) -> Work + Send),
) {
    let grace = keeper.places().grace;
    let mut each = |tcp, peer: SocketAddr, stop| -> Work {
        match keeper.enter(peer.ip()) {
            Some(place) => each(tcp, peer, place, stop),
            None => Box::pin(async {}),
        }
    };
    accept_until(listener, usize::MAX, grace, shutdown, &mut each).await;
}

/// What all connections of a port share.
#[derive(Clone)]
struct Door {
    tls: ServerTls,
    held: Arc<HeldBytes>,
    handler: Handler,
}

async fn welcome(
    door: Door,
    tcp: TcpStream,
    peer: SocketAddr,
    mut place: Place,
    stop: watch::Receiver<bool>,
) {
    let Door { tls, held, handler } = door;
    // What is presented may change between two connections.
    let acceptor = TlsAcceptor::from(tls.config());
    drop(tls);
    // In memory of its own, which is free again when the connection's long life begins.
    let Some(stream) = Box::pin(shake_hands(acceptor, &place, tcp, peer)).await else { return };
    let session = stream.get_ref().1;
    let certificate = session.peer_certificates().and_then(|chain| chain.first());
    let certificate = certificate.map(|der| PeerCertificate(Bytes::copy_from_slice(der)));
    if certificate.as_ref().is_some_and(|certificate| !place.is_of(certificate)) {
        return;
    }
    let http2 = session.alpn_protocol() == Some(b"h2");
    let protocol = if http2 { Protocol::Http2(LIMITS) } else { Protocol::Http1 };
    let life = certificate.is_none().then_some(STRANGER_LIFE);
    let peer = Peer { address: peer, certificate };
    converse(stream, protocol, peer, held.counting(handler), stop, life).await;
}

/// The TLS handshake, if it comes to a good end in time.
async fn shake_hands(
    acceptor: TlsAcceptor,
    place: &Place,
    tcp: TcpStream,
    peer: SocketAddr,
) -> Option<Box<TlsStream<TcpStream>>> {
    match place.shake_hands(acceptor.accept(tcp).into_fallible()).await? {
        Ok(stream) => return Some(Box::new(stream)),
        Err((error, mut tcp)) => {
            tracing::debug!(%peer, %error, "TLS handshake failed");
            part(&mut tcp).await;
        }
    }
    None
}
