//! Fetches a file over HTTP/1.1 piece by piece, from any byte on: for artefacts that lie on an ordinary web server.
//!
//! It speaks HTTP/1.1 because every such server does, and follows redirections, since many of them point to another one.
//! It checks nothing about the contents; the caller bounds, counts and verifies them.

use std::time::Duration;

use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_RANGE, HOST, LOCATION, PROXY_AUTHORIZATION, RANGE, USER_AGENT,
};
use http::{HeaderMap, Response, Uri};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use thiserror::Error;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::channel::{Endpoint, Manner, Transport};
use crate::connect::{Ending, connect};
use crate::http_proxy::HttpProxy;
use crate::tls::ClientTls;
use crate::{Body, Failure, http1};

/// How many redirections are followed.
const REDIRECTIONS_MAX: usize = 3;

/// An answer whose body is read piece by piece. Dropping it ends the connection.
#[derive(Debug)]
pub struct Download {
    /// 200 for the whole file, 206 for the part that was asked for; other statuses as they come.
    pub status: u16,
    /// How many bytes the server says that it sends.
    pub length: Option<u64>,
    /// With 206: the first byte of what is sent, and the length of the whole file.
    pub range: Option<(u64, u64)>,
    body: Incoming,
    connection: JoinHandle<()>,
}

/// Why nothing comes, or no more.
#[derive(Debug, Error)]
pub enum DownloadError {
    /// The URL cannot be used.
    #[error("{url} is no URL that begins with https:// or http:// and names a host")]
    Url {
        /// The text.
        url: String,
    },
    /// One server points to the next for too long, or from https to http.
    #[error("the server redirects to {location:?}, which is not followed")]
    Redirection {
        /// Where the last one pointed.
        location: String,
    },
    /// The server was silent for too long.
    #[error("the server sent nothing for {} s", limit.as_secs())]
    Silent {
        /// For how long.
        limit: Duration,
    },
    /// Below HTTP.
    #[error(transparent)]
    Connection(#[from] Failure),
}

/// Asks for `url` from byte `from` on, through `proxy` if there is one. `tls` is for `https` URLs; `silence_max` is the
/// longest wait for the answer's beginning.
///
/// # Errors
/// When no answer begins. An HTTP status that is an error is an answer.
pub async fn get(
    url: &str,
    tls: &ClientTls,
    proxy: Option<&HttpProxy>,
    from: u64,
    silence_max: Duration,
) -> Result<Download, DownloadError> {
    let mut url: Uri = url.parse().map_err(|_| DownloadError::Url { url: url.to_owned() })?;
    for _ in 0..=REDIRECTIONS_MAX {
        let limited = timeout(silence_max, ask(&url, tls, proxy, from));
        let (response, connection) =
            limited.await.unwrap_or(Err(DownloadError::Silent { limit: silence_max }))?;
        let Some(location) = redirection(&response) else {
            return Ok(Download::new(response, connection));
        };
        connection.abort();
        url = follow(&url, &location).ok_or(DownloadError::Redirection { location })?;
    }
    Err(DownloadError::Redirection { location: url.to_string() })
}

impl Download {
    fn new(response: Response<Incoming>, connection: JoinHandle<()>) -> Self {
        let headers = response.headers();
        Self {
            status: response.status().as_u16(),
            length: text(headers, CONTENT_LENGTH.as_str()).and_then(|length| length.parse().ok()),
            range: text(headers, CONTENT_RANGE.as_str()).and_then(content_range),
            body: response.into_body(),
            connection,
        }
    }

