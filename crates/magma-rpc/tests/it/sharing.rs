//! One connection for many services, and what happens when it is lost.

use crate::fixture::{Authority, Served, connection, log_event};
use magma_rpc::channel::{Connection, Endpoint, Transport};
use magma_rpc::tls::ClientAuth;
use magma_rpc::{Code, Failure, deadline, failure_of};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const NAME: &str = "controller.magma.test";

#[tokio::test]
async fn many_authorities_share_one_connection() {
    let (root, certifier) = (Authority::new("root"), Authority::new("certifier"));
    let served = Served::start(&root.server(&[NAME]), ClientAuth::Required(&certifier.trust())).await;
    let counted = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let through = counted.local_addr().unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let (count, target) = (accepted.clone(), served.address);
    let relay = tokio::spawn(async move {
        while let Ok((mut inbound, _)) = counted.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let mut outbound = TcpStream::connect(target).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut inbound, &mut outbound).await.ok() });
        }
    });
    let gateway = certifier.client("gw");
    let shared = connection(through, NAME, &root.trust(), Some(&gateway));
    let services = ["state", "streamer", "metricsd", "dispatcher"];
    let calls = services.map(|service| {
        let shared = shared.clone();
        tokio::spawn(async move { log_event(&shared, &format!("{service}-{NAME}")).await })
    });
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(served.service.calls.load(Ordering::SeqCst), services.len());
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
    shared.close().await;
    log_event(&shared, NAME).await.unwrap();
    assert_eq!(accepted.load(Ordering::SeqCst), 2, "closing makes the next call connect anew");
    relay.abort();
    served.stop().await;
}

#[tokio::test]
async fn a_connection_ends_with_its_last_channel_and_no_sooner() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shared = plain(listener.local_addr().unwrap().port());
    let (weak, channel) = (shared.downgrade(), shared.channel("mme.local"));
    drop(shared);
    channel.ready().await.unwrap();
    let (mut socket, _) = listener.accept().await.unwrap();
    assert!(weak.upgrade().is_some(), "who has a channel has the connection");
    channel.ready().await.unwrap();
    drop(channel);
    assert!(weak.upgrade().is_none());
    let mut sent = Vec::new();
    timeout(Duration::from_secs(60), socket.read_to_end(&mut sent)).await.expect("its end").unwrap();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    assert!(sent.starts_with(preface) && sent[1..].windows(preface.len()).all(|piece| piece != preface));
    let another = timeout(Duration::ZERO, listener.accept()).await;
    assert!(another.is_err(), "one connection was enough");
}

#[tokio::test]
async fn a_lost_connection_is_made_again() {
    let (root, certifier) = (Authority::new("root"), Authority::new("certifier"));
    let (identity, gateway) = (root.server(&[NAME]), certifier.client("gw"));
    let served = Served::start(&identity, ClientAuth::Required(&certifier.trust())).await;
    let address = served.address;
    let shared = served.connection(NAME, &root.trust(), Some(&gateway));
    log_event(&shared, NAME).await.unwrap();
    served.stop().await;
    let status = log_event(&shared, NAME).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(matches!(failure_of(&status), Some(Failure::Connect { .. })), "{status:?}");
    let listener = TcpListener::bind(address).await.unwrap();
    let again = Served::on(listener, &identity, ClientAuth::Required(&certifier.trust()));
    log_event(&shared, NAME).await.unwrap();
    again.stop().await;
}

/// What nginx does with a client certificate that it does not like, and a proxy with a dead upstream.
#[tokio::test]
async fn an_http_answer_that_is_not_grpc_is_told_by_its_status() {
    for (status_code, rejected) in [(400_u16, true), (502, false)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ingress = tower_like(move |_| http::Response::builder().status(status_code));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let task = tokio::spawn(magma_rpc::server::serve_plain(listener, ingress, stopped));
        let plain = plain(address.port());
        let status = log_event(&plain, NAME).await.unwrap_err();
        let failure = failure_of(&status).unwrap();
        assert!(matches!(failure, Failure::Http { status } if *status == status_code), "{failure:?}");
        assert_eq!(failure.is_certificate_rejected(), rejected);
        stop.send(()).unwrap();
        task.await.unwrap();
    }
}

#[tokio::test]
async fn what_does_not_speak_http2_is_an_error_and_no_hang() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await.unwrap();
        socket.read_to_end(&mut Vec::new()).await.ok();
    });
    let status =
        deadline(Duration::from_secs(120), log_event(&plain(port), "magmad.local")).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    server.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_service_that_never_answers_meets_the_deadline() {
    let status = deadline(Duration::from_secs(8), std::future::pending::<Result<(), _>>()).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

fn plain(port: u16) -> Connection {
    // The name is below .localhost, which is this machine whatever the resolver says.
    Connection::new(Endpoint {
        host: "gateway.localhost".into(),
        port,
        server_name: String::new(),
        transport: Transport::Plain,
    })
}

type Empty = http_body_util::Empty<bytes::Bytes>;

fn tower_like(
    answer: impl Fn(()) -> http::response::Builder + Clone + Send + Sync + 'static,
) -> impl tower_service::Service<
    http::Request<magma_rpc::Body>,
    Response = http::Response<Empty>,
    Error = std::convert::Infallible,
    Future = std::future::Ready<Result<http::Response<Empty>, std::convert::Infallible>>,
> + Clone
+ Send
+ Sync {
    Fixed(answer)
}

#[derive(Clone)]
struct Fixed<F>(F);

impl<F: Fn(()) -> http::response::Builder> tower_service::Service<http::Request<magma_rpc::Body>>
    for Fixed<F>
{
    type Response = http::Response<Empty>;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<magma_rpc::Body>) -> Self::Future {
        std::future::ready(Ok((self.0)(()).body(Empty::new()).unwrap()))
    }
}
