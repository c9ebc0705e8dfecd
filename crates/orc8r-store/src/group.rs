//! Several write operations in one transaction: the disk is waited for once, and each is still undone alone.
//!
//! The operations that wait while another is committed run together, each behind a savepoint of its own. They are
//! answered when the commit is on the disk, so that `Ok` means the same as before.

use crate::StoreError;
use crate::job::Job;
use crate::transaction::Transaction;
use crate::workers::{Order, Queue};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The most operations that share a commit.
const GROUP_MAX: usize = 256;
/// When the first of them has waited so long, no more are taken in.
const GROUP_TIME: Duration = Duration::from_millis(20);

/// What came of a group besides its answers.
#[derive(Default)]
pub(crate) struct Rest {
    /// An order to close that was found in the queue.
    pub(crate) close: Option<oneshot::Sender<()>>,
    /// Operations that were taken from the queue and not run.
    pub(crate) not_run: Option<Box<dyn Job>>,
    /// What broke the whole transaction, when something did.
    pub(crate) broken: Option<StoreError>,
}

/// A place where transactions can be had.
pub(crate) trait Writable {
    /// The open transaction.
    fn transaction(&self) -> Transaction<'_>;
    /// Begins one.
    fn begin(&self) -> Result<(), StoreError>;
    /// Makes it last.
    fn commit(&self) -> Result<(), StoreError>;
    /// Undoes it, if it is still open.
    fn rollback(&self);
    /// Whether it is still open, with what was done in it: a full disk may end it, or a lost connection.
    fn is_open(&self) -> bool;
}

/// Runs `first` and what waits in the queue in one transaction, and answers them all.
pub(crate) fn run(place: &impl Writable, queue: &Queue, first: Box<dyn Job>) -> Rest {
    let mut rest = Rest::default();
    if let Err(error) = place.begin() {
        first.answer(Err(error.clone()));
        rest.broken = Some(error);
        return rest;
    }
    let second = next(queue, &mut rest);
    match second {
        None => alone(place, first, &mut rest),
        Some(second) => together(place, queue, first, second, &mut rest),
    }
    rest
}

fn next(queue: &Queue, rest: &mut Rest) -> Option<Box<dyn Job>> {
    if rest.close.is_some() {
        return None;
    }
    match queue.more()? {
        Order::Run(job, _) => Some(job),
        Order::Close(done) => {
            rest.close = Some(done);
            None
        }
    }
}

fn alone(place: &impl Writable, mut job: Box<dyn Job>, rest: &mut Rest) {
    let end = job.run(&place.transaction()).and_then(|()| place.commit());
    if end.is_err() {
        note_if_broken(place, &end, rest);
        place.rollback();
    }
    job.answer(end);
}

fn together(
    place: &impl Writable,
    queue: &Queue,
    first: Box<dyn Job>,
    second: Box<dyn Job>,
    rest: &mut Rest,
) {
    let began = Instant::now();
    let mut done: Vec<(Box<dyn Job>, Result<(), StoreError>)> = Vec::new();
    let mut waiting = vec![second, first];
    while let Some(mut job) = waiting.pop() {
        let end = behind_savepoint(place, &mut *job);
        let is_lost = end.is_err() && !place.is_open();
        if is_lost {
            note_if_broken(place, &end, rest);
            rest.not_run = waiting.pop();
            return lose(place, done, job, end);
        }
        done.push((job, end));
        if waiting.is_empty() && done.len() < GROUP_MAX && began.elapsed() < GROUP_TIME {
            waiting.extend(next(queue, rest));
        }
    }
    let commit = place.commit();
    if commit.is_err() {
        note_if_broken(place, &commit, rest);
        place.rollback();
    }
    for (job, end) in done {
        job.answer(end.and_then(|()| commit.clone()));
    }
}

/// Runs one operation of several; when it fails, what it did is undone, and nothing else.
fn behind_savepoint(place: &impl Writable, job: &mut dyn Job) -> Result<(), StoreError> {
    let transaction = place.transaction();
    transaction.control("SAVEPOINT operation")?;
    let end = job.run(&transaction);
    if end.is_err() && place.is_open() {
        transaction.control("ROLLBACK TO SAVEPOINT operation")?;
    }
    if place.is_open() {
        transaction.control("RELEASE SAVEPOINT operation")?;
    }
    end
}

/// The transaction ended under the last operation: none of those before it counts either.
fn lose(
    place: &impl Writable,
    done: Vec<(Box<dyn Job>, Result<(), StoreError>)>,
    last: Box<dyn Job>,
    why: Result<(), StoreError>,
) {
    place.rollback();
    for (job, end) in done {
        job.answer(end.and_then(|()| why.clone()));
    }
    last.answer(why);
}

fn note_if_broken(place: &impl Writable, end: &Result<(), StoreError>, rest: &mut Rest) {
    if !place.is_open() {
        rest.broken = end.as_ref().err().cloned();
    }
}
