//! HTTP over a Unix socket: Docker's API.

use crate::{Body, http1};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use std::io;
use std::path::Path;
use tokio::net::UnixStream;
use tokio::task::JoinHandle;

/// An answer whose body is read piece by piece.
#[derive(Debug)]
pub struct UnixResponse {
    /// The HTTP status code.
    pub status: u16,
    body: Incoming,
    connection: JoinHandle<()>,
}

/// Sends one request and returns when the answer begins. The caller sets the time limit.
///
/// # Errors
/// When the socket cannot be opened, or what answers does not speak HTTP.
pub async fn request(
    socket: &Path,
    method: &str,
    path_and_query: &str,
    body: Option<Vec<u8>>,
) -> io::Result<UnixResponse> {
    request_with(socket, method, path_and_query, &[], body).await
}

/// The same with further headers, whose names are in lower case.
///
/// # Errors
/// As [`request`], and for a header that HTTP does not allow.
pub async fn request_with(
    socket: &Path,
    method: &str,
    path_and_query: &str,
    headers: &[(&str, &str)],
    body: Option<Vec<u8>>,
) -> io::Result<UnixResponse> {
    let stream = UnixStream::connect(socket).await?;
    let (mut sender, connection) = http1::begin(Box::new(stream)).await.map_err(io::Error::other)?;
    let mut builder = http::Request::builder().method(method).uri(path_and_query).header("host", "localhost");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    if body.is_some() {
        builder = builder.header("content-type", "application/json");
    }
    let body = Body::new(Full::new(Bytes::from(body.unwrap_or_default())));
    let request = builder.body(body).map_err(io::Error::other)?;
    let response = sender.send_request(request).await.map_err(io::Error::other)?;
    Ok(UnixResponse { status: response.status().as_u16(), body: response.into_body(), connection })
}

impl UnixResponse {
    /// The next piece of the body; none at its end.
    ///
    /// # Errors
    /// When the connection ends before the body does.
    pub async fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        while let Some(frame) = self.body.frame().await {
            if let Ok(data) = frame.map_err(io::Error::other)?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

impl Drop for UnixResponse {
    fn drop(&mut self) {
        self.connection.abort();
    }
}
