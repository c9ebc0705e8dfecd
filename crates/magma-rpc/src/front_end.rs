//! Serving plain HTTP/2 within one machine: bounded in connections, in streams, in buffers, and in how long a client may
//! say nothing at first, with an answer for those who speak HTTP/1.

use crate::Body;
use crate::channel::Buffers;
use crate::server::{self, GRACE, Handler, Peer, Protocol, accept_until, converse, handler};
use crate::work::Work;
use bytes::Bytes;
use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::io::Cursor;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower_service::Service;

/// What an HTTP/2 client sends first (RFC 9113 §3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long a client may take to say which protocol it speaks.
const PREFACE_LIMIT: Duration = Duration::from_secs(10);
/// What someone with another protocol is told. `HTTP/1.1 505` is what he can read.
const OTHER_PROTOCOL: &[u8] = b"HTTP/1.1 505 HTTP Version Not Supported\r\n\
    content-type: text/plain\r\ncontent-length: 80\r\nconnection: close\r\n\r\n\
    This port takes only HTTP/2 with prior knowledge (h2c), as gRPC clients speak.\r\n";

/// How much a port takes at a time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time; further ones are closed at once.
    pub connections: usize,
    /// Streams at a time on one connection; HTTP/2 tells the client, which waits.
    pub streams: u32,
    /// What is kept of bodies on the way.
    pub buffers: Buffers,
}

impl Limits {
    /// For a local service: 128 connections with 64 streams each; of what a client sends before the service reads it,
    /// 64 kB for a stream and 256 kB for a connection; and 16 kB of each answer that a client does not read.
    pub const LOCAL: Self = Self {
        connections: 128,
        streams: 64,
        buffers: Buffers { stream: 64 << 10, connection: 256 << 10, sending: 16 << 10 },
    };
}

/// Serves HTTP/2 with prior knowledge until `shutdown` is ready, then lets running calls end for a moment.
pub async fn serve<S, B>(listener: TcpListener, limits: Limits, service: S, shutdown: impl Future + Send)
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
    serve_with(listener, limits, handler(service), shutdown).await;
}

pub(crate) async fn serve_with(
    listener: TcpListener,
    limits: Limits,
    handler: Handler,
    shutdown: impl Future + Send,
) {
    let mut each = |tcp, peer, stop| -> Work { Box::pin(welcome(tcp, limits, peer, handler.clone(), stop)) };
    accept_until(listener, limits.connections, GRACE, shutdown, &mut each).await;
}

async fn welcome(
    mut tcp: TcpStream,
    limits: Limits,
    peer: SocketAddr,
    handler: Handler,
    stop: watch::Receiver<bool>,
) {
    let Some(preface) = preface(&mut tcp).await else { return };
    let (reader, writer) = tcp.into_split();
    let io = tokio::io::join(Cursor::new(preface).chain(reader), writer);
    let protocol = Protocol::Http2(server::Limits { streams: limits.streams, buffers: Some(limits.buffers) });
    let peer = Peer { address: peer, certificate: None };
    converse(Box::new(io), protocol, peer, handler, stop, None).await;
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
    server::part(tcp).await;
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

    #[tokio::test(start_paused = true)]
    async fn a_client_that_says_too_little_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        for said in [&PREFACE[..0], &PREFACE[..1], &PREFACE[..23]] {
            let mut client = TcpStream::connect(address).await.expect("a connection");
            client.write_all(said).await.expect("it is read");
            let (mut served, _) = listener.accept().await.expect("a client");
            assert_eq!(preface(&mut served).await, None);
        }
        let mut client = TcpStream::connect(address).await.expect("a connection");
        client.write_all(PREFACE).await.expect("it is read");
        let (mut served, _) = listener.accept().await.expect("a client");
        served.readable().await.expect("it is there");
        assert_eq!(preface(&mut served).await.as_deref(), Some(&PREFACE[..]));
    }
}
