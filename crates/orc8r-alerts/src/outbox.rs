//! Messages on their way: a bounded queue, several tries, and a count of what was given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use magma_rpc::tls::ClientTls;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use crate::deliver::{Kind, Message, PUSHOVER};
use crate::machine::Notification;
use crate::receiver::Receiver;
use crate::targets::Targets;

/// Messages that wait or are being told.
const WAITING_MAX: usize = 1000;
/// Of which so many are being told.
const AT_ONCE: usize = 8;
/// The pauses between tries.
const PAUSES: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(60)];

/// Receivers that are tried at once; somebody waits for the answer.
const TRIALS_AT_ONCE: usize = 4;
/// Ways of one receiver that are tried.
const TRIED_MAX: usize = 10;
/// How long trying a receiver may take.
const TRIAL_LIMIT: Duration = Duration::from_secs(25);

/// What became of a message with which a receiver was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// `webhook`, `slack`, `email`, `pagerduty` or `pushover`.
    pub kind: &'static str,
    /// Why it was not taken, without secrets; `None`: it was.
    pub problem: Option<String>,
}

/// Too many receivers are being tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

/// What tells receivers. A clone is the same.
#[derive(Clone)]
pub struct Outbox {
    shared: Arc<Shared>,
}

struct Shared {
    tls: ClientTls,
    targets: Targets,
    pushover: String,
    waiting: Arc<Semaphore>,
    active: Semaphore,
    trials: Semaphore,
    /// By [`Kind`].
    kinds: [Counters; KINDS.len()],
}

/// The names of the kinds of ways, in the order of [`Kind`].
const KINDS: [&str; 5] = ["webhook", "slack", "email", "pagerduty", "pushover"];

#[derive(Default)]
struct Counters {
    told: AtomicU64,
    given_up: AtomicU64,
    failures: AtomicU64,
}

/// What became of messages of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindMessages {
    /// `webhook`, `slack`, `email`, `pagerduty` or `pushover`.
    pub kind: &'static str,
    /// Messages that were taken.
    pub told: u64,
    /// Messages that were given up: after all tries, or since too many waited.
    pub given_up: u64,
    /// Tries that failed.
    pub failures: u64,
}

impl Outbox {
    /// One that trusts what `tls` trusts.
    pub fn new(tls: ClientTls, targets: Targets) -> Self {
        Self::with_pushover(tls, targets, PUSHOVER)
    }

    /// The same with Pushover elsewhere, for tests.
    pub(crate) fn with_pushover(tls: ClientTls, targets: Targets, pushover: &str) -> Self {
        let shared = Shared {
            tls,
            targets,
            pushover: pushover.to_owned(),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            active: Semaphore::new(AT_ONCE),
            trials: Semaphore::new(TRIALS_AT_ONCE),
            kinds: Default::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Tells a receiver by all its ways, each on its own, and returns at once.
    pub fn send(&self, receiver: &Receiver, notification: &Notification) {
        for way in 0..Message::ways(receiver) {
            let Ok(place) = self.shared.waiting.clone().try_acquire_owned() else {
                self.shared.of(Message::kind(receiver, way)).given_up.fetch_add(1, Ordering::Relaxed);
                tracing::error!(receiver = receiver.name, "an alert is not told: too many messages wait");
                continue;
            };
            let (shared, receiver, notification) =
                (self.shared.clone(), receiver.clone(), notification.clone());
            tokio::spawn(async move {
                shared.tell(&receiver, &notification, way).await;
                drop(place);
            });
        }
    }

    /// Tries a receiver: each of its ways gets one message, once, and it is told what became of it.
    ///
    /// # Errors
    /// When others are being tried already.
    pub async fn try_out(
        &self,
        receiver: &Receiver,
        notification: &Notification,
    ) -> Result<Vec<Tried>, Busy> {
        let _turn = self.shared.trials.try_acquire().map_err(|_| Busy)?;
        let end = Instant::now() + TRIAL_LIMIT;
        let mut tried = Vec::new();
        for way in 0..Message::ways(receiver).min(TRIED_MAX) {
            let sent = timeout_at(end, self.shared.message(receiver, notification).send(way)).await;
            let problem = match sent {
                Ok(Ok(())) => None,
                Ok(Err(undelivered)) => Some(undelivered.reason),
                Err(_) => Some("it took too long".to_owned()),
            };
            tried.push(Tried { kind: KINDS[Message::kind(receiver, way) as usize], problem });
        }
        Ok(tried)
    }

    /// Tells a receiver by its first way, once.
    #[cfg(test)]
    pub(crate) async fn try_once(
        &self,
        receiver: &Receiver,
        notification: &Notification,
    ) -> Result<(), crate::deliver::Undelivered> {
        self.shared.message(receiver, notification).send(0).await
    }

    /// Messages that were taken, and that were given up.
    pub fn counts(&self) -> (u64, u64) {
        let kinds = self.by_kind();
        (kinds.iter().map(|kind| kind.told).sum(), kinds.iter().map(|kind| kind.given_up).sum())
    }

    /// The same by kind of receiver.
    pub fn by_kind(&self) -> [KindMessages; KINDS.len()] {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut names = KINDS.into_iter();
        self.shared.kinds.each_ref().map(|Counters { told, given_up, failures }| KindMessages {
            kind: names.next().unwrap_or_default(),
            told: read(told),
            given_up: read(given_up),
            failures: read(failures),
        })
    }

    /// Messages that wait or are being told.
    pub fn waiting(&self) -> usize {
        WAITING_MAX - self.shared.waiting.available_permits()
    }
}

impl Shared {
    fn of(&self, kind: Kind) -> &Counters {
        &self.kinds[kind as usize]
    }

    fn message<'a>(&'a self, receiver: &'a Receiver, notification: &'a Notification) -> Message<'a> {
        let Self { tls, targets, pushover, .. } = self;
        Message { receiver, notification, tls, targets, pushover }
    }

    async fn tell(&self, receiver: &Receiver, notification: &Notification, way: usize) {
        let message = self.message(receiver, notification);
        let counters = self.of(Message::kind(receiver, way));
        let mut pauses = PAUSES.iter();
        loop {
            let sent = {
                let _turn = self.active.acquire().await;
                message.send(way).await
            };
            let failed = match sent {
                Ok(()) => {
                    counters.told.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Err(failed) => failed,
            };
            counters.failures.fetch_add(1, Ordering::Relaxed);
            match pauses.next().filter(|_| failed.may_succeed) {
                Some(pause) => sleep(*pause).await,
                None => {
                    counters.given_up.fetch_add(1, Ordering::Relaxed);
                    return tracing::error!(
                        receiver = receiver.name,
                        reason = failed.reason,
                        "an alert was not told"
                    );
                }
            }
        }
    }
}
