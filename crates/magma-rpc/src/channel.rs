//! gRPC channels: one HTTP/2 connection, made when it is first needed and made again when it is lost, shared by
//! as many services as there are, each by its own `:authority`.

use crate::connect::{Ending, connect};
use crate::tls::ClientTls;
use crate::{Body, Failure, Status};
use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http_body::Frame;
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex as StdMutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tower_service::Service;

/// How often an HTTP/2 ping checks a connection that has calls open, and how long its answer may take.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_LIMIT: Duration = Duration::from_secs(20);

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

/// One HTTP/2 connection to one endpoint, for any number of services.
#[derive(Clone)]
pub struct Connection {
    shared: Arc<Shared>,
}

struct Shared {
    endpoint: Endpoint,
    live: Mutex<Option<Live>>,
}

#[derive(Clone)]
struct Live {
    sender: SendRequest<Body>,
    ending: Ending,
    ended: watch::Receiver<bool>,
}

impl Connection {
    /// A connection that will be made by the first call.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { shared: Arc::new(Shared { endpoint, live: Mutex::new(None) }) }
    }

    /// A channel to the service of this `:authority`.
    pub fn channel(&self, authority: &str) -> Channel {
        Channel { shared: self.shared.clone(), authority: authority.into() }
    }

    /// Gives the connection up once its running calls are done; the next call makes a new one.
    pub async fn close(&self) {
        self.shared.live.lock().await.take();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("endpoint", &self.shared.endpoint).finish_non_exhaustive()
    }
}

impl Shared {
    async fn live(&self) -> Result<Live, Failure> {
        let mut slot = self.live.lock().await;
        if let Some(live) = slot.as_ref().filter(|live| !live.sender.is_closed()) {
            return Ok(live.clone());
        }
        let live = self.establish().await?;
        *slot = Some(live.clone());
        Ok(live)
    }

    async fn establish(&self) -> Result<Live, Failure> {
        let ending = Ending::default();
        let stream = connect(&self.endpoint, ending.clone()).await?;
        let handshake = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_LIMIT)
            .handshake(TokioIo::new(stream))
            .await;
        let (sender, driver) = handshake.map_err(|error| closed(&ending, &error))?;
        let (end, ended) = watch::channel(false);
        tokio::spawn(async move {
            if let Err(error) = driver.await {
                tracing::debug!(%error, "connection ended");
            }
            end.send_replace(true);
        });
        Ok(Live { sender, ending, ended })
    }

    /// Sends a request; once more on a new connection if the first was going away and never saw it.
    async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Answer>, Failure> {
        let mut live = self.live().await?;
        let mut unsent = match live.sender.try_send_request(request).await {
            Ok(response) => return Ok(answer(response, &live)),
            Err(error) => error,
        };
        let Some(request) = unsent.take_message() else {
            return Err(live.failure(&unsent.into_error()).await);
        };
        let certificate_refused = live.ending.lock().ok().and_then(|ending| ending.clone());
        if let Some(failure) = certificate_refused {
            return Err(failure);
        }
        let mut live = self.live().await?;
        match live.sender.send_request(request).await {
            Ok(response) => Ok(answer(response, &live)),
            Err(error) => Err(live.failure(&error).await),
        }
    }
}

impl Live {
    /// Why a call failed. The connection's task learns the TLS reason, perhaps a moment after the call failed.
    async fn failure(&mut self, error: &hyper::Error) -> Failure {
        let ended = self.ended.wait_for(|ended| *ended);
        tokio::time::timeout(Duration::from_millis(200), ended).await.ok();
        closed(&self.ending, error)
    }
}

fn closed(ending: &Ending, error: &hyper::Error) -> Failure {
    let noted = ending.lock().ok().and_then(|ending| ending.clone());
    noted.unwrap_or_else(|| Failure::Closed { reason: full_text(error) })
}

/// An error with its causes: hyper's own text names only the first.
fn full_text(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn answer(response: http::Response<Incoming>, live: &Live) -> http::Response<Answer> {
    response.map(|body| Answer { body, ending: live.ending.clone() })
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
    /// Sends an HTTP request as it is, but for the scheme and authority, which are the channel's.
    pub(crate) async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Answer>, Failure> {
        self.shared.send(self.address(request)?).await
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
pub struct Answer {
    body: Incoming,
    ending: Arc<StdMutex<Option<Failure>>>,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        frame.map_err(|error| closed(&self.ending, &error).into_status())
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
