//! A local port that more clients come to than it has places for.

use bytes::Bytes;
use http_body_util::{BodyExt, StreamBody};
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::server::serve_plain;
use magma_rpc::{Body, Status};
use std::convert::Infallible;
use std::future::{Future, pending};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower_service::Service;

/// What a local port takes at a time, as its documentation says.
const CONNECTIONS: usize = 128;
const CALLS: usize = 128;
/// The longest that anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How an HTTP/2 client begins: the preface and empty settings.
const BEGINNING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// Answers once it is let; under `/a.B/Endless`, it answers at once and never ends.
#[derive(Clone)]
struct Held(watch::Receiver<bool>);

impl Service<http::Request<Body>> for Held {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        if request.uri().path() == "/a.B/Endless" {
            let nothing = tokio_stream::pending::<Result<http_body::Frame<Bytes>, Status>>();
            return Box::pin(async { Ok(http::Response::new(Body::new(StreamBody::new(nothing)))) });
        }
        let mut held = self.0.clone();
        Box::pin(async move {
            held.wait_for(|free| *free).await.ok();
            Ok(Status::aborted("as it was asked").into_http())
        })
    }
}

async fn serve(held: bool) -> (u16, watch::Sender<bool>) {
    let (free, waiting) = watch::channel(!held);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve_plain(listener, Held(waiting), pending::<()>()));
    (port, free)
}

fn channel(port: u16) -> Channel {
    let endpoint =
        Endpoint { host: "127.0.0.1".into(), port, server_name: String::new(), transport: Transport::Plain };
    Connection::new(endpoint).channel("magmad")
}

/// The gRPC status of a call, if it was answered.
async fn call(channel: Channel) -> Option<String> {
    let answer = channel.pass(http::Request::post("/a.B/C").body(Body::empty()).unwrap()).await.ok()?;
    let status = answer.headers()["grpc-status"].to_str().unwrap().to_owned();
    answer.into_body().collect().await.unwrap();
    Some(status)
}

/// A connection on which the server's settings have come; nothing if the server closed it.
async fn connection(port: u16) -> Option<TcpStream> {
    let mut tcp = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    tcp.write_all(BEGINNING).await.ok()?;
    let read = tokio::time::timeout(PATIENCE, tcp.read_u8()).await.expect("an answer or an end");
    read.ok().map(|_| tcp)
}

#[tokio::test]
async fn connections_beyond_the_bound_are_closed_and_the_others_go_on() {
    let (port, _free) = serve(false).await;
    let caller = channel(port);
    assert_eq!(call(caller.clone()).await.as_deref(), Some("10"));
    let mut open = Vec::new();
    for _ in 1..CONNECTIONS {
        open.push(connection(port).await.expect("there is a place"));
    }
    for _ in 0..3 {
        assert!(connection(port).await.is_none(), "one more than {CONNECTIONS}");
    }
    assert_eq!(call(caller).await.as_deref(), Some("10"), "who has a place keeps it");
    open.pop();
    let freed = async { while connection(port).await.is_none() {} };
    tokio::time::timeout(PATIENCE, freed).await.expect("a place that is left is given again");
}

#[tokio::test]
async fn calls_beyond_the_bound_are_refused_and_the_others_are_answered() {
    let (port, free) = serve(true).await;
    let channels = [channel(port), channel(port), channel(port)];
    let mut calls = JoinSet::new();
    // Each connection has room for more streams: it is the sum that is bounded.
    for index in 0..CALLS + 2 {
        calls.spawn(call(channels[index % 3].clone()));
    }
    for _ in 0..2 {
        let refused = tokio::time::timeout(PATIENCE, calls.join_next()).await.expect("an answer");
        assert_eq!(refused.unwrap().unwrap().as_deref(), Some("8"));
    }
    free.send_replace(true);
    while let Some(answered) = calls.join_next().await {
        assert_eq!(answered.unwrap().as_deref(), Some("10"));
    }
    let [one, ..] = channels;
    assert_eq!(call(one).await.as_deref(), Some("10"), "the places are free again");
}

#[tokio::test]
async fn an_answer_that_nobody_reads_keeps_its_place() {
    let (port, _free) = serve(false).await;
    let channels = [channel(port), channel(port), channel(port)];
    let mut unread = Vec::new();
    for index in 0..CALLS {
        let request = http::Request::post("/a.B/Endless").body(Body::empty()).unwrap();
        unread.push(channels[index % 3].pass(request).await.unwrap());
    }
    let [one, ..] = channels;
    assert_eq!(call(one.clone()).await.as_deref(), Some("8"));
    unread.pop();
    let freed = async { while call(one.clone()).await.as_deref() != Some("10") {} };
    tokio::time::timeout(PATIENCE, freed).await.expect("a place that is left is given again");
}

/// An HTTP/2 frame (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The headers of a call: POST, http, `/a.B/C`, `magmad`.
const CALL: &[u8] = b"\x83\x86\x04\x06/a.B/C\x41\x06magmad";

/// Calls that are given up at once.
fn resets() -> Vec<u8> {
    let call = |id: u32| [frame(1, 4, id, CALL), frame(3, 0, id, &8_u32.to_be_bytes())].concat();
    (0..20_000).flat_map(|index| call(2 * index + 1)).collect()
}

/// A call whose headers do not end.
fn endless_headers() -> Vec<u8> {
    let field = b"\x00\x01x\x7f\x81\x00".iter().copied().chain([b'y'; 256]).collect::<Vec<u8>>();
    let more = frame(9, 0, 1, &field.repeat(50));
    [frame(1, 0, 1, CALL), more.repeat(1000)].concat()
}

#[tokio::test]
async fn a_flood_ends_its_connection_and_no_other() {
    for (name, flood) in [("resets", resets()), ("endless headers", endless_headers())] {
        let (port, _free) = serve(false).await;
        let caller = channel(port);
        assert_eq!(call(caller.clone()).await.as_deref(), Some("10"), "{name}");
        let (mut reader, mut writer) = connection(port).await.expect("there is a place").into_split();
        let writing = tokio::spawn(async move {
            writer.write_all(&flood).await.ok();
            // It is for the server to end this.
            pending::<()>().await;
        });
        let mut answers = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, reader.read_to_end(&mut answers)).await;
        let ended = ended.unwrap_or_else(|_| panic!("{name}: the connection is still there"));
        assert!(ended.is_err() || !answers.is_empty(), "{name}");
        writing.abort();
        assert_eq!(call(caller).await.as_deref(), Some("10"), "{name}");
    }
}
