//! An answer on its way back: passed on frame by frame, ended so that a gRPC client understands it, and logged.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use http_body::{Body, Frame, SizeHint};
use magma_rpc::server::PeerAddress;
use magma_rpc::{Code, Interrupted, Passed, Status};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;

/// The body of an answer to one call.
pub(crate) struct Passage {
    source: Source,
    /// Whether the caller takes trailers with a gRPC status.
    grpc: bool,
    record: Record,
    /// The call's place among those that run.
    _place: Option<OwnedSemaphorePermit>,
}

enum Source {
    Answer(Passed),
    Text(Bytes),
    Ended,
}

/// What the access log says of a call, once it is over.
pub(crate) struct Record {
    peer: Option<PeerAddress>,
    target: Uri,
    began: Instant,
    status: u16,
    grpc_status: Option<HeaderValue>,
    bytes: usize,
    complete: bool,
}

/// Why a call is not passed on.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// What a gRPC client reads.
    pub(crate) code: Code,
    /// What any other client reads.
    pub(crate) status: StatusCode,
    /// What to do.
    pub(crate) text: String,
}

impl Record {
    pub(crate) fn of<B>(request: &http::Request<B>) -> Self {
        Self {
            peer: request.extensions().get().copied(),
            target: request.uri().clone(),
            began: Instant::now(),
            status: 0,
            grpc_status: None,
            bytes: 0,
            complete: false,
        }
    }

    fn note_head<B>(&mut self, response: &Response<B>) {
        self.status = response.status().as_u16();
        self.note_status(response.headers());
    }

    fn note_status(&mut self, headers: &HeaderMap) {
        if let Some(status) = headers.get(Status::GRPC_STATUS) {
            self.grpc_status = Some(status.clone());
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        tracing::debug!(
            peer = ?self.peer.map(|peer| peer.0),
            authority = ?self.target.authority().map(http::uri::Authority::as_str),
            path = self.target.path(),
            status = self.status,
            grpc_status = ?self.grpc_status,
            bytes = self.bytes,
            seconds = self.began.elapsed().as_secs_f32(),
            complete = self.complete,
            "call"
        );
    }
}

/// What came from the other side, to be passed on.
pub(crate) fn answer(
    response: Response<Passed>,
    grpc: bool,
    mut record: Record,
    place: OwnedSemaphorePermit,
) -> Response<Passage> {
    record.note_head(&response);
    response.map(|body| Passage { source: Source::Answer(body), grpc, record, _place: Some(place) })
}

/// What the proxy itself answers.
pub(crate) fn refuse(refusal: Refusal, grpc: bool, mut record: Record) -> Response<Passage> {
    let Refusal { code, status, text } = refusal;
    let (mut response, source) = if grpc {
        (Status::new(code, text).into_http::<()>(), Source::Ended)
    } else {
        let mut response = Response::new(());
        *response.status_mut() = status;
        let kind = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        (response, Source::Text(format!("control_proxy: {text}\n").into()))
    };
    response.headers_mut().insert(header::SERVER, HeaderValue::from_static("magmad"));
    record.note_head(&response);
    response.map(|()| Passage { source, grpc, record, _place: None })
}

impl Passage {
    /// The last frame for a caller whose answer was cut off with the connection. A stream that was reset alone is
    /// reset on this side, too, with the same code.
    fn cut_off(&mut self, interrupted: Interrupted) -> Result<Frame<Bytes>, Interrupted> {
        if interrupted.is_reset() || !self.grpc {
            return Err(interrupted);
        }
        let mut trailers = HeaderMap::new();
        let status = Status::unavailable(interrupted.failure().to_string());
        if status.add_header(&mut trailers).is_err() {
            return Err(interrupted);
        }
        self.record.note_status(&trailers);
        Ok(Frame::trailers(trailers))
    }

    fn end(&mut self) {
        self.source = Source::Ended;
        self.record.complete = true;
    }
}

impl Body for Passage {
    type Data = Bytes;
    type Error = Interrupted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Interrupted>>> {
        let frame = match &mut self.source {
            Source::Answer(body) => ready!(Pin::new(body).poll_frame(cx)),
            Source::Text(text) => Some(Ok(Frame::data(std::mem::take(text)))),
            Source::Ended => None,
        };
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                self.record.bytes += frame.data_ref().map_or(0, Bytes::len);
                if let Some(trailers) = frame.trailers_ref() {
                    self.record.note_status(trailers);
                }
                if frame.is_trailers() || matches!(self.source, Source::Text(_)) {
                    self.end();
                }
                Some(Ok(frame))
            }
            Some(Err(interrupted)) => {
                self.source = Source::Ended;
                Some(self.cut_off(interrupted))
            }
            None => {
                self.end();
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Answer(body) => body.is_end_stream(),
            Source::Text(_) => false,
            Source::Ended => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Answer(body) => body.size_hint(),
            Source::Text(text) => SizeHint::with_exact(u64::try_from(text.len()).unwrap_or(u64::MAX)),
            Source::Ended => SizeHint::with_exact(0),
        }
    }
}
