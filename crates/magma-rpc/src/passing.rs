//! The body of an answer as it comes off the connection, for those who pass it on.

use crate::connect::Ending;
use crate::live::{closed, is_reset};
use crate::{Failure, Status};
use bytes::Bytes;
use http_body::{Body, Frame};
use hyper::body::Incoming;
use std::pin::Pin;
use std::task::{Context, Poll};
use thiserror::Error;

/// The body of an answer, frame by frame: reading it is what lets the peer send more.
#[derive(Debug)]
pub struct Passed {
    body: Incoming,
    ending: Ending,
}

/// An answer ended before its time. Passed on as the error of a body that is being served, it resets that stream with
/// the code of this one.
#[derive(Debug, Error)]
#[error("{failure}")]
pub struct Interrupted {
    failure: Failure,
    source: hyper::Error,
}

impl Passed {
    pub(crate) fn new(body: Incoming, ending: Ending) -> Self {
        Self { body, ending }
    }
}

impl Interrupted {
    /// What happened.
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// Whether the peer ended this one stream. If not, it was the connection that ended.
    pub fn is_reset(&self) -> bool {
        is_reset(&self.source)
    }

    /// The same as a gRPC status.
    pub fn into_status(self) -> Status {
        self.failure.into_status()
    }
}

impl Body for Passed {
    type Data = Bytes;
    type Error = Interrupted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Interrupted>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        frame.map_err(|source| Interrupted { failure: closed(&self.ending, &source), source })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
