//! What a gateway is told when the store fails: enough to try again, nothing about the machine inside.

use magma_rpc::Status;
use orc8r_store::StoreError;

/// The status of a failed store operation. What is not the caller's doing is logged here, once.
pub(crate) fn store_failure(error: StoreError) -> Status {
    match error {
        StoreError::NotFound { .. } => Status::not_found(error.to_string()),
        StoreError::AlreadyExists { .. } | StoreError::AlreadyMapped { .. } => {
            Status::already_exists(error.to_string())
        }
        StoreError::Invalid { .. } => Status::invalid_argument(error.to_string()),
        StoreError::Changed { .. } => Status::aborted(error.to_string()),
        _ => {
            tracing::error!(%error, "the store failed during a gateway's call");
            Status::unavailable("the orchestrator cannot use its store now: try again later")
        }
    }
}
