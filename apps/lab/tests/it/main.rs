//! The lab as it is started: its program, over sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says so when it fails")]

mod fleet;
mod story;
