//! What PostgreSQL's errors mean to whoever asked.

use crate::StoreError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// What to do about a failure.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// What the requester is told.
    pub(crate) error: StoreError,
    /// Whether the same operation may well succeed when it is run again at once.
    pub(crate) is_passing: bool,
    /// Whether the connection is of no more use.
    pub(crate) is_disconnected: bool,
}

/// The meaning of an error.
pub(crate) fn failure(error: &Error) -> Failure {
    let Some(database) = error.as_db_error() else {
        // A value that does not fit its column is our defect; everything else is the connection's end.
        let is_disconnected = error.is_closed()
            || std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>());
        let reason = chain(error);
        let error = if is_disconnected {
            StoreError::Unavailable { reason }
        } else {
            StoreError::Database { reason }
        };
        return Failure { error, is_passing: false, is_disconnected };
    };
    let reason = format!("{} (SQLSTATE {})", database.message(), database.code().code());
    let (error, is_passing, is_disconnected) = match database.code() {
        &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => {
            (StoreError::Busy { reason }, true, false)
        }
        &SqlState::UNIQUE_VIOLATION | &SqlState::FOREIGN_KEY_VIOLATION => {
            (StoreError::Changed { what: database.table().unwrap_or("a record").to_owned() }, true, false)
        }
        &SqlState::QUERY_CANCELED | &SqlState::LOCK_NOT_AVAILABLE => {
            (StoreError::Busy { reason }, false, false)
        }
        &SqlState::DISK_FULL => (StoreError::Full { reason }, false, false),
        &SqlState::CHARACTER_NOT_IN_REPERTOIRE => (StoreError::Invalid { reason }, false, false),
        code if is_unavailable(code) => (StoreError::Unavailable { reason }, false, true),
        _ => (StoreError::Database { reason }, false, false),
    };
    Failure { error, is_passing, is_disconnected }
}

/// The server is stopping, starting, full, only a copy, or does not let us in.
fn is_unavailable(code: &SqlState) -> bool {
    let class = code.code().get(..2).unwrap_or_default();
    matches!(class, "08" | "28" | "3D")
        || *code == SqlState::TOO_MANY_CONNECTIONS
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || matches!(
            *code,
            SqlState::ADMIN_SHUTDOWN
                | SqlState::CRASH_SHUTDOWN
                | SqlState::CANNOT_CONNECT_NOW
                | SqlState::DATABASE_DROPPED
                | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
        )
}

/// An error with its causes; this library names them one by one.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}
