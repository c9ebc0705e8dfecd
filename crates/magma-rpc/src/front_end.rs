//! Serving plain HTTP/2 within one machine for a program that passes the calls on: bounded in connections, streams and
//! buffers, and with an answer for those who speak HTTP/1.

use crate::Body;
use crate::channel::Buffers;
use crate::server::{Peer, accept_until, stopped, with_peer};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::io::Cursor;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower_service::Service;

/// What an HTTP/2 client sends first (RFC 9113 §3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long a client may take to say which protocol it speaks.
const PREFACE_LIMIT: Duration = Duration::from_secs(10);
/// What someone with another protocol is told. `HTTP/1.1 505` is what he can read.
const OTHER_PROTOCOL: &[u8] = b"HTTP/1.1 505 HTTP Version Not Supported\r\n\
    content-type: text/plain\r\ncontent-length: 80\r\nconnection: close\r\n\r\n\
    This port takes only HTTP/2 with prior knowledge (h2c), as gRPC clients speak.\r\n";
/// How often an idle connection is checked, so that a peer that vanished does not hold a place for ever.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(60);
const KEEPALIVE_LIMIT: Duration = Duration::from_secs(20);

/// How much a front end takes at a time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time; further ones are closed at once.
    pub connections: usize,
    /// Streams at a time on one connection; HTTP/2 tells the client, which waits.
    pub streams: u32,
    /// What is kept of bodies on the way.
    pub buffers: Buffers,
}

/// Serves HTTP/2 with prior knowledge until `shutdown` is ready, then lets running calls end for a moment.
pub async fn serve<S, B>(listener: TcpListener, limits: Limits, service: S, shutdown: impl Future)
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
    let places = Arc::new(Semaphore::new(limits.connections));
    accept_until(listener, shutdown, |tcp, peer, stop| {
        let (service, place) = (service.clone(), places.clone().try_acquire_owned());
        async move {
            let Ok(_place) = place else {
                let limit = limits.connections;
                return tracing::warn!(%peer, limit, "a connection is refused: too many are open");
            };
            let peer = Peer { address: peer, certificate: None };
            converse(tcp, limits, peer, service, stop).await;
        }
    })
    .await;
}

async fn converse<S, B>(
    mut tcp: TcpStream,
    limits: Limits,
    peer: Peer,
    service: S,
    mut stop: watch::Receiver<bool>,
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
    let Some(preface) = preface(&mut tcp).await else { return };
    let (reader, writer) = tcp.into_split();
    let io = tokio::io::join(Cursor::new(preface).chain(reader), writer);
    let address = peer.address;
    let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
        service.clone().call(with_peer(request, &peer))
    });
    let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .initial_stream_window_size(limits.buffers.stream)
        .initial_connection_window_size(limits.buffers.connection)
        .max_send_buf_size(limits.buffers.sending)
        .keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_LIMIT);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(io), service));
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%address, %error, "connection ended");
    }
}

/// The client's preface; nothing when it speaks another protocol, which it is told.
async fn preface(tcp: &mut TcpStream) -> Option<Vec<u8>> {
    let mut read = Vec::with_capacity(PREFACE.len());
    let reading = async {
        while read.len() < PREFACE.len() && PREFACE.starts_with(&read) {
            let left = PREFACE.len() - read.len();
            let mut limited = (&mut *tcp).take(u64::try_from(left).unwrap_or_default());
            if !matches!(limited.read_buf(&mut read).await, Ok(1..)) {
                return false;
            }
        }
        true
    };
    if !tokio::time::timeout(PREFACE_LIMIT, reading).await.unwrap_or(false) {
        return None;
    }
    if read == PREFACE {
        return Some(read);
    }
    // It may be gone already, and then nobody waits for this.
    let _ = tcp.write_all(OTHER_PROTOCOL).await;
    crate::server::part(tcp).await;
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_other_protocols_is_as_long_as_it_says() {
        let text = std::str::from_utf8(OTHER_PROTOCOL).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{}", body.len());
    }
}
