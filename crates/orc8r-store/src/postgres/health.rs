//! What the threads know together about a server that is down, so that nobody waits for it in turn.

use crate::StoreError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// After a failure, the server is left alone so long; what is asked meanwhile fails at once.
const PAUSE: Duration = Duration::from_secs(1);

/// Shared by the threads of one database.
#[derive(Clone, Default)]
pub(crate) struct Health(Arc<Mutex<Option<Down>>>);

struct Down {
    error: StoreError,
    try_again_at: Instant,
}

impl Health {
    /// Whether a connection may be tried at `now`; one thread gets leave, and the others the last error until it is back.
    pub(crate) fn may_connect(&self, now: Instant) -> Result<(), StoreError> {
        match &mut *self.lock() {
            Some(down) if now < down.try_again_at => Err(down.error.clone()),
            Some(down) => {
                down.try_again_at = now + PAUSE;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Notes that connecting failed at `now`.
    pub(crate) fn is_down(&self, error: StoreError, now: Instant) {
        let down = Down { error: error.clone(), try_again_at: now + PAUSE };
        if self.lock().replace(down).is_none() {
            tracing::error!(%error, "the database is down: requests fail until it is back");
        }
    }

    /// Notes that a connection was made.
    pub(crate) fn is_up(&self) {
        if self.lock().take().is_some() {
            tracing::info!("the database is back");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Down>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
