//! The proxy between real HTTP/2 peers: calls that stream, stall, are cancelled, reset and cut off, ours and foreign.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says so when it fails")]

mod certificates;
mod faults;
mod foreign;
mod nginx;
mod passing;
mod peers;
mod renewal;
