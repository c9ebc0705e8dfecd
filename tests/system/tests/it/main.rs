//! The whole product in one process: orc8r and magmad, with nothing but sockets between them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says so when it fails")]

mod cloud;
mod edges;
mod embedded_tables;
mod flow;
mod gateway;
mod observed;
mod proxied;
mod relay;
mod rotation;
mod traffic;
