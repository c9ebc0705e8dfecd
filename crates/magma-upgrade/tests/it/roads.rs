//! What lies between a gateway and a web server: TLS in front of it, and an HTTP proxy on the way.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use magma_rpc::http_proxy::HttpProxy;
use magma_rpc::tls::{ClientAuth, ClientTls, Identity, ServerTls, TrustAnchors};
use magma_rpc::tls_stream::ByteStream;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::web::Web;

/// A name that is this machine everywhere (RFC 6761 §6.3).
pub const NAME: &str = "downloads.localhost";

/// Somebody who signs certificates of servers.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    pub fn trusted(&self) -> ClientTls {
        ClientTls::new(&TrustAnchors::from_pem(self.pem.as_bytes()).unwrap(), None).unwrap()
    }

    /// The certificate and the key of a server.
    pub fn server(&self, name: &str, expired: bool) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        if expired {
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// Serves the files of `web` with TLS too; returns the URL.
pub async fn with_tls(web: &Web, (certificate, key): &(String, String)) -> String {
    let identity = Identity::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    let tls = ServerTls::new(&identity, ClientAuth::None).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = web.answering::<Box<dyn ByteStream>>();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let (tls, answer) = (tls.clone(), answer.clone());
            tokio::spawn(async move {
                if let Ok(stream) = tls.accept(tcp).await {
                    answer(stream);
                }
            });
        }
    });
    format!("https://{NAME}:{port}")
}

/// A proxy for `CONNECT` and for whole URLs, to whatever server on this machine.
pub struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    cuts: Arc<AtomicUsize>,
}

impl Proxy {
    /// One that answers everything with `refusal`, if there is one.
    pub async fn start(refusal: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Self { address, heads: Arc::default(), cuts: Arc::default() };
        let (heads, cuts) = (proxy.heads.clone(), proxy.cuts.clone());
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(pass(tcp, refusal, heads.clone(), cuts.clone()));
            }
        });
        proxy
    }

    /// The way to it, as an operator writes it.
    pub fn url(&self, credentials: &str) -> String {
        format!("http://{credentials}{}", self.address)
    }

    pub fn way(&self, credentials: &str) -> Option<HttpProxy> {
        Some(HttpProxy::from_url(&self.url(credentials)).unwrap())
    }

    /// The next tunnel ends without a word, nor the end of TLS, after this many bytes from the server.
    pub fn cut(&self, after: usize) {
        self.cuts.store(after, Ordering::SeqCst);
    }

    /// What it was asked for, header by header.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn pass(
    mut tcp: TcpStream,
    refusal: Option<&'static str>,
    heads: Arc<Mutex<Vec<String>>>,
    cuts: Arc<AtomicUsize>,
) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tcp.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    heads.lock().unwrap().push(head.clone());
    if let Some(refusal) = refusal {
        let answer = format!("HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return tcp.write_all(answer.as_bytes()).await.ok();
    }
    let (method, rest) = head.split_once(' ')?;
    let (target, rest) = rest.split_once(' ')?;
    let authority = target.strip_prefix("http://").unwrap_or(target);
    let (authority, path) = authority.split_once('/').unwrap_or((authority, ""));
    let port = authority.rsplit_once(':')?.1;
    let mut server = TcpStream::connect(format!("127.0.0.1:{port}")).await.ok()?;
    if method == "CONNECT" {
        tcp.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
    } else {
        server.write_all(format!("{method} /{path} {rest}").as_bytes()).await.ok()?;
    }
    match cuts.swap(0, Ordering::SeqCst) {
        0 => copy_bidirectional(&mut tcp, &mut server).await.ok().map(drop),
        bytes => {
            let ((mut from, mut to), (mut down, mut up)) = (server.split(), tcp.split());
            let passed = async {
                let mut limited = (&mut from).take(bytes as u64);
                tokio::io::copy(&mut limited, &mut up).await
            };
            tokio::select! {
                _ = passed => {}
                _ = tokio::io::copy(&mut down, &mut to) => {}
            }
            Some(())
        }
    }
}
