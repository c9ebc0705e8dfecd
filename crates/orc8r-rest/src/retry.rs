//! Changes that are computed from what was read: tried again when somebody else was faster.

use crate::error::ApiError;
use orc8r_store::StoreError;

/// How often a change is tried before its requester is told to try again.
const ATTEMPTS_MAX: usize = 5;

/// Repeats `attempt`, which reads and then writes with the version that it read, while that version is no longer.
pub(crate) async fn while_changed<F>(mut attempt: impl FnMut() -> F) -> Result<(), ApiError>
where
    F: Future<Output = Result<(), ApiError>>,
{
    for _ in 1..ATTEMPTS_MAX {
        match attempt().await {
            Err(ApiError::Store(StoreError::Changed { .. })) => {}
            done => return done,
        }
    }
    attempt().await
}
