//! Signing in at one's organisation (OpenID Connect), as a browser sees it. The API does it; here are the pages around it: back to
//! where one wanted to be, and in words when it did not succeed.

use crate::Console;
use crate::page::bare;
use crate::rest::{escaped, identity, unescaped};
use crate::session::{SIGN_IN, local};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use maud::html;
use serde::Deserialize;
use std::sync::Arc;
use tower_service::Service as _;

/// Where it begins.
pub(crate) const BEGIN: &str = "/sign-in/oidc";

/// Where one wanted to be, while one is at the provider.
const WANTED_COOKIE: &str = "__Host-orc8r-wanted";
/// As long as the API lets a sign-in take, in seconds.
const WANTED_SECONDS: u32 = 600;

/// No refusal of the API is longer.
const REFUSAL_MAX: usize = 1 << 16;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route(BEGIN, get(begin)).route("/sign-in/oidc/callback", get(end))
}

#[derive(Deserialize)]
struct ToQuery {
    #[serde(default)]
    to: String,
}

async fn begin(
    State(console): State<Arc<Console>>,
    Query(ToQuery { to }): Query<ToQuery>,
    request: Request,
) -> Response {
    let is_page = takes_pages(request.headers());
    let mut response = passed_on(&console, request).await;
    if response.status().is_redirection() {
        keep(&mut response, &escaped(local(&to)), WANTED_SECONDS);
        return response;
    }
    if is_page { refused(response, local(&to)).await } else { response }
}

async fn end(State(console): State<Arc<Console>>, request: Request) -> Response {
    let (is_page, wanted) = (takes_pages(request.headers()), wanted(request.headers()));
    let response = passed_on(&console, request).await;
    if !response.status().is_success() {
        return if is_page { refused(response, &wanted).await } else { response };
    }
    // A browser sends strict cookies from a page of ours only, which this is.
    let mut page = bare("Signed in", &html! { p { "You are signed in. " a href=(wanted) { "Go on" } } });
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        page.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={wanted}")) {
        page.headers_mut().insert("refresh", refresh);
    }
    keep(&mut page, "", 0);
    page
}

async fn passed_on(console: &Console, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    parts.extensions = identity(&parts.extensions);
    let asked = console.rest.clone().call(Request::from_parts(parts, body)).await;
    asked.unwrap_or_else(|never| match never {})
}

/// What the API refused, as a page.
async fn refused(response: Response, wanted: &str) -> Response {
    let status = response.status();
    let bytes = to_bytes(response.into_body(), REFUSAL_MAX).await.unwrap_or_default();
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let said = json["message"].as_str().unwrap_or("The Orchestrator did not say why; its log does.");
    let to = escaped(wanted);
    let mut page = bare(
        "You are not signed in",
        &html! {
            p.problem role="alert" { (said) }
            p { a.button href={ (BEGIN) "?to=" (to) } { "Try again at your organisation" } }
            p { a href={ (SIGN_IN) "?to=" (to) } { "Other ways to sign in" } }
        },
    );
    *page.status_mut() = status;
    keep(&mut page, "", 0);
    page
}

fn takes_pages(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"))
}

/// Where one wanted to be, as the browser kept it; a place of ours in any case.
fn wanted(headers: &HeaderMap) -> String {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let kept = pairs.find(|(name, _)| *name == WANTED_COOKIE).map(|(_, value)| unescaped(value));
    local(&kept.unwrap_or_default()).to_owned()
}

fn keep(response: &mut Response, value: &str, seconds: u32) {
    let cookie =
        format!("{WANTED_COOKIE}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_kept_leads_nowhere_else() {
        for (cookie, place) in [
            ("__Host-orc8r-wanted=%2Fconsole%2Fnetworks%3Fq%3Da", "/console/networks?q=a"),
            ("a=b; __Host-orc8r-wanted=https%3A%2F%2Fevil.example", "/console/"),
            ("__Host-orc8r-wanted=", "/console/"),
            ("", "/console/"),
        ] {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))]);
            assert_eq!(wanted(&headers), place, "{cookie}");
        }
    }
}
