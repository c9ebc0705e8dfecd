//! The REST API, asked in this process as the person who asks us: what he may not, his pages cannot either.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use axum::response::Response;
use orc8r_rest::{CallerAddress, Operator};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower_service::Service as _;

/// What a request says about who sends it, and whether a page of ours made it.
const PASSED_ON: [HeaderName; 3] =
    [header::COOKIE, header::AUTHORIZATION, HeaderName::from_static("sec-fetch-site")];

/// No answer that a page is made of is larger, in bytes.
const ANSWER_MAX: usize = 64 << 20;

/// The API, as one person sees it.
#[derive(Clone)]
pub(crate) struct Rest {
    api: Router,
    headers: HeaderMap,
    extensions: Extensions,
}

/// Why the API did not do what it was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// The status that it answered.
    pub(crate) status: StatusCode,
    /// What it said.
    pub(crate) message: String,
}

impl Rest {
    /// Asks as whoever sent a request does.
    pub(crate) fn of(api: Router, parts: &Parts) -> Self {
        let mut headers = HeaderMap::new();
        for name in PASSED_ON {
            for value in parts.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        Self { api, headers, extensions: identity(&parts.extensions) }
    }

    /// What is at a path below `/magma/v1`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refusal> {
        read(self.ask(Method::GET, path, None).await).await
    }

    /// The same where there may be nothing, which is no mistake.
    pub(crate) async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Refusal> {
        match self.get(path).await {
            Err(refusal) if refusal.status == StatusCode::NOT_FOUND => Ok(None),
            found => found.map(Some),
        }
    }

    /// Changes something; the answer is null where there is none.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Refusal> {
        read(self.ask(method, path, body).await).await
    }

    /// The answer as it comes, for what is passed on.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let mut request = Request::new(body.map_or_else(Body::empty, |body| Body::from(body.to_string())));
        *request.method_mut() = method;
        *request.headers_mut() = self.headers.clone();
        *request.extensions_mut() = self.extensions.clone();
        if body.is_some() {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        match format!("/magma/v1{path}").parse() {
            Ok(uri) => *request.uri_mut() = uri,
            Err(_) => return StatusCode::NOT_FOUND.into_response_with("there is nothing of that name"),
        }
        self.api.clone().call(request).await.unwrap_or_else(|never| match never {})
    }
}

/// Who asks and from where, without what a router noted about the request.
pub(crate) fn identity(extensions: &Extensions) -> Extensions {
    let mut identity = Extensions::new();
    extensions.get::<Operator>().cloned().map(|operator| identity.insert(operator));
    extensions.get::<CallerAddress>().copied().map(|address| identity.insert(address));
    identity
}

/// A status with a text as its body.
trait WithText {
    fn into_response_with(self, text: &'static str) -> Response;
}

impl WithText for StatusCode {
    fn into_response_with(self, text: &'static str) -> Response {
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = self;
        response
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Refusal> {
    let (parts, body) = response.into_parts();
    let unreadable = |message: String| Refusal { status: StatusCode::BAD_GATEWAY, message };
    let bytes = to_bytes(body, ANSWER_MAX).await;
    let bytes = bytes.map_err(|error| unreadable(format!("the answer cannot be read: {error}")))?;
    if !parts.status.is_success() {
        return Err(Refusal { status: parts.status, message: message(&bytes) });
    }
    let json = if bytes.is_empty() { b"null".as_slice() } else { &bytes };
    serde_json::from_slice(json).map_err(|error| unreadable(format!("the answer is another one: {error}")))
}

fn message(bytes: &[u8]) -> String {
    let json: Option<Value> = serde_json::from_slice(bytes).ok();
    let said = json.as_ref().and_then(|json| json.get("message")).and_then(Value::as_str);
    said.map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), str::to_owned)
}

/// A path of its parts, each of which may have any letter in it.
pub(crate) fn path(parts: &[&str]) -> String {
    parts.iter().flat_map(|part| ["/".to_owned(), escaped(part)]).collect()
}

/// A text as a part of a path or the value of a query (RFC 3986, 2.3).
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(byte.into()),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// The text that was [`escaped`].
pub(crate) fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte == b'%').then(|| (hex(rest.next()), hex(rest.next()))) {
            Some((Some(high), Some(low))) => bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?')),
            Some(_) => bytes.push(b'?'),
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_path_stays_one() {
        assert_eq!(path(&["networks", "n 1/..", "ü"]), "/networks/n%201%2F../%C3%BC");
        assert_eq!(unescaped("n%201%2F../%C3%BC%"), "n 1/../ü?");
    }

    #[test]
    fn what_was_said_is_told() {
        assert_eq!(message(br#"{"message": "no"}"#), "no");
        assert_eq!(message(b"plain"), "plain");
    }
}
