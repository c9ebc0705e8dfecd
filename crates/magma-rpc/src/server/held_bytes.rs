//! Bounds the bytes of requests that a door holds: those of messages that are not complete, or not answered yet.
//!
//! One message may be large, and a connection may have many calls; so the calls of one connection, and all connections of
//! a door, share a measure. What would go beyond it fails that one call.

use super::Handler;
use crate::{Body, Status};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

/// Of one connection: the largest message, and what comes beside it.
pub(super) const OF_ONE_CONNECTION: usize = 64 << 20;

/// What is before a message: whether it is compressed, and its length.
const PREFIX_LENGTH: usize = 5;

/// What all connections of a door hold.
pub(super) struct HeldBytes {
    most: usize,
    held: AtomicUsize,
}

impl HeldBytes {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: AtomicUsize::new(0) })
    }

    /// The handler for one connection, whose requests are counted.
    pub(super) fn counting(self: &Arc<Self>, handler: Handler) -> Handler {
        let connection = Arc::new(OfConnection { door: self.clone(), held: AtomicUsize::new(0) });
        Arc::new(move |request| {
            let call = Arc::new(OfCall {
                connection: connection.clone(),
                held: AtomicUsize::new(0),
                is_answered: AtomicBool::new(false),
            });
            let counted = call.clone();
            let request =
                request.map(|body| Body::new(Counted { body, call: counted, message: Message::default() }));
            let answer = handler(request);
            Box::pin(async move {
                let answer = answer.await;
                call.is_answered.store(true, Ordering::Relaxed);
                answer
            })
        })
    }
}

struct OfConnection {
    door: Arc<HeldBytes>,
    held: AtomicUsize,
}

/// What one call holds, until nobody has it any more: neither its body nor who works on the answer.
struct OfCall {
    connection: Arc<OfConnection>,
    held: AtomicUsize,
    is_answered: AtomicBool,
}

impl OfCall {
    fn add(&self, bytes: usize) -> Result<(), Status> {
        let OfConnection { door, held } = &*self.connection;
        self.held.fetch_add(bytes, Ordering::Relaxed);
        let of_connection = held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let of_door = door.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if of_connection > OF_ONE_CONNECTION {
            return Err(Status::resource_exhausted(format!(
                "the calls of this connection have sent {of_connection} bytes that are not answered yet, and \
                 {OF_ONE_CONNECTION} is the most: send less at a time"
            )));
        }
        if of_door > door.most {
            return Err(Status::resource_exhausted(
                "all calls together have sent as much as fits into memory; try again later",
            ));
        }
        Ok(())
    }

