//! Messages on their way: a bounded queue, several tries, and a count of what was given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use magma_rpc::tls::ClientTls;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::deliver::{Message, PUSHOVER};
use crate::machine::Notification;
use crate::receiver::Receiver;
use crate::targets::Targets;

/// Messages that wait or are being told.
const WAITING_MAX: usize = 1000;
/// Of which so many are being told.
const AT_ONCE: usize = 8;
/// The pauses between tries.
const PAUSES: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(60)];

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
    told: AtomicU64,
    dropped: AtomicU64,
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
            told: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Tells a receiver by all its ways, each on its own, and returns at once.
    pub fn send(&self, receiver: &Receiver, notification: &Notification) {
        for way in 0..Message::ways(receiver) {
            let Ok(place) = self.shared.waiting.clone().try_acquire_owned() else {
                self.shared.dropped.fetch_add(1, Ordering::Relaxed);
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
        (self.shared.told.load(Ordering::Relaxed), self.shared.dropped.load(Ordering::Relaxed))
    }
}

impl Shared {
    fn message<'a>(&'a self, receiver: &'a Receiver, notification: &'a Notification) -> Message<'a> {
        let Self { tls, targets, pushover, .. } = self;
        Message { receiver, notification, tls, targets, pushover }
    }

    async fn tell(&self, receiver: &Receiver, notification: &Notification, way: usize) {
        let message = self.message(receiver, notification);
        let mut pauses = PAUSES.iter();
        loop {
            let sent = {
                let _turn = self.active.acquire().await;
                message.send(way).await
            };
            let failed = match sent {
                Ok(()) => {
                    self.told.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Err(failed) => failed,
            };
            match pauses.next().filter(|_| failed.may_succeed) {
                Some(pause) => sleep(*pause).await,
                None => {
                    self.dropped.fetch_add(1, Ordering::Relaxed);
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
