//! Rounds against a cloud in the same process, with tables in Redis and in a file.
#![allow(clippy::unwrap_used, clippy::panic)]

mod cloud;
mod garbage;
mod rounds;
mod tables;