    fn release(&self) {
        let bytes = self.held.swap(0, Ordering::Relaxed);
        self.connection.held.fetch_sub(bytes, Ordering::Relaxed);
        self.connection.door.held.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for OfCall {
    fn drop(&mut self) {
        self.release();
    }
}

/// A request's body.
struct Counted {
    body: Body,
    call: Arc<OfCall>,
    message: Message,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        // Whoever asks for more on a stream has taken the last message out. Before the answer, it is being worked on.
        if self.message.is_complete() && self.call.is_answered.load(Ordering::Relaxed) {
            self.call.release();
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.message.pass(data);
            if let Err(status) = self.call.add(data.len()) {
                return Poll::Ready(Some(Err(status)));
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How far a gRPC message has come.
#[derive(Default)]
struct Message {
    prefix: [u8; PREFIX_LENGTH],
    prefix_length: usize,
    left: usize,
}

impl Message {
    fn pass(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            if self.prefix_length < PREFIX_LENGTH {
                self.prefix[self.prefix_length] = data[0];
                self.prefix_length += 1;
                data = &data[1..];
                if self.prefix_length == PREFIX_LENGTH {
                    let [_, length @ ..] = self.prefix;
                    self.left = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
                }
            } else {
                let part = self.left.min(data.len());
                self.left -= part;
                data = &data[part..];
            }
            if self.prefix_length == PREFIX_LENGTH && self.left == 0 {
                self.prefix_length = 0;
            }
        }
    }

    fn is_complete(&self) -> bool {
        self.prefix_length == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use tokio::sync::mpsc;
    use tokio_stream::StreamExt;
    use tokio_stream::wrappers::ReceiverStream;

    /// A body that gives what is sent to it.
    fn body() -> (mpsc::Sender<Bytes>, http::Request<Body>) {
        let (sender, receiver) = mpsc::channel(8);
        let frames = ReceiverStream::new(receiver).map(|data| Ok::<_, Status>(Frame::data(data)));
        (sender, http::Request::new(Body::new(http_body_util::StreamBody::new(frames))))
    }

    fn message(length: usize) -> Bytes {
        let length = u32::try_from(length).expect("a length");
        [&[0][..], &length.to_be_bytes(), &vec![0; length as usize]].concat().into()
    }

    fn held(door: &HeldBytes) -> usize {
        door.held.load(Ordering::Relaxed)
    }

    /// Reads requests to their end, then answers.
    fn reader() -> Handler {
        Arc::new(|request| {
            Box::pin(async move {
                match request.into_body().collect().await {
                    Ok(_) => http::Response::new(Body::empty()),
                    Err(status) => status.into_http(),
                }
            })
        })
    }

    #[test]
    fn messages_are_told_apart_however_they_are_cut() {
        let stream = [message(0), message(3), message(300)].concat();
        for size in 1..20 {
            let (mut found, mut complete) = (Message::default(), 0);
            for (at, piece) in stream.chunks(size).enumerate() {
                found.pass(piece);
                let end = (at * size + piece.len()).min(stream.len());
                assert_eq!(found.is_complete(), [5, 13, 318].contains(&end), "{end} of pieces of {size}");
                complete += usize::from(found.is_complete());
            }
            assert!(complete > 0);
        }
    }

    #[tokio::test]
    async fn what_would_go_beyond_the_doors_measure_fails_that_call() {
        let door = HeldBytes::new(1000);
        let handler = door.counting(reader());
        let (first, request) = body();
        let (second, other) = body();
        let (first_answer, second_answer) = (tokio::spawn(handler(request)), tokio::spawn(handler(other)));
        first.send(message(595)).await.expect("it is read");
        while held(&door) < 600 {
            tokio::task::yield_now().await;
        }
        second.send(message(595)).await.expect("it is read");
        let refused = second_answer.await.expect("an answer");
        assert_eq!(refused.headers()["grpc-status"], "8");
        assert_eq!(held(&door), 600, "what the refused one held is free");
        drop(first);
        assert_eq!(first_answer.await.expect("an answer").headers().get("grpc-status"), None);
        assert_eq!(held(&door), 0);
    }

    #[tokio::test]
    async fn one_connection_does_not_take_what_all_have() {
        let door = HeldBytes::new(usize::MAX);
        let handler = door.counting(reader());
        let (sender, request) = body();
        let answer = tokio::spawn(handler(request));
        let piece = Bytes::from(vec![0; 16 << 20]);
        while sender.send(piece.clone()).await.is_ok() {}
        assert_eq!(answer.await.expect("an answer").headers()["grpc-status"], "8");
        assert_eq!(held(&door), 0);
    }

    #[tokio::test]
    async fn a_stream_may_go_on_for_ever() {
        let door = HeldBytes::new(1000);
        // The answer is there at once, and the messages come behind it.
        let (pass, mut passed) = mpsc::channel(1);
        let handler: Handler = Arc::new(move |request| {
            let pass = pass.clone();
            Box::pin(async move {
                pass.send(request.into_body()).await.ok();
                http::Response::new(Body::empty())
            })
        });
        let (sender, request) = body();
        door.counting(handler)(request).await;
        let mut stream = passed.recv().await.expect("the body");
        for _ in 0..10 {
            sender.send(message(395)).await.expect("it is read");
            assert!(stream.frame().await.expect("a frame").is_ok());
            assert_eq!(held(&door), 400);
        }
        // One message that is too large is refused all the same.
        sender.send(message(3000)).await.expect("it is read");
        assert!(stream.frame().await.expect("a frame").is_err());
        drop(stream);
        assert_eq!(held(&door), 0);
    }
}
