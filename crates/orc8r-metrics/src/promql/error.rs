//! Why a query has no answer, in Prometheus' kinds.

use crate::tsdb::ReadError;

/// Who is to blame; Prometheus' `errorType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// What was asked makes no sense.
    BadData,
    /// It makes sense, and cannot be evaluated over these series.
    Execution,
    /// It took too long.
    Timeout,
    /// The store, or a remote engine, failed.
    Internal,
    /// A remote engine cannot be reached now.
    Unavailable,
}

impl ErrorKind {
    /// As `errorType` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadData => "bad_data",
            Self::Execution => "execution",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
        }
    }

    /// The status that Prometheus answers with.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadData => 400,
            Self::Execution => 422,
            Self::Timeout | Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

/// Why a query has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// Who is to blame.
    pub kind: ErrorKind,
    /// What is wrong, for the one who asked.
    pub message: String,
}

impl QueryError {
    /// What was asked makes no sense.
    pub fn bad_data(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::BadData, message: message.into() }
    }

    /// It cannot be evaluated.
    pub fn execution(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Execution, message: message.into() }
    }

    /// A store or an engine failed.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Internal, message: message.into() }
    }

    pub(super) fn unsupported(what: &str) -> Self {
        Self::bad_data(format!("{what} is not supported by the embedded metrics store"))
    }

    pub(super) fn same_labels() -> Self {
        Self::execution("vector cannot contain metrics with the same labelset")
    }
}

impl From<ReadError> for QueryError {
    fn from(error: ReadError) -> Self {
        let kind = match error {
            ReadError::TooManySeries(_) | ReadError::TooManySamples(_) => ErrorKind::Execution,
            ReadError::TimedOut => ErrorKind::Timeout,
            ReadError::Disk(_) => ErrorKind::Internal,
        };
        Self { kind, message: error.to_string() }
    }
}
