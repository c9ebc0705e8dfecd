//! What lies between a gateway and its cloud: a gateway's control proxy, and a wire that can be watched.

use magma_rpc::channel::{Connection, Endpoint, Transport};
use magma_rpc::server::serve_plain;
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use magma_rpc::{Body, Status, tonic};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A relay in front of a TLS port that notes each connection's first bytes, the TLS ClientHello, how many
/// connections are open at once, and how many bytes pass.
pub struct Wire {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

#[derive(Clone, Default)]
pub struct Seen {
    pub hellos: Vec<Vec<u8>>,
    pub open_at_once: usize,
    /// From the gateway, and to it.
    pub bytes: [usize; 2],
    open: usize,
}

impl Wire {
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let noted = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((inbound, _)) = listener.accept().await {
                tokio::spawn(relay(inbound, target, noted.clone()));
            }
        });
        Self { address, seen, task }
    }

    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

impl Seen {
    fn opened(&mut self, hello: Vec<u8>) {
        self.bytes[0] += hello.len();
        self.hellos.push(hello);
        self.open += 1;
        self.open_at_once = self.open_at_once.max(self.open);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(mut inbound: TcpStream, target: SocketAddr, seen: Arc<Mutex<Seen>>) {
    let mut hello = vec![0; 4096];
    let Ok(length) = inbound.read(&mut hello).await else { return };
    hello.truncate(length);
    let Ok(mut outbound) = TcpStream::connect(target).await else { return };
    if outbound.write_all(&hello).await.is_ok() {
        seen.lock().unwrap().opened(hello);
        let (from, to) = (inbound.split(), outbound.split());
        tokio::select! {
            () = carry(from.0, to.1, 0, &seen) => {}
            () = carry(to.0, from.1, 1, &seen) => {}
        }
        seen.lock().unwrap().open -= 1;
    }
}

/// Carries bytes one way until either side ends, and counts them.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    way: usize,
    seen: &Mutex<Seen>,
) {
    let mut bytes = vec![0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        seen.lock().unwrap().bytes[way] += length;
        if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
    to.shutdown().await.ok();
}

/// A control proxy: plain HTTP/2 from the gateway's services, and one mTLS connection to the cloud, whose server
/// name is the controller's plain name. Like the existing one it reads the certificate when it starts.
pub struct ControlProxy {
    task: JoinHandle<()>,
}

/// Where a proxy finds what it needs.
#[derive(Clone)]
pub struct ProxySettings {
    pub cloud: SocketAddr,
    pub server_name: String,
    pub certificates: PathBuf,
}

impl ControlProxy {
    pub async fn start(port: u16, settings: &ProxySettings) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let forward = Forward { cloud: Ok(connection(settings)) };
        Self { task: tokio::spawn(serve_plain(listener, forward, std::future::pending::<()>())) }
    }

    /// One whose edge answers everything with this HTTP status.
    pub async fn refusing(port: u16, status: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let forward = Forward { cloud: Err(status) };
        Self { task: tokio::spawn(serve_plain(listener, forward, std::future::pending::<()>())) }
    }

    /// Ends it and its connections.
    pub async fn stop(mut self) {
        self.task.abort();
        // Its end is that it was aborted.
        let _ = (&mut self.task).await;
    }
}

impl Drop for ControlProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn connection(settings: &ProxySettings) -> Connection {
    let read = |name: &str| std::fs::read(settings.certificates.join(name)).unwrap();
    let trust = TrustAnchors::from_pem(&read("rootCA.pem")).unwrap();
    let identity = Identity::from_pem(&read("gateway.crt"), &read("gateway.key")).unwrap();
    Connection::new(Endpoint {
        host: settings.cloud.ip().to_string(),
        port: settings.cloud.port(),
        server_name: settings.server_name.clone(),
        transport: Transport::Tls(ClientTls::new(&trust, Some(&identity)).unwrap()),
    })
}

#[derive(Clone)]
struct Forward {
    cloud: Result<Connection, u16>,
}

impl tonic::codegen::Service<tonic::codegen::http::Request<Body>> for Forward {
    type Response = tonic::codegen::http::Response<Body>;
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: tonic::codegen::http::Request<Body>) -> Self::Future {
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let cloud = self.cloud.clone();
        Box::pin(async move {
            let mut channel = match cloud {
                Ok(cloud) => cloud.channel(&authority),
                Err(status) => {
                    let refusal = tonic::codegen::http::Response::builder().status(status);
                    return Ok(refusal.body(Body::empty()).unwrap());
                }
            };
            Ok(match channel.call(request).await {
                Ok(response) => response.map(Body::new),
                Err(status) => Status::new(status.code(), status.message()).into_http(),
            })
        })
    }
}

/// The configuration of the existing proxy, nghttpx, for one gateway (spec: nghttpx's manual, `--backend`).
pub fn nghttpx_arguments(port: u16, settings: &ProxySettings) -> Vec<String> {
    let file = |name: &str| settings.certificates.join(name).to_string_lossy().into_owned();
    let (cloud, server_name) = (settings.cloud, &settings.server_name);
    vec![
        "--conf=/dev/null".into(),
        format!("--frontend=127.0.0.1,{port};no-tls"),
        format!("--backend={},{};;proto=h2;tls;sni={server_name}", cloud.ip(), cloud.port()),
        format!("--cacert={}", file("rootCA.pem")),
        format!("--client-cert-file={}", file("gateway.crt")),
        format!("--client-private-key-file={}", file("gateway.key")),
        "--workers=1".into(),
        "--frontend-http2-settings-timeout=1000".into(),
        "--no-via".into(),
        "--errorlog-file=/dev/stderr".into(),
        "--single-process".into(),
    ]
}

/// Whether a program is on the path.
pub fn installed(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|paths| {
        std::env::split_paths(&paths).any(|folder: PathBuf| Path::new(&folder).join(program).is_file())
    })
}
