//! One request to an ordinary web server (HTTP/1.1), and its whole answer up to a bound.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, PROXY_AUTHORIZATION, RETRY_AFTER, USER_AGENT};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::channel::{Endpoint, Manner, Transport};
use crate::connect::{Ending, connect};
use crate::download::DownloadError;
use crate::http_proxy::HttpProxy;
use crate::tls::ClientTls;
use crate::{Body, Failure, http1};

/// What is asked of whom.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// `GET`, `POST`, `DELETE`, …
    pub method: &'a str,
    /// `https://…` or `http://…`.
    pub url: &'a str,
    /// For `https` URLs.
    pub tls: &'a ClientTls,
    /// The way there, if not directly.
    pub proxy: Option<&'a HttpProxy>,
    /// The address to connect to (the server's, or its proxy's), instead of those that its name has: for who has
    /// looked at them. The name stays what the certificate must be for.
    pub address: Option<IpAddr>,
    /// Headers beside those of HTTP itself.
    pub headers: &'a [(&'a str, &'a str)],
    /// What is sent.
    pub body: &'a [u8],
    /// How long all of it may take.
    pub limit: Duration,
    /// How many octets of the answer are read.
    pub answer_max: usize,
}

/// What the server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, when it is a number of seconds.
    pub retry_after: Option<Duration>,
    /// The body; none when it is longer than what may be read.
    pub body: Option<Vec<u8>>,
}

impl Ask<'_> {
    /// Sends it, and returns what is answered. Redirections are not followed.
    ///
    /// # Errors
    /// When no answer comes, or it breaks off. An HTTP status that is an error is an answer.
    pub async fn send(&self) -> Result<Answer, DownloadError> {
        let asked = timeout(self.limit, self.exchange()).await;
        asked.unwrap_or(Err(DownloadError::Silent { limit: self.limit }))
    }

    async fn exchange(&self) -> Result<Answer, DownloadError> {
        let (response, connection) = self.begin().await?;
        let status = response.status().as_u16();
        let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let read = Limited::new(response.into_body(), self.answer_max).collect().await;
        connection.abort();
        let body = match read {
            Ok(read) => Some(read.to_bytes().to_vec()),
            Err(error) if error.is::<LengthLimitError>() => None,
            Err(error) => return Err(Failure::Closed { reason: error.to_string() }.into()),
        };
        Ok(Answer { status, retry_after: seconds.map(Duration::from_secs), body })
    }

    async fn begin(&self) -> Result<(Response<Incoming>, JoinHandle<()>), DownloadError> {
        let unusable = || DownloadError::Url { url: self.url.to_owned() };
        let url: Uri = self.url.parse().map_err(|_| unusable())?;
        let authority = url.authority().ok_or_else(unusable)?;
        let name = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let (transport, default_port) = match url.scheme_str() {
            Some("https") => (Transport::Tls(self.tls.for_http1()), 443),
            Some("http") => (Transport::Plain, 80),
            _ => return Err(unusable()),
        };
        let port = authority.port_u16().unwrap_or(default_port);
        // As in `download`: a proxy is asked for what is not secret by the whole URL, and for TLS by CONNECT.
        let asked = self.proxy.filter(|_| matches!(transport, Transport::Plain));
        let tunnel = self.proxy.filter(|_| asked.is_none());
        let (host, port) = asked.map_or((name.as_str(), port), |proxy| (proxy.host(), proxy.port()));
        let pinned = self.address.filter(|_| tunnel.is_none()).map(|address| address.to_string());
        let host = pinned.unwrap_or_else(|| host.to_owned());
        let tunnel = match (tunnel, self.address) {
            (Some(proxy), Some(address)) => Some(proxy.at(address)),
            (tunnel, _) => tunnel.cloned(),
        };
        let endpoint = Endpoint { host, port, server_name: name, transport };
        let manner = Manner { proxy: tunnel, ..Manner::default() };
        let stream = connect(&endpoint, &manner, Ending::default()).await?;
        let closed = |error: hyper::Error| Failure::Closed { reason: error.to_string() };
        let (mut sender, connection) = http1::begin(stream).await.map_err(closed)?;
        let path = url.path_and_query().map_or("/", |path| path.as_str());
        // Without credentials that somebody may have written into the URL.
        let named = authority.as_str().rsplit('@').next().unwrap_or_default();
        let target = asked.map_or_else(|| path.to_owned(), |_| format!("http://{named}{path}"));
        let mut request = Request::builder().method(self.method).uri(target).header(HOST, named);
        request = request.header(USER_AGENT, "orc8r").header(CONNECTION, "close");
        if !self.body.is_empty() || self.method == "POST" {
            request = request.header(CONTENT_LENGTH, self.body.len());
        }
        if let Some(credentials) = asked.and_then(HttpProxy::authorization) {
            request = request.header(PROXY_AUTHORIZATION, credentials);
        }
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        let body = Body::new(Full::new(Bytes::copy_from_slice(self.body)));
        let request = request.body(body).map_err(|_| unusable())?;
        let response = sender.send_request(request).await.map_err(closed)?;
        Ok((response, connection))
    }
}
