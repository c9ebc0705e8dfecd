//! Gives a document to an ordinary web server (HTTP/1.1 POST), of whose answer only the beginning counts.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, RETRY_AFTER};
use http_body_util::Full;
use tokio::time::timeout;

use crate::Body;
use crate::download::{DownloadError, exchange};
use crate::http_proxy::HttpProxy;
use crate::tls::ClientTls;

/// What the server answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, when it is a number of seconds.
    pub retry_after: Option<Duration>,
}

/// Sends `body` to `url` with these headers, through `proxy` if there is one, and returns what is answered. `tls` is for
/// `https` URLs; `limit` is for all of it. Redirections are not followed.
///
/// # Errors
/// When no answer comes. An HTTP status that is an error is an answer.
pub async fn post(
    url: &str,
    tls: &ClientTls,
    proxy: Option<&HttpProxy>,
    headers: &[(&str, &str)],
    body: Vec<u8>,
    limit: Duration,
) -> Result<Posted, DownloadError> {
    let uri = url.parse().map_err(|_| DownloadError::Url { url: url.to_owned() })?;
    let mut request = http::Request::post("/").header(CONTENT_LENGTH, body.len());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = Body::new(Full::new(Bytes::from(body)));
    let answered = timeout(limit, exchange(&uri, tls, proxy, request, body)).await;
    let (response, connection) = answered.unwrap_or(Err(DownloadError::Silent { limit }))?;
    connection.abort();
    let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Ok(Posted { status: response.status().as_u16(), retry_after: seconds.map(Duration::from_secs) })
}
