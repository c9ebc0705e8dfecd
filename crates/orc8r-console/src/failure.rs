//! A page that cannot be shown: what happened, and what to do.

use crate::page::bare;
use crate::rest::Refusal;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

/// Why a page cannot be shown.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    what: String,
}

impl Failure {
    pub(crate) fn not_found(what: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, what: what.into() }
    }

    pub(crate) fn bad(what: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, what: what.into() }
    }

    fn title(&self) -> &'static str {
        match self.status {
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::FORBIDDEN => "You may not do this",
            StatusCode::BAD_REQUEST => "This does not work",
            StatusCode::SERVICE_UNAVAILABLE => "Not to be had now",
            _ => "Something went wrong",
        }
    }

    fn advice(&self) -> &'static str {
        match self.status {
            StatusCode::NOT_FOUND => "It may have been deleted or renamed. Search for it with Ctrl-K.",
            StatusCode::FORBIDDEN => "Ask an owner of your organisation for the role that it needs.",
            StatusCode::BAD_REQUEST => "Go back, mend what the message names, and try again.",
            StatusCode::SERVICE_UNAVAILABLE => {
                "Nothing is lost. Reload the page in a moment; “orc8r doctor” on the server tells what is wrong."
            }
            _ => "Reload the page. If it stays so, the Orchestrator's log says more.",
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self { status: refusal.status, what: refusal.message }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = html! {
            p.lead { (self.what) }
            p { (self.advice()) }
            p { a.button href="/console/" { "To the overview" } }
        };
        (self.status, bare(self.title(), &body)).into_response()
    }
}
