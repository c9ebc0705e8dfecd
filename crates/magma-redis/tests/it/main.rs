//! The client and the tables against a real server, and against Python's programs on the same tables.
#![allow(clippy::unwrap_used, clippy::panic)]

mod foreign;
mod hostile;
mod server;
mod table;
