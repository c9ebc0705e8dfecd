//! A log that is read line by line while it is written.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::Stream;

use super::ServiceError;

/// How many lines wait for a slow reader before the source is no longer read.
const LINES_WAITING_MAX: usize = 64;

/// Whose log it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// The whole gateway's.
    System,
    /// One service's.
    Service(String),
}

/// The lines of a log, each with its `\n`. It ends when its source does, or after an error.
///
/// Dropping it ends what reads the log, also while no line is written.
#[derive(Debug)]
pub struct LogLines {
    lines: mpsc::Receiver<Result<String, ServiceError>>,
    feeder: JoinHandle<()>,
}

/// Where the reader of a log puts its lines.
pub(super) type Lines = mpsc::Sender<Result<String, ServiceError>>;

impl LogLines {
    /// Runs `feed` until it ends or the result is dropped.
    pub(super) fn spawn<F>(feed: impl FnOnce(Lines) -> F) -> Self
    where
        F: Future<Output = Result<(), ServiceError>> + Send + 'static,
    {
        let (sender, lines) = mpsc::channel(LINES_WAITING_MAX);
        let feeding = feed(sender.clone());
        let feeder = tokio::spawn(async move {
            if let Err(error) = feeding.await {
                sender.send(Err(error)).await.ok();
            }
        });
        Self { lines, feeder }
    }

    /// The next line; none at the end.
    pub async fn next(&mut self) -> Option<Result<String, ServiceError>> {
        self.lines.recv().await
    }
}

impl Stream for LogLines {
    type Item = Result<String, ServiceError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.lines.poll_recv(context)
    }
}

impl Drop for LogLines {
    fn drop(&mut self) {
        self.feeder.abort();
    }
}
