//! A log that is read line by line while it is written.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

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
    only: Option<Only>,
}

/// Which lines of the agent's log are of one of the services that it serves itself.
#[derive(Debug)]
struct Only {
    /// How the agent's log begins what the service's own code says, behind the level.
    said: String,
    /// What is said of the service elsewhere: `service="…"`, `task="…"`.
    named: String,
}

impl Only {
    /// What was lost is told to everybody.
    fn has(&self, line: &str) -> bool {
        let behind_level = |(at, _): (usize, &str)| line[..at].ends_with(|c: char| c.is_ascii_uppercase());
        line.match_indices(&self.said).any(behind_level)
            || line.contains(&self.named)
            || line.starts_with("[magmad: ")
    }
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
        Self { lines, feeder, only: None }
    }

    /// Of the agent's log, only the lines that concern a service that it serves itself.
    pub(super) fn only_of(mut self, service: &str) -> Self {
        let only = Only { said: format!(" {service}: "), named: format!("=\"{service}\"") };
        self.only = Some(only);
        self
    }

    /// The next line; none at the end.
    pub async fn next(&mut self) -> Option<Result<String, ServiceError>> {
        poll_fn(|context| self.poll_line(context)).await
    }

    fn poll_line(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<String, ServiceError>>> {
        loop {
            let line = ready!(self.lines.poll_recv(context));
            match (&self.only, &line) {
                (Some(only), Some(Ok(line))) if !only.has(line) => {}
                _ => return Poll::Ready(line),
            }
        }
    }
}

impl Stream for LogLines {
    type Item = Result<String, ServiceError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_line(context)
    }
}

impl Drop for LogLines {
    fn drop(&mut self) {
        self.feeder.abort();
    }
}
