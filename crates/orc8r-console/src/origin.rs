//! Changes come from pages of ours only: a browser says which page makes it ask, and other sites' are refused.
//!
//! The session's cookie is strict and counts only with a header of the browser that no page can set; this is the second
//! lock, for the certificate of an operator, which a browser shows whoever makes it ask.

use crate::failure::Failure;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses what another site's page makes a browser send.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    // HTTP/2 has the host in the request's own URI (RFC 9113, 8.3.1).
    let host = request.uri().authority().map(Authority::as_str);
    if request.method().is_safe() || is_ours(host, request.headers()) {
        return next.run(request).await;
    }
    let what = "This request does not come from a page of this console.";
    let mut response = Failure::bad(what).into_response();
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

/// Whether a page of this origin asks: the browser says so (Fetch Metadata), or names the page's origin.
fn is_ours(host: Option<&str>, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let host = host.or_else(|| text(header::HOST.as_str()));
            origin.split_once("://").is_some_and(|(_, page)| Some(page) == host)
        }
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_pages_of_ours_change_anything() {
        let rows: [(&[(&str, &str)], bool); 8] = [
            (&[("origin", "null")], false),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://a"), ("host", "a")], false),
            (&[("origin", "https://a:9443"), ("host", "a:9443")], true),
            (&[("origin", "null"), ("host", "a:9443")], false),
            (&[], false),
        ];
        for (row, expected) in rows {
            let pairs = row.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            let headers: HeaderMap = pairs.collect();
            assert_eq!(is_ours(None, &headers), expected, "{row:?}");
        }
        let origin = |value| HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static(value))]);
        assert!(is_ours(Some("a:9443"), &origin("https://a:9443")), "HTTP/2 has no host header");
        assert!(!is_ours(Some("a:9443"), &origin("https://b:9443")));
    }
}
