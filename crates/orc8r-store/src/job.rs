//! An operation on its way to the database and its answer on the way back.

use crate::StoreError;
use crate::counts::Counted;
use crate::transaction::Transaction;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::oneshot;

/// What an operation needs of the transactions beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It changes nothing, and sees one state of the database from its first statement to its last.
    Read,
    /// It changes what it likes; no other such operation runs at the same time, on no node.
    Write,
    /// Each of its statements is right whatever runs beside it, and the whole may be run twice.
    Concurrent,
}

/// An operation with the place where its result goes.
pub(crate) trait Job: Send {
    fn kind(&self) -> Kind;

    /// Runs the operation; its result is kept for [`Job::answer`].
    ///
    /// # Errors
    /// Those of the operation; it must be undone then.
    fn run(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError>;

    /// Tells the result, when `end` is `Ok`, and otherwise why it does not count.
    fn answer(self: Box<Self>, end: Result<(), StoreError>);

    /// Whether nobody waits for the result any more.
    fn is_abandoned(&self) -> bool;
}

/// An operation that runs once.
pub(crate) struct Once<T, F> {
    kind: Kind,
    counted: Counted,
    operation: Option<F>,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Once<T, F> {
    pub(crate) fn new(
        kind: Kind,
        counted: Counted,
        operation: F,
    ) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { kind, counted, operation: Some(operation), value: None, reply }, answer)
    }
}

impl<T: Send, F> Job for Once<T, F>
where
    F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send,
{
    fn kind(&self) -> Kind {
        self.kind
    }

    fn run(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        self.counted.begins();
        let operation = self.operation.take().ok_or_else(defect)?;
        self.value = Some(guarded(|| operation(transaction))?);
        Ok(())
    }

    fn answer(self: Box<Self>, end: Result<(), StoreError>) {
        let Self { counted, value, reply, .. } = *self;
        counted.ends(&end);
        let _ = reply.send(end.and_then(|()| value.ok_or_else(defect)));
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }
}

/// An operation that may run again when the database asks for it.
pub(crate) struct Repeatable<T, F> {
    counted: Counted,
    operation: F,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Repeatable<T, F> {
    pub(crate) fn new(counted: Counted, operation: F) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { counted, operation, value: None, reply }, answer)
    }
}

impl<T: Send, F> Job for Repeatable<T, F>
where
    F: Fn(&Transaction<'_>) -> Result<T, StoreError> + Send,
{
    fn kind(&self) -> Kind {
        Kind::Concurrent
    }

    fn run(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        self.counted.begins();
        self.value = Some(guarded(|| (self.operation)(transaction))?);
        Ok(())
    }

    fn answer(self: Box<Self>, end: Result<(), StoreError>) {
        let Self { counted, value, reply, .. } = *self;
        counted.ends(&end);
        let _ = reply.send(end.and_then(|()| value.ok_or_else(defect)));
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }
}

fn guarded<T>(operation: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(operation)).unwrap_or_else(|_| {
        tracing::error!(
            "an operation of the store panicked and was undone; this is a defect, please report it"
        );
        Err(defect())
    })
}

fn defect() -> StoreError {
    StoreError::Database {
        reason: "a defect stopped the operation, and it was undone; see the log".to_owned(),
    }
}
