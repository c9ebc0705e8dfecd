//! Many HTTP/1.1 requests to one server over TLS, on a connection that stays open and is made again when it is lost.
//!
//! For REST APIs that are read and written object by object. Redirections are not followed.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue};
use http::{Request, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1::SendRequest;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::channel::{Endpoint, Manner, Transport};
use crate::connect::{Ending, connect};
use crate::download::DownloadError;
use crate::tls::ClientTls;
use crate::{Body, Failure, http1};

/// A server, and the connection to it once there is one.
#[derive(Debug)]
pub struct HttpSession {
    endpoint: Endpoint,
    /// The `Host` header.
    authority: String,
    /// What stands before each path; no slash at its end.
    base: String,
    authorization: Option<HeaderValue>,
    open: Option<(SendRequest<Body>, JoinHandle<()>)>,
}

/// What a session may take at most for one request.
#[derive(Clone, Copy, Debug)]
pub struct CallLimits {
    /// For the whole of it: connection, request and answer.
    pub time: Duration,
    /// Octets of the answer.
    pub answer: usize,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct HttpReply {
    /// The HTTP status.
    pub status: u16,
    /// Its body; none when that is longer than was allowed.
    pub body: Option<Vec<u8>>,
}

impl HttpSession {
    /// A session with the server that `url` names (`https://host:port`, and a path that stands before all others).
    /// `server_name` is the name that the server's certificate must have, if that is not the host of the URL.
    ///
    /// # Errors
    /// When the URL does not begin with `https://` and name a host.
    pub fn new(url: &str, tls: &ClientTls, server_name: Option<&str>) -> Result<Self, DownloadError> {
        let unusable = || DownloadError::Url { url: url.to_owned() };
        let uri: Uri = url.parse().map_err(|_| unusable())?;
        let authority = uri.authority().filter(|_| uri.scheme_str() == Some("https")).ok_or_else(unusable)?;
        // Who puts a password here would see it in the list of processes.
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err(unusable());
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let endpoint = Endpoint {
            server_name: server_name.unwrap_or(&host).to_owned(),
            port: authority.port_u16().unwrap_or(443),
            host,
            transport: Transport::Tls(tls.for_http1()),
        };
        let base = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { endpoint, authority: authority.to_string(), base, authorization: None, open: None })
    }

    /// The same with the header `Authorization` on each request; a value that no header can have is left out.
    #[must_use]
    pub fn with_authorization(mut self, value: &str) -> Self {
        self.authorization = HeaderValue::from_str(value).ok();
        if let Some(value) = &mut self.authorization {
            value.set_sensitive(true);
        }
        self
    }

    /// Sends one request, with `json` as its body if there is one, and reads the answer. When this fails, the next call
    /// makes a new connection; whether the server did what was asked is not known then.
    ///
    /// # Errors
    /// When no whole answer comes. An HTTP status that is an error is an answer.
    pub async fn call(
        &mut self,
        method: &str,
        path: &str,
        json: Option<Vec<u8>>,
        limits: CallLimits,
    ) -> Result<HttpReply, DownloadError> {
        let request = self.request(method, path, json)?;
        // Taken out: what is cut off in the middle is not used again.
        let held = self.open.take();
        let exchanged = timeout(limits.time, self.exchange(held, request, limits.answer)).await;
        exchanged.unwrap_or(Err(DownloadError::Silent { limit: limits.time }))
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        json: Option<Vec<u8>>,
    ) -> Result<Request<Body>, DownloadError> {
        let target = format!("{}{path}", self.base);
        let mut request = Request::builder().method(method).uri(&target).header(HOST, &self.authority);
        request = request.header(ACCEPT, "application/json");
        if let Some(value) = &self.authorization {
            request = request.header(AUTHORIZATION, value);
        }
        let json = json.unwrap_or_default();
        if !json.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json").header(CONTENT_LENGTH, json.len());
        }
        let body = if json.is_empty() { Body::empty() } else { Body::new(Full::new(Bytes::from(json))) };
        request.body(body).map_err(|_| DownloadError::Url { url: target })
    }

    async fn exchange(
        &mut self,
        held: Option<(SendRequest<Body>, JoinHandle<()>)>,
        request: Request<Body>,
        answer_max: usize,
    ) -> Result<HttpReply, DownloadError> {
        let closed = |error: hyper::Error| Failure::Closed { reason: error.to_string() };
        let mut usable = None;
        if let Some((mut sender, connection)) = held
            && sender.ready().await.is_ok()
        {
            usable = Some((sender, connection));
        }
        let (mut sender, connection) = match usable {
            Some(usable) => usable,
            None => {
                let stream = connect(&self.endpoint, &Manner::default(), Ending::default()).await?;
                http1::begin(stream).await.map_err(closed)?
            }
        };
        let response = sender.send_request(request).await.map_err(closed)?;
        let status = response.status().as_u16();
        match Limited::new(response.into_body(), answer_max).collect().await {
            Ok(read) => {
                self.open = Some((sender, connection));
                Ok(HttpReply { status, body: Some(read.to_bytes().to_vec()) })
            }
            Err(error) if error.is::<LengthLimitError>() => Ok(HttpReply { status, body: None }),
            Err(error) => Err(Failure::Closed { reason: error.to_string() }.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::TrustAnchors;

    #[test]
    fn a_url_is_https_and_has_no_password() {
        let tls = ClientTls::new(&TrustAnchors::usable_of_pem(b""), None).expect("TLS without anchors");
        for (url, expected) in [
            ("https://a.test", Some(("a.test", 443, ""))),
            ("https://a.test:9443/", Some(("a.test", 9443, ""))),
            ("https://[::1]:9443/api/", Some(("::1", 9443, "/api"))),
            ("http://a.test", None),
            ("https://u:p@a.test", None),
            ("https://a.test/?x=1", None),
            ("a.test:9443", None),
            ("", None),
        ] {
            let session = HttpSession::new(url, &tls, None).ok();
            let made = session
                .as_ref()
                .map(|made| (made.endpoint.host.as_str(), made.endpoint.port, made.base.as_str()));
            assert_eq!(made, expected, "{url}");
        }
    }
}
