//! What was done, said once on the next page: in a cookie that ends when it was shown.

use crate::rest::{escaped, unescaped};
use crate::visit::cookie;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};

const COOKIE: &str = "console-said";

/// Seconds after which nobody wants to know it any more.
const LIFETIME: u32 = 30;

/// To another page, which says what was done.
pub(crate) fn done(to: &str, said: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    set(&mut response, &escaped(said), LIFETIME);
    response
}

/// What is to be said on this page.
pub(crate) fn said(headers: &HeaderMap) -> Option<String> {
    let said = unescaped(cookie(headers, COOKIE)?);
    (!said.is_empty()).then_some(said)
}

/// It is said.
pub(crate) fn forget(response: &mut Response) {
    set(response, "", 0);
}

fn set(response: &mut Response, value: &str, seconds: u32) {
    let cookie =
        format!("{COOKIE}={value}; Path=/console; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_on_the_next_page() {
        let response = done("/console/", "APN ü; is added.");
        let cookie = response.headers().get("set-cookie").unwrap().to_str().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("cookie", cookie.split(';').next().unwrap().parse().unwrap());
        assert_eq!(said(&headers).as_deref(), Some("APN ü; is added."));
        assert_eq!(said(&HeaderMap::new()), None);
    }
}
