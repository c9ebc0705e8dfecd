//! What goes from the pushing side to one open stream: the newest content, or the end.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use magma_rpc::Status;

/// One place: what the gateway has not taken yet is replaced by what is newer.
pub(crate) struct Mailbox<T>(Mutex<Slot<T>>);

struct Slot<T> {
    newest: Option<T>,
    end: Option<Result<(), Status>>,
    reader: Option<Waker>,
}

impl<T> Mailbox<T> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Slot { newest: None, end: None, reader: None })))
    }

    pub(crate) fn put(&self, value: T) {
        self.change(|slot| slot.newest = Some(value));
    }

    /// Ends the stream, without what has not been taken. The first end counts.
    pub(crate) fn end(&self, end: Result<(), Status>) {
        self.change(|slot| {
            slot.newest = None;
            slot.end.get_or_insert(end);
        });
    }

    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Status>>> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = slot.newest.take() {
            return Poll::Ready(Some(Ok(value)));
        }
        match &mut slot.end {
            Some(end) => Poll::Ready(std::mem::replace(end, Ok(())).err().map(Err)),
            None => {
                slot.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn change(&self, action: impl FnOnce(&mut Slot<T>)) {
        let reader = {
            let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            action(&mut slot);
            slot.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

/// The reading side, with what is given up when the gateway goes.
pub(crate) struct Reader<T, P> {
    pub(crate) mailbox: Arc<Mailbox<T>>,
    pub(crate) _place: P,
}

impl<T, P: Unpin> tokio_stream::Stream for Reader<T, P> {
    type Item = Result<T, Status>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.mailbox.poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio_stream::StreamExt;

    use super::*;

    #[tokio::test]
    async fn the_newest_is_taken_and_an_end_is_the_end() {
        let mailbox = Mailbox::new();
        let mut reader = Reader { mailbox: mailbox.clone(), _place: () };
        mailbox.put(Bytes::from_static(b"1"));
        mailbox.put(Bytes::from_static(b"2"));
        assert_eq!(reader.next().await.unwrap().unwrap(), "2");
        let waiting = tokio::spawn(async move {
            let first = reader.next().await;
            (first, reader.next().await, reader.next().await)
        });
        tokio::task::yield_now().await;
        mailbox.put(Bytes::from_static(b"3"));
        tokio::task::yield_now().await;
        mailbox.end(Err(Status::permission_denied("gone")));
        mailbox.end(Ok(()));
        let (first, second, third) = waiting.await.unwrap();
        assert_eq!(first.unwrap().unwrap(), "3");
        assert_eq!(second.unwrap().unwrap_err().message(), "gone");
        assert!(third.is_none());
    }
}
