//! Bounds the calls of one port: each has a place from its beginning until its answer is read, given up or ended.

use super::Handler;
use crate::{Body, Status};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The same handler, which refuses calls while there are `most`.
pub(super) fn at_most(most: usize, handler: Handler) -> Handler {
    let places = Arc::new(Semaphore::new(most));
    Arc::new(move |request| match places.clone().try_acquire_owned() {
        Ok(place) => {
            let answer = handler(request);
            Box::pin(async move { answer.await.map(|body| Body::new(Placed { body, _place: place })) })
        }
        Err(_) => {
            let text = format!("{most} calls are under way, which is the most; try again later");
            Box::pin(std::future::ready(Status::resource_exhausted(text).into_http()))
        }
    })
}

/// An answer that has its place until the client has it: one who does not read holds no more memory than that.
struct Placed {
    body: Body,
    _place: OwnedSemaphorePermit,
}

impl http_body::Body for Placed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