    /// The next piece of the body; none at its end.
    ///
    /// # Errors
    /// When the connection ends before the body does, or nothing comes for `silence_max`.
    pub async fn piece(&mut self, silence_max: Duration) -> Result<Option<Bytes>, DownloadError> {
        loop {
            let frame = timeout(silence_max, self.body.frame()).await;
            match frame.map_err(|_| DownloadError::Silent { limit: silence_max })? {
                None => return Ok(None),
                Some(Err(error)) => return Err(Failure::Closed { reason: error.to_string() }.into()),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// The whole body, if it has `max` bytes at most.
    ///
    /// # Errors
    /// As [`Download::piece`]; none for a longer body, which is not read to its end.
    pub async fn whole(
        mut self,
        max: usize,
        silence_max: Duration,
    ) -> Result<Option<Vec<u8>>, DownloadError> {
        let mut whole = Vec::new();
        while let Some(piece) = self.piece(silence_max).await? {
            if whole.len() + piece.len() > max {
                return Ok(None);
            }
            whole.extend_from_slice(&piece);
        }
        Ok(Some(whole))
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

async fn ask(
    url: &Uri,
    tls: &ClientTls,
    proxy: Option<&HttpProxy>,
    from: u64,
) -> Result<(Response<Incoming>, JoinHandle<()>), DownloadError> {
    let mut request = http::Request::get("/");
    if from > 0 {
        request = request.header(RANGE, format!("bytes={from}-"));
    }
    exchange(url, tls, proxy, request, Body::empty()).await
}

/// Sends one request, whose path and server are those of `url`, over a connection of its own.
pub(crate) async fn exchange(
    url: &Uri,
    tls: &ClientTls,
    proxy: Option<&HttpProxy>,
    request: http::request::Builder,
    body: Body,
) -> Result<(Response<Incoming>, JoinHandle<()>), DownloadError> {
    let unusable = || DownloadError::Url { url: url.to_string() };
    let authority = url.authority().ok_or_else(unusable)?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let (transport, default_port) = match url.scheme_str() {
        Some("https") => (Transport::Tls(tls.for_http1()), 443),
        Some("http") => (Transport::Plain, 80),
        _ => return Err(unusable()),
    };
    let port = authority.port_u16().unwrap_or(default_port);
    // A proxy is asked for what is not secret by the whole URL (RFC 9112 §3.2.2): most allow CONNECT to TLS alone.
    let asked = proxy.filter(|_| matches!(transport, Transport::Plain));
    let endpoint = match asked {
        Some(proxy) => {
            Endpoint { host: proxy.host().to_owned(), port: proxy.port(), server_name: host, transport }
        }
        None => Endpoint { server_name: host.clone(), host, port, transport },
    };
    let manner = Manner { proxy: proxy.filter(|_| asked.is_none()).cloned(), ..Manner::default() };
    let stream = connect(&endpoint, &manner, Ending::default()).await?;
    let closed = |error: hyper::Error| Failure::Closed { reason: error.to_string() };
    let (mut sender, connection) = http1::begin(stream).await.map_err(closed)?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    // Without credentials that somebody may have written into the URL.
    let named = authority.as_str().rsplit('@').next().unwrap_or_default();
    let target = asked.map_or_else(|| path.to_owned(), |_| format!("http://{named}{path}"));
    let mut request =
        request.uri(target).header(HOST, named).header(USER_AGENT, "magmad").header(CONNECTION, "close");
    if let Some(credentials) = asked.and_then(HttpProxy::authorization) {
        request = request.header(PROXY_AUTHORIZATION, credentials);
    }
    let request = request.body(body).map_err(|_| unusable())?;
    let response = sender.send_request(request).await.map_err(closed)?;
    Ok((response, connection))
}

/// Where the answer points to, if it is a redirection.
fn redirection(response: &Response<Incoming>) -> Option<String> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = text(response.headers(), LOCATION.as_str()).filter(|_| redirects)?;
    Some(location.to_owned())
}

/// The next URL: absolute, or a path on the same server; never from https to http.
pub(crate) fn follow(from: &Uri, location: &str) -> Option<Uri> {
    if location.starts_with('/') && !location.starts_with("//") {
        let mut parts = from.clone().into_parts();
        parts.path_and_query = Some(location.parse().ok()?);
        return Uri::from_parts(parts).ok();
    }
    let next: Uri = location.parse().ok()?;
    let downgrade = from.scheme_str() == Some("https") && next.scheme_str() != Some("https");
    (!downgrade && next.authority().is_some()).then_some(next)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `bytes 7-9/10` (RFC 9110 §14.4) as 7 and 10.
pub(crate) fn content_range(value: &str) -> Option<(u64, u64)> {
    let (range, whole) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = range.split_once('-')?;
    Some((first.parse().ok()?, whole.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirections_stay_secure() {
        for (from, location, expected) in [
            ("https://a.test/x", "/y?z=1", Some("https://a.test/y?z=1")),
            ("https://a.test/x", "https://b.test/y", Some("https://b.test/y")),
            ("http://a.test/x", "https://b.test/y", Some("https://b.test/y")),
            ("https://a.test/x", "http://a.test/x", None),
            ("https://a.test/x", "//b.test/y", None),
            ("https://a.test/x", "y", None),
            ("https://a.test/x", "", None),
        ] {
            let next = follow(&from.parse().expect("a URL"), location).map(|url| url.to_string());
            assert_eq!(next.as_deref(), expected, "{from} to {location}");
        }
    }

    #[test]
    fn a_range_is_read_as_it_is_written() {
        for (value, expected) in [
            ("bytes 7-9/10", Some((7, 10))),
            ("bytes 7-9/*", None),
            ("bytes */10", None),
            ("items 7-9/10", None),
        ] {
            assert_eq!(content_range(value), expected, "{value}");
        }
    }
}
