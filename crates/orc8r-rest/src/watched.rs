//! Answers that go on, such as a followed log: none outlives the right to it.

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep};

/// How often the right to an answer that goes on is looked at again.
const RIGHT_INTERVAL: Duration = Duration::from_secs(60);

type Answer = Pin<Box<dyn Future<Output = bool> + Send>>;

/// An answer that ends with the right to it.
pub struct Watched<F> {
    body: Body,
    may_go_on: F,
    next: Pin<Box<Sleep>>,
    asked: Option<Answer>,
}

impl<F: Fn() -> Answer> Watched<F> {
    /// Ends `body` with an error when `may_go_on`, which is asked every minute, says no.
    pub fn new(body: Body, may_go_on: F) -> Self {
        Self { body, may_go_on, next: Box::pin(sleep(RIGHT_INTERVAL)), asked: None }
    }

    /// Whether the right was looked at, and is gone.
    fn is_gone(&mut self, cx: &mut Context<'_>) -> bool {
        loop {
            match &mut self.asked {
                None => match self.next.as_mut().poll(cx) {
                    Poll::Ready(()) => self.asked = Some((self.may_go_on)()),
                    Poll::Pending => return false,
                },
                Some(asked) => match asked.as_mut().poll(cx) {
                    Poll::Ready(true) => {
                        self.asked = None;
                        self.next.as_mut().reset(Instant::now() + RIGHT_INTERVAL);
                    }
                    Poll::Ready(false) => return true,
                    Poll::Pending => return false,
                },
            }
        }
    }
}

impl<F: Fn() -> Answer + Unpin> http_body::Body for Watched<F> {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.is_gone(cx) {
            return Poll::Ready(Some(Err("the right to this answer has ended".into())));
        }
        Pin::new(&mut self.body).poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::mpsc;
    use tokio_stream::StreamExt;
    use tokio_stream::wrappers::ReceiverStream;

    #[tokio::test(start_paused = true)]
    async fn an_answer_ends_with_the_right_to_it() {
        let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
        let sent = Body::from_stream(ReceiverStream::new(receiver));
        let asked = Arc::new(AtomicUsize::new(0));
        let right = {
            let asked = asked.clone();
            move || -> Answer {
                let is_still_there = asked.fetch_add(1, Ordering::Relaxed) < 2;
                Box::pin(async move { is_still_there })
            }
        };
        let mut stream = Body::new(Watched::new(sent, right)).into_data_stream();
        sender.send(Ok(Bytes::from_static(b"line"))).await.unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap(), "line");
        let begun = Instant::now();
        assert!(stream.next().await.unwrap().is_err(), "nothing came, and it ended");
        assert_eq!((begun.elapsed().as_secs(), asked.load(Ordering::Relaxed)), (180, 3));
    }
}
