//! One connection to one endpoint: name, TCP, TLS, HTTP/2.

use crate::Failure;
use crate::channel::{Endpoint, Manner, Transport};
use crate::http_proxy::HttpProxy;
use crate::tls::ClientTls;
use rustls::pki_types::ServerName;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
#[cfg(feature = "server-tls")]
use tokio::net::TcpSocket;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The limit for name, TCP and TLS together.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A byte stream of either kind.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What ended a stream, when TLS says more than the HTTP library passes on.
pub(crate) type Ending = Arc<Mutex<Option<Failure>>>;

/// Connects within the limit, through the proxy if there is one.
pub(crate) async fn connect(
    endpoint: &Endpoint,
    manner: &Manner,
    ending: Ending,
) -> Result<Box<dyn Stream>, Failure> {
    let address = host_and_port(&endpoint.host, endpoint.port);
    let proxy = manner.proxy.as_ref();
    let limited = tokio::time::timeout(CONNECT_LIMIT, open(endpoint, manner, &address, ending));
    let limited = limited.await;
    limited.unwrap_or_else(|_| {
        let seconds = CONNECT_LIMIT.as_secs();
        Err(match proxy {
            Some(proxy) => {
                let reason =
                    format!("nothing came of it within {seconds} s; check the proxy and the network");
                proxy.failure(&address, reason)
            }
            None => Failure::Timeout { address, seconds },
        })
    })
}

/// `host:port`, with brackets around an IPv6 address (RFC 3986 §3.2.2).
pub(crate) fn host_and_port(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

async fn open(
    endpoint: &Endpoint,
    manner: &Manner,
    address: &str,
    ending: Ending,
) -> Result<Box<dyn Stream>, Failure> {
    let tcp = match &manner.proxy {
        Some(proxy) => open_tunnel(proxy, address).await?,
        #[cfg(feature = "server-tls")]
        None if manner.source.is_some() => open_tcp_from(manner.source, endpoint, address).await?,
        None => open_tcp(&endpoint.host, endpoint.port, address).await?,
    };
    let Transport::Tls(tls) = &endpoint.transport else { return Ok(Box::new(tcp)) };
    let stream = handshake(tcp, &endpoint.server_name, address, tls).await?;
    let (address, server_name) = (address.to_owned(), endpoint.server_name.clone());
    Ok(Box::new(Observed { stream, address, server_name, ending }))
}

/// TLS over a connection to `address`, whose certificate must be for `server_name`.
pub(crate) async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    server_name: &str,
    address: &str,
    tls: &ClientTls,
) -> Result<TlsStream<S>, Failure> {
    let failed = |reason: String| Failure::Tls { address: address.to_owned(), reason };
    let name = ServerName::try_from(server_name.to_owned())
        .map_err(|_| failed(format!("{server_name} is no valid server name")))?;
    let handshake = TlsConnector::from(tls.config()).connect(name, stream).await;
    handshake.map_err(|error| {
        Failure::of_tls(&error, address, server_name).unwrap_or_else(|| failed(error.to_string()))
    })
}

/// The proxy resolves the cloud's name: a gateway behind one may have no resolver that knows it.
async fn open_tunnel(proxy: &HttpProxy, target: &str) -> Result<TcpStream, Failure> {
    let tcp = open_tcp(proxy.host(), proxy.port(), &proxy.to_string()).await.map_err(|failure| {
        proxy.failure(target, format!("{failure}; is it the one in https_proxy or http_proxy?"))
    })?;
    proxy.tunnel(tcp, target).await
}

async fn open_tcp(host: &str, port: u16, address: &str) -> Result<TcpStream, Failure> {
    let mut last = None;
    for candidate in resolve(host, port).await? {
        match TcpStream::connect(candidate).await {
            Ok(tcp) => {
                // Without it a small gRPC message waits for the peer's delayed acknowledgement, 40 ms.
                tcp.set_nodelay(true).ok();
                return Ok(tcp);
            }
            Err(error) => last = Some(error),
        }
    }
    let reason = last.map_or_else(|| "it has no address".to_owned(), |error| error.to_string());
    Err(Failure::Connect { address: address.to_owned(), reason })
}

/// From one of this machine's addresses.
#[cfg(feature = "server-tls")]
async fn open_tcp_from(
    source: Option<IpAddr>,
    endpoint: &Endpoint,
    address: &str,
) -> Result<TcpStream, Failure> {
    let connect = async |source: IpAddr| {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "it has no address of that family");
        for candidate in resolve(&endpoint.host, endpoint.port).await.unwrap_or_default() {
            if candidate.is_ipv4() != source.is_ipv4() {
                continue;
            }
            let socket = if source.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            socket.set_nodelay(true)?;
            socket.bind(SocketAddr::new(source, 0))?;
            match socket.connect(candidate).await {
                Ok(tcp) => return Ok(tcp),
                Err(error) => last = error,
            }
        }
        Err(last)
    };
    let source = source.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    let failed = |error: io::Error| Failure::Connect {
        address: address.to_owned(),
        reason: format!("{error} (from {source})"),
    };
    connect(source).await.map_err(failed)
}

/// Names below `.localhost` are this machine (RFC 6761 §6.3), whatever its resolver says.
async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let lower = host.to_ascii_lowercase();
    if lower == "localhost" || lower.ends_with(".localhost") {
        let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        return Ok(loopback.map(|ip| SocketAddr::new(ip, port)).to_vec());
    }
    match tokio::net::lookup_host((host, port)).await {
        Ok(found) => Ok(found.collect()),
        Err(error) => Err(Failure::Resolve { host: host.to_owned(), reason: error.to_string() }),
    }
}

/// A TLS stream that notes the TLS error which ends it. A TLS 1.3 server refuses a client certificate only after
/// the handshake, and the HTTP/2 library keeps no more than the text of such an error.
struct Observed<S> {
    stream: S,
    address: String,
    server_name: String,
    ending: Ending,
}

impl<S> Observed<S> {
    fn note<T>(&self, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if let Poll::Ready(Err(error)) = &result
            && let Some(failure) = Failure::of_tls(error, &self.address, &self.server_name)
            && let Ok(mut ending) = self.ending.lock()
        {
            ending.get_or_insert(failure);
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Observed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.note(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Observed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.note(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.note(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
