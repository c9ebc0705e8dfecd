//! Raw calls: what SyncRPC hands to a local service, and what comes back.

use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::forward::{self, ForwardFrame};
use magma_rpc::server::{Router, serve_plain};
use magma_rpc::{BoxStream, Failure, Request, Response, Status, tonic};
use std::collections::BTreeMap;
use tokio::net::TcpListener;
use wire_orc8r::orc8r::streamer_server::{Streamer, StreamerServer};
use wire_orc8r::orc8r::{DataUpdateBatch, StreamRequest};

/// A stream of two messages that ends with an error.
struct TwoThenAborted;

#[tonic::async_trait]
impl Streamer for TwoThenAborted {
    type GetUpdatesStream = BoxStream<DataUpdateBatch>;

    async fn get_updates(
        &self,
        request: Request<StreamRequest>,
    ) -> Result<Response<Self::GetUpdatesStream>, Status> {
        assert_eq!(request.metadata().get("x-trace").unwrap(), "7");
        assert!(request.metadata().get("connection").is_none());
        let batch = DataUpdateBatch { resync: true, ..DataUpdateBatch::default() };
        let items = vec![Ok(batch.clone()), Ok(batch), Err(Status::aborted("enough, for now"))];
        Ok(Response::new(Box::pin(tokio_stream::iter(items))))
    }
}

fn channel(port: u16) -> Channel {
    let endpoint =
        Endpoint { host: "127.0.0.1".into(), port, server_name: String::new(), transport: Transport::Plain };
    Connection::new(endpoint).channel("streamer")
}

fn headers() -> BTreeMap<String, String> {
    // As the existing cloud writes them: Go's capitals, and some that belong to its own connection.
    [("X-Trace", "7"), ("Te", "trailers"), ("Connection", "close"), ("Content-Type", "application/grpc")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

#[tokio::test]
async fn frames_pass_as_they_are_and_trailers_end_them() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().add(StreamerServer::new(TwoThenAborted));
    let server = tokio::spawn(serve_plain(listener, router, std::future::pending::<()>()));
    let request = vec![0, 0, 0, 0, 0];
    let mut answer =
        forward::call(&channel(port), "/magma.orc8r.Streamer/GetUpdates", &headers(), request).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/grpc");
    assert!(!answer.headers.contains_key("date"), "existing clouds split values at commas");
    let mut data = Vec::new();
    let mut trailers = BTreeMap::new();
    while let Some(frame) = answer.body.frame().await {
        match frame.unwrap() {
            ForwardFrame::Data(bytes) => data.extend_from_slice(&bytes),
            ForwardFrame::Trailers(found) => trailers = found,
        }
    }
    // Twice: not compressed, two bytes long, resync = true.
    assert_eq!(data, [0, 0, 0, 0, 2, 0x10, 1].repeat(2));
    assert_eq!(trailers["grpc-status"], "10");
    assert_eq!(trailers["grpc-message"], "enough%2C%20for%20now".replace("%2C", ","));
    server.abort();
}

#[tokio::test]
async fn a_closed_port_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let answer =
        forward::call(&channel(port), "/magma.orc8r.Streamer/GetUpdates", &headers(), Vec::new()).await;
    assert!(matches!(answer, Err(Failure::Connect { .. })), "{answer:?}");
}

#[tokio::test]
async fn what_is_no_path_is_told() {
    for path in ["", "nope", "magmad:50052", "/a b"] {
        let answer = forward::call(&channel(1), path, &headers(), Vec::new()).await;
        assert!(matches!(answer, Err(Failure::Path { .. })), "{path:?}: {answer:?}");
    }
}

#[tokio::test]
async fn an_unknown_service_is_answered_as_unimplemented() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(serve_plain(listener, Router::new(), std::future::pending::<()>()));
    let answer =
        forward::call(&channel(port), "/magma.orc8r.Magmad/Reboot", &headers(), Vec::new()).await.unwrap();
    assert_eq!(answer.headers["grpc-status"], "12");
    server.abort();
}
