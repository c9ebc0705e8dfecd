//! The one thread that owns the database connection; everybody else sends it work.

use crate::{StoreError, migrations};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How many operations may wait; callers beyond that wait for room.
const QUEUE_MAX: usize = 1024;
/// How long another program's lock on the file is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

enum Order {
    Run(Job),
    Close(oneshot::Sender<()>),
}

/// Where the database is.
pub(crate) enum Place<'a> {
    File(&'a Path),
    Memory,
}

/// The sending side of the thread.
#[derive(Clone)]
pub(crate) struct DatabaseThread {
    orders: mpsc::Sender<Order>,
}

impl DatabaseThread {
    pub(crate) fn start(place: &Place<'_>) -> Result<Self, StoreError> {
        let mut connection = connect(place)?;
        let (orders, mut queue) = mpsc::channel(QUEUE_MAX);
        let work = move || {
            while let Some(order) = queue.blocking_recv() {
                match order {
                    Order::Run(job) => run(&mut connection, job),
                    Order::Close(done) => {
                        drop(connection);
                        let _ = done.send(());
                        return;
                    }
                }
            }
        };
        let started = std::thread::Builder::new().name("orc8r-store".to_owned()).spawn(work);
        started
            .map_err(|error| StoreError::Database { reason: format!("no thread for the store: {error}") })?;
        Ok(Self { orders })
    }

    /// Runs `operation` in a transaction of its own: committed when it returns `Ok`, and otherwise undone.
    pub(crate) async fn transact<T: Send + 'static>(
        &self,
        behavior: TransactionBehavior,
        operation: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let _ = reply.send(in_transaction(connection, behavior, operation));
        });
        self.orders.send(Order::Run(job)).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or_else(|_| Err(self.unanswered()))
    }

    /// Lets what is queued finish, then closes the database.
    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.orders.send(Order::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }

    fn unanswered(&self) -> StoreError {
        if self.orders.is_closed() {
            return StoreError::Closed;
        }
        StoreError::Database {
            reason: "a defect stopped the operation, and it was undone; see the log".to_owned(),
        }
    }
}

fn run(connection: &mut Connection, job: Job) {
    if catch_unwind(AssertUnwindSafe(|| job(connection))).is_err() {
        tracing::error!(
            "an operation of the store panicked and was undone; this is a defect, please report it"
        );
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    behavior: TransactionBehavior,
    operation: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = connection.transaction_with_behavior(behavior)?;
    let value = operation(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

fn connect(place: &Place<'_>) -> Result<Connection, StoreError> {
    let mut connection = match place {
        Place::Memory => Connection::open_in_memory()?,
        Place::File(file) => open_file(file)?,
    };
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    migrations::migrate(&mut connection)?;
    Ok(connection)
}

fn open_file(file: &Path) -> Result<Connection, StoreError> {
    let open_error = |reason: String| StoreError::Open { file: file.to_owned(), reason };
    create_private(file).map_err(|error| open_error(error.to_string()))?;
    let connection = Connection::open(file).map_err(|error| open_error(error.to_string()))?;
    let mode: Result<String, _> =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0));
    match mode {
        Ok(mode) if mode.eq_ignore_ascii_case("wal") => Ok(connection),
        Ok(mode) => {
            Err(open_error(format!("its file system allows no write-ahead log (journal mode {mode})")))
        }
        Err(error) => Err(open_error(error.to_string())),
    }
}

/// Makes the file, readable by its owner only: it holds registration tokens. SQLite gives its journals the same mode.
fn create_private(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}
