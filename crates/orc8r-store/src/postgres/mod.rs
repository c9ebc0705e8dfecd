//! PostgreSQL: one database that several nodes share.
//!
//! A few threads own a connection each and carry out one transaction at a time. Which kind of transaction:
//!
//! - Reads are `REPEATABLE READ READ ONLY`: everything that an operation reads is of one moment.
//! - Writes hold one lock from their first statement to their commit, so that no two of them run at once on any node.
//!   What an operation reads is what it changes, as with SQLite; there is no deadlock and no serialization failure
//!   among them. The lock comes first, and each statement after it sees what was committed before it (`READ COMMITTED`).
//! - Concurrent writes take no such lock. A deadlock or a race for a new key is told by the database, and the
//!   operation is run again.
//!
//! A thread whose connection is lost connects again with the next operation. While that fails, operations fail at once.

pub(crate) mod address;
mod connect;
pub(crate) mod dialect;
mod failure;
mod health;
pub(crate) mod session;
mod threads;
pub(crate) mod values;

#[cfg(test)]
pub(crate) use threads::on_connection;
pub(crate) use threads::start;

/// Begins a write that runs alone. The number is that of our lock, of no meaning.
pub(crate) const WRITE: &str = "BEGIN; SELECT pg_advisory_xact_lock(7293847509912)";
/// Begins a write that does not run alone.
const CONCURRENT: &str = "BEGIN";
/// Begins a read.
const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
