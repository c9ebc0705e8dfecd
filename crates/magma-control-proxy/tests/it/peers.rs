//! What stands on either side of the proxy: a cloud behind TLS, a local service, and those who call.

use crate::certificates::Authority;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use magma_control_proxy::{Destinations, Measures, serve};
use magma_rpc::channel::{Channel, Connection, Endpoint, Manner, Names, Transport};
use magma_rpc::server::{PeerCertificate, serve_plain, serve_tls};
use magma_rpc::tls::{ClientAuth, ClientTls, ServerTls};
use magma_rpc::{Body, Failure, Passed};
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;

pub const CLOUD: &str = "controller.magma.test";
/// How long anything may take that is waited for.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a peer has seen and is told.
#[derive(Clone)]
pub struct Notes {
    pub authorities: Arc<Mutex<Vec<String>>>,
    /// The certificate of each call's client.
    pub certificates: Arc<Mutex<Vec<Vec<u8>>>>,
    /// Chunks of `/flood` that were taken off.
    pub flooded: Arc<AtomicUsize>,
    /// Calls of `/hold` and `/flood` that run.
    pub running: watch::Sender<i32>,
}

impl Default for Notes {
    fn default() -> Self {
        Self {
            authorities: Arc::default(),
            certificates: Arc::default(),
            flooded: Arc::default(),
            running: watch::Sender::new(0),
        }
    }
}

impl Notes {
    /// Waits until so many calls are held.
    pub async fn until_running(&self, count: i32) {
        let mut running = self.running.subscribe();
        let waited = tokio::time::timeout(PATIENCE, running.wait_for(|running| *running == count)).await;
        waited.unwrap_or_else(|_| panic!("not {count} calls run, but {}", *self.running.borrow())).unwrap();
    }
}

/// One running call; it is counted down when its future or body is dropped.
struct Held(Notes);

impl Held {
    fn new(notes: &Notes) -> Self {
        notes.running.send_modify(|running| *running += 1);
        Self(notes.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.running.send_modify(|running| *running -= 1);
    }
}

/// A service of the gateway or of the cloud, on the level of HTTP.
#[derive(Clone)]
pub struct Peer {
    pub name: &'static str,
    pub notes: Notes,
}

impl tower_service::Service<Request<Body>> for Peer {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let peer = self.clone();
        Box::pin(async move { Ok(peer.answer(request).await) })
    }
}

impl Peer {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        self.notes.authorities.lock().unwrap().push(authority);
        if let Some(PeerCertificate(der)) = request.extensions().get() {
            self.notes.certificates.lock().unwrap().push(der.to_vec());
        }
        let (sender, pieces) = mpsc::channel::<Result<Frame<Bytes>, &str>>(1);
        match request.uri().path() {
            "/hold" => {
                let _held = Held::new(&self.notes);
                std::future::pending::<()>().await;
            }
            "/flood" => {
                let (held, flooded) = (Held::new(&self.notes), self.notes.flooded.clone());
                tokio::spawn(async move {
                    while sender.send(Ok(Frame::data(Bytes::from(vec![7; 16 << 10])))).await.is_ok() {
                        flooded.fetch_add(1, Ordering::SeqCst);
                    }
                    drop(held);
                });
            }
            "/break" => {
                let mut told = request.into_body();
                tokio::spawn(async move {
                    sender.send(Ok(Frame::data(Bytes::from_static(b"begun")))).await.ok();
                    told.frame().await;
                    sender.send(Err("broken on purpose")).await.ok();
                });
            }
            "/nothing" => {
                let bad_request = Response::builder().status(400).header("content-type", "text/html");
                return bad_request.body(Body::empty()).unwrap();
            }
            _ => drop(tokio::spawn(echo(request.into_body(), sender))),
        }
        let mut response = Response::new(Body::new(
            StreamBody::new(ReceiverStream::new(pieces))
                .map_err(|reason| -> Box<dyn std::error::Error + Send + Sync> { reason.into() }),
        ));
        let headers = response.headers_mut();
        headers.insert("content-type", "application/grpc".parse().unwrap());
        headers.insert("x-peer", self.name.parse().unwrap());
        response
    }
}

/// Each piece comes back as it came; then the trailers, with one more.
async fn echo(mut body: Body, sender: mpsc::Sender<Result<Frame<Bytes>, &'static str>>) {
    let mut trailers = HeaderMap::new();
    while let Some(Ok(frame)) = body.frame().await {
        match frame.into_trailers() {
            Ok(received) => trailers = received,
            Err(frame) => {
                if sender.send(Ok(frame)).await.is_err() {
                    return;
                }
            }
        }
    }
    trailers.insert("grpc-status", "0".parse().unwrap());
    sender.send(Ok(Frame::trailers(trailers))).await.ok();
}

