//! The thread that writes, and those that read.

use super::open::{Place, open, open_reader};
use crate::counts::Counters;
use crate::group::{self, Writable};
use crate::job::Job;
use crate::migrations::Contents;
use crate::transaction::Transaction;
use crate::workers::{Order, Queue, Workers};
use crate::{Connections, StoreError};
use rusqlite::Connection;
use std::sync::Arc;
use tokio::sync::oneshot;

/// How many threads read; more would wait for the same processors.
const READERS_MIN: usize = 2;
const READERS_MAX: usize = 4;

/// Opens the database; returns who works on it, and what was there.
pub(crate) fn start(
    place: &Place<'_>,
    counters: &Arc<Counters>,
) -> Result<(Connections, Contents), StoreError> {
    let (connection, found) = open(place)?;
    let writer = Writer { connection, counters: counters.clone() };
    let writers = Workers::start(
        "orc8r-store",
        vec![move |queue: Queue| {
            let close = write(&writer, &queue);
            drop(writer);
            close.map(|done| done.send(()));
        }],
    )?;
    let Place::File(file) = place else {
        {
            let readers = writers.clone();
            return Ok((Connections { concurrent: writers.clone(), writers, readers }, found));
        }
    };
    let count = std::thread::available_parallelism().map_or(READERS_MIN, usize::from);
    let readers: Vec<_> = (0..count.clamp(READERS_MIN, READERS_MAX))
        .map(|_| {
            open_reader(file).map(|connection| {
                move |queue: Queue| {
                    let close = read(&connection, &queue);
                    drop(connection);
                    close.map(|done| done.send(()));
                }
            })
        })
        .collect::<Result<_, _>>()?;
    let readers = Workers::start("orc8r-read", readers)?;
    Ok((Connections { concurrent: writers.clone(), writers, readers }, found))
}

/// Serves the queue to its end; returns who is to be told of it.
fn write(writer: &Writer, queue: &Queue) -> Option<oneshot::Sender<()>> {
    let mut waiting: Option<Box<dyn Job>> = None;
    loop {
        let job = match waiting.take() {
            Some(job) => job,
            None => match queue.wait()? {
                Order::Run(job, _) => job,
                Order::Close(done) => return Some(done),
            },
        };
        let rest = group::run(writer, queue, job);
        waiting = rest.not_run;
        if let Some(done) = rest.close {
            waiting.map(|job| group::run(writer, queue, job));
            return Some(done);
        }
    }
}

fn read(connection: &Connection, queue: &Queue) -> Option<oneshot::Sender<()>> {
    loop {
        match queue.wait()? {
            Order::Run(job, _) if job.is_abandoned() => {}
            Order::Run(job, _) => read_one(connection, job),
            Order::Close(done) => return Some(done),
        }
    }
}

/// All that an operation reads is of one moment.
fn read_one(connection: &Connection, mut job: Box<dyn Job>) {
    let transaction = Transaction::Sqlite(connection);
    let end = transaction.control("BEGIN").and_then(|()| job.run(&transaction));
    if !connection.is_autocommit()
        && let Err(error) = transaction.control("COMMIT")
    {
        tracing::error!(%error, "the store cannot end a read");
    }
    job.answer(end);
}

/// The connection of the thread that writes.
struct Writer {
    connection: Connection,
    counters: Arc<Counters>,
}

impl Writable for Writer {
    fn transaction(&self) -> Transaction<'_> {
        Transaction::Sqlite(&self.connection)
    }

    fn begin(&self) -> Result<(), StoreError> {
        self.transaction().control("BEGIN IMMEDIATE")
    }

    fn commit(&self) -> Result<(), StoreError> {
        self.counters.commit(|| self.transaction().control("COMMIT"))
    }

    fn rollback(&self) {
        if self.is_open()
            && let Err(error) = self.transaction().control("ROLLBACK")
        {
            tracing::error!(%error, "the store cannot undo a transaction");
        }
    }

    fn is_open(&self) -> bool {
        !self.connection.is_autocommit()
    }
}
