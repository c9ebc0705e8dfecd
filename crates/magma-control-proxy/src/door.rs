//! The port that a gateway's services call, and what happens to each call.

use crate::passage::{self, Passage, Record, Refusal};
use crate::route::{self, Route};
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use magma_rpc::channel::{Buffers, Channel};
use magma_rpc::{Body, Code, Failure, front_end};
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower_service::Service;

/// Where calls can go. It is asked for each call, so that a new certificate counts from the next call on.
pub trait Destinations: Send + Sync + 'static {
    /// A channel for `authority` to the service of this gateway of that name; none if the registry does not name it.
    fn local(&self, service: &str, authority: &str) -> Option<Channel>;

    /// A channel for `authority` to the cloud.
    ///
    /// # Errors
    /// Why there is none, and what to do.
    fn cloud(&self, authority: &str) -> Result<Channel, String>;
}

/// How much the proxy carries at a time.
#[derive(Clone, Copy, Debug)]
pub struct Measures {
    /// Connections of local services; further ones are closed.
    pub connections: usize,
    /// Calls of all of them together; further ones are refused.
    pub calls: usize,
    /// What is kept of bodies on the way.
    pub buffers: Buffers,
}

impl Measures {
    /// What is kept of bodies on the way, on either side: 128 kB for a stream in each direction, and no more than 2 MB
    /// in flight on one connection, whatever its streams do.
    pub const BUFFERS: Buffers = Buffers { stream: 128 << 10, connection: 2 << 20, sending: 64 << 10 };
}

impl Default for Measures {
    fn default() -> Self {
        Self { connections: 128, calls: 1024, buffers: Self::BUFFERS }
    }
}

/// Serves until `shutdown` is ready, then lets running calls end for a moment.
pub async fn serve(
    listener: TcpListener,
    destinations: impl Destinations,
    measures: Measures,
    shutdown: impl Future + Send,
) {
    let limits = front_end::Limits {
        connections: measures.connections,
        streams: u32::try_from(measures.calls).unwrap_or(u32::MAX),
        buffers: measures.buffers,
    };
    let places = Arc::new(Semaphore::new(measures.calls));
    let door = Door { destinations: Arc::new(destinations), places };
    front_end::serve(listener, limits, door, shutdown).await;
}

#[derive(Clone)]
struct Door {
    destinations: Arc<dyn Destinations>,
    places: Arc<Semaphore>,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").finish_non_exhaustive()
    }
}

impl Service<Request<Body>> for Door {
    type Response = Response<Passage>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Passage>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let door = self.clone();
        Box::pin(async move { Ok(door.pass(request).await) })
    }
}

impl Door {
    async fn pass(&self, request: Request<Body>) -> Response<Passage> {
        let (grpc, record) = (is_grpc(request.headers()), Record::of(&request));
        let channel = match self.channel(&request) {
            Ok(channel) => channel,
            Err(refusal) => return passage::refuse(refusal, grpc, record),
        };
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            return passage::refuse(too_many(), grpc, record);
        };
        match channel.pass(request).await {
            Ok(response) => passage::answer(response, grpc, record, place),
            Err(failure) => passage::refuse(unreachable(&failure), grpc, record),
        }
    }

    fn channel(&self, request: &Request<Body>) -> Result<Channel, Refusal> {
        if request.method() == Method::CONNECT {
            let text = "CONNECT is not offered here; this port passes gRPC calls on";
            return Err(mistake(StatusCode::METHOD_NOT_ALLOWED, text.to_owned()));
        }
        let Some(authority) = authority(request) else {
            let text = "the call has no :authority, which says where it is to go";
            return Err(mistake(StatusCode::BAD_REQUEST, text.to_owned()));
        };
        match route::of(authority) {
            Route::Cloud => self.destinations.cloud(authority).map_err(not_ready),
            Route::Local(service) => {
                let service = service.to_ascii_lowercase();
                self.destinations.local(&service, authority).ok_or_else(|| unknown(&service))
            }
        }
    }
}

fn authority(request: &Request<Body>) -> Option<&str> {
    let host = || request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    request.uri().authority().map(http::uri::Authority::as_str).or_else(host).filter(|name| !name.is_empty())
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    kind.is_some_and(|kind| kind.starts_with(b"application/grpc"))
}

fn unreachable(failure: &Failure) -> Refusal {
    Refusal { code: Code::Unavailable, status: StatusCode::BAD_GATEWAY, text: failure.to_string() }
}

fn not_ready(text: String) -> Refusal {
    Refusal { code: Code::Unavailable, status: StatusCode::SERVICE_UNAVAILABLE, text }
}

fn too_many() -> Refusal {
    not_ready("too many calls are under way on this gateway; try again later".to_owned())
}

fn unknown(service: &str) -> Refusal {
    let text =
        format!("there is no service {service:?} in service_registry.yml of this gateway; add it there");
    Refusal { code: Code::Unimplemented, status: StatusCode::NOT_FOUND, text }
}

fn mistake(status: StatusCode, text: String) -> Refusal {
    Refusal { code: Code::InvalidArgument, status, text }
}
