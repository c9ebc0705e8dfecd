//! Live pages: the page is made again and again, and those of its parts that look different are sent (server-sent events,
//! HTML Living Standard 9.2).
//!
//! A page is made by the same code as when it is loaded, as the same person; so what one sees live is never another thing
//! than what one sees after a reload, and a right that is lost is lost here, too.

use crate::Console;
use crate::page::LiveParts;
use crate::rest::identity;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tower_service::Service as _;

/// Between two looks at the same page: a change is to be seen within two seconds.
const INTERVAL: Duration = Duration::from_millis(1200);
/// Of the time, a page that is open costs no larger part than one in so many.
const SHARE: u32 = 20;
/// But no page is silent for longer: a browser would take it for lost.
const SILENCE_MAX: Duration = Duration::from_secs(4);
/// A page that stays open comes again after this time: then the rights of an operator's certificate are looked at anew,
/// as those of a user are each time.
const LIFETIME: Duration = Duration::from_secs(60);
/// Within so many milliseconds it does.
const RETRY: &str = "retry: 300\n\n";

/// The live side of the pages that a router serves.
pub(crate) fn routes(pages: Router) -> Router<Arc<Console>> {
    Router::new().route("/console/live", get(async move |query, request| open(pages, query, request).await))
}

#[derive(Deserialize)]
struct PageQuery {
    page: String,
}

async fn open(pages: Router, Query(PageQuery { page }): Query<PageQuery>, request: Request) -> Response {
    let uri: Option<Uri> = page.parse().ok();
    let uri = uri.filter(|uri| uri.authority().is_none() && uri.path().starts_with("/console/"));
    let Some(uri) = uri.filter(|uri| uri.path() != "/console/live") else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let (mut parts, _) = request.into_parts();
    parts.method = Method::GET;
    parts.uri = uri;
    parts.extensions = identity(&parts.extensions);
    let (events, read) = mpsc::channel(4);
    tokio::spawn(tell(pages, parts, events));
    let body = ReceiverStream::new(read).map(Ok::<Bytes, Infallible>);
    let mut response = Body::from_stream(body).into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Tells what changes, until the reader goes, or the page is not his any more.
async fn tell(pages: Router, parts: Parts, events: mpsc::Sender<Bytes>) {
    let end = Instant::now() + LIFETIME;
    let _ = events.send(RETRY.into()).await;
    let mut shown: BTreeMap<String, String> = BTreeMap::new();
    let mut is_first = true;
    while Instant::now() < end {
        let begun = Instant::now();
        let Some(now) = look(&pages, &parts).await else {
            let _ = events.send(event("gone", &json!({}))).await;
            return;
        };
        let changed: Vec<_> = now.iter().filter(|(id, html)| shown.get(id) != Some(html)).collect();
        // The first look is what the page shows already, or a little newer: it is told as a whole.
        let parts: Vec<_> = changed.iter().map(|(id, html)| json!({ "id": id, "html": html })).collect();
        let told = event(if is_first { "all" } else { "parts" }, &json!({ "parts": parts }));
        if events.send(told).await.is_err() {
            return;
        }
        is_first = false;
        shown = now.iter().cloned().collect();
        let pause = INTERVAL.max(begun.elapsed() * SHARE).min(SILENCE_MAX);
        tokio::select! {
            () = sleep(pause) => {}
            () = events.closed() => return,
        }
    }
}

/// The live parts of a page as they are now; `None`: the page is not shown any more.
async fn look(pages: &Router, parts: &Parts) -> Option<Arc<Vec<(String, String)>>> {
    let request = Request::from_parts(parts.clone(), Body::empty());
    let mut response = pages.clone().call(request).await.unwrap_or_else(|never| match never {});
    response.extensions_mut().remove::<LiveParts>().map(|LiveParts(parts)| parts)
}

fn event(name: &str, data: &serde_json::Value) -> Bytes {
    format!("event: {name}\ndata: {data}\n\n").into()
}
