//! TLS, gRPC channels and servers, and Magma's naming of services.
//!
//! This is the one crate that names the TLS and HTTP/2 stack, so that either can be replaced in one place. tonic
//! gives the gRPC messages and codecs; connecting, authenticating and serving are our own, because Magma needs
//! what tonic's transport does not offer: many `:authority` values over one connection, client certificates of
//! X.509 version 1, the peer's certificate beside every request, and errors that tell a rejected certificate from
//! a closed port.
//!
//! It never reads a file and never decides who may do what.

pub mod backoff;
pub mod channel;
mod connect;
pub mod download;
mod failure;
pub mod forward;
pub mod front_end;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod http1;
pub mod http_ask;
pub mod http_call;
pub mod http_post;
pub mod http_proxy;
#[cfg(feature = "server-tls")]
pub mod http_session;
mod live;
pub mod naming;
mod passing;
pub mod server;
pub mod tls;
pub mod tls_stream;
pub mod unix_http;
mod work;

pub use failure::{Failure, failure_of};
pub use passing::{Interrupted, Passed};
pub use tonic;
pub use tonic::body::Body;
pub use tonic::metadata;
pub use tonic::server::NamedService;
pub use tonic::{Code, Extensions, Request, Response, Status, Streaming};
pub use tonic_prost::ProstCodec;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The answer of a server-streaming or bidirectional RPC.
pub type BoxStream<T> = Pin<Box<dyn tokio_stream::Stream<Item = Result<T, Status>> + Send>>;

/// Awaits `call`, for `limit` at most.
///
/// # Errors
/// What the call fails with, or `DeadlineExceeded` once `limit` has passed; the call is dropped then.
pub async fn deadline<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
        Err(Status::deadline_exceeded(format!("no answer within {} s", limit.as_secs_f32())))
    })
}
