//! gRPC channels: one HTTP/2 connection, made when it is first needed and made again when it is lost, shared by
//! as many services as there are, each by its own `:authority`.

use crate::http_proxy::HttpProxy;
use crate::live::Shared;
use crate::passing::{Interrupted, Passed};
use crate::tls::ClientTls;
use crate::{Body, Failure, Status};
use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http_body::Frame;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;
use tower_service::Service;

/// Where a connection goes.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// A name or an address.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// With TLS, the server name sent, and the name that the certificate must be for.
    pub server_name: String,
    /// With TLS or without.
    pub transport: Transport,
}

/// What lies between TCP and HTTP/2.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Nothing: HTTP/2 with prior knowledge, within one machine.
    Plain,
    /// TLS.
    Tls(ClientTls),
}

/// How a connection is made and kept. The default is what a single service needs.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// The HTTP proxy through which it is made.
    pub proxy: Option<HttpProxy>,
    /// How it is seen to be alive.
    pub keepalive: Keepalive,
    /// Which server names will do.
    pub names: Names,
    /// What is kept of bodies on the way; none for the HTTP library's own measure.
    pub buffers: Option<Buffers>,
    /// The address of this machine that it comes from, of those of the same family as the peer's; none for the
    /// system's choice. Who plays many clients needs several: one address has some 28,000 ports.
    #[cfg(feature = "server-tls")]
    pub source: Option<std::net::IpAddr>,
}

/// How often an HTTP/2 ping checks a connection. Its answer may take 20 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keepalive {
    /// After this long without anything from the peer.
    pub interval: Duration,
    /// Also while no call is open, so that nothing on the way forgets the connection.
    pub while_idle: bool,
}

impl Default for Keepalive {
    fn default() -> Self {
        Self { interval: Duration::from_secs(30), while_idle: false }
    }
}

/// Which names a server's certificate may be for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// The endpoint's server name alone.
    #[default]
    One,
    /// The endpoint's server name; if the certificate is not for it, each `:authority` has a connection of its own,
    /// whose server name it is.
    OrEachAuthority,
}

/// What is kept of bodies on the way, in bytes: the peer may send as much before somebody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffers {
    /// What one stream may have received.
    pub stream: u32,
    /// What all streams of a connection together may have received.
    pub connection: u32,
    /// What one stream may have to send.
    pub sending: usize,
}

/// One HTTP/2 connection to one endpoint, for any number of services.
#[derive(Clone)]
pub struct Connection {
    shared: Arc<Shared>,
}

impl Connection {
    /// A connection that will be made by the first call.
    pub fn new(endpoint: Endpoint) -> Self {
        Self::with(endpoint, Manner::default())
    }

    /// The same, made and kept in a manner of its own.
    pub fn with(endpoint: Endpoint, manner: Manner) -> Self {
        Self { shared: Arc::new(Shared::new(endpoint, manner)) }
    }

    /// The same connection, for who wants to share it and not to keep it.
    pub fn downgrade(&self) -> WeakConnection {
        WeakConnection { shared: Arc::downgrade(&self.shared) }
    }

    /// A channel to the service of this `:authority`.
    pub fn channel(&self, authority: &str) -> Channel {
        Channel { shared: self.shared.clone(), authority: authority.into() }
    }

    /// Gives the connection up once its running calls are done; the next call makes a new one.
    pub async fn close(&self) {
        self.shared.close().await;
    }
}

/// A [`Connection`] that ends, once its running calls are done, when nobody has it or a channel of it any more.
#[derive(Clone)]
pub struct WeakConnection {
    shared: Weak<Shared>,
}

impl WeakConnection {
    /// The connection, if somebody still has it.
    pub fn upgrade(&self) -> Option<Connection> {
        self.shared.upgrade().map(|shared| Connection { shared })
    }
}

impl fmt::Debug for WeakConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakConnection").finish_non_exhaustive()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("endpoint", &self.shared.endpoint).finish_non_exhaustive()
    }
}

/// A gRPC channel to one service; give it to a generated client.
#[derive(Clone)]
pub struct Channel {
    shared: Arc<Shared>,
    authority: Arc<str>,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("authority", &self.authority).finish_non_exhaustive()
    }
}

impl Channel {
    /// Makes the connection, unless it is there.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub async fn ready(&self) -> Result<(), Failure> {
        self.shared.ready(&self.authority).await
    }

    /// Passes an HTTP request on as it is, body and trailers frame by frame, but for the scheme and authority, which
    /// are the channel's.
    ///
    /// # Errors
    /// When the server cannot be reached, or ends the connection or the stream before its answer begins.
    pub async fn pass(&self, request: http::Request<Body>) -> Result<http::Response<Passed>, Failure> {
        self.shared.send(&self.authority, self.address(request)?).await
    }

    /// The same, with a body whose errors are statuses.
    pub(crate) async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Answer>, Failure> {
        Ok(self.pass(request).await?.map(Answer))
    }

    fn address(&self, request: http::Request<Body>) -> Result<http::Request<Body>, Failure> {
        let (mut head, body) = request.into_parts();
        let mut uri = head.uri.into_parts();
        uri.scheme = Some(match self.shared.endpoint.transport {
            Transport::Plain => Scheme::HTTP,
            Transport::Tls(_) => Scheme::HTTPS,
        });
        let unusable = |error: &dyn fmt::Display| Failure::Resolve {
            host: self.authority.to_string(),
            reason: format!("it is no valid authority: {error}"),
        };
        uri.authority = Some(self.authority.parse::<Authority>().map_err(|error| unusable(&error))?);
        head.uri = http::Uri::from_parts(uri).map_err(|error| unusable(&error))?;
        Ok(http::Request::from_parts(head, body))
    }
}

impl Service<http::Request<Body>> for Channel {
    type Response = http::Response<Answer>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let channel = self.clone();
        Box::pin(async move {
            let response = channel.send(request).await.map_err(Failure::into_status)?;
            let grpc = response.headers().contains_key("grpc-status");
            match response.status() {
                http::StatusCode::OK => Ok(response),
                _ if grpc => Ok(response),
                other => Err(Failure::Http { status: other.as_u16() }.into_status()),
            }
        })
    }
}

/// The body of an answer; its errors are statuses that carry a [`Failure`].
#[derive(Debug)]
pub struct Answer(Passed);

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.0).poll_frame(cx).map_err(Interrupted::into_status)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.0.size_hint()
    }
}
