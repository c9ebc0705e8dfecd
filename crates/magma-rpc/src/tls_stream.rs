//! A TLS stream for protocols that are not HTTP, with the same trust, identity, limits and errors as gRPC channels.

use crate::Failure;
use crate::channel::{Endpoint, Manner, Transport};
use crate::connect::{self, Ending};
use crate::http_proxy::HttpProxy;
use crate::tls::ClientTls;
use tokio::io::{AsyncRead, AsyncWrite};

/// Octets both ways.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// Connects to `host`, whose certificate must be for that name, through the proxy if there is one, within the limit
/// of ten seconds for name, TCP and TLS together. No application protocol is negotiated.
///
/// # Errors
/// As those of a gRPC channel. A server of TLS 1.3 that refuses our certificate says so only at the first read.
pub async fn connect(
    host: &str,
    port: u16,
    tls: &ClientTls,
    proxy: Option<&HttpProxy>,
) -> Result<Box<dyn ByteStream>, Failure> {
    let endpoint = Endpoint {
        host: host.to_owned(),
        port,
        server_name: host.to_owned(),
        transport: Transport::Tls(tls.without_http()),
    };
    let manner = Manner { proxy: proxy.cloned(), ..Manner::default() };
    let stream = connect::connect(&endpoint, &manner, Ending::default()).await?;
    Ok(Box::new(stream))
}

/// TLS over a connection that the caller made, for protocols that begin in the clear; `host` and `port` are the peer's.
/// No application protocol is negotiated, and the caller limits the time.
///
/// # Errors
/// As those of a gRPC channel.
pub async fn over<S: ByteStream>(
    stream: S,
    host: &str,
    port: u16,
    tls: &ClientTls,
) -> Result<impl ByteStream + use<S>, Failure> {
    let address = connect::host_and_port(host, port);
    connect::handshake(stream, host, &address, &tls.without_http()).await
}
