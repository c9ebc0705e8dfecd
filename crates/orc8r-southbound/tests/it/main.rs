//! The southbound services as a gateway sees them: generated clients, the gate, the handlers and a real store, in
//! one process without sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says so when it fails")]

mod bootstrap;
mod configs;
mod directory;
mod federation_health;
mod gate;
mod network_pushes;
mod pushes;
mod registration;
mod short_messages;
mod states;
mod subscribers;
mod sync_rpc;
mod world;
