//! The threads that own the connections: one that writes alone, several that write what many write at once, and several
//! that read.

use super::address::Address;
use super::health::Health;
use super::session::Session;
use super::{CONCURRENT, READ, WRITE};
use crate::counts::Counters;
use crate::job::{Job, Kind};
use crate::migrations::{self, Contents};
use crate::transaction::Transaction;
use crate::workers::{Order, Queue, Workers};
use crate::{Connections, StoreError};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// An operation that has waited so long is not begun any more: nobody may be waiting for it.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// How often a concurrent write is run when the database asks for it again.
const ATTEMPTS_MAX: usize = 5;

/// Who waits for the first connection.
type Told = mpsc::Sender<Result<Contents, StoreError>>;

/// Connects, brings the schema up to date, and starts the threads; returns who works on it, and what was
/// there.
pub(crate) fn start(url: &str, counters: &Arc<Counters>) -> Result<(Connections, Contents), StoreError> {
    let address = Address::parse(url)?;
    let health = Health::default();
    let (told, ready) = mpsc::channel();
    let work = |told: Option<Told>| {
        let (address, health, counters) = (address.clone(), health.clone(), counters.clone());
        move |queue: Queue| serve((address, health, counters), &queue, told)
    };
    let writers = Workers::start("orc8r-store", vec![work(Some(told))])?;
    let found = ready.recv().unwrap_or(Err(StoreError::Closed))?;
    let others = address.connections - 1;
    let concurrent = (0..others / 2).map(|_| work(None)).collect();
    let readers = (others / 2..others).map(|_| work(None)).collect();
    let concurrent = Workers::start("orc8r-report", concurrent)?;
    let readers = Workers::start("orc8r-read", readers)?;
    Ok((Connections { writers, concurrent, readers }, found))
}

fn serve((address, health, counters): (Address, Health, Arc<Counters>), queue: &Queue, told: Option<Told>) {
    let mut connection = match Connection::new(address, health, counters) {
        Ok(connection) => connection,
        Err(error) => {
            told.map(|told| told.send(Err(error)));
            return;
        }
    };
    if let Some(told) = told {
        let ready =
            connection.session().and_then(|session| migrations::migrate(&Transaction::Postgres(session)));
        let failed = ready.is_err();
        let _ = told.send(ready);
        if failed {
            return;
        }
    }
    let close = connection.serve(queue);
    drop(connection);
    close.map(|done| done.send(()));
}

/// The connection of one thread, made anew when it is lost.
struct Connection {
    runtime: Rc<Runtime>,
    address: Address,
    health: Health,
    session: Option<Session>,
    counters: Arc<Counters>,
}

impl Connection {
    fn new(address: Address, health: Health, counters: Arc<Counters>) -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::Database { reason: error.to_string() })?;
        Ok(Self { runtime: Rc::new(runtime), address, health, session: None, counters })
    }

    /// Serves the queue to its end; returns who is to be told of it.
    fn serve(&mut self, queue: &Queue) -> Option<oneshot::Sender<()>> {
        loop {
            // The connection is looked after meanwhile: the server may end it.
            match self.runtime.clone().block_on(queue.next())? {
                Order::Run(job, _) if job.is_abandoned() => {}
                Order::Run(job, since) if since.elapsed() > WAIT_MAX => {
                    let reason = format!("the database had no time for it within {} s", WAIT_MAX.as_secs());
                    job.answer(Err(StoreError::Busy { reason }));
                }
                Order::Run(mut job, _) => {
                    let end = self.run(&mut *job);
                    job.answer(end);
                }
                Order::Close(done) => return Some(done),
            }
        }
    }

    fn run(&mut self, job: &mut dyn Job) -> Result<(), StoreError> {
        let mut attempt = 1;
        loop {
            let counters = self.counters.clone();
            let session = self.begun(job.kind())?;
            let Err(error) = finish(session, job, &counters) else { return Ok(()) };
            let failure = session.take_failure();
            if failure.as_ref().is_some_and(|failure| failure.is_disconnected) || session.is_closed() {
                self.session = None;
                return Err(error);
            }
            let is_passing = failure.is_some_and(|failure| failure.is_passing);
            if !is_passing || job.kind() != Kind::Concurrent || attempt == ATTEMPTS_MAX {
                return Err(error);
            }
            attempt += 1;
        }
    }

    /// A session in which a transaction has begun. One that turns out to be lost by then is replaced once: nothing has
    /// been done in it.
    fn begun(&mut self, kind: Kind) -> Result<&Session, StoreError> {
        let begin = match kind {
            Kind::Read => READ,
            Kind::Write => WRITE,
            Kind::Concurrent => CONCURRENT,
        };
        let was_there = self.session.is_some();
        if let Err(error) = self.session()?.batch(begin) {
            let failure = self.session.as_ref().and_then(Session::take_failure);
            if !failure.is_some_and(|failure| failure.is_disconnected) {
                self.session()?.batch("ROLLBACK")?;
                return Err(error);
            }
            self.session = None;
            if !was_there {
                return Err(error);
            }
            self.session()?.batch(begin)?;
        }
        self.session()
    }

    fn session(&mut self) -> Result<&Session, StoreError> {
        if self.session.as_ref().is_some_and(Session::is_closed) {
            self.session = None;
        }
        if self.session.is_none() {
            self.health.may_connect(Instant::now())?;
            match Session::connect(&self.runtime, &self.address) {
                Ok(session) => {
                    self.health.is_up();
                    self.session = Some(session);
                }
                Err(error) => {
                    self.health.is_down(error.clone(), Instant::now());
                    return Err(error);
                }
            }
        }
        self.session.as_ref().ok_or(StoreError::Closed)
    }
}

/// Runs the operation in the transaction that has begun, and ends it.
fn finish(session: &Session, job: &mut dyn Job, counters: &Counters) -> Result<(), StoreError> {
    match job.run(&Transaction::Postgres(session)) {
        Ok(()) if job.kind() == Kind::Read => session.batch("COMMIT"),
        Ok(()) => counters.commit(|| session.batch("COMMIT")).map_err(|error| match error {
            StoreError::Unavailable { reason } => StoreError::Unavailable {
                reason: format!("{reason}; the change may or may not have been made"),
            },
            other => other,
        }),
        Err(error) => {
            if !session.is_closed() {
                let failure = session.take_failure();
                let undone = session.batch("ROLLBACK");
                if undone.is_ok() {
                    session.restore_failure(failure);
                }
            }
            Err(error)
        }
    }
}

/// Runs a test's own statements on a connection of its own, without migrations.
#[cfg(test)]
pub(crate) fn on_connection<T: Send>(url: &str, work: impl FnOnce(&Transaction<'_>) -> T + Send) -> T {
    std::thread::scope(|scope| {
        let run = || {
            let mut connection =
                Connection::new(Address::parse(url).unwrap(), Health::default(), Arc::default()).unwrap();
            work(&Transaction::Postgres(connection.session().unwrap()))
        };
        scope.spawn(run).join().unwrap()
    })
}
