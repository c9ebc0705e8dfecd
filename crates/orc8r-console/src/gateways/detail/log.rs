//! The log of a service as it is written: followed on the gateway while somebody looks at it.

use super::{Detail, Tab, may_not};
use crate::assets::Asset;
use crate::failure::Failure;
use crate::rest::{escaped, path};
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde::Deserialize;
use serde_json::json;

/// Which one; empty: that of the whole gateway.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    service: String,
}

/// The page that shows it.
pub(super) async fn show(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    let back = detail.url(Tab::Services);
    let text_place = format!("{back}/log/text");
    let text = format!("{text_place}?service={}", escaped(&which.service));
    let mut page = detail.page(Tab::Services).below(Tab::Services.title(), back);
    page.uses(Asset::Log);
    Ok(page.show(html! {
        h2 { @if which.service.is_empty() { "Log of the whole gateway" } @else { "Log of " (which.service) } }
        @if !detail.network.may_write { (may_not("logs are followed by who may; those that were sent are under “Events and logs”.")) }
        @else {
            p { "Lines as they are written, from now on. Older ones are under "
                a href=(detail.url(Tab::Events)) { "Events and logs" } ", if the gateway sends its logs." }
            div.log data-log=(text) {
                div.buttons {
                    button type="button" data-log-pause aria-pressed="false" hidden { "Pause" }
                    label { "Only lines with" input type="search" data-log-filter autocomplete="off"; }
                    span.quiet data-log-state role="status" { "Waiting for the gateway…" }
                }
                pre tabindex="0" aria-label="Lines of the log" data-log-lines {}
            }
            noscript {
                form method="get" action=(text_place) {
                    input type="hidden" name="service" value=(which.service);
                    button type="submit" { "Follow it as plain text" }
                }
            }
        }
    }))
}

/// The lines themselves, for as long as somebody reads them.
pub(super) async fn text(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Response, Failure> {
    visit.network(&network)?;
    let place = path(&["networks", &network, "gateways", &gateway, "command", "tail_logs"]);
    let body = if which.service.is_empty() { json!({}) } else { json!({"service": which.service}) };
    let answer = visit.rest.ask(Method::POST, &place, Some(&body)).await;
    let (parts, body) = answer.into_parts();
    let mut response = (parts.status, body).into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}
