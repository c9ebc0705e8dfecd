//! The proxy between real HTTP/2 peers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says so when it fails")]
