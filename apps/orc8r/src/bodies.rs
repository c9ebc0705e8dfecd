//! A bound in time on what operators send: no request is sent for ever.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// A request's body has to be here after this long, and a second longer for each [`PACE`] bytes of it.
const BODY_LIMIT: Duration = Duration::from_secs(60);
/// Bytes a second: less than a poor mobile link carries.
const PACE: u32 = 8 << 10;

/// A request's body that is not waited for for ever.
pub(crate) struct Timely<B> {
    body: B,
    until: Pin<Box<Sleep>>,
}

impl<B> Timely<B> {
    pub(crate) fn new(body: B) -> Self {
        Self { body, until: Box::pin(sleep(BODY_LIMIT)) }
    }
}

impl<B> http_body::Body for Timely<B>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: Into<axum::BoxError>,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                let longer = Duration::from_secs(1) * u32::try_from(bytes).unwrap_or(u32::MAX) / PACE;
                let until = self.until.deadline() + longer;
                self.until.as_mut().reset(until);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => self
                .until
                .as_mut()
                .poll(cx)
                .map(|()| Some(Err("the body came too slowly: send it at once".into()))),
        }
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
    use axum::body::Body;
    use tokio::sync::mpsc;
    use tokio::time::Instant;
    use tokio_stream::StreamExt;
    use tokio_stream::wrappers::ReceiverStream;

    use super::*;

    /// A body, and the end that fills it.
    fn body() -> (mpsc::Sender<Result<Bytes, std::io::Error>>, Body) {
        let (sender, receiver) = mpsc::channel(1);
        (sender, Body::from_stream(ReceiverStream::new(receiver)))
    }

    #[tokio::test(start_paused = true)]
    async fn one_byte_a_second_is_not_waited_for() {
        let (sender, sent) = body();
        let mut stream = Body::new(Timely::new(sent)).into_data_stream();
        let begun = Instant::now();
        let send = async {
            while sender.send(Ok(Bytes::from_static(b"x"))).await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        };
        let read = async {
            while let Some(piece) = stream.next().await {
                if piece.is_err() {
                    return;
                }
            }
            panic!("it has no end");
        };
        tokio::select! { () = send => panic!("nobody reads"), () = read => {} }
        assert_eq!(begun.elapsed().as_secs(), BODY_LIMIT.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_body_over_a_slow_line_is_taken() {
        let (sender, sent) = body();
        let mut stream = Body::new(Timely::new(sent)).into_data_stream();
        tokio::spawn(async move {
            for _ in 0..300 {
                sender.send(Ok(Bytes::from(vec![0; 16 << 10]))).await.unwrap();
                sleep(Duration::from_secs(1)).await;
            }
        });
        let mut bytes = 0;
        while let Some(piece) = stream.next().await {
            bytes += piece.unwrap().len();
        }
        assert_eq!(bytes, 300 * (16 << 10));
    }
}
