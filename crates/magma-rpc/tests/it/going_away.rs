//! A server that sends GOAWAY in the middle of things, as nginx does after so many requests, and Go's servers after
//! so many minutes.

use bytes::Bytes;
use http_body::Frame;
use http_body_util::StreamBody;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use magma_rpc::channel::{Connection, Endpoint, Transport};
use magma_rpc::http_call;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio_stream::wrappers::ReceiverStream;

/// What the server is told to do.
#[derive(Default)]
struct Orders {
    go_away: Notify,
    end_held: Notify,
}

#[tokio::test]
async fn a_connection_that_goes_away_finishes_its_calls_and_new_ones_get_another() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let orders = Arc::new(Orders::default());
    let told = orders.clone();
    let server = tokio::spawn(async move {
        for number in 1.. {
            let (tcp, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(tcp, number, told.clone()));
        }
    });
    let (host, port) = (address.ip().to_string(), address.port());
    let endpoint = Endpoint { host, port, server_name: String::new(), transport: Transport::Plain };
    let channel = Connection::new(endpoint).channel("controller.magma.test");
    let mut held = http_call::request(&channel, "GET", "/held", None).await.unwrap();
    assert_eq!(held.chunk().await.unwrap().unwrap(), "1");
    orders.go_away.notify_one();
    // Until the order is heard, calls still go the old way. None fails.
    let mut number = Bytes::from("1");
    while number == "1" {
        let answer = http_call::request(&channel, "GET", "/once", None).await.unwrap();
        number = answer.bytes().await.unwrap().into();
    }
    assert_eq!(number, "2");
    orders.end_held.notify_one();
    assert_eq!(held.chunk().await.unwrap().unwrap(), "end");
    server.abort();
}

/// Answers with the connection's number; `/held` goes on with `end` when told. The first connection goes away when told.
async fn serve(tcp: TcpStream, number: u32, orders: Arc<Orders>) {
    let told = orders.clone();
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (sender, pieces) = mpsc::channel(2);
        sender.try_send(Ok::<_, Infallible>(Frame::data(Bytes::from(number.to_string())))).unwrap();
        if request.uri().path() == "/held" {
            let told = told.clone();
            tokio::spawn(async move {
                told.end_held.notified().await;
                sender.send(Ok(Frame::data(Bytes::from("end")))).await.ok();
            });
        }
        let body = StreamBody::new(ReceiverStream::new(pieces));
        std::future::ready(Ok::<_, Infallible>(http::Response::new(body)))
    });
    let builder = http2::Builder::new(TokioExecutor::new());
    let mut connection = pin!(builder.serve_connection(TokioIo::new(tcp), service));
    tokio::select! {
        end = connection.as_mut() => end.ok(),
        () = orders.go_away.notified(), if number == 1 => {
            connection.as_mut().graceful_shutdown();
            connection.await.ok()
        }
    };
}
