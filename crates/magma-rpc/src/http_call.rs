//! One HTTP request with its answer: for JSON APIs that lie behind the same TLS as gRPC does.

use crate::channel::{Answer, Channel};
use crate::failure::failure_of_body;
use crate::{Body, Failure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};

/// An answer whose body is read piece by piece, or whole.
#[derive(Debug)]
pub struct HttpAnswer {
    /// The HTTP status code.
    pub status: u16,
    body: Answer,
}

/// Sends one request; a body is sent as JSON. The caller sets the time limit.
///
/// # Errors
/// When the server cannot be reached, or `method` or `path` is not valid.
pub async fn request(
    channel: &Channel,
    method: &str,
    path: &str,
    json: Option<Vec<u8>>,
) -> Result<HttpAnswer, Failure> {
    let mut builder = http::Request::builder().method(method).uri(path);
    if json.is_some() {
        builder = builder.header("content-type", "application/json");
    }
    let body = Body::new(Full::new(Bytes::from(json.unwrap_or_default())));
    let request = builder.body(body).map_err(|error| Failure::Closed { reason: error.to_string() })?;
    let response = channel.send(request).await?;
    Ok(HttpAnswer { status: response.status().as_u16(), body: response.into_body() })
}

impl HttpAnswer {
    /// The next piece of the body; none at its end.
    ///
    /// # Errors
    /// When the connection ends before the body does.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        while let Some(frame) = self.body.frame().await {
            match frame {
                Ok(frame) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Err(status) => return Err(failure_of_body(&status)),
            }
        }
        Ok(None)
    }

    /// The whole body.
    ///
    /// # Errors
    /// When the connection ends before the body does.
    pub async fn bytes(mut self) -> Result<Vec<u8>, Failure> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole)
    }
}
