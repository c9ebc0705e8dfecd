//! `/swagger/v1/ui/`: a page that shows the OpenAPI document and sends requests; all of it is in the program.
//!
//! The page, its script and its style say nothing that is not in the source code, so everybody gets them: somebody who is
//! not known yet signs in there. The document is only for who is known. Its policy lets a browser ask nobody else.
//! Why it is our own: docs/decisions/0009-api-pages.md.

use crate::Api;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

/// Below which everybody is served.
pub(crate) const PLACE: &str = "/swagger/v1/ui/";

/// Nothing but what this origin serves, no inline script or style, and no page around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("api_pages/index.html");
const FOREIGN_SIGN_IN: &str = r#"<a href="/sign-in/oidc">Sign in at your organisation</a>"#;
const SCRIPT: Asset = Asset::new("viewer", "js", "text/javascript", include_str!("api_pages/viewer.js"));
const STYLE: Asset = Asset::new("viewer", "css", "text/css", include_str!("api_pages/viewer.css"));

/// A file that never changes: its name has a sum of its text.
struct Asset {
    stem: &'static str,
    extension: &'static str,
    kind: &'static str,
    text: &'static str,
    sum: u64,
}

impl Asset {
    const fn new(
        stem: &'static str,
        extension: &'static str,
        kind: &'static str,
        text: &'static str,
    ) -> Self {
        Self { stem, extension, kind, text, sum: sum(text.as_bytes()) }
    }

    fn name(&self) -> String {
        format!("{}.{:016x}.{}", self.stem, self.sum, self.extension)
    }
}

/// The page at the paths where existing Orchestrators have theirs.
pub(crate) fn routes() -> Router<Api> {
    let to_page = async || Redirect::permanent(PLACE);
    Router::new()
        .route("/swagger/v1/ui/", get(page))
        .route("/swagger/v1/ui/{file}", get(asset))
        .route("/swagger/v1/ui", get(to_page))
        .route("/apidocs/v1", get(to_page))
        .route("/apidocs/v1/", get(to_page))
}

/// Whether everybody gets what is at this path, as it is registered.
pub(crate) fn is_for_everybody(pattern: &str) -> bool {
    pattern.starts_with("/swagger/v1/ui") || pattern.starts_with("/apidocs/")
}

async fn page(State(api): State<Api>) -> Response {
    let foreign = if api.provider.is_some() { FOREIGN_SIGN_IN } else { "" };
    let text = PAGE
        .replace("{foreign}", foreign)
        .replace("{script}", &SCRIPT.name())
        .replace("{style}", &STYLE.name());
    served("text/html", "no-cache", text)
}

async fn asset(Path(file): Path<String>) -> Response {
    match [SCRIPT, STYLE].into_iter().find(|asset| asset.name() == file) {
        Some(asset) => served(asset.kind, "public, max-age=31536000, immutable", asset.text.to_owned()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn served(kind: &'static str, caching: &'static str, text: String) -> Response {
    let mut response = text.into_response();
    for (name, value) in [
        (header::CACHE_CONTROL, caching),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let kind = HeaderValue::from_str(&format!("{kind}; charset=utf-8"));
    kind.into_iter().for_each(|kind| {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    });
    response
}

/// FNV-1a: tells versions of a file apart.
const fn sum(bytes: &[u8]) -> u64 {
    let (mut sum, mut place) = (0xcbf2_9ce4_8422_2325_u64, 0);
    while place < bytes.len() {
        sum = (sum ^ bytes[place] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        place += 1;
    }
    sum
}
