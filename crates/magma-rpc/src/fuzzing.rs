//! What must hold for any octets that web servers and proxies answer: for fuzz/, and for the test below. What is HTTP in
//! them is hyper's to read; this is what is read here.

use crate::download::{content_range, follow};
use crate::http_proxy::{HttpProxy, status_of};
use http::Uri;

/// The head of a proxy's answer, a `Content-Range`, a `Location`, or the URL of a proxy.
pub fn http_answer(bytes: &[u8]) {
    if let Some(status) = status_of(bytes) {
        assert!(bytes.starts_with(b"HTTP/1."), "{status} of something else");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    content_range(text);
    for from in ["https://cloud.magma.test/a/b?c", "http://cloud.magma.test"] {
        let from = Uri::from_static(from);
        if let Some(next) = follow(&from, text) {
            assert!(next.authority().is_some(), "{text:?} leads to nobody");
            assert!(next.scheme() == from.scheme() || next.scheme_str() != Some("http"), "{text:?}");
            assert!(text.starts_with('/') || next.to_string().len() <= text.len() + 1, "{text:?}");
        }
    }
    if let Ok(proxy) = HttpProxy::from_url(text) {
        assert!(proxy.port() > 0 && !proxy.host().is_empty());
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'@';
        assert!(proxy.host().bytes().all(plain), "{text:?}");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn ten_thousand_damaged_answers_are_read_or_refused() {
        magma_mutations::replay("http_answer", super::http_answer);
    }
}
