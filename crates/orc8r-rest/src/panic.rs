//! Keeps a defect in one handler from costing anybody else: a panic becomes an answer.

use crate::error::ApiError;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

/// Answers 500 for a request whose handler panics.
pub(crate) async fn catch(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut answer = Box::pin(next.run(request));
    let caught = poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context))) {
        Ok(poll) => poll.map(Some),
        Err(_) => Poll::Ready(None),
    });
    caught.await.unwrap_or_else(|| {
        tracing::error!(%path, "a request's handler panicked; this is a defect, please report it");
        ApiError::Defect.into_response()
    })
}
