//! A TLS stream for protocols that are not HTTP, with the same trust, identity, limits and errors as gRPC channels.

use crate::Failure;
use crate::channel::{Endpoint, Transport};
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
    let stream = connect::connect(&endpoint, proxy, Ending::default()).await?;
    Ok(Box::new(stream))
}
