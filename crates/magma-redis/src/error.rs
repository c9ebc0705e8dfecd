//! What can go wrong with a table, in words for the operator.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why Redis did not do what it was asked.
#[derive(Debug, Error)]
pub enum RedisError {
    /// No connection, or one that broke.
    #[error(
        "Could not connect to redis at {address}: {source}; is it running, and are bind and port in redis.yml its own?"
    )]
    Connection {
        /// `host:port`, or the socket's path.
        address: String,
        /// The system's words.
        source: io::Error,
    },
    /// No answer in time.
    #[error("redis at {address} did not answer within {seconds} s")]
    Deadline {
        /// `host:port`, or the socket's path.
        address: String,
        /// The limit.
        seconds: u64,
    },
    /// What answers does not speak Redis' protocol, or answers with more than is taken.
    #[error("what answers at {address} is no redis, or its answer is too large: {what}")]
    Protocol {
        /// `host:port`, or the socket's path.
        address: String,
        /// What was wrong.
        what: String,
    },
    /// An error answer.
    #[error("redis at {address} refuses {command}: {message}")]
    Refused {
        /// `host:port`, or the socket's path.
        address: String,
        /// The command's name.
        command: String,
        /// Redis' own words.
        message: String,
    },
}

/// Why a record could not be read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The table is in Redis.
    #[error(transparent)]
    Redis(#[from] RedisError),
    /// The table is a file.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The table has as many records as it may have.
    #[error("the table is full: {records} records")]
    Full {
        /// The bound.
        records: usize,
    },
    /// The table has more records than are read, or never comes to an end.
    #[error("the table has more than {records} records; those beyond are left out")]
    Endless {
        /// The bound.
        records: usize,
    },
    /// Others changed the record all the time.
    #[error("the record is being changed by others all the time")]
    Contended {
        /// Whose record; not in the text, since it may be a subscriber's.
        id: String,
    },
    /// A stored value is larger than any record may be.
    #[error("the record is larger than {limit} bytes and is left alone")]
    TooLarge {
        /// Whose record; not in the text either.
        id: String,
        /// The bound.
        limit: usize,
    },
}
