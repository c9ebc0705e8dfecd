//! Futures behind one type, so that what runs them is in the program once and not once for each kind: the runtime's
//! part of a task is some three kilobytes.

use std::future::Future;
use std::pin::Pin;
use tokio::task::JoinHandle;

/// Something that goes on beside its caller.
pub(crate) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs it as a task.
pub(crate) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    let work: Work = Box::pin(work);
    tokio::spawn(work)
}

/// Runs what the HTTP library wants done beside a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Executor;

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Executor {
    fn execute(&self, future: F) {
        spawn(future);
    }
}
