//! SQLite: one file, one writing thread, and a few threads that read beside it.
//!
//! The file is in WAL mode, so that a reader sees the last commit and waits for no writer. A database in memory has one
//! connection, which does both.

mod open;
mod threads;

pub(crate) use open::{Place, open};
pub(crate) use threads::start;