/// A peer that serves, until it is cut off.
pub struct Serving {
    pub address: SocketAddr,
    pub notes: Notes,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Serving {
    /// In a runtime of its own, so that it can be cut off in the middle of everything.
    pub fn start(name: &'static str, tls: Option<ServerTls>) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let (address, notes) = (socket.local_addr().unwrap(), Notes::default());
        let peer = Peer { name, notes: notes.clone() };
        runtime.spawn(async move {
            let listener = TcpListener::from_std(socket).unwrap();
            let forever = std::future::pending::<()>();
            match tls {
                Some(tls) => serve_tls(listener, tls, peer, forever).await,
                None => serve_plain(listener, peer, forever).await,
            }
        });
        Self { address, notes, runtime: Some(runtime) }
    }

    pub fn cloud(authority: &Authority, names: &[&str]) -> Self {
        let identity = authority.server(names).identity();
        let trust = authority.trust();
        Self::start("cloud", Some(ServerTls::new(&identity, ClientAuth::Required(&trust)).unwrap()))
    }

    pub fn cut_off(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.cut_off();
    }
}

/// Where the proxy's calls go.
#[derive(Clone, Default)]
pub struct Roads {
    pub local: Option<SocketAddr>,
    pub cloud: Arc<Mutex<Option<Connection>>>,
}

impl Roads {
    pub fn to(local: SocketAddr, cloud: Connection) -> Self {
        Self { local: Some(local), cloud: Arc::new(Mutex::new(Some(cloud))) }
    }
}

impl Destinations for Roads {
    fn local(&self, service: &str, authority: &str) -> Option<Channel> {
        let address = self.local.filter(|_| service == "subscriberdb")?;
        Some(plain(address).channel(authority))
    }

    fn cloud(&self, authority: &str) -> Result<Channel, String> {
        let cloud = self.cloud.lock().unwrap();
        cloud
            .as_ref()
            .map(|cloud| cloud.channel(authority))
            .ok_or_else(|| "there is no certificate yet".into())
    }
}

/// The proxy.
pub struct Proxy {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Proxy {
    pub async fn start(roads: Roads) -> Self {
        Self::measured(roads, Measures::default()).await
    }

    pub async fn measured(roads: Roads, measures: Measures) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(serve(listener, roads, measures, std::future::pending::<()>()));
        Self { address, task }
    }

    /// A caller with a connection of its own.
    pub fn caller(&self, authority: &str) -> Channel {
        plain(self.address).channel(authority)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub fn plain(address: SocketAddr) -> Connection {
    let (host, port) = (address.ip().to_string(), address.port());
    Connection::new(Endpoint { server_name: host.clone(), host, port, transport: Transport::Plain })
}

pub fn to_cloud(address: SocketAddr, tls: ClientTls) -> Connection {
    let endpoint = Endpoint {
        host: address.ip().to_string(),
        port: address.port(),
        server_name: CLOUD.to_owned(),
        transport: Transport::Tls(tls),
    };
    Connection::with(endpoint, Manner { names: Names::OrEachAuthority, ..Manner::default() })
}

/// A gRPC call whose request body is what `sender` is given.
pub fn open(path: &str) -> (mpsc::Sender<Result<Frame<Bytes>, Infallible>>, Request<Body>) {
    let (sender, pieces) = mpsc::channel(1);
    let request = Request::post(path).header("content-type", "application/grpc").header("te", "trailers");
    (sender, request.body(Body::new(StreamBody::new(ReceiverStream::new(pieces)))).unwrap())
}

pub fn request(path: &str, body: &'static [u8]) -> Request<Body> {
    let body = Body::new(http_body_util::Full::new(Bytes::from_static(body)));
    Request::post(path).header("content-type", "application/grpc").body(body).unwrap()
}

/// The answer within reason.
pub async fn pass(channel: &Channel, request: Request<Body>) -> Result<Response<Passed>, Failure> {
    tokio::time::timeout(PATIENCE, channel.pass(request)).await.expect("an answer in time")
}

/// The next frame within reason.
pub async fn frame(body: &mut Passed) -> Option<Result<Frame<Bytes>, magma_rpc::Interrupted>> {
    tokio::time::timeout(PATIENCE, body.frame()).await.expect("a frame in time")
}

/// A gRPC status with its message, wherever the answer has it.
pub async fn status(response: Response<Passed>) -> (String, String) {
    let (head, body) = response.into_parts();
    let trailers = match head.headers.get("grpc-status") {
        Some(_) => head.headers,
        None => body.collect().await.unwrap().trailers().cloned().unwrap_or_default(),
    };
    let text = |name: &str| trailers.get(name).map(|value| value.to_str().unwrap().to_owned());
    (text("grpc-status").unwrap_or_default(), text("grpc-message").unwrap_or_default().replace("%20", " "))
}
