//! Why the store did not do what it was asked, in words for an operator.

use rusqlite::ErrorCode;
use std::path::PathBuf;

/// A refusal or a failure of the store. Nothing was changed, unless [`StoreError::Unavailable`] says that
/// something may have been.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// What was named is not there.
    #[error("{what} not found")]
    NotFound {
        /// For example `gateway g1`.
        what: String,
    },
    /// What was to be made is there already.
    #[error("{what} already exists")]
    AlreadyExists {
        /// For example `network n1`.
        what: String,
    },
    /// A device can stand for one gateway only, over all networks.
    #[error("device {hardware_id} is already mapped to gateway {gateway}")]
    AlreadyMapped {
        /// Of the device.
        hardware_id: String,
        /// The key of the gateway that it stands for.
        gateway: String,
    },
    /// What was asked makes no sense, for example an edge to an entity that does not exist.
    #[error("{reason}")]
    Invalid {
        /// What does not fit.
        reason: String,
    },
    /// The record was changed by somebody else after it was read; read it again and decide anew.
    #[error("{what} was changed by another request at the same time: try again")]
    Changed {
        /// For example `tier t1`.
        what: String,
    },
    /// The database did not get to it in time: another program holds it, or there is too much to do.
    #[error("the store is in use ({reason}): try again, or stop the other program that uses it")]
    Busy {
        /// What the database says.
        reason: String,
    },
    /// The database server does not answer, or the connection to it was lost. A change that was being committed then may
    /// have been made: `reason` says so.
    #[error("the database cannot be reached ({reason}): it is tried again with the next request")]
    Unavailable {
        /// What the network or the database says.
        reason: String,
    },
    /// The disk takes no more.
    #[error(
        "the store cannot write to its disk ({reason}): free space there, or repair it; nothing was changed"
    )]
    Full {
        /// What the database says.
        reason: String,
    },
    /// The file was written by a newer release.
    #[error(
        "the store has schema version {found}, this program knows up to {known}: use the newer program, or restore a backup"
    )]
    Newer {
        /// The version in the file.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The file cannot be opened.
    #[error("the store {} cannot be opened: {reason}", file.display())]
    Open {
        /// Which file.
        file: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// Anything else that the database says.
    #[error("the store failed: {reason}")]
    Database {
        /// What the database says.
        reason: String,
    },
    /// Secrets in the database cannot be opened, or none can be sealed.
    #[error(
        "the subscribers' keys are locked ({reason}): bring back the key file that belongs to this database"
    )]
    Locked {
        /// What is missing.
        reason: String,
    },
    /// The store was closed.
    #[error("the store is closed: this program is stopping")]
    Closed,
}

impl StoreError {
    pub(crate) fn not_found(what: impl ToString) -> Self {
        Self::NotFound { what: what.to_string() }
    }

    pub(crate) fn invalid(reason: impl ToString) -> Self {
        Self::Invalid { reason: reason.to_string() }
    }

    /// A record that this program cannot have written.
    pub(crate) fn corrupt(what: impl std::fmt::Display, why: impl std::fmt::Display) -> Self {
        Self::Database { reason: format!("{what} is not readable in the database: {why}") }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let reason = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => Self::Full { reason },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { reason },
            _ => Self::Database { reason },
        }
    }
}
