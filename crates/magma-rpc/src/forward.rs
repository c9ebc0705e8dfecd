//! One raw gRPC call to a local service: what SyncRPC carries through the cloud's tunnel.
//!
//! Messages pass as they are, with their length prefix; nothing is decoded.

use crate::channel::{Answer, Channel};
use crate::failure::failure_of_body;
use crate::{Body, Failure};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body_util::{BodyExt, Full};
use std::collections::BTreeMap;

/// Headers that belong to one connection, not to the call (RFC 9113 §8.2.2), and those that are set here.
const NOT_FORWARDED: [&str; 8] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// The beginning of an answer; the body follows frame by frame.
#[derive(Debug)]
pub struct ForwardResponse {
    /// The HTTP status code.
    pub status: u16,
    /// The headers, names in lower case; several values of one name are joined by `, `.
    pub headers: BTreeMap<String, String>,
    /// The rest.
    pub body: ForwardBody,
}

/// The body of an answer.
#[derive(Debug)]
pub struct ForwardBody(Answer);

/// A piece of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForwardFrame {
    /// Bytes, cut anywhere.
    Data(Bytes),
    /// The trailers, which end the answer.
    Trailers(BTreeMap<String, String>),
}

/// Sends one call with its whole request body, and returns when the answer begins.
///
/// Header names or values that HTTP does not allow are left out, as are those of the connection.
///
/// # Errors
/// When the service cannot be reached, closes the connection, or the path is not a path.
pub async fn call(
    channel: &Channel,
    path: &str,
    headers: &BTreeMap<String, String>,
    payload: Vec<u8>,
) -> Result<ForwardResponse, Failure> {
    let mut request = http::Request::new(Body::new(Full::new(Bytes::from(payload))));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = absolute(path)?;
    *request.headers_mut() = forwarded(headers);
    let response = channel.send(request).await?;
    let (head, body) = response.into_parts();
    Ok(ForwardResponse {
        status: head.status.as_u16(),
        headers: as_map(&head.headers),
        body: ForwardBody(body),
    })
}

impl ForwardBody {
    /// The next piece; none at the end.
    ///
    /// # Errors
    /// When the connection ends before the answer does.
    pub async fn frame(&mut self) -> Option<Result<ForwardFrame, Failure>> {
        let frame = match self.0.frame().await? {
            Ok(frame) => frame,
            Err(status) => return Some(Err(failure_of_body(&status))),
        };
        Some(Ok(match frame.into_data() {
            Ok(data) => ForwardFrame::Data(data),
            Err(frame) => ForwardFrame::Trailers(frame.trailers_ref().map(as_map).unwrap_or_default()),
        }))
    }
}

/// gRPC paths are `/package.Service/Method`; whatever else would read as the name of a host.
fn absolute(path: &str) -> Result<http::Uri, Failure> {
    let parsed = path.parse().ok().filter(|_| path.starts_with('/'));
    parsed.ok_or_else(|| Failure::Path { path: path.to_owned() })
}

fn forwarded(headers: &BTreeMap<String, String>) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let lower = name.to_ascii_lowercase();
        if NOT_FORWARDED.contains(&lower.as_str()) {
            continue;
        }
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(lower), HeaderValue::try_from(value)) {
            map.insert(name, value);
        }
    }
    map.entry("content-type").or_insert(HeaderValue::from_static("application/grpc"));
    map.insert("te", HeaderValue::from_static("trailers"));
    map
}

/// Without the date, whose comma existing clouds would take for two values.
fn as_map(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut map: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != http::header::DATE) {
        let value = String::from_utf8_lossy(value.as_bytes());
        map.entry(name.as_str().to_owned())
            .and_modify(|joined| {
                joined.push_str(", ");
                joined.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    map
}
