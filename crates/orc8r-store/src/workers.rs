//! Threads that own database connections, and the queues that feed them.

use crate::StoreError;
use crate::job::Job;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Mutex, mpsc, oneshot};

/// How many operations may wait for a pool of threads; callers beyond that wait for room.
const QUEUE_MAX: usize = 1024;

/// What a thread is told to do.
pub(crate) enum Order {
    /// Run this, which waits since then.
    Run(Box<dyn Job>, Instant),
    /// End, and say so.
    Close(oneshot::Sender<()>),
}

/// The sending side of some threads that share a queue. The threads end with the last handle.
#[derive(Clone)]
pub(crate) struct Workers {
    orders: mpsc::Sender<Order>,
    threads: usize,
}

/// The receiving side: each order goes to one of the threads.
#[derive(Clone)]
pub(crate) struct Queue(Arc<Mutex<mpsc::Receiver<Order>>>);

impl Workers {
    /// Starts `threads` threads with the same work.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the system gives no thread.
    pub(crate) fn start<W>(name: &str, works: Vec<W>) -> Result<Self, StoreError>
    where
        W: FnOnce(Queue) + Send + 'static,
    {
        let (orders, receiver) = mpsc::channel(QUEUE_MAX);
        let (queue, threads) = (Queue(Arc::new(Mutex::new(receiver))), works.len());
        for work in works {
            let queue = queue.clone();
            let started = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(queue));
            started.map_err(|error| StoreError::Database {
                reason: format!("no thread for the store: {error}"),
            })?;
        }
        Ok(Self { orders, threads })
    }

    /// Lets a thread run `job`, and waits for its answer.
    ///
    /// # Errors
    /// Those of the job, or [`StoreError::Closed`].
    pub(crate) async fn run<T>(
        &self,
        job: impl Job + 'static,
        answer: oneshot::Receiver<Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let order = Order::Run(Box::new(job), Instant::now());
        self.orders.send(order).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Lets what is queued finish, then ends the threads.
    pub(crate) async fn close(&self) {
        for _ in 0..self.threads {
            let (done, closed) = oneshot::channel();
            if self.orders.send(Order::Close(done)).await.is_err() {
                return;
            }
            let _ = closed.await;
        }
    }
}

impl Queue {
    /// The next order; `None`: all handles are gone.
    pub(crate) fn wait(&self) -> Option<Order> {
        self.0.blocking_lock().blocking_recv()
    }

    /// The same for a thread that has something to do while it waits.
    pub(crate) async fn next(&self) -> Option<Order> {
        self.0.lock().await.recv().await
    }

    /// An order that is there already, for a thread that is alone with its queue.
    pub(crate) fn more(&self) -> Option<Order> {
        self.0.try_lock().ok()?.try_recv().ok()
    }
}
